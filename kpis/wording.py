"""How a value came about, in words: one sentence for each pair of methods.

'4 of 104 contacts …' without the noun, for facts carry none: '4 of 104, pooled over July to
September 2011: 3.85 %'.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING

from core.formatting import (
    Style,
    counted,
    month_name,
    month_span,
    number,
    sentence_list,
    target_words,
    trimmed,
)
from core.numbers import SCALE, to_fraction
from core.periods import FiscalCalendar, Kind, Month, month_of, shift
from core.scales import scale_for
from kpis.choices import Absent, CustomerMethod, Direction, LinkSign, Per, SignalRule, TimeMethod, Unit
from kpis.formulas.events import rule_in
from kpis.formulas.values import Components, Method, Value, pooled

if TYPE_CHECKING:
    from kpis.models import Kpi, Link, Target


# What a definition says of a ratio's two sums: each the words before its mark, from the last sentence's end on.
_NAMED_PARTS = re.compile(
    r"([^\s.;:(,][^.;:(]*?),?\s*\(numerator\)[,;]?\s*(?:(?:of|out of|over|per|by|divided by)\s+)?"
    r"([^\s.;(][^.;(]*?)\s*\(denominator\)",
    re.IGNORECASE,
)
_LONGEST_NAME = 80


def style_of(kpi: Kpi, currency: str, values: Iterable[Fraction | None] = ()) -> Style:
    """How the KPI's values are written: in the company's currency unless it has its own, and in a
    scale at which these values fit a narrow column.
    """
    return Style(kpi.unit, kpi.currency or currency, kpi.decimals, scale_for(values))


def counted_in(kpi: Kpi, style: Style) -> str:
    """What its values are counted in: ``in percent``, ``in €``, ``in days``, ``a number``, ``a score``."""
    units = {Unit.PERCENT: "in percent", Unit.DAYS: "in days", Unit.CURRENCY: f"in {style.label or 'money'}"}
    return units.get(Unit(kpi.unit), f"a {kpi.get_unit_display().lower()}")


def part_names(kpi: Kpi) -> tuple[str, str]:
    """What the numerator and the denominator of a KPI are called; the second is empty where it has none.

    In the words of its definition where that names them, as ``promoters (numerator), of all answers (denominator)``.
    """
    numerator, denominator = CustomerMethod(kpi.customer_method or CustomerMethod.SUM).parts
    said = _NAMED_PARTS.search(kpi.definition) if denominator else None
    found = [text[0].upper() + text[1:] for text in said.groups()] if said else []
    fits = found and all(len(text) <= _LONGEST_NAME for text in found)
    return (found[0], found[1]) if fits else (numerator, denominator)


def words_of(target: Target, style: Style) -> str:
    """What a version of a target says: ``at least 82 %``."""
    parts = (None if part is None else Fraction(part) for part in (target.value, target.low, target.high))
    return target_words(style, target.kpi.direction, *parts)


def reach_words(targets: Iterable[Target], calendar: FiscalCalendar, today: date) -> str:
    """In which ended months approved targets count: ``January 2012 to March 2012``; empty where in none."""
    newest = shift(month_of(today), -1)
    spans = [target_span(target, calendar) for target in targets]
    ended = [(first, min(last or newest, newest)) for first, last in spans if first <= newest]
    return month_span(min(first for first, _ in ended), max(last for _, last in ended)) if ended else ""


def target_span(target: Target, calendar: FiscalCalendar) -> tuple[Month, Month | None]:
    """The first and last month that a row is for; None where a row of months runs on."""
    if target.per == Per.MONTH:
        return Month(target.from_month), Month(target.until_month) if target.until_month else None
    period = calendar.period(Kind(target.per), Month(target.from_month))
    return period.first, period.last


def actual_words(meant: Kpi, numerator: Decimal | None, denominator: Decimal | None, style: Style) -> str:
    """What was entered for a tier, of a KPI as it means in the month: ``84 of 120: 70.0 %``; empty for nothing."""
    if numerator is None:
        return ""
    above, below = Fraction(numerator), Fraction(denominator or 0)
    value = style.full(actual_number(meant, numerator, denominator))
    needs_base = meant.method.customer.needs_base
    return f"{trimmed(above, 4)} of {trimmed(below, 4)}: {value}" if needs_base else value


def actual_number(meant: Kpi, numerator: Decimal | None, denominator: Decimal | None) -> Fraction | None:
    """The value of what was entered for a tier; None for nothing, and where it divides by nought."""
    if numerator is None:
        return None
    above, below = Fraction(numerator), Fraction(denominator or 0)
    return pooled(meant.method, Components(int(above * SCALE), int(below * SCALE), 1, 0, entered=True))


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
    count = trimmed(to_fraction(parts.numerator), 4) if parts.entered else number(parts.customers)
    return f"{count} different customers"


def how_calculated(kpi: Kpi, values: Mapping[Kpi, Fraction | None], number: Fraction | None, currency: str) -> str:
    """``Promoters − Detractors: 45.1 % − 12.4 % = 32.7.`` The formula in names, then in values."""
    blank = [one.name for one, value in values.items() if value is None]
    names = _written_out(kpi.formula, {one.code: f"“{one.name}”" for one in values})
    if blank:
        return f"{names}. There are no data for {sentence_list(blank)}, and so no value."
    numbers = {one.code: style_of(one, currency).full(value) for one, value in values.items()}
    put_in = _written_out(kpi.formula, numbers)
    if number is None:
        return f"{names}: {put_in}. That divides by zero, and so there is no value."
    return f"{names}: {put_in} = {style_of(kpi, currency).full(number)}."


def _written_out(formula: str, words: Mapping[str, str]) -> str:
    """A formula with its codes replaced, and its signs as people write them."""

    def written(found: re.Match[str]) -> str:
        part = found[0]
        return words.get(part, part) if part not in _SIGNS else _SIGNS[part]

    return re.sub(r"[A-Za-z_]\w*|[-*/]", written, formula, flags=re.ASCII)


_SIGNS = {"-": "−", "*": "×", "/": "÷"}
_FOR_CUSTOMERS = {
    CustomerMethod.SUM: "The facts of all customers are added up",
    CustomerMethod.MEAN: "The mean over the facts of all customers",
    CustomerMethod.RATIO: "The numerators of all customers are added up, and divided by the sum of their denominators",
    CustomerMethod.DISTINCT: "Each customer with a fact above 0 counts once",
}
_FOR_TIME = {
    TimeMethod.POOL: "a quarter or a year takes the facts of all its months as one",
    TimeMethod.SUM: "a quarter or a year is the sum of its months",
    TimeMethod.MEAN: "a quarter or a year is the mean of its months, an average of averages",
    TimeMethod.LAST: "a quarter or a year shows its last month that has a value",
    TimeMethod.TTM: "each value covers the twelve months that end with the period",
}


def computed_in_words(kpi: Kpi, names: Mapping[str, str]) -> str:
    """How facts become values, or what a formula takes, as a sentence. ``names`` are those of KPIs by code."""
    if kpi.calculated:
        words = _written_out(kpi.formula, {code: f"“{name}”" for code, name in names.items()})
        return f"{words}, each in the same tier and period."
    customers, time = _FOR_CUSTOMERS[CustomerMethod(kpi.customer_method)], _FOR_TIME[TimeMethod(kpi.time_method)]
    percent = ", times 100" if kpi.unit == Unit.PERCENT and kpi.customer_method == CustomerMethod.RATIO else ""
    source = f" The facts are those of “{kpi.facts_of.name}”." if kpi.facts_of else derived_in_words(kpi.rule)
    silence = " A month without a fact counts zero." if kpi.absent == Absent.ZERO else ""
    return f"{customers}{percent}; {time}.{source}{silence}"


def derived_in_words(text: str) -> str:
    """What a rule of events counts, as a sentence after others; empty where there is none."""
    rule = rule_in(text)
    if rule is None:
        return ""
    numerator, denominator = rule.words
    return f" Derived from events: {numerator}, over {denominator}."


def rule_words(rule: SignalRule, month: Month) -> str:
    """How a month differs: ``September 2026 lies outside the limits of what it does by itself``."""
    name = month_name(month)
    return {
        SignalRule.OUTSIDE: f"{name} lies outside the limits of what it does by itself",
        SignalRule.SHIFT: f"eight months in a row, {name} the last, lie on one side of the middle",
        SignalRule.TWO_OF_THREE: f"{name} and one of the two months before it lie near the same limit",
    }[rule]


# -- links

_LEAST_CHANCE = 0.0001
_NUMBERS = ("no", "one", "two", "three", "four", "five", "six")


def lag_words(lag: int) -> str:
    """``in the same month``, ``one month later``, ``three months later``."""
    return "in the same month" if lag == 0 else f"{_NUMBERS[lag]} {'month' if lag == 1 else 'months'} later"


def in_midst(name: str) -> str:
    """A name as it stands within a sentence: ``repeat contacts``, and still ``NPS``."""
    return name if name[1:2].isupper() else name[:1].lower() + name[1:]


def amount(kpi: Kpi, *, rising: bool) -> str:
    """``more complaints``, ``fewer complaints``, ``less revenue``, ``a lower renewal rate`` without its article."""
    words = {Unit.NUMBER: ("more", "fewer"), Unit.CURRENCY: ("more", "less")}.get(Unit(kpi.unit), ("higher", "lower"))
    return f"{words[0] if rising else words[1]} {in_midst(kpi.name)}"


def goes_with(link: Link, verb: str = "went with") -> str:
    """``fewer repeat contacts went with more renewals``: the trailing KPI better, the leading one by the sign."""
    rising = link.trailing.direction != Direction.LOWER
    leading = rising == (link.sign == LinkSign.SAME)
    return f"{amount(link.leading, rising=leading)} {verb} {amount(link.trailing, rising=rising)}"


def expected_of(link: Link) -> str:
    """``better leads to better``, where the sign and both directions say so; else what it says instead."""
    alike = (link.leading.direction == Direction.LOWER) == (link.trailing.direction == Direction.LOWER)
    return "better leads to better" if alike == (link.sign == LinkSign.SAME) else "better leads to worse"


def seen_words(link: Link, lag: int, tiers: Sequence[str], strengths: Sequence[float], pairs: Sequence[int]) -> str:
    """``in Gold and Silver, fewer repeat contacts went with more renewals three months later (r −0.55, 29 months)``.

    Of several tiers the weakest and the strongest correlation. It never says that one caused the other.
    """
    ends = {number(Fraction(one), 2): one for one in sorted(strengths, key=abs)}
    months = span_words(min(pairs), max(pairs))
    r = " to ".join(dict.fromkeys([next(iter(ends)), list(ends)[-1]]))
    return f"in {sentence_list(tiers)}, {goes_with(link)} {lag_words(lag)} (r {r}, {months})"


def span_words(low: int, high: int) -> str:
    """``29 months``, ``27 to 29 months``."""
    return counted(low, "month") if low == high else f"{low} to {counted(high, 'month')}"


def looked_at(link: Link) -> str:
    """``looked at: 0 to 6 months later``, ``looked at: two months later``."""
    months = link.months
    span = lag_words(months[0]) if len(months) == 1 else f"{months[0]} to {months[-1]} months later"
    return f"looked at: {span}"


def strength(value: float | None) -> str:
    """A statistic as pages show it: ``−0.55``; – without a test."""
    return number(None if value is None else Fraction(value), 2)


def chance(value: float | None) -> str:
    """A probability as pages show it: ``0.0065``, ``below 0.0001``; – without a test."""
    if value is not None and value < _LEAST_CHANCE:
        return f"below {trimmed(Fraction(1, 10_000), 4)}"
    return number(None if value is None else Fraction(value), 4)
