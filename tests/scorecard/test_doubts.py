"""What matrix and cell say of months that look incomplete, and of those that are still to be confirmed."""

from __future__ import annotations

import re

import pytest
from django.test import Client

from accounts.models import User
from kpis.models import Kpi
from kpis.rollup.runs import roll_up_now
from tests import factories
from tests.kept import kept

pytestmark = pytest.mark.django_db

WORDS = "August looks incomplete: 1 fact, usually about 4"


@kept
def visits(company: object) -> Kpi:
    """Four customers in each month but August; the sum of them is half of a calculated KPI."""
    gold, kpi = factories.tier("T1"), factories.kpi("visits")
    factories.kpi("half", formula="visits / 2", customer_method="", time_method="")
    customers = [factories.customer(tier=gold) for _ in range(4)]
    for month in (*range(201104, 201108), 201109):
        for customer in customers:
            factories.fact(kpi, customer, month, 1)
    factories.fact(kpi, customers[0], 201108, 1)
    factories.target(kpi, gold, 201101, 1)
    return kpi


def text(person: User, url: str) -> str:
    roll_up_now()
    answer = factories.signed_in(person).get(url)
    return " ".join(re.sub(r"<[^>]*>", " ", answer.content.decode()).split())


def test_matrix_and_cell_say_that_a_month_looks_incomplete(visits: Kpi, ines: User) -> None:
    shown = text(ines, "/matrix/2011-Q3/")
    assert shown.count(f"thin : {WORDS}") == 1
    assert shown.count(f"thin : Visits: {WORDS}") == 1  # what is calculated from it names it
    assert shown.count(WORDS) == 6  # at each KPI, and on the card of each cell
    assert WORDS in text(ines, "/matrix/2011-Q3/visits/T1/")
    assert f"Visits: {WORDS}" in text(ines, "/matrix/2011-Q3/half/all/")
    answer = factories.signed_in(ines).get("/api/v1/matrix/?period=2011-Q3").json()
    assert [cell["thin"] for row in answer["rows"] for cell in row["cells"]] == [["2011-08"]] * 4


def test_matrix_and_cell_say_that_a_value_is_provisional(visits: Kpi, ines: User) -> None:
    Kpi.objects.update(complete_when="marked")
    factories.complete_month(visits, 201107)
    factories.complete_month(visits, 201109)
    assert "provisional: 2 of 3 months confirmed" in text(ines, "/matrix/2011-Q3/")
    cell = text(ines, "/matrix/2011-Q3/visits/T1/")
    assert "There is a verdict once all months are marked complete" in cell
    assert "Still to be marked complete: August 2011." in cell
    assert "2 of 3 months confirmed" in cell
    calculated = text(ines, "/matrix/2011-Q3/half/T1/")
    assert "Provisional: months of Visits are still to be marked complete." in calculated
    answer = factories.signed_in(ines).get("/api/v1/matrix/?period=2011-Q3").json()
    assert {cell["provisional"] for row in answer["rows"] for cell in row["cells"]} == {True}
    assert {cell["variance"] for row in answer["rows"] for cell in row["cells"]} == {None}


def test_the_kpis_page_and_form_say_and_take_both(visits: Kpi, stella: User) -> None:
    browser: Client = factories.signed_in(stella)
    form = {
        "code": "calls",
        "name": "Calls",
        "indicator": "leading",
        "unit": "number",
        "direction": "higher",
        "customer_method": "sum",
        "time_method": "sum",
        "decimals": "0",
        "absent": "missing",
    }
    said = {"source": "facts", "complete_when": "marked"}
    made = browser.post("/api/v1/kpis/", form | said, content_type="application/json").json()
    assert (made["source"], made["complete_when"]) == ("facts", "marked")
    edited = browser.post("/kpis/calls/edit/", form | {"seen": made["revision"], "source": "tier_actuals"})
    kpi = Kpi.objects.get(code="calls")
    assert (edited.status_code, kpi.source, kpi.complete_when) == (302, "tier_actuals", "marked")
    page = text(stella, "/kpis/calls/")
    assert "It takes actuals entered per tier." in page
    assert "once a steward has marked them complete" in page
    bad = form | said | {"code": "twice", "formula": "visits * 2", "customer_method": "", "time_method": ""}
    refused = browser.post("/api/v1/kpis/", bad, content_type="application/json")
    assert (refused.status_code, "source" in refused.content.decode()) == (422, True)
