"""Invents what companies calculate and how they change their minds: formulas, and other meanings from a month on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from typing import Any

from hypothesis import strategies as st
from hypothesis.strategies import DrawFn

from tests.oracle.company import ALL, Company, Fact, Kpi, Version
from tests.oracle.invented import METHODS, TIME_METHODS, WINDOW, companies, facts, targets
from tests.oracle.months import Calendar

ALWAYS = 100001
CHANGES = WINDOW[8:22]

numbers = st.sampled_from(["0", "1", "2", "100", "0.5", ".25", "3.0001"])


@st.composite
def formulas(draw: DrawFn, names: Sequence[str]) -> str:
    """Arithmetic over some of the names, at least one of them, with signs, spaces and parentheses as they come."""
    name = st.sampled_from(names)
    pair = st.builds("({}{}{})".format, name | numbers, st.sampled_from(["+", " - ", "*", " / "]), name | numbers)
    text = draw(name)
    for _ in range(draw(st.integers(0, 3))):
        other = draw(st.one_of(name, name, numbers, pair, st.builds("-{}".format, name)))
        text = draw(st.sampled_from(["{} + {}", "{}-{}", "{} - ({})", "{}*{}", "{} / {}", "-({}) + {}"])).format(
            text, other
        )
    return text


@st.composite
def calculated(draw: DrawFn, code: str, names: Sequence[str]) -> Kpi:
    """A KPI with a formula over some of these."""
    return Kpi(
        code=code,
        direction=draw(st.sampled_from(["higher", "lower", "range"])),
        indicator=draw(st.sampled_from(["leading", "trailing"])),
        near_band=draw(st.sampled_from([None, Fraction(25)])),
        near_band_abs=draw(st.sampled_from([None, Fraction("0.5")])),
        formula=draw(formulas(names)),
    )


@st.composite
def other_meaning(draw: DrawFn, kpi: Kpi, from_month: int, names: Sequence[str]) -> Version:
    """What a KPI may mean from a month on: another unit, direction or methods, a formula over some of these, or facts.

    Its targets stay as they are: a row with a value is nothing to a range, nor the other way round.
    """
    direction = draw(st.sampled_from(["higher", "lower", "range"]))
    counted: dict[str, Any] = {
        "unit": draw(st.sampled_from(["number", "percent"])),
        "near_band_abs": draw(st.sampled_from([None, Fraction(0), Fraction("0.5")])),
    }
    if names and draw(st.integers(0, 2)) == 0:
        return Version(from_month, direction, formula=draw(formulas(names)), **counted)
    methods = draw(st.sampled_from(METHODS)), draw(st.sampled_from(TIME_METHODS))
    return Version(from_month, direction, *methods, **counted)


@st.composite
def changed(draw: DrawFn, kpi: Kpi, names: Sequence[str]) -> Kpi:
    """The KPI with one change of its meaning more."""
    meaning = (kpi.direction, kpi.customer_method, kpi.time_method, kpi.formula, kpi.unit, kpi.near_band_abs)
    first = Version(ALWAYS, *meaning)
    versions = kpi.versions or (first,)
    month = draw(st.sampled_from([m for m in CHANGES if m > versions[-1].from_month] or [WINDOW[-1]]))
    kept = [version for version in versions if version.from_month < month]
    newest = draw(other_meaning(kpi, month, names))
    silent = ["missing", "zero"] if newest.customer_method in ("sum", "distinct") else ["missing"]
    return replace(kpi, versions=(*kept, newest), absent=draw(st.sampled_from(silent)))


def may_name(company: Company, kpi: Kpi) -> list[str]:
    """The KPIs that a formula of this one may name, so that none leads back to itself: those before it by code.

    None where a KPI takes its facts from another or gives them to one.
    """
    if kpi.facts_of or any(other.facts_of == kpi.code for other in company.kpis):
        return []
    return [other.code for other in company.kpis if other.code < kpi.code]


@st.composite
def more_of(draw: DrawFn, kpi: Kpi, columns: list[str], calendar: Calendar) -> Company:
    """Facts and targets of a calculated KPI: it may be measured before, or later."""
    more = Company(targets=[row for column in columns for row in draw(targets(kpi, column, calendar))])
    if any(version.customer_method for version in kpi.versions):
        more.facts = draw(facts(kpi, weighed=True))
    return more


@st.composite
def changing_companies(draw: DrawFn) -> Company:
    """A small company with one to three calculated KPIs and up to two changes of meaning."""
    company = draw(companies())
    company.facts = [weighed(fact) for fact in company.facts]
    for code in ("m", "n", "o")[: draw(st.integers(1, 3))]:
        kpi = draw(calculated(code, [kpi.code for kpi in company.kpis]))
        company.kpis.insert(draw(st.integers(0, len(company.kpis))), kpi)
    for _ in range(draw(st.integers(0, 2))):
        at = draw(st.integers(0, len(company.kpis) - 1))
        company.kpis[at] = draw(changed(company.kpis[at], may_name(company, company.kpis[at])))
    if draw(st.integers(0, 4)) == 0:
        company.kpis[0] = replace(company.kpis[0], retired_from=draw(st.sampled_from(CHANGES)))
    columns = [tier.code for tier in company.tiers] + [ALL]
    for kpi in (kpi for kpi in company.kpis if kpi.code >= "m"):
        more = draw(more_of(kpi, columns, company.calendar))
        company.facts += more.facts
        company.targets += more.targets
    return company


def weighed(fact: Fact) -> Fact:
    """With a denominator, so that a ratio may be made of it one day."""
    return fact if fact.denominator is not None else replace(fact, denominator=abs(fact.numerator))
