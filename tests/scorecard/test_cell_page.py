"""``/matrix/PERIOD/KPI/TIER/``: one cell explained."""

import re
from decimal import Decimal

import pytest
from django.test import Client

from accounts.models import User
from core.periods import Month
from kpis.models import Kpi
from kpis.rollup.runs import roll_up_now
from kpis.services.actuals import Entry, enter_actuals
from kpis.services.definitions import change_meaning
from tests import factories as make
from tests.scorecard.reading import text_of
from tests.scorecard.stage import Stage

URL = "/matrix/2011-Q3/repeats/T1/"
SPLIT = f"{URL}split/"


def test_the_page_says_what_happened_in_a_sentence(stage: Stage, browser: Client) -> None:
    assert "■ missed Gold missed its target: 20.0 %, at most 10 %." in text_of(browser.get(URL))


def test_its_numbers_are_those_of_the_matrix(stage: Stage, browser: Client) -> None:
    text = text_of(browser.get(URL))
    for words in (
        "Variance +10.0 points",
        "50.0 % attained",
        "Since Quarter 2, 2011 +5.0 points worse",
        "3 of 3 months 3 facts",
    ):
        assert words in text


def test_it_says_that_no_change_is_shown_because_the_meaning_changed(
    stage: Stage, browser: Client, stella: User
) -> None:
    kpi = Kpi.objects.get(code="repeats")
    change_meaning(
        kpi=kpi, by=stella, meaning={"direction": "higher"}, from_month=Month(201107), reason="Turned round."
    )
    text = text_of(browser.get(URL))
    assert "Since Quarter 2, 2011 – not shown: what the KPI means has changed in between" in text
    assert "There is no change to split: what the KPI means has changed in between." in text_of(browser.get(SPLIT))


def test_the_trend_is_a_table_first(stage: Stage, browser: Client) -> None:
    text = text_of(browser.get(URL))
    assert "Sep 2011 20.0 % at most ≤ 10 % ■ missed" in text
    assert "Jun 2011 15.0 % at most ≤ 10 % ■ missed" in text
    assert "Mar 2011 – – – no data" in text


def test_how_the_value_came_about_is_told_with_its_components(stage: Stage, browser: Client) -> None:
    text = text_of(browser.get(URL))
    assert "60 of 300, pooled over July to September 2011: 20.0 %." in text
    assert "July 2011 20 100 1 fact" in text


def test_who_made_the_difference_is_asked_for_apart_and_named_to_those_who_may_read(
    stage: Stage, browser: Client, omar: User
) -> None:
    apart = f"{URL}difference/"
    assert f'hx-get="{apart}"' in browser.get(URL).content.decode()
    text = text_of(browser.get(apart, headers={"HX-Request": "true"}))
    assert "Acme <Ltd> ACME 45 of 300: 15.00 % 60 of 300: 20.00 % +5.00 points" in text
    assert "1 of 1 customer gives +5.00 points of +5.00 points." in text
    assert "Acme" not in text_of(make.signed_in(omar).get(apart))


def test_a_customer_leads_to_its_facts_of_all_months(stage: Stage, browser: Client, omar: User) -> None:
    link = "/facts/?kpi=repeats&customer=ACME"
    assert link.replace("&", "&amp;") in browser.get(f"{URL}difference/").content.decode()
    text = text_of(browser.get(link))
    assert "Acme <Ltd> ACME Sep 2011 20 100" in text
    assert "Brix" not in text
    assert "Acme" not in text_of(make.signed_in(omar).get(link))


def test_months_lead_to_their_facts(stage: Stage, browser: Client) -> None:
    assert (
        'href="/facts/?kpi=repeats&amp;tier=T1&amp;month=2011-07&amp;period=2011-Q3"'
        in browser.get(URL).content.decode()
    )


