"""``manage.py demo``: the demo company, its logins, and its end."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import CommandError

from accounts.company import company
from core.commands import DataCommand
from demo.emptying import empty
from demo.founding import DemoRefusedError, found
from demo.people import COMPANY, LOGINS, PASSWORD


class Command(DataCommand):
    """Founds the demo company in an empty database; tells its logins; empties it."""

    help = "Found the demo company in an empty database and roll it up. Does nothing where it is there already."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """One of --logins and --empty, or neither."""
        what = parser.add_mutually_exclusive_group()
        what.add_argument("--logins", action="store_true", help="print one login per role and do nothing else")
        what.add_argument("--empty", action="store_true", help="take all data of the demo company away")
        parser.add_argument("--yes", action="store_true", help="with --empty: do not ask")

    def handle(self, *args: Any, **options: Any) -> None:
        """Do what was asked, or say in a sentence why not."""
        try:
            if options["logins"]:
                self._logins()
            elif options["empty"]:
                self._empty(sure=options["yes"])
            else:
                self._found(quiet=options["verbosity"] == 0)
        except DemoRefusedError as refused:
            raise CommandError(str(refused)) from refused

    def _found(self, *, quiet: bool) -> None:
        founded = found()
        if quiet:
            return
        if founded is None:
            self.stdout.write(f"{company().name}, the demo company, is there already. Nothing was changed.")
        else:
            self.stdout.write(
                f"Founded {COMPANY}: {founded.customers:,} customers, {founded.kpis} KPIs, {founded.facts:,} facts, "
                f"{founded.targets:,} target versions, {founded.initiatives} initiatives; the scorecards are rolled up."
            )
        self._logins()

    def _logins(self) -> None:
        if not company().is_demo:
            raise DemoRefusedError(f"{company().name} is not the demo company, so it has no demo logins.")
        self.stdout.write(f"  One login per role; the password of each is  {PASSWORD}")
        for login in LOGINS:
            self.stdout.write(f"    {login.role.label:<16}{login.email:<24}{login.name}")

    def _empty(self, *, sure: bool) -> None:
        if not sure and company().is_demo and input(f"Take all data of {company().name} away? Type yes: ") != "yes":
            self.stdout.write("Nothing was changed.")
            return
        taken = empty()
        self.stdout.write(
            f"Emptied: {taken:,} rows are gone; the company is called {company().name} again. What to do next: "
            "setup_link prints the link for the first administrator, who is led through the rest (docs/setup.md)."
        )
