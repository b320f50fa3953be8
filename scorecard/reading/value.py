"""What a customer tier is worth: revenue, margin and cost to serve, beside what is done for it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Any

from django.db.models import Count, OuterRef, Subquery

from core.periods import Period
from customers.choices import TierScope
from customers.models import Customer, LifecycleEvent, Tier, TierMembership
from customers.reading.growth import begun_months, on_the_book
from initiatives.choices import BenefitState
from initiatives.models import Benefit, Initiative
from initiatives.reading.answers import Pain, answers
from initiatives.reading.benefits import COUNTED, Brought, read_benefits
from initiatives.reading.standings import read_standings
from kpis.choices import CustomerMethod, ValueRole
from kpis.models import Fact, Kpi, ValueKpis
from kpis.reading.matrix import MatrixBuilder, Row

Amounts = tuple[Fraction | None, Fraction | None]


def sum_of(amounts: Iterable[Fraction | None]) -> Fraction:
    """Those that are known, added up."""
    return sum((one for one in amounts if one is not None), Fraction(0))


@dataclass(frozen=True, slots=True)
class Worth:
    """What a KPI says of one tier: its value (None: none), the share of all customers' and the value per customer
    (None where the KPI doesn't sum customers, or there is nothing to divide by); ``months`` are those with data, and
    how many there should be.
    """

    value: Fraction | None
    share: Fraction | None
    each: Fraction | None
    months: tuple[int, int] = (0, 0)

    @property
    def lacks_months(self) -> bool:
        """Whether it is the value of a part of the period."""
        return self.value is not None and self.months[0] < self.months[1]


@dataclass(frozen=True, slots=True)
class Done:
    """What is done for a tier: the initiatives that ran, customer-focused ones that name the tier or none; what they
    cost in the company's money, and the share of all running ones' budget (None: there is none); and what approved
    benefits in money of such initiatives, done ones included, should bring a year and brought.
    """

    initiatives: int
    budget: Fraction
    budget_share: Fraction | None
    without_cost: int
    planned: Fraction
    realised: Fraction

    @classmethod
    def of(cls, costs: Sequence[Fraction | None], budget: Fraction, benefits: Iterable[Amounts]) -> Done:
        """By the cost of each initiative that ran, the budget of all running ones, and what each benefit should bring
        a year and brought; None counts as nothing.
        """
        cost, promised = sum_of(costs), list(benefits)
        return cls(
            initiatives=len(costs),
            budget=cost,
            budget_share=cost / budget if budget else None,
            without_cost=sum(one is None for one in costs),
            planned=sum_of(planned for planned, _ in promised),
            realised=sum_of(realised for _, realised in promised),
        )


@dataclass(frozen=True, slots=True)
class TierValue:
    """A tier, untiered or all customers: how many customers, what they are worth by part, and what is done for it
    (None of untiered: nothing is done for nobody's tier).
    """

    tier: Tier
    customers: int
    worth: Mapping[ValueRole, Worth]
    done: Done | None


@dataclass(frozen=True, slots=True)
class ValueByTier:
    """A period's value by tier, best tier first, untiered where it isn't empty, all customers last.

    ``kpis`` are those that a steward named, as they mean in the period; without any there are no rows. ``counted`` is
    the day on whose end customers were counted, ``by_facts``: there are no lifecycle events, so that customers with a
    fact in the period were.
    """

    period: Period
    kpis: Mapping[ValueRole, Kpi]
    rows: tuple[TierValue, ...]
    counted: date
    by_facts: bool

    @property
    def total(self) -> TierValue | None:
        """All customers; None where nothing is named."""
        return self.rows[-1] if self.rows else None

    @property
    def tiers(self) -> tuple[TierValue, ...]:
        """The rows but that of all customers."""
        return self.rows[:-1]


def sums_customers(kpi: Kpi) -> bool:
    """Whether its values of tiers add up to that of all customers, so that a tier has a share."""
    return kpi.customer_method == CustomerMethod.SUM


def read_value(period: Period, today: date) -> ValueByTier:
    """The value of each tier in a period: a constant number of queries."""
    counted = min(period.last_day, today)
    named = dict(ValueKpis.objects.select_related("revenue", "margin", "cost").get(pk=1).named)
    by_facts = bool(named) and not LifecycleEvent.objects.filter(on__lte=counted).exists()
    if not named:
        return ValueByTier(period, {}, (), counted, by_facts)
    matrix = MatrixBuilder(period, today, list(named.values())).build()
    kpis = {role: row.kpi for role, row in zip(named, matrix.rows, strict=True)}
    customers = _with_facts(kpis.values(), period, counted) if by_facts else on_the_book(counted)
    done, worth = _Doing(counted), dict(zip(named, matrix.rows, strict=True))
    rows = tuple(
        TierValue(
            tier,
            number := sum(customers.values()) if tier.scope == TierScope.ALL else customers[_key(tier)],
            worth_of(worth, place, number),
            None if tier.scope == TierScope.UNTIERED else done.of(tier),
        )
        for place, tier in enumerate(matrix.tiers)
    )
    return ValueByTier(period, kpis, rows, counted, by_facts)


def _worth(row: Row, place: int, customers: int) -> Worth:
    """Of the matrix's column at that place; the last is that of all customers."""
    cell, whole = row.cells[place], row.cells[-1].actual
    value, months = cell.actual, (cell.months_with_data, cell.months_expected)
    if not sums_customers(row.kpi):
        return Worth(value, None, None, months)
    part = value if value is not None else Fraction(0)
    share = part / whole if whole is not None and whole > 0 else None
    return Worth(value, share, value / customers if value is not None and customers else None, months)


def _key(tier: Tier) -> int | None:
    return tier.pk if tier.scope == TierScope.TIER else None


def _with_facts(kpis: Iterable[Kpi], period: Period, day: date) -> Counter[int | None]:
    """Customers with a fact of one of the KPIs in the period, by the id of the tier of the day."""
    sources, months = {kpi.source_id for kpi in kpis}, begun_months(period, day)
    measured = Fact.objects.filter(kpi__in=sources, month__in=months).values("customer_id").distinct()
    held: Any = TierMembership.objects.filter(customer=OuterRef("pk"), starts_on__lte=day).order_by("-starts_on")
    found = Customer.objects.filter(pk__in=measured).annotate(at=Subquery(held.values("tier")[:1]))
    return Counter(dict(found.order_by().values_list("at").annotate(Count("pk"))))


def worth_of(rows: Mapping[ValueRole, Row], place: int, customers: int) -> dict[ValueRole, Worth]:
    """What the KPIs say of the matrix's column at that place, in which that many customers stand."""
    return {role: _worth(row, place, customers) for role, row in rows.items()}


class _Doing:
    """What ran on a day and what benefits brought until then, read once."""

    def __init__(self, day: date) -> None:
        counted = [one for one in read_standings(Initiative.objects.all(), as_of=day) if one.stage in COUNTED]
        self.running = [one for one in counted if one.running]
        self.budget = sum_of(one.cost for one in self.running)
        self.focused = {one.initiative.pk: one for one in counted if one.initiative.customer_focused}
        approved = Benefit.objects.filter(state=BenefitState.APPROVED, initiative__in=self.focused)
        self.brought = [one for one in read_benefits(approved, day=day) if one.in_money]

    def of(self, tier: Tier) -> Done:
        """For a tier; for all customers: whatever is for any."""
        asked = None if tier.scope == TierScope.ALL else tier.pk
        running = [one for one in self.running if answers(one, Pain(tier=asked))]
        brought = [one for one in self.brought if self._is_for(one, asked)]
        promised = [(one.planned, one.realised) for one in brought]
        return Done.of([one.cost for one in running], self.budget, promised)

    def _is_for(self, one: Brought, tier: int | None) -> bool:
        tiers = self.focused[one.benefit.initiative_id].tier_ids
        return tier is None or not tiers or tier in tiers
