"""``manage.py load KIND FILE``: take in a CSV or XLSX file, all of it or none."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError, CommandParser
from tqdm import tqdm

from accounts.loads import LoadRefused, load_file
from accounts.loads.taking import Onlooker
from accounts.models import User
from core.commands import DataCommand
from core.loading import FileProblem, LoadReport, Reading
from core.migrated import require_migrations
from core.outages import told_in_a_sentence
from core.registry import load_kinds

_INTERRUPTED = (
    "The load was broken off: a load is kept whole or not at all, and nothing of this one was reported as kept. "
    "Load the file again; what is there already stays as it is."
)
_PRINTED = 10_000  # bad rows on a terminal; --format json has them all


class Command(DataCommand):
    """Exit status: 0 taken in, 1 bad rows and nothing changed, 2 usage or a file that cannot be read."""

    help = "Load a CSV or XLSX file: all of it, or none of it where a row is bad."

    def add_arguments(self, parser: CommandParser) -> None:
        """KIND FILE and their options."""
        parser.add_argument("kind", metavar="KIND", choices=list(load_kinds()), help=", ".join(load_kinds()))
        parser.add_argument("file", metavar="FILE", type=Path)
        parser.add_argument("--dry-run", action="store_true", help="say what would happen and change nothing")
        parser.add_argument("--format", choices=["text", "json"], default="text")
        parser.add_argument("--sheet", metavar="NAME", default="", help="the worksheet of a workbook that is meant")
        parser.add_argument(
            "--decimal", choices=[",", "."], default="", help="the sign of decimals of numbers that stand there as text"
        )
        parser.add_argument(
            "--approved-by",
            metavar="E-MAIL",
            help="targets: in whose name rows not marked draft or proposed are approved",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Load and report."""
        require_migrations()
        as_json = options["format"] == "json"
        try:
            report = self._load(options)
        except (FileProblem, LoadRefused) as error:
            if as_json:
                self.stdout.write(json.dumps({"kind": options["kind"], "error": str(error), "errors": []}))
            raise CommandError(f"{error}. Nothing was changed.", returncode=2) from error
        (self._print_json if as_json else self._print_text)(report)
        if not report.ok:
            raise CommandError(f"{report.errors.count:,} bad cells or rows; nothing was changed.", returncode=1)

    def _load(self, options: dict[str, Any]) -> LoadReport:
        with told_in_a_sentence(_INTERRUPTED), _progress_bar() as progress:
            return load_file(
                kind=options["kind"],
                path=options["file"],
                dry_run=options["dry_run"],
                reading=Reading(sheet=options["sheet"], decimal=options["decimal"]),
                approved_by=_approver(options["approved_by"]),
                onlooker=Onlooker(progress=progress),
            )

    def _print_text(self, report: LoadReport) -> None:
        if report.sheet:
            self.stdout.write(f"worksheet “{report.sheet}”")
        for warning in report.warnings:
            self.stdout.write(f"warning: {warning}")
        for error in report.errors.first(_PRINTED):
            self.stdout.write(str(error))
        if report.errors.count > _PRINTED:
            self.stdout.write(f"… and {report.errors.count - _PRINTED:,} more; --format json lists them")
        done = f"load {report.load}" if report.load else "would be" if report.ok else "not loaded"
        self.stdout.write(f"{report.kind}, {done}: {report.counts}")

    def _print_json(self, report: LoadReport) -> None:
        """One object; the errors are written as they are read, for there may be millions."""
        self.stdout.write(json.dumps(report.head())[:-1] + ', "errors": [', ending="")
        for number, error in enumerate(report.errors):
            self.stdout.write((", " if number else "") + json.dumps(asdict(error)), ending="")
        self.stdout.write("]}")


def _approver(email: str | None) -> User | None:
    if not email:
        return None
    try:
        return User.objects.get(email=email.strip().lower())
    except User.DoesNotExist:
        raise LoadRefused(f"Nobody here has the e-mail address {email}") from None


@contextmanager
def _progress_bar() -> Iterator[Any]:
    """A bar of the bytes read, on a terminal alone."""
    with tqdm(disable=None, unit="B", unit_scale=True, desc="reading", leave=False) as bar:

        def progress(position: int, size: int) -> None:
            bar.total = size or None
            bar.update(position - bar.n)

        yield None if bar.disable else progress
