"""``manage.py verify_editions [PERIOD…]``: whether every edition is as it was signed."""

from __future__ import annotations

from typing import Any

from django.core.management.base import CommandError, CommandParser

from accounts.company import company
from core.commands import DataCommand
from core.formatting import counted
from core.migrated import require_migrations
from core.periods import Period, PeriodError
from scorecard.models import Edition
from scorecard.reading.editions import verify


class Command(DataCommand):
    """Recomputes the digests; exit status 1 with period, edition and path of what differs."""

    help = "Recomputes every digest of editions; names period, edition and path of what differs."

    def add_arguments(self, parser: CommandParser) -> None:
        """Which periods; all where none is named."""
        parser.add_argument("period", nargs="*", help="2011-09, 2011-Q3 or 2011")

    def handle(self, *args: Any, **options: Any) -> None:
        """Recompute, compare, tell."""
        require_migrations()
        wanted = frozenset(_code(code) for code in options["period"])
        editions = Edition.objects.order_by("pk")
        faults = list(verify(editions.iterator(chunk_size=20), wanted))
        if faults:
            raise CommandError("\n".join(str(fault) for fault in faults))
        number = (editions.filter(period__in=wanted) if wanted else editions).count()
        self.stdout.write(f"{counted(number, 'edition')}: as signed.")


def _code(code: str) -> str:
    try:
        return Period.parse(code, company().calendar).code
    except PeriodError as error:
        raise CommandError(str(error), returncode=2) from error
