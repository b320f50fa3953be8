"""The target of a period: the first of four rules that applies."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from tests.oracle.calculated import has_fact
from tests.oracle.company import ALL, Company, Kpi, Target
from tests.oracle.months import Span
from tests.oracle.values import expected_months


@dataclass(frozen=True)
class Aim:
    """A target's numbers: a value, or a range."""

    value: Fraction | None = None
    low: Fraction | None = None
    high: Fraction | None = None


def approved(company: Company, kpi: Kpi, column: str, per: str) -> list[Target]:
    """The rows that count for the KPI as it is meant, by their first month: a row is for the version of that month."""
    rows = [t for t in company.targets if (t.kpi, t.tier, t.per, t.state) == (kpi.code, column, per, "approved")]
    rows = [row for row in rows if kpi.meant_in(row.from_month).since == kpi.since]
    return sorted(rows, key=lambda row: row.from_month)


def in_force(company: Company, kpi: Kpi, column: str, per: str, month: int) -> Target | None:
    """The row of a length that is in force in a month.

    A month row stands until the next, or through its until_month, after which no earlier row comes
    back. A quarter or year row is for that fiscal quarter or year alone.
    """
    rows = approved(company, kpi, column, per)
    if per == "month":
        started = [row for row in rows if row.from_month <= month]
        if not started or (started[-1].until_month or last_of(company, column, month)) < month:
            return None
        return started[-1]
    first = company.calendar.span(per, month).months[0]
    return next((row for row in rows if row.from_month == first), None)


def last_of(company: Company, column: str, month: int) -> int:
    """Where an open row of a column ends: with the month before its tier is retired, else not before ``month``."""
    ends = [tier.retired_from for tier in company.tiers if tier.code == column and tier.retired_from]
    return min([month, *(end - 1 for end in ends)])


def share(company: Company, kpi: Kpi, column: str, month: int) -> Aim | None:
    """The monthly share of the row in force in a month: as it is, a third or a twelfth."""
    for per, parts in (("month", 1), ("quarter", 3), ("year", 12)):
        row = in_force(company, kpi, column, per, month)
        if row:
            return Aim(*(None if n is None else Fraction(n) / parts for n in (row.value, row.low, row.high)))
    return None


def added(aims: Sequence[Aim | None]) -> Aim | None:
    """The sum of targets, both bounds of ranges; none where one is missing, or there are none."""
    known = [aim for aim in aims if aim is not None]
    if not known or len(known) < len(aims):
        return None
    return Aim(*(plus([getattr(aim, part) for aim in known]) for part in ("value", "low", "high")))


def plus(numbers: Sequence[Fraction | None]) -> Fraction | None:
    """Their sum; none where one is missing."""
    known = [number for number in numbers if number is not None]
    return sum(known, Fraction(0)) if len(known) == len(numbers) else None


def phased(company: Company, kpi: Kpi, column: str, months: Sequence[int]) -> Aim | None:
    """Rule 2: the sum of the months' shares; a month without a row leaves no target."""
    return fitting(kpi, added([share(company, kpi, column, month) for month in months]))


def as_aim(row: Target | None) -> Aim | None:
    """The numbers of a row as they stand."""
    return Aim(row.value, row.low, row.high) if row else None


def fitting(kpi: Kpi, aim: Aim | None) -> Aim | None:
    """A target that the KPI can be held against: a range where it wants a range, else a value."""
    known = aim and (aim.low if kpi.direction == "range" else aim.value)
    return None if known is None else aim


def own_target(company: Company, kpi: Kpi, column: str, span: Span, today: date) -> Aim | None:
    """What the column's own rows give for the period."""
    return fitting(kpi, by_the_rules(company, kpi, column, span, today))


def by_the_rules(company: Company, kpi: Kpi, column: str, span: Span, today: date) -> Aim | None:
    """The first of the four rules that applies."""
    if kpi.time_method == "ttm":
        return as_aim(in_force(company, kpi, column, "year", expected_months(kpi, span, today)[-1]))
    of_its_kind = in_force(company, kpi, column, span.kind, span.last)
    if of_its_kind:
        return as_aim(of_its_kind)
    if kpi.scales:
        return phased(company, kpi, column, span.months)
    if kpi.customer_method == "distinct" and kpi.time_method == "pool":
        return None
    rows = (in_force(company, kpi, column, per, span.last) for per in ("month", "quarter", "year"))
    return as_aim(next((row for row in rows if row), None))


def has_target(company: Company, kpi: Kpi, column: str, span: Span, today: date) -> bool:
    """Whether any approved row is in force in any month of the period (trailing twelve months: rule 1)."""
    if kpi.time_method == "ttm":
        return own_target(company, kpi, column, span, today) is not None
    pers = ("month", "quarter", "year")
    return any(in_force(company, kpi, column, per, month) for per in pers for month in span.months)


def concerned(company: Company, kpi: Kpi, span: Span, today: date) -> list[str]:
    """The tiers that have a fact of the KPI or a target in the period."""
    return [
        tier.code
        for tier in company.tiers
        if has_fact(company, kpi, tier.code, span, today) or has_target(company, kpi, tier.code, span, today)
    ]


def target(company: Company, kpi: Kpi, column: str, span: Span, today: date) -> Aim | None:
    """The target of a period; all customers without own rows: the sum of the tiers', for sums."""
    own = own_target(company, kpi, column, span, today)
    if own or column != ALL or kpi.customer_method != "sum":
        return own
    return added([own_target(company, kpi, code, span, today) for code in concerned(company, kpi, span, today)])


def target_to_date(
    company: Company, kpi: Kpi, column: str, span: Span, months: Sequence[int], today: date
) -> Aim | None:
    """The target of some of the period's months, for pace."""
    own = phased(company, kpi, column, months)
    if own or column != ALL or kpi.customer_method != "sum":
        return own
    return added([phased(company, kpi, code, months) for code in concerned(company, kpi, span, today)])
