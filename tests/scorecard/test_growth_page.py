"""``/growth/``: who came, went and moved, what they are worth, and who they are."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.test import Client

from accounts.models import User
from customers.models import Customer
from tests import factories as make
from tests.kept import kept
from tests.scorecard.reading import text_of
from tests.scorecard.stage import Stage

PERIOD = "?period=2011-Q3"


@kept
def grown(stage: Stage) -> Customer:
    """ACME (gold) joins in 2010 and leaves in August; BRIX (silver) joins in August; a third moves down in July."""
    make.lifecycle_event(stage.acme, "2010-01-05", "joined")
    make.lifecycle_event(stage.acme, "2011-08-20", "left")
    make.lifecycle_event(stage.brix, "2011-08-10", "joined")
    mover = make.customer("MOVE", tier=stage.gold, name="Moving Goods")
    make.lifecycle_event(mover, "2010-02-01", "joined")
    make.member(mover, stage.silver, "2011-07-15")
    return mover


def test_the_first_sentence_says_who_came_went_and_moved(grown: Customer, browser: Client) -> None:
    text = text_of(browser.get(f"/growth/{PERIOD}"))
    assert "Quarter 3, 2011: 1 customer came, 1 went, as many on the book as before." in text
    assert "Those who went had brought €1,560 in their last twelve months; 1 moved from Gold to Silver." in text


def test_the_table_reads_as_the_sum_that_it_is(grown: Customer, browser: Client) -> None:
    text = text_of(browser.get(f"/growth/{PERIOD}"))
    assert "Gold 2 0 0 0 −1 −1 0 −2 Silver 0 +1 0 +1 0 0 2 +2 Untiered 0 0 0 0 0 0 0 0" in text
    assert "All customers 2 +1 0 – no moves −1 – no moves 2 0" in text
    assert "Opening + in − out = closing: holds in each row" in text


def test_value_is_of_the_months_since_and_of_the_last_twelve(grown: Customer, browser: Client) -> None:
    # BRIX 400 in August and September; ACME 320 in three months, 300 in July and August.
    assert "Gold 0 0 1 1,560 Silver 1 800 0 0" in text_of(browser.get(f"/growth/{PERIOD}"))


def test_months_of_the_quarter_and_the_book_stand_in_tables(grown: Customer, browser: Client) -> None:
    text = text_of(browser.get(f"/growth/{PERIOD}"))
    assert "July 2011 0 0 0 0 2 August 2011 1 0 1 0 2 September 2011 0 0 0 0 2" in text
    assert "Quarter 1, 2010 start of record 2 0 0 +2 2" in text


def test_a_contradiction_is_named(grown: Customer, browser: Client) -> None:
    make.lifecycle_event(grown, "2011-09-01", "joined")
    text = text_of(browser.get(f"/growth/{PERIOD}"))
    assert "Silver, Quarter 3, 2011: opening and flows make 3, and 2 are on the book." in text
    assert "holds in each row" not in text


def test_names_are_for_those_who_may_read_them(grown: Customer, browser: Client, omar: User, stage: Stage) -> None:
    assert "Acme <Ltd> Gold, 20 Aug 2011 1,560" in text_of(browser.get(f"/growth/{PERIOD}"))
    own = make.signed_in(omar)
    for address in ("/growth/", "/growth/customers/"):
        for what in ("came", "went", "moved"):
            text = text_of(own.get(f"{address}{PERIOD}&what={what}"))
            assert not any(name in text for name in ("Acme", "Brix", "Moving"))
    Customer.objects.filter(pk=stage.brix.pk).update(is_key_account=True, account_manager=omar)
    text = text_of(own.get(f"/growth/customers/{PERIOD}&what=came"))
    assert "Brix BRIX Silver 10 Aug 2011 800" in text
    assert "Your own customers alone." in text


def test_who_moved_is_listed_with_both_tiers(grown: Customer, browser: Client) -> None:
    assert "Moving Goods MOVE Gold Silver 15 Jul 2011" in text_of(
        browser.get(f"/growth/customers/{PERIOD}&what=moved&tier=T2")
    )
    assert "Nobody moved in Quarter 3, 2011 in Gold." in text_of(
        browser.get(f"/growth/customers/{PERIOD}&what=moved&tier=T1")
    )


@pytest.mark.parametrize(
    ("page", "asked", "label"),
    [
        ("/growth/", "kpi=nothing", "Valued by"),
        ("/growth/", "by=week", "Book by"),
        ("/growth/customers/", "kpi=nothing", "Valued by"),
        ("/growth/customers/", "tier=T9", "Tier"),
        ("/growth/customers/", "what=stayed", "Who"),
    ],
)
def test_what_no_list_can_be_asked_is_named_and_left_out(
    grown: Customer, browser: Client, page: str, asked: str, label: str
) -> None:
    whole, told = (text_of(browser.get(f"{page}{PERIOD}{query}")) for query in ("", f"&{asked}"))
    note = told[told.index(f"{label}: ") :].partition("It was left out.")[0]
    assert 0 < len(note) < 120
    assert "It was left out." not in whole
    assert told.replace(f"{note}It was left out. ", "") == whole


def test_the_download_has_the_columns_of_the_api(grown: Customer, browser: Client) -> None:
    csv = b"".join(browser.get(f"/growth/export/csv/{PERIOD}").streaming_content).decode("utf-8-sig").splitlines()  # type: ignore[attr-defined]
    rows = browser.get(f"/api/v1/growth/{PERIOD}").json()["rows"]
    assert csv == [",".join(rows[0]), *(",".join(map(str, row.values())) for row in rows)]
    assert browser.get(f"/growth/export/xlsx/{PERIOD}")["Content-Disposition"].endswith('growth-2011-Q3.xlsx"')
    assert browser.get(f"/growth/export/pdf/{PERIOD}").status_code == 404


def test_moves_are_in_no_bar(grown: Customer, browser: Client) -> None:
    traces = json.loads(browser.get(f"/growth/chart.json{PERIOD}").content)["figure"]["data"]
    assert {one["name"]: one["x"] for one in traces} == {"joined": [0, 1], "returned": [0, 0], "left": [-1, 0]}


def test_the_start_of_the_record_is_hatched_and_has_no_bar(grown: Customer, browser: Client) -> None:
    figure = json.loads(browser.get(f"/growth/chart.json{PERIOD}&of=book").content)["figure"]
    names = figure["layout"]["xaxis"]["ticktext"]
    by_name = {one["name"]: one["y"] for one in figure["data"]}
    start = names.index("Q1 10<br><b>start</b>")
    assert by_name["joined"][start] == 0
    assert by_name["start of record, or to date"][start] > 0
    assert by_name["joined"][names.index("Q3 11<br><b>0</b>")] == 1


def test_without_any_event_the_page_says_how_to_begin(stage: Stage, browser: Client) -> None:
    assert "Nobody has joined, left or returned yet" in text_of(browser.get("/growth/"))


def test_what_has_not_begun_is_said(grown: Customer, browser: Client) -> None:
    assert "Quarter 4, 2199 has not begun." in text_of(browser.get("/growth/?period=2199-Q4"))
    assert browser.get("/api/v1/growth/?period=2199-Q4").json() == {"period": "2199-Q4", "rows": []}


def test_the_api_wants_a_period_and_knows_no_edition_yet(grown: Customer, browser: Client) -> None:
    assert browser.get("/api/v1/growth/").status_code == 422
    assert browser.get(f"/api/v1/growth/{PERIOD}&edition=1").status_code == 404


def test_many_customers_cost_as_many_queries_as_few(
    grown: Customer, stage: Stage, browser: Client, django_assert_max_num_queries: Any
) -> None:
    with django_assert_max_num_queries(36) as few:
        browser.get(f"/growth/{PERIOD}&by=month")
    for _ in range(20):
        make.lifecycle_event(make.customer(tier=stage.gold), "2011-08-01", "joined")
    with django_assert_max_num_queries(len(few)):
        browser.get(f"/growth/{PERIOD}&by=year")
