"""``manage.py derive_lifecycle KPI --months N [--dry-run]``: lifecycle events from a KPI's activity."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import CommandError, CommandParser

from core.commands import DataCommand
from core.formatting import counted, month_name
from core.migrated import require_migrations
from core.outages import told_in_a_sentence
from kpis.models import Kpi
from kpis.reading.lifecycle import Derived
from kpis.services.lifecycle import derive_lifecycle, preview_lifecycle


class Command(DataCommand):
    """Exit status: 0 derived, 1 the KPI cannot be taken, 2 usage. The command line is the operator's."""

    help = "Derives when customers joined, left and returned from the activity of a KPI. Again: no doubles."

    def add_arguments(self, parser: CommandParser) -> None:
        """The KPI, its window, and whether to write."""
        parser.add_argument("kpi", help="the code of a KPI that takes facts of customers")
        parser.add_argument("--months", type=int, required=True, help="who is silent for so many months has left")
        parser.add_argument("--dry-run", action="store_true", help="say what would be written, and write nothing")

    def handle(self, *args: Any, **options: Any) -> None:
        """Derive, then say what became of it."""
        require_migrations()
        kpi = Kpi.objects.select_related("facts_of").filter(code=options["kpi"]).first()
        if kpi is None:
            raise CommandError(f"There is no KPI “{options['kpi']}”; nothing was derived.", returncode=2)
        with told_in_a_sentence("Nothing was derived. Try again."):
            try:
                derived = self._derived(kpi, options["months"], dry_run=options["dry_run"])
            except ValidationError as error:
                raise CommandError(f"{kpi.name}: {' '.join(error.messages)} Nothing was derived.") from error
        self.stdout.write("\n".join(_lines(derived, dry_run=options["dry_run"])))

    def _derived(self, kpi: Kpi, months: int, *, dry_run: bool) -> Derived:
        if dry_run:
            return preview_lifecycle(kpi=kpi, months=months)
        return derive_lifecycle(kpi=kpi, months=months, by=None)


def _lines(derived: Derived, *, dry_run: bool) -> list[str]:
    if not derived.record:
        return [f"{derived.kpi.name} has no facts yet: nothing was derived."]
    span = f"{month_name(derived.record[0])} to {month_name(derived.record[-1])}"
    kinds = ", ".join(f"{derived.total(kind):,} {kind}" for kind in ("joined", "left", "returned"))
    would = "Would write" if dry_run else "Wrote"
    about = f"{derived.kpi.name}, {span}, a window of {counted(derived.window, 'month')}"
    said, otherwise = counted(derived.left_alone, "customer"), f"{derived.of_others:,}"
    return [
        f"{about}: {kinds} of {counted(derived.customers, 'customer')}.",
        f"{would} {counted(derived.new, 'new event')}; {derived.gone:,} of before {'would go' if dry_run else 'went'}.",
        f"Left alone: {said} with an event that was not derived, {otherwise} with one that was derived otherwise.",
    ]
