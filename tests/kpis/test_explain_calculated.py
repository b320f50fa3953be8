"""Cells of calculated KPIs, and of KPIs whose meaning was changed, explained."""

from __future__ import annotations

from datetime import date
from fractions import Fraction

import pytest

from accounts.company import company
from accounts.models import User
from core.periods import Month, Period
from customers.models import Tier
from kpis.models import Kpi
from kpis.reading.explanations import CellStory, explain_cell
from kpis.rollup.runs import roll_up_now
from kpis.services.definitions import change_meaning
from tests import factories
from tests.kept import kept

pytestmark = pytest.mark.django_db

TODAY = date(2026, 11, 22)
CELL = "/matrix/2026-Q3/nps/T1/"


def story(kpi: Kpi, tier: Tier, code: str = "2026-Q3") -> CellStory:
    roll_up_now()
    return explain_cell(Period.parse(code, company().calendar), kpi, tier, today=TODAY)


@kept
def gold() -> Tier:
    return factories.tier("T1", name="Gold")


@kept
def nps(gold: Tier) -> Kpi:
    """Promoters less detractors: 50 % − 20 % in July, 60 % − 20 % in September; August has no detractors."""
    share = {"unit": "percent", "customer_method": "ratio", "time_method": "pool", "decimals": 0}
    promoters = factories.kpi("promoters", name="Promoters", **share)
    detractors = factories.kpi("detractors", name="Detractors", **share)
    anna = factories.customer("anna", tier=gold)
    for month, above in ((202607, 5), (202608, 7), (202609, 6)):
        factories.fact(promoters, anna, month, above, 10)
    for month in (202607, 202609):
        factories.fact(detractors, anna, month, 2, 10)
    methods = {"unit": "score", "customer_method": "", "time_method": "", "formula": "promoters - detractors"}
    return factories.kpi("nps", name="NPS", decimals=0, **methods)


def test_a_calculated_value_says_its_formula_in_names_and_in_values(nps: Kpi, gold: Tier) -> None:
    assert story(nps, gold).how == "“Promoters” − “Detractors”: 60 % − 20 % = 40."


def test_a_calculated_value_names_its_inputs_and_has_no_months_of_its_own(nps: Kpi, gold: Tier) -> None:
    found = story(nps, gold)
    assert [(one.kpi.code, one.actual and one.actual.months_with_data) for one in found.inputs] == [
        ("promoters", 3),
        ("detractors", 2),
    ]
    assert (found.months, found.missing) == ({}, ())
    assert "as many months with data as the input that has the fewest" in found.notes[1]


def test_a_blank_input_is_named(nps: Kpi, gold: Tier) -> None:
    assert "There are no data for Detractors" in story(nps, gold, "2026-08").how


def test_a_division_by_zero_is_said(nps: Kpi, gold: Tier) -> None:
    methods = {"customer_method": "", "time_method": "", "formula": "promoters / (detractors - 20)"}
    assert "divides by zero" in story(factories.kpi("odd", **methods), gold).how


def test_the_trend_of_a_calculated_kpi_is_computed_month_by_month(nps: Kpi, gold: Tier) -> None:
    assert {point.month: point.actual for point in story(nps, gold).trend[-3:]} == {
        202607: Fraction(30),
        202608: None,
        202609: Fraction(40),
    }


def test_a_month_of_the_trend_keeps_what_the_kpi_meant_in_it(nps: Kpi, gold: Tier, stella: User) -> None:
    meaning = {"formula": "detractors", "direction": "lower"}
    change_meaning(kpi=nps, by=stella, meaning=meaning, from_month=Month(202609), reason="Nobody promotes us.")
    factories.target(nps, gold, 202601, 25)
    nps.refresh_from_db()
    trend = story(nps, gold).trend
    assert [(point.actual, point.meant.direction) for point in (trend[-3], trend[-1])] == [
        (Fraction(30), "higher"),
        (Fraction(20), "lower"),
    ]


def test_a_cell_before_a_change_is_explained_by_the_meaning_of_its_own_time(nps: Kpi, gold: Tier, stella: User) -> None:
    change_meaning(kpi=nps, by=stella, meaning={"formula": "detractors"}, from_month=Month(202610), reason="Shorter.")
    nps.refresh_from_db()
    assert story(nps, gold).how.startswith("“Promoters” − “Detractors”")


def test_the_page_of_a_calculated_cell_leads_to_the_cells_of_its_inputs(nps: Kpi, gold: Tier, stella: User) -> None:
    roll_up_now()
    browser = factories.signed_in(stella)
    text = browser.get(CELL).content.decode()
    assert 'href="/matrix/2026-Q3/promoters/T1/"' in text
    assert "60 % − 20 % = 40" in text
    assert browser.get(f"{CELL}chart.json").status_code == 200