def test_the_picker_stays_with_the_cell(stage: Stage, browser: Client) -> None:
    assert 'href="/matrix/2011-Q2/repeats/T1/"' in browser.get(URL).content.decode()


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("/matrix/2011-Q3/nothing/T1/", "There is no KPI “nothing”."),
        ("/matrix/2011-Q3/repeats/T9/", "There is no customer tier “T9”."),
        ("/matrix/2011-Q9/repeats/T1/", "“2011-Q9” is no period"),
    ],
)
def test_a_wrong_address_says_what_is_wrong(stage: Stage, browser: Client, url: str, words: str) -> None:
    for address in (url, f"{url}chart.json"):
        response = browser.get(address)
        assert response.status_code == 404
        assert words in text_of(response)


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("/matrix/2011-Q3/repeats/T2/", "Silver: 5.0 %. No target has been approved for Quarter 3, 2011."),
        ("/matrix/2005-Q3/repeats/T1/", "Gold: there are no data for Quarter 3, 2005."),
        ("/matrix/2011-Q3/revenue/T2/", "Silver met its target: €1,200, at least €1,200."),
        ("/matrix/2011/revenue/T1/", "Gold: €1,860. No target has been approved for Year 2011."),
        ("/matrix/2011-Q3/revenue/all/", "All customers came near their target: €2,100, at least €2,300."),
    ],
)
def test_every_status_has_its_sentence(stage: Stage, browser: Client, url: str, words: str) -> None:
    assert words in text_of(browser.get(url))


def aims(browser: Client, period: str) -> list[str]:
    """The rows that gold's target of revenue is made of, by the end of the addresses of their histories."""
    page = browser.get(f"/matrix/{period}/revenue/T1/").content.decode().partition('class="railed"')[0]
    return re.findall(r'href="/targets/revenue/T1/([^"]+)/"', page)


@pytest.mark.parametrize(
    ("period", "rows"),
    [
        ("2011-Q3", ["quarter/2011-07"]),
        ("2011-08", ["quarter/2011-07"]),
        ("2011-Q4", ["month/2011-10", "month/2011-12"]),
        ("2011-11", ["month/2011-10"]),
        ("2012", ["year/2012-01"]),
        ("2012-Q1", ["year/2012-01"]),
        ("2011", []),
        ("2013", []),
    ],
)
def test_a_target_leads_to_the_history_of_each_row_that_it_is_made_of(
    stage: Stage, browser: Client, period: str, rows: list[str]
) -> None:
    make.target(stage.revenue, stage.gold, 201110, 100)
    make.target(stage.revenue, stage.gold, 201112, 200, until_month=201112)
    make.target(stage.revenue, stage.gold, 201201, 4000, per="year")
    make.target(stage.revenue, stage.gold, 201204, 4000, per="quarter", state="draft")
    assert aims(browser, period) == rows


def test_the_target_of_all_customers_says_where_it_comes_from(stage: Stage, browser: Client) -> None:
    address = "/matrix/2011-Q3/revenue/all/"
    assert "the tiers’ targets added up" in text_of(browser.get(address))
    make.target(stage.revenue, make.all_customers(), 201107, 2200, per="quarter")
    assert "set per quarter from Jul 2011" in text_of(browser.get(address))


def test_what_was_corrected_is_told_with_its_reason_and_who(stage: Stage, browser: Client, omar: User) -> None:
    score = make.kpi("score", customer_method="mean", time_method="pool", decimals=1, owner=omar)
    make.tier_actual(score, stage.gold, 201107, 30, 4)
    roll_up_now()
    address = "/matrix/2011-Q3/score/T1/"
    assert "was corrected" not in text_of(browser.get(address))
    assert "Enter the actuals of these months, and the number is whole." in text_of(browser.get(address))
    seen = (Decimal(30), Decimal(4))
    entry = Entry(stage.gold, Decimal(32), Decimal(4), reason="Two came <late>", seen=seen)
    enter_actuals(kpi=score, month=Month(201107), entries=[entry], by=omar)
    roll_up_now()
    words = f"July 2011 was corrected: 30 of 4: 7.5 became 32 of 4: 8.0 (“Two came <late>”, {omar})."
    assert words in text_of(browser.get(address))
    assert "was corrected" not in text_of(browser.get("/matrix/2011-Q2/score/T1/"))


def test_who_signs_in_again_gets_a_form_that_can_be_sent(stage: Stage, browser: Client, ines: User) -> None:
    again = make.signed_in(ines)
    for one in (browser, again):
        one.get(URL)
    seen = {"If-None-Match": browser.get(URL)["ETag"]}
    assert browser.get(URL, headers=seen).status_code == 304
    assert again.get(URL, headers=seen).status_code == 200
