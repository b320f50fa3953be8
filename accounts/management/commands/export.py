"""``manage.py export KIND FILE``: write what ``load`` reads back without a change."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import CommandError, CommandParser

from accounts.loads import LoadRefused, export_file
from core.commands import DataCommand
from core.loading import FileProblem
from core.migrated import require_migrations
from core.outages import told_in_a_sentence
from core.registry import load_kinds


class Command(DataCommand):
    """Exit status: 0 written, 2 usage or a file that cannot be written."""

    help = "Write all rows of a kind to a CSV file, or to a workbook where FILE ends in .xlsx."

    def add_arguments(self, parser: CommandParser) -> None:
        """KIND FILE."""
        parser.add_argument("kind", metavar="KIND", choices=list(load_kinds()), help=", ".join(load_kinds()))
        parser.add_argument("file", metavar="FILE", type=Path)

    def handle(self, *args: Any, **options: Any) -> None:
        """Write and say how many."""
        require_migrations()
        try:
            with told_in_a_sentence("The file is not whole; export it again."):
                rows = export_file(kind=options["kind"], path=options["file"])
        except (FileProblem, LoadRefused) as error:
            raise CommandError(str(error), returncode=2) from error
        self.stdout.write(f"{options['kind']}: {rows:,} rows written to {options['file']}")
