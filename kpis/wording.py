"""How a value came about, in words: one sentence for each pair of methods.

'4 of 104 contacts …' without the noun, for facts carry none: '4 of 104, pooled over July to
September 2011: 3.85 %'.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from fractions import Fraction

from core.formatting import Style, counted, month_name, month_span, scale_for, sentence_list, trimmed
from core.numbers import to_fraction
from core.periods import Month
from kpis.choices import CustomerMethod, TimeMethod
from kpis.formulas import Components, Method, Value, pooled
from kpis.models import Kpi


def style_of(kpi: Kpi, currency: str, values: Iterable[Fraction | None] = ()) -> Style:
    """How the KPI's values are written: in the company's currency unless it has its own, and in a
    scale at which these values fit a narrow column.
    """
    return Style(kpi.unit, kpi.currency or currency, kpi.decimals, scale_for(values))


def how(method: Method, value: Value, months: Mapping[Month, Components], style: Style) -> str:
    """One sentence on how a value came about. ``months`` are the months with data; empty: 'no data'."""
    if not months or value.number is None:
        return "There is nothing to compute a value from."
    result = style.full(value.number)
    first, last = min(months), max(months)
    if value.months_expected == 1:
        return f"{_made_of(method, value.total)} in {month_name(first)}: {result}."
    if method.time == TimeMethod.POOL:
        return f"{_made_of(method, value.total)}, pooled over {month_span(first, last)}: {result}."
    if method.time == TimeMethod.TTM:
        return f"{_made_of(method, value.total)}, over the twelve months that end with the period: {result}."
    numbers = {month: number for month, parts in months.items() if (number := pooled(method, parts)) is not None}
    return _of_months(method, numbers, value, style)


def _of_months(method: Method, numbers: Mapping[Month, Fraction], value: Value, style: Style) -> str:
    each = {
        CustomerMethod.SUM: "each the sum of its facts",
        CustomerMethod.MEAN: "each the mean of its facts",
        CustomerMethod.RATIO: "each the ratio of its sums",
        CustomerMethod.DISTINCT: "each a count of different customers",
    }[method.customer]
    listed = sentence_list(f"{style.full(number)} in {month_name(month)}" for month, number in numbers.items())
    result = style.full(value.number)
    if method.time == TimeMethod.LAST:
        assert value.last_month is not None  # noqa: S101  there is a number, so some month has one
        return (
            f"The value of {month_name(value.last_month)}, the last month that has one: {_last(method, value, result)}."
        )
    if method.time == TimeMethod.MEAN:
        return (
            f"The mean of {counted(len(numbers), 'month value')} ({listed}), {each}: {result}. An average of averages."
        )
    return f"The sum of {counted(len(numbers), 'month value')} ({listed}), {each}: {result}."


def _last(method: Method, value: Value, result: str) -> str:
    what = {
        CustomerMethod.SUM: "the sum of its facts",
        CustomerMethod.MEAN: "the mean of its facts",
        CustomerMethod.RATIO: "the ratio of its sums",
        CustomerMethod.DISTINCT: "its different customers",
    }[method.customer]
    return f"{what}, {result}"


def _made_of(method: Method, parts: Components) -> str:
    """The components in words: '4 of 104', '561 in all from 12 facts', '38 different customers'."""
    above, below = trimmed(to_fraction(parts.numerator), 4), trimmed(to_fraction(parts.denominator), 4)
    rows = counted(parts.facts, "entry", "entries") if parts.entered else counted(parts.facts, "fact")
    if method.customer == CustomerMethod.SUM:
        return f"{above} in all from {rows}"
    if method.customer == CustomerMethod.RATIO:
        return f"{above} {'of' if method.percent else 'over'} {below}"
    if method.customer == CustomerMethod.MEAN:
        return f"{above} over {below} observations" if parts.entered else f"{above} over {rows}"
    count = trimmed(to_fraction(parts.numerator), 4) if parts.entered else f"{parts.customers:,}"
    return f"{count} different customers"
