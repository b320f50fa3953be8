"""What can be asked about of KPIs: a cell, a KPI, a period; and what the rail beside them reads."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property

from django.urls import reverse

from accounts.access import can_answer
from accounts.company import company, today_of
from accounts.models import Company, User
from accounts.reading.people import with_roles
from accounts.rights import Right
from core.formatting import period_name
from core.periods import Period, PeriodError
from core.registry import Subject
from customers.models import Tier
from kpis.models import Kpi
from kpis.reading.freshness import latest_period
from kpis.reading.matrix import Cell, builder_of
from kpis.reading.targets import TargetRow

CELL, KPI, PERIOD = "cell", "kpi", "period"


@dataclass
class AskedKpi:
    """A KPI, or one of its cells, as the rail is beside it. ``tier`` is None beside the KPI itself, where the period
    is the latest. ``row`` and ``aims`` are read where nobody has read them before: the KPI's cells by tier, and the
    approved rows that the cell's target is made of. ``query`` is what addresses of its other cells end with, so that
    they show the values that were asked for.
    """

    kpi: Kpi
    tier: Tier | None = None
    of: Period | None = None
    known: tuple[tuple[Cell, ...], tuple[TargetRow, ...]] | None = None
    query: str = ""

    @cached_property
    def company(self) -> Company:
        """The company, read once for all panels."""
        return company()

    @cached_property
    def period(self) -> Period:
        """The period that it is about."""
        return self.of or latest_period(self.company)

    @cached_property
    def read(self) -> tuple[tuple[Cell, ...], tuple[TargetRow, ...]]:
        """The KPI's cells, and the rows behind this one's target."""
        if self.known is not None:
            return self.known
        builder = builder_of([self.kpi], self.period, today_of(self.company))
        meant = builder.kpis[0]
        return builder.row(meant), builder.rows_behind(meant, self.tier) if self.tier else ()


def cell_key(kpi: Kpi, tier: Tier, period: Period) -> str:
    """``nps@gold/2026-Q3``."""
    return f"{kpi.code}@{tier.code}/{period.code}"


def cell_subject(asked: AskedKpi) -> Subject:
    """A cell, asked of its KPI's owner."""
    kpi, tier, period = asked.kpi, asked.tier, asked.period
    assert tier is not None  # noqa: S101  a cell has one
    title = f"{kpi.name}, {tier.name}, {period_name(period)}"
    url = reverse("cell", args=[period.code, kpi.code, tier.code])
    return _of_kpi(CELL, cell_key(kpi, tier, period), title, url, asked)


def kpi_subject(kpi: Kpi) -> Subject:
    """A KPI, asked of its owner."""
    return _of_kpi(KPI, kpi.code, kpi.name, reverse("kpi", args=[kpi.code]), AskedKpi(kpi))


def _of_kpi(kind: str, key: str, title: str, url: str, asked: AskedKpi) -> Subject:
    owner: User | None = asked.kpi.owner
    with_roles([owner])
    reachable = can_answer(owner)
    return Subject(
        *(kind, key, title, url, asked),
        asked=owner if reachable else None,
        role="owns the KPI",
        nobody=_nobody(owner),
        takers=Right.MANAGE_KPIS,
        place=asked.kpi.department.name if asked.kpi.department else "",
    )


def _nobody(owner: User | None) -> str:
    """Why nobody is asked, and who may take it."""
    who = f"{owner} owns the KPI and has no way to sign in" if owner else "Nobody owns this KPI"
    return f"{who}: a steward may answer, or name another owner under Edit."


def resolve_cells(keys: Collection[str], reader: User) -> Iterator[Subject]:
    """The cells of these keys that are there: three queries, and one for the owners' roles."""
    parts = {key: _parted(key) for key in keys}
    kpis = {one.code: one for one in _kpis(code for code, _, _ in parts.values())}
    tiers = {one.code: one for one in Tier.objects.filter(code__in={tier for _, tier, _ in parts.values()})}
    calendar = company().calendar
    for kpi, tier, code in parts.values():
        try:
            period = Period.parse(code, calendar)
        except PeriodError:
            continue
        if kpi in kpis and tier in tiers:
            yield cell_subject(AskedKpi(kpis[kpi], tiers[tier], period))


def _parted(key: str) -> tuple[str, str, str]:
    column, _, period = key.rpartition("/")
    kpi, _, tier = column.partition("@")
    return kpi, tier, period


def resolve_kpis(keys: Collection[str], reader: User) -> Iterator[Subject]:
    """The KPIs of these codes that are there: one query, and one for the owners' roles."""
    return (kpi_subject(kpi) for kpi in _kpis(keys))


def _kpis(codes: Iterable[str]) -> list[Kpi]:
    rows = list(Kpi.objects.filter(code__in=set(codes)).select_related("department", "owner"))
    with_roles(row.owner for row in rows)
    return rows


def resolve_periods(keys: Collection[str], reader: User) -> Iterator[Subject]:
    """The periods of these codes: nobody owns one."""
    calendar = company().calendar
    for key in keys:
        try:
            period = Period.parse(key, calendar)
        except PeriodError:
            continue
        yield period_subject(period)


def period_subject(period: Period) -> Subject:
    """A period as a whole: who keeps the KPIs takes what is asked about it."""
    return Subject(
        *(PERIOD, period.code, period_name(period), reverse("matrix", args=[period.code]), period),
        nobody="Nobody owns a period: a steward may answer what is asked about it.",
        takers=Right.MANAGE_KPIS,
    )
