"""Invents small companies: tiers, moves, KPIs of every pair of methods, facts with gaps, targets of every length."""

from __future__ import annotations

from datetime import date, timedelta
from fractions import Fraction
from typing import Any

from hypothesis import strategies as st
from hypothesis.strategies import DrawFn

from tests.oracle.company import ALL, Company, Fact, Kpi, Membership, Target, Tier, TierActual
from tests.oracle.months import Calendar, Span, last_day, run_of

WINDOW = run_of(201001, 24)
CUSTOMERS = ("Ann", "Bob", "Cem", "Dee")
METHODS = ("sum", "mean", "ratio", "distinct")
TIME_METHODS = ("pool", "sum", "mean", "last", "ttm")
EVERY_MONTH = 2 ** len(WINDOW) - 1

amounts = st.sampled_from(
    [Fraction(n) for n in ("0", "1", "2", "3", "0.1", "0.2", "0.7", "10", "-1", "-0.3", "0.0001")]
)
weights = st.sampled_from([Fraction(n) for n in ("0", "1", "2", "4", "0.5")])
goals = st.sampled_from([Fraction(n) for n in ("0", "0.3", "1", "2", "3", "6", "12", "50", "-1", "0.9999", "33.3333")])
presence = st.one_of(st.integers(0, EVERY_MONTH), st.integers(0, EVERY_MONTH), st.just(EVERY_MONTH))
days = st.sampled_from([day for m in WINDOW[10:20] for day in (last_day(m), last_day(m) + timedelta(days=1))])
calendars = st.builds(Calendar, st.integers(1, 12), st.sampled_from(["end", "start"]))


@st.composite
def kpis(draw: DrawFn, code: str, facts_of: str | None = None) -> Kpi:
    """A KPI of any pair of methods."""
    method = draw(st.sampled_from(METHODS))
    return Kpi(
        code=code,
        customer_method=method,
        time_method=draw(st.sampled_from(TIME_METHODS)),
        unit=draw(st.sampled_from(["number", "percent"])),
        direction=draw(st.sampled_from(["higher", "lower", "range"])),
        indicator=draw(st.sampled_from(["leading", "trailing"])),
        near_band=draw(st.sampled_from([None, None, Fraction(0), Fraction(25)])),
        near_band_abs=draw(st.sampled_from([None, None, Fraction(0), Fraction("0.5")])),
        absent=draw(st.sampled_from(["missing", "zero"])) if method in ("sum", "distinct") else "missing",
        complete_when=draw(st.sampled_from(["any", "any", "marked"])),
        facts_of=facts_of,
    )


@st.composite
def moves(draw: DrawFn, customer: str, tiers: list[Tier]) -> list[Membership]:
    """Where a customer belongs: one tier from long ago, or none, and up to two moves."""
    codes: list[str | None] = [tier.code for tier in tiers]
    found = {date(2000, 1, 1): draw(st.sampled_from([*codes, *codes, None]))}
    for day in draw(st.lists(days, max_size=2)):
        found[day] = draw(st.sampled_from([*codes, None]))
    return [Membership(customer, day, tier) for day, tier in found.items()]


@st.composite
def amounts_by_month(draw: DrawFn) -> dict[int, tuple[Fraction, Fraction]]:
    """Numerator and denominator of the months that have a fact."""
    mask = draw(presence)
    cycle = draw(st.lists(st.tuples(amounts, weights), min_size=1, max_size=4))
    return {month: cycle[n % len(cycle)] for n, month in enumerate(WINDOW) if mask >> n & 1}


@st.composite
def facts(draw: DrawFn, kpi: Kpi, *, weighed: bool) -> list[Fact]:
    """The facts of some customers."""
    return [
        Fact(kpi.code, customer, month, numerator, denominator if weighed else None)
        for customer in draw(st.lists(st.sampled_from(CUSTOMERS), unique=True, max_size=3))
        for month, (numerator, denominator) in draw(amounts_by_month()).items()
    ]


