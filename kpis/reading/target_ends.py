"""Which targets a known change of their KPI's meaning ends before their time."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property

from accounts.company import company
from core.periods import FiscalCalendar, Month
from kpis.choices import Per
from kpis.models import Kpi, Target
from kpis.models.versions import VersionBook
from kpis.rules.target import TargetCells, ends_before


class TargetEnds:
    """The changes of all KPIs, read when the first target is asked for whose KPI was ever changed."""

    @cached_property
    def _versions(self) -> VersionBook:
        return VersionBook.read(Kpi.objects.exclude(versions_from=None))

    @cached_property
    def _calendar(self) -> FiscalCalendar:
        return company().calendar

    def of(self, target: Target) -> Month | None:
        """The month from which on it won't count, for its KPI means something else; None where nothing ends it."""
        if target.kpi.versions_from is None:
            return None
        cells = TargetCells(target.tier.code, Month(target.from_month), Per(target.per), target.until_month)
        return ends_before(target.kpi, cells, self._calendar, self._versions)

    def among(self, targets: Iterable[Target]) -> list[tuple[Target, Month]]:
        """Those of some targets that end before their time, and from when on."""
        return [(one, month) for one in targets if (month := self.of(one)) is not None]
