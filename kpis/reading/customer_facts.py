"""What was measured of one customer: its facts of some months, and what its tier's missed cells would be without it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from fractions import Fraction

from core.periods import Kind, Month, Period, last_day
from customers.models import Customer, Tier, TierMembership
from kpis.choices import Status, TimeMethod
from kpis.formulas.values import Components, Goal, status, value_of_period
from kpis.models import Fact, Kpi, RolledSlice
from kpis.reading.matrix import Cell, build_matrix, shown_month
from kpis.reading.verdicts import measure_of
from kpis.rollup.merging import CellStore, months_of, window


@dataclass(frozen=True, slots=True)
class Without:
    """A missed cell of a tier beside what it would be without one customer (``value``; None: no data then).

    ``gives`` is what the customer adds to the value, None where nothing would be left. ``why`` says, as a sentence,
    why it cannot be told; empty where it can.
    """

    kpi: Kpi
    cell: Cell
    value: Fraction | None = None
    status: Status = Status.NO_DATA
    why: str = ""

    @property
    def gives(self) -> Fraction | None:
        """What the customer adds to the value."""
        return None if self.value is None or self.cell.actual is None else self.cell.actual - self.value


@dataclass(frozen=True, slots=True)
class Effects:
    """What a customer gives to the missed cells of its tier in a period; ``cells`` counts all that have a verdict."""

    tier: Tier
    rows: tuple[Without, ...]
    cells: int


def months_of_facts() -> list[Month]:
    """The months that have facts, as far as they are rolled up: the key of a fact begins with one."""
    found = RolledSlice.objects.filter(facts__gt=0).order_by("month").values_list("month", flat=True)
    return [Month(month) for month in found.distinct()]


def facts_in(customer: Customer, months: Iterable[Month], kpis: Iterable[int]) -> list[Fact]:
    """A customer's facts of these months and of KPIs that own facts, looked up by their key."""
    found = Fact.objects.filter(month__in=list(months), kpi__in=list(kpis), customer=customer)
    return list(found.order_by("month"))


def tier_at(memberships: Sequence[TierMembership], day: date) -> Tier | None:
    """The tier that these memberships, in their order, say of a day; None for none."""
    return next((row.tier for row in reversed(memberships) if row.starts_on <= day), None)


def effects_of_customer(customer: Customer, period: Period, today: date) -> Effects | None:
    """What a customer gives to the missed cells of the tier that it has at the period's end; None without a tier."""
    rows = list(customer.memberships.select_related("tier").order_by("starts_on"))
    tier = tier_at(rows, min(period.last_day, today))
    if tier is None:
        return None
    matrix = build_matrix(period, today=today)
    cells = [(row.kpi, cell) for row in matrix.rows for cell in row.cells if cell.tier.pk == tier.pk]
    missed = [(kpi, cell) for kpi, cell in cells if cell.status == Status.MISSED]
    told = _Without(customer, tier, period, today, [kpi for kpi, _ in missed], rows)
    return Effects(
        tier, tuple(told.of(kpi, cell) for kpi, cell in missed), sum(cell.status.is_verdict for _, cell in cells)
    )


class _Without:
    """The months behind some KPIs' cells in a tier, and what one customer counts in them: read once for all."""

    def __init__(
        self,
        customer: Customer,
        tier: Tier,
        period: Period,
        today: date,
        kpis: Sequence[Kpi],
        memberships: Sequence[TierMembership],
    ) -> None:
        self.tier, self.period = tier, period
        self.end = period.calendar.period(Kind.MONTH, shown_month(period, today))
        self.windows = {kpi.pk: window(kpi, self._shown(kpi)) for kpi in kpis if not kpi.calculated}
        wanted: dict[int, set[Month]] = {}
        for kpi in kpis:
            wanted.setdefault(kpi.source_id, set()).update(self.windows.get(kpi.pk, ()))
        self.store = CellStore.read(wanted, {})
        months = {month for of_kpi in wanted.values() for month in of_kpi}
        here = [month for month in months if tier_at(memberships, last_day(month)) == tier]
        self.facts: dict[int, dict[Month, Fact]] = {}
        for fact in facts_in(customer, here, wanted):
            self.facts.setdefault(fact.kpi_id, {})[Month(fact.month)] = fact

    def of(self, kpi: Kpi, cell: Cell) -> Without:
        """The cell without the customer."""
        if kpi.calculated:
            return Without(kpi, cell, why="A calculated value has no customers of its own: look at its inputs.")
        months = months_of(kpi, self.store, self.windows[kpi.pk]).get(self.tier.pk) or {}
        if any(parts.entered for parts in months.values()):
            return Without(kpi, cell, why="Its actuals were entered per tier: who is behind them is not known.")
        value = self._value(kpi, cell, months)
        goal = Goal(cell.target, cell.low, cell.high)
        verdict = Status.NO_DATA if value is None else status(value, goal, *measure_of(kpi))
        return Without(kpi, cell, value, verdict)

    def _value(self, kpi: Kpi, cell: Cell, months: Mapping[Month, Components]) -> Fraction | None:
        own = self.facts.get(kpi.source_id, {})
        left = {month: _less(parts, own.get(month)) for month, parts in months.items()}
        silent = self.store.silent_months(kpi)
        left = {month: parts for month, parts in left.items() if parts.facts or month in silent}
        if kpi.method.counts_over_months and cell.actual is not None:
            counted = any(fact.numerator > 0 for month, fact in own.items() if month in months)
            return cell.actual - counted if left else None
        return value_of_period(kpi.method, left, len(self.windows[kpi.pk])).number

    def _shown(self, kpi: Kpi) -> Period:
        return self.end if kpi.time_method == TimeMethod.TTM else self.period


def _less(parts: Components, fact: Fact | None) -> Components:
    """The components of a month without one customer's fact."""
    if fact is None:
        return parts
    return replace(
        parts,
        numerator=parts.numerator - _scaled(fact.numerator),
        denominator=parts.denominator - _scaled(fact.denominator or Decimal(0)),
        facts=parts.facts - 1,
        customers=parts.customers - (fact.numerator > 0),
    )


def _scaled(value: Decimal) -> int:
    return int(value.scaleb(4))