@st.composite
def tier_actuals(draw: DrawFn, kpi: Kpi, columns: list[str]) -> list[TierActual]:
    """The numbers entered for some tiers, and perhaps for all."""
    return [
        TierActual(kpi.code, column, month, numerator, denominator)
        for column in draw(st.lists(st.sampled_from(columns), unique=True, min_size=1))
        for month, (numerator, denominator) in draw(amounts_by_month()).items()
    ]


@st.composite
def targets(draw: DrawFn, kpi: Kpi, column: str, calendar: Calendar) -> list[Target]:
    """A few rows of any length and state; of those with one key, one may be approved."""
    rows: dict[tuple[str, int], Target] = {}
    for _ in range(draw(st.integers(0, 3))):
        per = "year" if kpi.time_method == "ttm" else draw(st.sampled_from(["month", "month", "quarter", "year"]))
        first = calendar.span(per, draw(st.sampled_from(WINDOW))).months[0]
        if (per, first) not in rows:
            rows[per, first] = draw(target(kpi, column, per, first))
    return list(rows.values())


@st.composite
def target(draw: DrawFn, kpi: Kpi, column: str, per: str, first: int) -> Target:
    """One row."""
    value, more = draw(goals), abs(draw(goals))
    bounds: dict[str, Any] = {"low": value, "high": value + more} if kpi.direction == "range" else {"value": value}
    until = run_of(first, 7)[draw(st.integers(0, 6))] if per == "month" and draw(st.booleans()) else None
    state = draw(st.sampled_from(["approved"] * 5 + ["draft", "superseded"]))
    return Target(kpi.code, column, first, per, until_month=until, state=state, **bounds)


@st.composite
def marks(draw: DrawFn, kpi: Kpi) -> list[int]:
    """The months that a steward called complete: a few, or most of them where they must be confirmed."""
    few = draw(st.lists(st.sampled_from(WINDOW), unique=True, max_size=3))
    if kpi.complete_when == "marked" and draw(st.booleans()):
        return [month for month in WINDOW if month not in few]
    return few


@st.composite
def companies(draw: DrawFn, *, entered: bool = True, calendar: Calendar | None = None) -> Company:
    """A small company; ``entered``: the second KPI may take tier actuals."""
    retired = Tier("T3", 3, retired_from=draw(st.sampled_from(WINDOW)))
    tiers = [Tier("T1", 1), Tier("T2", 2), retired][: draw(st.integers(1, 3))]
    own = [draw(kpis("a")), draw(kpis("b"))][: draw(st.integers(1, 2))]
    derived = [draw(kpis("c", facts_of=draw(st.sampled_from(own)).code))] if draw(st.booleans()) else []
    company = Company(tiers=tiers, kpis=[*derived, *own], calendar=calendar or draw(calendars))
    company.memberships = [move for customer in CUSTOMERS for move in draw(moves(customer, tiers))]
    columns = [tier.code for tier in tiers] + [ALL]
    for kpi in own:
        weighed = any(k.source == kpi.code and k.customer_method == "ratio" for k in company.kpis)
        if entered and kpi.code == "b" and draw(st.booleans()):
            company.tier_actuals += draw(tier_actuals(kpi, columns))
        else:
            company.facts += draw(facts(kpi, weighed=weighed))
    for kpi in company.kpis:
        company.complete_months += [(kpi.code, month) for month in draw(marks(kpi))]
        for column in columns:
            company.targets += draw(targets(kpi, column, company.calendar))
    return company


@st.composite
def questions(draw: DrawFn, calendar: Calendar) -> tuple[Span, date]:
    """A period, and a day within it or after it."""
    span = calendar.span(draw(st.sampled_from(["month", "quarter", "year"])), draw(st.sampled_from(WINDOW[9:])))
    within = last_day(draw(st.sampled_from(span.months)))
    today = draw(st.sampled_from([date(2030, 1, 1), within, within - timedelta(days=9), within + timedelta(days=1)]))
    return span, today
