"""A company as plain lists: what was loaded, and nothing computed."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field, replace
from datetime import date
from fractions import Fraction
from functools import cached_property

from tests.oracle.months import Calendar, last_day

ALL, UNTIERED = "all", "untiered"


@dataclass(frozen=True)
class Tier:
    """A customer tier."""

    code: str
    rank: int
    retired_from: int | None = None


@dataclass(frozen=True)
class Version:
    """What a KPI means from a month on."""

    from_month: int
    direction: str
    customer_method: str = ""
    time_method: str = ""
    formula: str = ""
    unit: str = "number"
    near_band_abs: Fraction | None = None


@dataclass(frozen=True)
class Kpi:
    """A KPI's definition; one with a formula has no methods.

    Where its meaning was changed, the versions say what it meant when, and ``since`` which of them this is.
    """

    code: str
    customer_method: str = ""
    time_method: str = ""
    unit: str = "number"
    direction: str = "higher"
    indicator: str = "leading"
    near_band: Fraction | None = None
    near_band_abs: Fraction | None = None
    absent: str = "missing"
    facts_of: str | None = None
    formula: str = ""
    versions: tuple[Version, ...] = ()
    since: int | None = None
    retired_from: int | None = None
    complete_when: str = "any"
    seasonal: bool = False

    def meant_in(self, month: int) -> Kpi:
        """The KPI by the version that stands in a month."""
        begun = [version for version in self.versions if version.from_month <= month]
        if not begun:
            return self
        version = max(begun, key=lambda v: v.from_month)
        return replace(
            self,
            direction=version.direction,
            customer_method=version.customer_method,
            time_method=version.time_method,
            formula=version.formula,
            unit=version.unit,
            near_band_abs=version.near_band_abs,
            since=version.from_month,
        )

    @property
    def source(self) -> str:
        """The code of the KPI whose facts it counts."""
        return self.facts_of or self.code

    @property
    def additive(self) -> bool:
        """A part of the months gives a part of the value."""
        if self.time_method == "sum":
            return True
        return self.time_method in ("pool", "ttm") and self.customer_method in ("sum", "distinct")

    @property
    def scales(self) -> bool:
        """The value of a month and of a quarter differ by the length alone."""
        return self.time_method == "sum" or (self.time_method == "pool" and self.customer_method == "sum")


@dataclass(frozen=True)
class Membership:
    """From a day on a customer belongs to a tier, or to none."""

    customer: str
    starts_on: date
    tier: str | None


@dataclass(frozen=True)
class Fact:
    """One measurement of one customer in one month."""

    kpi: str
    customer: str
    month: int
    numerator: Fraction
    denominator: Fraction | None = None


@dataclass(frozen=True)
class TierActual:
    """One number entered for a tier (or ``all``) and month."""

    kpi: str
    tier: str
    month: int
    numerator: Fraction
    denominator: Fraction | None = None


@dataclass(frozen=True)
class Target:
    """A target row; only approved ones count."""

    kpi: str
    tier: str
    from_month: int
    per: str
    value: Fraction | None = None
    low: Fraction | None = None
    high: Fraction | None = None
    until_month: int | None = None
    state: str = "approved"


@dataclass
class Company:
    """Everything that was loaded."""

    tiers: list[Tier] = field(default_factory=list)
    kpis: list[Kpi] = field(default_factory=list)
    memberships: list[Membership] = field(default_factory=list)
    facts: list[Fact] = field(default_factory=list)
    tier_actuals: list[TierActual] = field(default_factory=list)
    complete_months: list[tuple[str, int]] = field(default_factory=list)
    targets: list[Target] = field(default_factory=list)
    steps: list[tuple[str, str | None, int]] = field(default_factory=list)  # KPI, column or all of them, month
    calendar: Calendar = field(default_factory=Calendar)

    @cached_property
    def moves(self) -> dict[str, list[Membership]]:
        """Each customer's memberships in the order of their days."""
        moves = defaultdict(list)
        for membership in sorted(self.memberships, key=lambda m: m.starts_on):
            moves[membership.customer].append(membership)
        return moves

    @cached_property
    def facts_by_slice(self) -> dict[tuple[str, int], list[Fact]]:
        """The facts of each (KPI, month)."""
        slices = defaultdict(list)
        for fact in self.facts:
            slices[fact.kpi, fact.month].append(fact)
        return {(kpi, month): facts for (kpi, month), facts in slices.items() if not self.has_ended(kpi, month)}

    @cached_property
    def facts_by_place(self) -> dict[tuple[str, str, int], list[Fact]]:
        """The facts of each (KPI, column other than ``all``, month)."""
        places = defaultdict(list)
        for (kpi, month), facts in self.facts_by_slice.items():
            day = last_day(month)
            for fact in facts:
                places[kpi, self.tier_on(fact.customer, day), month].append(fact)
        return places

    def has_ended(self, code: str, month: int) -> bool:
        """Whether a KPI is retired in a month: what is said of it from then on counts nowhere."""
        end = self.kpi(code).retired_from
        return end is not None and month >= end

    def kpi(self, code: str) -> Kpi:
        """The KPI with that code."""
        return next(kpi for kpi in self.kpis if kpi.code == code)

    def kpis_of(self, month: int) -> list[Kpi]:
        """The KPIs of a matrix whose last month that is: none that was retired, each as it is meant then."""
        staying = [kpi for kpi in self.kpis if kpi.retired_from is None or month < kpi.retired_from]
        return [kpi.meant_in(month) for kpi in staying]

    def tier_on(self, customer: str, day: date) -> str:
        """The column that a customer counts in on a day: its tier, or ``untiered``."""
        tier: str | None = None
        for move in self.moves.get(customer, []):
            if move.starts_on <= day:
                tier = move.tier
        return tier or UNTIERED

    def is_entered(self, kpi: Kpi) -> bool:
        """Whether the KPI's numbers were entered per tier."""
        return any(row.kpi == kpi.source for row in self.tier_actuals)

    def facts_in(self, kpi: Kpi, column: str, month: int) -> list[Fact]:
        """A fact of month M counts in the tier that the customer had on the last day of M."""
        if column == ALL:
            return self.facts_by_slice.get((kpi.source, month), [])
        return self.facts_by_place.get((kpi.source, column, month), [])

    def rows_in(self, kpi: Kpi, column: str, month: int) -> list[TierActual]:
        """The numbers entered for a column and month."""
        if self.has_ended(kpi.source, month):
            return []
        return [r for r in self.tier_actuals if (r.kpi, r.tier, r.month) == (kpi.source, column, month)]

    def tier_rows(self, kpi: Kpi, month: int) -> list[TierActual]:
        """The numbers entered for the tiers, not for all customers."""
        return [row for tier in self.tiers for row in self.rows_in(kpi, tier.code, month)]

    def silence_is_zero(self, kpi: Kpi, month: int) -> bool:
        """A month in which a tier without a fact has data and counts 0; of sums and counts alone."""
        if kpi.absent != "zero" or kpi.customer_method not in ("sum", "distinct"):
            return False
        spoken = any(f.month == month for f in self.facts_by_slice.get((kpi.source, month), []))
        entered = any(r.kpi == kpi.source and r.month == month for r in self.tier_actuals)
        entered = entered and not self.has_ended(kpi.source, month)
        return spoken or entered or self.is_marked(kpi, month)

    def is_marked(self, kpi: Kpi, month: int) -> bool:
        """Whether a steward called the month complete; a mark holds for the KPIs that take its facts too."""
        return any(
            (code, month) in self.complete_months for code in (kpi.source, kpi.code) if not self.has_ended(code, month)
        )

    def is_confirmed(self, kpi: Kpi, month: int) -> bool:
        """Whether the month is as it will stay: where the KPI asks for that, it takes a mark."""
        return kpi.complete_when == "any" or self.is_marked(kpi, month)
