"""A small company with rolled-up cells, for the pages' tests: two tiers, and a KPI for each thing to see."""

from __future__ import annotations

from dataclasses import dataclass

from customers.models import Customer, Tier
from kpis.choices import CustomerMethod, Direction, Indicator, TimeMethod, Trigger, Unit
from kpis.models import Kpi, RollupRun
from kpis.rollup.runs import roll_up_now
from tests import factories as make

QUARTER = (201107, 201108, 201109)
BEFORE = (201104, 201105, 201106)


@dataclass(frozen=True)
class Stage:
    """The pieces that tests name."""

    gold: Tier
    silver: Tier
    acme: Customer
    brix: Customer
    revenue: Kpi
    repeats: Kpi
    run: RollupRun


def set_stage() -> Stage:
    """Revenue (trailing, sum: gold 900 of 1,000 each month missed, silver met) and repeat contacts
    (leading, a pooled percentage where lower is better: gold 20 % of at most 10, silver without target),
    in the second and third quarter of 2011, rolled up.
    """
    gold, silver = make.tier("T1", name="Gold"), make.tier("T2", name="Silver")
    acme, brix = make.customer("ACME", tier=gold, name="Acme <Ltd>"), make.customer("BRIX", tier=silver, name="Brix")
    revenue = make.kpi(
        "revenue", name="Revenue", unit=Unit.CURRENCY, currency="EUR", decimals=0, department=make.department("sales")
    )
    repeats = make.kpi(
        "repeats",
        name="Repeat <contacts>",
        indicator=Indicator.LEADING,
        unit=Unit.PERCENT,
        direction=Direction.LOWER,
        customer_method=CustomerMethod.RATIO,
        time_method=TimeMethod.POOL,
        decimals=1,
        department=make.department("service", name="Customer service"),
    )
    for month in (*BEFORE, *QUARTER):
        late = month in QUARTER
        make.fact(revenue, acme, month, 300 if late else 320)
        make.fact(revenue, brix, month, 400)
        make.fact(repeats, acme, month, 20 if late else 15, 100)
        make.fact(repeats, brix, month, 5, 100)
    make.target(revenue, gold, 201104, 1000, per="quarter")
    make.target(revenue, gold, 201107, 1100, per="quarter")
    make.target(revenue, silver, 201107, 1200, per="quarter")
    make.target(repeats, gold, 201104, 10)
    run = roll_up_now(trigger=Trigger.COMMAND)
    assert run
    return Stage(gold, silver, acme, brix, revenue, repeats, run)
