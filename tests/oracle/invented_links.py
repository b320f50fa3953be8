"""Invents changes of two KPIs by tier, with gaps and often a link at one lag, and companies with a link of them."""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from random import Random

from hypothesis import strategies as st
from hypothesis.strategies import DrawFn

from tests.oracle.company import Company, Fact, Kpi, Membership, Tier
from tests.oracle.links import Link
from tests.oracle.months import later, run_of

MONTHS = run_of(201101, 30)
seeds = st.integers(0, 2**32 - 1)


@st.composite
def links(draw: DrawFn) -> Link:
    """A link between the KPIs ``a`` and ``b``, of some lags."""
    first, last = sorted((draw(st.integers(0, 6)), draw(st.integers(0, 6))))
    undecided = draw(st.integers(0, 4)) == 0
    return Link("a", "b", draw(st.sampled_from(["same", "opposite"])), tuple(range(first, last + 1)), undecided)


@st.composite
def tiers_of_changes(draw: DrawFn) -> tuple[Link, dict[str, dict[int, Fraction]], dict[str, dict[int, Fraction]]]:
    """A link, and the changes of the leading and of the trailing KPI by tier and month."""
    link = draw(links())
    invented = Random(draw(st.integers(0, 2**32 - 1)))
    leading: dict[str, dict[int, Fraction]] = {}
    trailing: dict[str, dict[int, Fraction]] = {}
    strength, lag, values = invented.choice([0, 0, 1, 3]), invented.choice(link.lags), invented.choice([1, 4, 4, 300])
    for tier in ("A", "B", "C")[: invented.randint(1, 3)]:
        leading[tier] = series(invented, values)
        noise = series(invented, values)
        trailing[tier] = {
            month: one + (strength if link.sign == "same" else -strength) * leading[tier].get(later(month, -lag), 0)
            for month, one in noise.items()
        }
    return link, leading, trailing


def series(invented: Random, values: int) -> dict[int, Fraction]:
    """Changes of most months."""
    often = invented.choice([0.8, 0.97, 1.0])
    return {month: Fraction(invented.randint(-values, values), 10) for month in MONTHS if invented.random() < often}


def linked_company(seed: int) -> tuple[Company, Link, int, date]:
    """A company of one to four tiers with the KPIs ``a`` and ``b``, a link of them, the last ended month, and today.

    In some companies ``b`` follows ``a`` some months later, in some there is a season, a step, a tier that is retired.
    """
    invented = Random(seed)
    today = invented.choice([date(2013, 7, 1), date(2013, 7, 20), date(2013, 12, 1)])
    last = 201306 if today.month == 7 else 201311
    tiers = [Tier(f"T{number}", number) for number in range(1, invented.randint(1, 4) + 1)]
    if invented.random() < 0.2:
        tiers[-1] = Tier(tiers[-1].code, len(tiers), invented.choice([201304, 201310]))
    company = Company(tiers=tiers, kpis=[make_kpi(invented, "a", "leading"), make_kpi(invented, "b", "trailing")])
    strength, lag = invented.choice([0, 1, 3]), invented.randint(0, 6)
    for tier in tiers:
        company.memberships.append(Membership(tier.code, date(2000, 1, 1), tier.code))
        add_facts(invented, company, tier, strength if invented.random() < 0.8 else 0, lag)
    for kpi in ("a", "b"):
        if invented.random() < 0.2:
            company.steps.append((kpi, invented.choice([None, "T1"]), invented.choice([201012, 201106, 201303])))
    sign = "same" if invented.random() < 0.7 else "opposite"
    link = Link("a", "b", sign, tuple(range(invented.choice([0, 0, 2]), 7)), invented.random() < 0.2)
    return company, link, last, today


def make_kpi(invented: Random, code: str, indicator: str) -> Kpi:
    """A sum or a mean of facts; now and then seasonal, or with months that must be confirmed."""
    return Kpi(
        code,
        invented.choice(["sum", "mean"]),
        "pool",
        direction=invented.choice(["higher", "lower"]),
        indicator=indicator,
        complete_when=invented.choice(["any"] * 7 + ["marked"]),
        seasonal=invented.random() < 0.2,
    )


def add_facts(invented: Random, company: Company, tier: Tier, strength: int, lag: int) -> None:
    """One customer's facts in most months of three years and more; those of ``b`` follow those of ``a``."""
    months = run_of(201007, 41)
    often = invented.choice([0.9, 1.0, 1.0])
    leading = {month: invented.randint(0, 60) for month in months}
    numbers = {
        "a": leading,
        "b": {m: invented.randint(0, 40) + strength * leading.get(later(m, -lag), 0) for m in months},
    }
    for kpi, of in numbers.items():
        rows = [Fact(kpi, tier.code, m, Fraction(one, 10)) for m, one in of.items() if invented.random() < often]
        company.facts += [row for row in rows if tier.retired_from is None or row.month < tier.retired_from]
        if company.kpi(kpi).complete_when == "marked":
            company.complete_months += [(kpi, month) for month in months if (kpi, month) not in company.complete_months]
