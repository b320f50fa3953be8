"""``/growth/value/``: what a tier is worth, from the KPIs that a steward named, beside what is done for it."""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.test import Client

from accounts.models import AuditEntry, User
from core.periods import FiscalCalendar, Month, Period
from initiatives.choices import BenefitState, Stage
from kpis.choices import CustomerMethod, Direction, TimeMethod, Unit, ValueRole
from kpis.models import Kpi, ValueKpis
from kpis.rollup.runs import roll_up_now
from kpis.services.definitions import retire_kpi
from kpis.services.value import name_value_kpis
from scorecard.pages.value import share_decimals
from scorecard.reading.growth import value_kpis
from scorecard.reading.value import read_value
from tests import factories as make
from tests.kept import kept
from tests.scorecard.reading import text_of
from tests.scorecard.stage import Stage as Company

PERIOD = "?period=2011-Q3"
QUARTER = Period.parse("2011-Q3", FiscalCalendar())
TODAY = date(2012, 1, 1)


@kept
def support(stage: Company) -> Kpi:
    """The cost of support: ACME (gold) 41, BRIX (silver) 58 and one without a tier 1 in September."""
    found = make.kpi("support", name="Cost of support", unit=Unit.CURRENCY, direction=Direction.LOWER)
    for customer, amount in ((stage.acme, 41), (stage.brix, 58), (make.customer("NONE"), 1)):
        make.fact(found, customer, 201109, amount)
    roll_up_now()
    return found


def named(stage: Company, steward: User, **more: Kpi) -> None:
    name_value_kpis(by=steward, named={"revenue": stage.revenue, **more})


def test_shares_are_of_all_customers_and_each_is_per_customer_on_the_book(
    stage: Company, support: Kpi, stella: User
) -> None:
    named(stage, stella, cost=support)
    make.lifecycle_event(stage.acme, "2010-01-01", "joined")
    make.lifecycle_event(stage.brix, "2010-01-01", "joined")
    make.lifecycle_event(make.customer(tier=stage.gold), "2011-09-30", "joined")
    make.lifecycle_event(make.customer(tier=stage.gold), "2011-10-01", "joined")
    found = {row.tier.code: row for row in read_value(QUARTER, TODAY).rows}
    revenue, cost = (
        {code: row.worth[role] for code, row in found.items()} for role in (ValueRole.REVENUE, ValueRole.COST)
    )
    assert {code: row.customers for code, row in found.items()} == {"T1": 2, "T2": 1, "untiered": 0, "all": 3}
    assert (revenue["T1"].value, revenue["T1"].share, revenue["T1"].each) == (900, Fraction(900, 2100), 450)
    assert [cost[code].share for code in ("T1", "T2", "untiered", "all")] == [
        *(Fraction(41, 100), Fraction(58, 100), Fraction(1, 100), Fraction(1))
    ]
    assert cost["untiered"].each is None


def test_without_events_customers_with_a_fact_are_counted(stage: Company, stella: User) -> None:
    named(stage, stella)
    found = read_value(QUARTER, TODAY)
    assert found.by_facts
    assert [row.customers for row in found.rows] == [1, 1, 2]


def test_a_kpi_that_does_not_sum_customers_has_no_share(stage: Company, stella: User) -> None:
    named(stage, stella, margin=stage.repeats)
    worth = read_value(QUARTER, TODAY).rows[0].worth[ValueRole.MARGIN]
    assert worth.value is not None
    assert (worth.share, worth.each) == (None, None)


def test_the_heading_tells_the_tier_that_takes_more_than_it_brings(
    stage: Company, support: Kpi, stella: User, browser: Client
) -> None:
    named(stage, stella, cost=support)
    work = make.initiative("faster", stage=Stage.IN_PROGRESS, started_on=date(2011, 1, 1), cost=300)
    work.tiers.add(stage.silver)
    make.initiative("other", stage=Stage.IN_PROGRESS, started_on=date(2011, 1, 1), cost=100, customer_focused=False)
    make.benefit(work, value_per_year=1_200, from_month=201107, state=BenefitState.APPROVED)
    text = text_of(browser.get(f"/growth/value/{PERIOD}"))
    assert "Silver: 58 % of the cost of support, 57 % of the revenue. 1 running initiative is for it, 75 %" in text
    assert "Silver 1 1,200 57 % 1,200 58.00 58 % 58.00 1 300 75 % 1,200 0" in text
    rows = b"".join(browser.get(f"/growth/value/export/csv/{PERIOD}").streaming_content).decode("utf-8-sig")  # type: ignore[attr-defined]
    assert "T2,1,1200.0,57.1429,1200.0,,,,58.0,58.0,58.0,1,300.0,75.0,1200.0,0.0" in rows
    assert browser.get(f"/growth/value/chart.json{PERIOD}").status_code == 200


