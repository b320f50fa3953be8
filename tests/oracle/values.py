"""From facts to a month, from months to a quarter or a year."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from fractions import Fraction

from tests.oracle.company import ALL, Company, Fact, Kpi, TierActual
from tests.oracle.months import Span, last_day, later, run_of

Row = Fact | TierActual


@dataclass(frozen=True)
class Value:
    """A column's value over some months, and what went into it."""

    actual: Fraction | None
    months_with_data: tuple[int, ...]
    months_expected: int
    facts: int
    last_month: int | None = None
    provisional: bool = False


def total(numbers: Iterable[Fraction]) -> Fraction:
    """Their sum; those over one denominator are added as whole numbers, which takes a fifth of the time."""
    whole: Counter[int] = Counter()
    for number in numbers:
        whole[number.denominator] += number.numerator
    return sum((Fraction(above, below) for below, above in whole.items()), Fraction(0))


def combine_facts(kpi: Kpi, facts: Sequence[Fact]) -> Fraction | None:
    """How customers combine; nothing is combined from no facts but a sum or a count, which is 0."""
    numerator = total(fact.numerator for fact in facts)
    if kpi.customer_method == "sum":
        return numerator
    if kpi.customer_method == "distinct":
        return Fraction(len({fact.customer for fact in facts if fact.numerator > 0}))
    if kpi.customer_method == "mean":
        return numerator / len(facts) if facts else None
    return quotient(kpi, numerator, total(fact.denominator for fact in facts if fact.denominator))


def quotient(kpi: Kpi, numerator: Fraction, denominator: Fraction) -> Fraction | None:
    """A ratio, times 100 where the unit is percent; no value where the denominator is 0."""
    if denominator == 0:
        return None
    return numerator / denominator * (100 if kpi.unit == "percent" else 1)


def combine_rows(kpi: Kpi, rows: Sequence[TierActual], months: int) -> Fraction | None:
    """How entered numbers combine: their parts are added; counts of different customers are not."""
    numerator = sum((row.numerator for row in rows), Fraction(0))
    denominator = sum((row.denominator or Fraction(0) for row in rows), Fraction(0))
    if kpi.customer_method == "sum":
        return numerator
    if kpi.customer_method == "distinct":
        return numerator if months == 1 else None
    if kpi.customer_method == "mean":
        return numerator / denominator if denominator else None
    return quotient(kpi, numerator, denominator)


def entered_rows(company: Company, kpi: Kpi, column: str, months: Sequence[int]) -> list[TierActual] | None:
    """The entered rows that a column is made of over some months.

    All customers: the rows entered for all where every month with data has one, else the tiers'; of
    different customers, who may be in two tiers, none.
    """
    if column != ALL:
        return [row for month in months for row in company.rows_in(kpi, column, month)]
    own = {month: company.rows_in(kpi, ALL, month) for month in months}
    tiers = {month: company.tier_rows(kpi, month) for month in months}
    known = [month for month in months if own[month] or tiers[month]]
    if all(own[month] for month in known):
        return [row for month in known for row in own[month]]
    return None if kpi.customer_method == "distinct" else [row for month in known for row in tiers[month]]


def rows_of(company: Company, kpi: Kpi, column: str, months: Sequence[int]) -> Sequence[Row] | None:
    """The facts, or entered rows, that count in a column over some months."""
    if company.is_entered(kpi):
        return entered_rows(company, kpi, column, months)
    return [fact for month in months for fact in company.facts_in(kpi, column, month)]


def months_with_data(company: Company, kpi: Kpi, months: Sequence[int], rows: Sequence[Row]) -> tuple[int, ...]:
    """A month has data when a fact counts, or where silence means zero."""
    spoken = {row.month for row in rows}
    return tuple(month for month in months if month in spoken or company.silence_is_zero(kpi, month))


def told(company: Company, kpi: Kpi, known: tuple[int, ...], counting: Iterable[int], value: Value) -> Value:
    """With the months that are confirmed, of those with data; provisional where one that isn't counts in the value."""
    confirmed = tuple(month for month in known if company.is_confirmed(kpi, month))
    waits = value.actual is not None and any(not company.is_confirmed(kpi, month) for month in counting)
    return replace(value, months_with_data=confirmed, provisional=waits)


def combined(company: Company, kpi: Kpi, months: Sequence[int], rows: Sequence[Row]) -> Fraction | None:
    """The customer method over all facts of the months, as though they were one month."""
    if not months_with_data(company, kpi, months, rows):
        return None
    if company.is_entered(kpi):
        return combine_rows(kpi, [row for row in rows if isinstance(row, TierActual)], len(months))
    return combine_facts(kpi, [row for row in rows if isinstance(row, Fact)])


def in_months(company: Company, kpi: Kpi, column: str, months: Sequence[int]) -> Value:
    """The value of these months, by the time method."""
    rows = rows_of(company, kpi, column, months)
    if rows is None:
        return Value(None, (), len(months), 0)
    known = months_with_data(company, kpi, months, rows)
    if kpi.time_method in ("pool", "ttm"):
        pooled = Value(combined(company, kpi, months, rows), known, len(months), len(rows))
        return told(company, kpi, known, known, pooled)
    each = {month: combined(company, kpi, (month,), [row for row in rows if row.month == month]) for month in months}
    found = {month: value for month, value in each.items() if value is not None}
    last = max(found, default=None)
    counting = [month for month in found if kpi.time_method != "last" or month == last]
    return told(company, kpi, known, counting, Value(over_time(kpi, found), known, len(months), len(rows), last))


def over_time(kpi: Kpi, found: dict[int, Fraction]) -> Fraction | None:
    """The sum, the mean or the last of the month values that exist."""
    if not found:
        return None
    if kpi.time_method == "last":
        return found[max(found)]
    added = total(found.values())
    return added if kpi.time_method == "sum" else added / len(found)


def twelve_months(span: Span, today: date) -> tuple[int, ...]:
    """The twelve months that end with the period's last month, to date with the last ended month."""
    end = span.last
    while last_day(end) >= today:
        end = later(end, -1)
    return run_of(later(end, -11), 12)


def expected_months(kpi: Kpi, span: Span, today: date) -> tuple[int, ...]:
    """The months whose facts the value is made of."""
    return twelve_months(span, today) if kpi.time_method == "ttm" else span.months


def measured(company: Company, kpi: Kpi, column: str, span: Span, today: date) -> Value:
    """The value of a period by the KPI's methods; one that has not begun has none."""
    months = expected_months(kpi, span, today)
    if not span.has_begun(today):
        return Value(None, (), len(months), 0)
    return in_months(company, kpi, column, months)
