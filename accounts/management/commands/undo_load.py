"""``manage.py undo_load ID``: take a load back."""

from __future__ import annotations

from typing import Any

from django.core.management.base import CommandError, CommandParser

from accounts.loads import UndoRefused, undo_load
from accounts.models import Load
from core.commands import DataCommand
from core.migrated import require_migrations
from core.outages import told_in_a_sentence


class Command(DataCommand):
    """Exit status: 0 taken back, 1 refused and nothing changed, 2 no such load."""

    help = "Take a load back: what it created goes, what it replaced returns."

    def add_arguments(self, parser: CommandParser) -> None:
        """ID."""
        parser.add_argument("id", metavar="ID", type=int, help="the number that load printed")

    def handle(self, *args: Any, **options: Any) -> None:
        """Take it back or say what stands in the way."""
        require_migrations()
        load = Load.objects.filter(pk=options["id"]).first()
        if load is None:
            raise CommandError(f"There is no load {options['id']}.", returncode=2)
        try:
            with told_in_a_sentence("Try again: what has been taken back already is refused and stays as it is."):
                undo_load(load=load)
        except UndoRefused as error:
            raise CommandError(f"{error}.", returncode=1) from error
        self.stdout.write(f"Load {load.pk} ({load.kind} from {load.source}) has been taken back.")