def test_without_a_named_kpi_the_page_says_how_to_begin(stage: Company, browser: Client) -> None:
    assert "no KPI says yet what a tier is worth" in text_of(browser.get(f"/growth/value/{PERIOD}"))
    assert browser.get(f"/growth/value/chart.json{PERIOD}").status_code == 200


def test_a_steward_names_them_and_the_audit_keeps_it(stage: Company, stella: User, ines: User) -> None:
    form = make.signed_in(stella).get("/growth/value/kpis/").context["form"]
    sent = {"seen": form["seen"].value(), "revenue": stage.revenue.pk, "margin": "", "cost": ""}
    assert make.signed_in(stella).post("/growth/value/kpis/", sent).status_code == 302
    entry = AuditEntry.objects.get(object_type="kpis.valuekpis")
    assert entry.after == {"revenue": "revenue"}
    assert make.signed_in(stella).post("/growth/value/kpis/", sent | {"revenue": ""}).status_code == 409
    assert ValueKpis.objects.get().revenue == stage.revenue
    with pytest.raises(PermissionDenied):
        name_value_kpis(by=ines, named={"revenue": None})


def test_drafts_retired_ones_and_one_for_two_parts_are_refused(stage: Company, stella: User) -> None:
    retired = make.kpi("old", retired_from=201101)
    for parts in ({"margin": stage.revenue}, {"cost": make.kpi("new", state="draft")}, {"cost": retired}):
        with pytest.raises(ValidationError):
            named(stage, stella, **parts)


def test_a_retired_kpi_one_without_cells_and_a_calculated_one_are_shown_as_far_as_they_say_anything(
    stage: Company, stella: User, browser: Client
) -> None:
    calculated = make.kpi(
        "net", name="Net", unit=Unit.CURRENCY, formula="revenue - margin", customer_method="", time_method=""
    )
    named(stage, stella, margin=make.kpi("margin", name="Margin", unit=Unit.CURRENCY), cost=calculated)
    retire_kpi(kpi=stage.revenue, by=stella, from_month=Month(201109), reason="Told by net.")
    roll_up_now()
    found = read_value(QUARTER, TODAY)
    assert [role.value for role in found.kpis] == ["revenue", "margin", "cost"]
    assert [one.value for one in found.rows[-1].worth.values()] == [1400, None, None]
    for period in ("2011-Q3", "2011-09", "2012-Q4"):
        for address in ("", "chart.json", "export/csv/"):
            answer = browser.get(f"/growth/value/{address}?period={period}")
            assert answer.status_code == 200, (period, address)
    partial = "Revenue: 2 of 3 months have data; its sums and shares are of these alone."
    assert partial in text_of(browser.get(f"/growth/value/{PERIOD}"))
    said = "Revenue is retired from September 2011 on: it says nothing from then on."
    assert said not in text_of(browser.get("/growth/value/?period=2011-Q2"))
    assert said in text_of(browser.get(f"/growth/value/{PERIOD}"))


def test_growth_values_customers_by_the_revenue_that_was_named(stage: Company, stella: User) -> None:
    trailing = make.kpi("ttm", unit=Unit.CURRENCY, time_method=TimeMethod.TTM, facts_of=stage.revenue)
    name_value_kpis(by=stella, named={"revenue": trailing})
    assert value_kpis() == [trailing, stage.revenue]
    mean = make.kpi("mean", unit=Unit.CURRENCY, customer_method=CustomerMethod.MEAN)
    name_value_kpis(by=stella, named={"revenue": mean})
    assert value_kpis() == [stage.revenue]


def test_shares_have_the_decimals_that_let_them_add_up() -> None:
    assert share_decimals([Fraction(1, 2), Fraction(1, 2)]) == 0
    assert share_decimals([Fraction(1, 3)] * 3) == 1
    assert share_decimals([Fraction(share, 10_000) for share in (6536, 2285, 1044, 135)]) == 2
    assert share_decimals([]) == 0


def test_more_initiatives_and_customers_cost_no_more_queries(
    stage: Company, support: Kpi, stella: User, django_assert_max_num_queries: Any
) -> None:
    named(stage, stella, cost=support)
    make.benefit(make.initiative("first", stage=Stage.IN_PROGRESS, started_on=date(2011, 1, 1)))
    with django_assert_max_num_queries(24) as few:
        read_value(QUARTER, TODAY)
    for number in range(5):
        make.initiative(f"more{number}", stage=Stage.IN_PROGRESS, started_on=date(2011, 1, 1))
        make.fact(support, make.customer(tier=stage.gold), 201109, 1)
    with django_assert_max_num_queries(len(few)):
        read_value(QUARTER, TODAY)
