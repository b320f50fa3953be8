"""``manage.py setup_link``: a new one-time link for the first administrator."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import CommandError

from accounts.reading.setup import has_administrator
from accounts.services.setup import new_setup_link
from core.commands import DataCommand
from core.migrated import require_migrations
from core.writes import TransitionRefused

TOLD = """The first administrator begins here, once, within 24 hours; any earlier link is dead:

  {link}
"""


class Command(DataCommand):
    """Print the link. Exits 1, in a sentence, where there is an administrator."""

    help = "Prints a new one-time link for the first administrator; the one before it is dead from then on."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """For starts that are repeated."""
        parser.add_argument("--if-nobody", action="store_true", help="say nothing where there is an administrator")

    def handle(self, *args: Any, if_nobody: bool, **options: Any) -> None:
        """Make it and tell it, here and nowhere else."""
        require_migrations()
        if if_nobody and has_administrator():
            return
        try:
            self.stdout.write(TOLD.format(link=new_setup_link()))
        except TransitionRefused as refused:
            raise CommandError(str(refused), returncode=1) from refused
