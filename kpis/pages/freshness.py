"""What the page of freshness shows: how far the data of each KPI reach, what waits, the last rollup."""

from __future__ import annotations

from datetime import date
from functools import cached_property

from accounts.models import User
from accounts.rights import Right
from customers.reading.growth_check import known_breaches
from kpis.choices import RunState
from kpis.models import RollupRun, SliceTouch
from kpis.reading.freshness import KpiFreshness, read_freshness
from kpis.reading.months_not_begun import EarlyMonth, early_months
from kpis.rules.actual import newest_month


class FreshnessPage:
    """As of a day, for a person who may load."""

    def __init__(self, today: date, user: User) -> None:
        self.today = today
        self.may_mark = user.has_perm(Right.MANAGE_KPIS)

    @cached_property
    def rows(self) -> list[KpiFreshness]:
        """Those that lack something first, each part in the order of the matrix."""
        return sorted(read_freshness(self.today), key=lambda row: not row.lacks)

    @property
    def behind(self) -> int:
        """How many KPIs lack something."""
        return sum(row.lacks for row in self.rows)

    @cached_property
    def ahead(self) -> list[EarlyMonth]:
        """What is stored of months that have not begun."""
        return early_months(self.today)

    @cached_property
    def breaches(self) -> list[str]:
        """Where customer growth does not add up."""
        return known_breaches()

    @cached_property
    def run(self) -> RollupRun | None:
        """The last rollup that has ended; None before the first."""
        return RollupRun.objects.exclude(state=RunState.RUNNING).order_by("-pk").first()

    @cached_property
    def waiting(self) -> int:
        """How many months of KPIs wait for a rollup."""
        begun = SliceTouch.objects.filter(month__lte=newest_month(self.today)).order_by()
        return begun.values("kpi_id", "month").distinct().count()
