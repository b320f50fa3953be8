"""``manage.py report PERIOD FILE``: the board pack of a period, in the form that the file's ending says."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import CommandError, CommandParser

from accounts.company import company
from accounts.models import User
from core.commands import DataCommand
from core.migrated import require_migrations
from core.periods import Period, PeriodError
from core.shapes import LATEST, LIVE
from scorecard.choices import Paper, ReportFormat
from scorecard.services.reports import edition_asked, report_by_command


class Command(DataCommand):
    """Exit status 2 where the period, the edition or the file is none."""

    help = "Writes the board pack of a period; the file's ending says in which form."

    def add_arguments(self, parser: CommandParser) -> None:
        """Which period, into which file, of which edition."""
        parser.add_argument("period", help="2011-09, 2011-Q3 or 2011")
        parser.add_argument("file", help=f"ending with {', '.join(f'.{one}' for one in ReportFormat.values)}")
        parser.add_argument("--edition", default=LATEST, help="a number, latest (the default once closed) or live")
        parser.add_argument("--paper", default=Paper.A4, choices=Paper.values)

    def handle(self, *args: Any, **options: Any) -> None:
        """Make it, write it, know it."""
        from scorecard.reports.making import make_pack

        require_migrations()
        path = Path(options["file"])
        form = _form(path)
        try:
            period = Period.parse(options["period"], company().calendar)
            edition = edition_asked(period, _edition(options["edition"]))
            content, digest = make_pack(period, edition, _operator(), form, Paper(options["paper"]))
            path.write_bytes(content)
        except PeriodError as error:
            raise CommandError(str(error), returncode=2) from error
        except ValidationError as error:
            raise CommandError(" ".join(error.messages), returncode=2) from error
        except OSError as error:
            raise CommandError(f"{path} cannot be written: {error.strerror}", returncode=2) from error
        report = report_by_command(period, edition, content, digest, form)
        self.stdout.write(f"{report}: {path}, {len(content):,} bytes\n{report.sha256}")


def _form(path: Path) -> ReportFormat:
    try:
        return ReportFormat(path.suffix.lower().removeprefix("."))
    except ValueError:
        known = ", ".join(f".{one}" for one in ReportFormat.values)
        raise CommandError(f"{path}: its ending is none of {known}.", returncode=2) from None


def _edition(text: str) -> int | str:
    if text in (LATEST, LIVE):
        return text
    if text.isascii() and text.isdigit():
        return int(text)
    raise CommandError(f"“{text}” is no edition: write its number, latest or live.", returncode=2)


def _operator() -> User:
    """Who works at the command line: may read everything, and is nobody of the product's people."""
    return User(email="operator@localhost", is_superuser=True, is_active=True)
