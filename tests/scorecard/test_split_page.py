"""``/matrix/PERIOD/KPI/TIER/split/``: what a change is made of, in words, as a waterfall and in a table."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.core.cache import caches
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from customers.models import Tier
from kpis.models import Kpi
from kpis.reading.changes import explain_change
from kpis.rollup.runs import roll_up_now
from tests import factories as make
from tests.scorecard.reading import text_of
from tests.scorecard.stage import Stage

URL = "/matrix/2011-Q3/repeats/T1/split/"


def test_the_parts_are_told_with_their_customers_and_add_up(stage: Stage, browser: Client) -> None:
    text = text_of(browser.get(URL))
    assert "Gold went from 15.0 % in Quarter 2, 2011 to 20.0 %: +5.0 points." in text
    assert "What weighs most: stayed in Gold, +5.0 points." in text
    assert "stayed in Gold 1 customer, 1 before +5.0 points +5.0 points 0.0 points" in text
    assert "the change +5.0 points" in text


def test_the_cell_asks_for_it_apart_and_links_to_it_without_javascript(stage: Stage, browser: Client) -> None:
    page = browser.get("/matrix/2011-Q3/repeats/T1/").content.decode()
    assert f'hx-get="{URL}"' in page
    assert f'<a href="{URL}">Split the change</a>' in page
    assert "same customers" not in page


def test_a_browser_that_holds_the_part_gets_the_page_when_it_opens_the_link(stage: Stage, browser: Client) -> None:
    part = browser.get(URL, headers={"HX-Request": "true"})
    page = browser.get(URL, headers={"If-None-Match": part["ETag"]})
    assert page.status_code == 200
    assert b"<h1" in page.content


def test_htmx_gets_the_part_alone_and_each_is_kept_apart(stage: Stage, browser: Client) -> None:
    whole, part = browser.get(URL), browser.get(URL, headers={"HX-Request": "true"})
    assert part.content.decode().strip().startswith("<section")
    assert "<html" in whole.content.decode()
    assert "HX-Request" in part["Vary"]


def test_it_is_compared_with_a_year_ago_where_that_is_asked(stage: Stage, browser: Client) -> None:
    for month in (201007, 201008, 201009):
        make.fact(stage.repeats, stage.acme, month, 10, 100)
    roll_up_now()
    assert f'href="{URL}?against=year_ago"' in browser.get(URL).content.decode()
    text = text_of(browser.get(f"{URL}?against=year_ago"))
    assert "Gold went from 10.0 % in Quarter 3, 2010 to 20.0 %: +10.0 points." in text


def test_another_comparison_is_not_found(stage: Stage, browser: Client) -> None:
    answer = browser.get(f"{URL}?against=budget")
    assert answer.status_code == 404
    assert "?against=year_ago" in text_of(answer)


def simpson(lower: str = "lower") -> Kpi:
    """A rate that rises in each tier and falls in all, for Bronze grew from half to nine tenths of the whole."""
    silver, bronze = make.tier("T1", name="Silver"), make.tier("T4", name="Bronze")
    rate = make.kpi("rate", customer_method="ratio", time_method="pool", unit="percent", decimals=1, direction=lower)
    one, other = make.customer("one", tier=silver), make.customer("other", tier=bronze)
    for month, parts in ((201108, ((60, 100), (10, 100))), (201109, ((7, 10), (18, 90)))):
        for customer, (above, below) in zip((one, other), parts, strict=True):
            make.fact(rate, customer, month, above, below)
    roll_up_now()
    return rate


@pytest.mark.parametrize(
    ("direction", "words"),
    [
        ("lower", "Higher in each tier, lower in all customers (worse in each tier, better in all): "),
        ("higher", "Higher in each tier, lower in all customers (better in each tier, worse in all): "),
        ("range", "Higher in each tier, lower in all customers: "),
    ],
)
def test_a_reversal_is_said_first_with_its_cause(db: None, browser: Client, direction: str, words: str) -> None:
    simpson(direction)
    text = text_of(browser.get("/matrix/2011-09/rate/all/split/"))
    told = f"{words}Bronze went from 50.0 % to 90.0 % of the denominators’ sum."
    assert told in text
    assert text.index(told) < text.index("All customers went from 35.0 % in August 2011 to 25.0 %: −10.0 points.")


def figure(browser: Client, url: str) -> dict[str, Any]:
    """The chart of a page, as the browser draws it."""
    loaded: dict[str, Any] = json.loads(browser.get(f"{url}chart.json").content)["figure"]
    return loaded


def test_the_waterfall_ends_where_the_change_does(db: None, browser: Client) -> None:
    simpson()
    trace = figure(browser, "/matrix/2011-09/rate/all/split/")["data"][0]
    assert (trace["type"], len(trace["x"])) == ("bar", 3)
    steps = list(zip(trace["base"], trace["x"], strict=True))
    assert steps[0][0] == 0
    assert steps[1][0] == pytest.approx(steps[0][1])
    assert steps[2] == (0, pytest.approx(-10.0))
    assert steps[1][0] + steps[1][1] == pytest.approx(-10.0)


def test_more_decimals_are_shown_where_rounded_parts_would_not_add_up(db: None, browser: Client) -> None:
    gold = make.tier("T1", name="Gold")
    mean = make.kpi("mean", customer_method="mean", time_method="pool", decimals=0)
    for name, before, now in (("a", 1, "1.4"), ("b", 1, None), ("c", None, "1.8")):
        customer = make.customer(name, tier=gold)
        if before is not None:
            make.fact(mean, customer, 201108, before)
        if now is not None:
            make.fact(mean, customer, 201109, now)
    roll_up_now()
    text = text_of(browser.get("/matrix/2011-09/mean/T1/split/"))
    assert "Gold went from 1.0 in August 2011 to 1.6: +0.6." in text
    assert "came for the first time 1 customer, 0 before +0.4" in text


def test_a_value_without_a_change_says_why(stage: Stage, browser: Client) -> None:
    text = text_of(browser.get("/matrix/2005-Q3/repeats/T1/split/"))
    assert "There is no change to split: there is no value." in text


def test_one_customer_and_thirty_cost_the_same_queries(stage: Stage, browser: Client) -> None:
    tag = {"HX-Request": "true"}
    browser.get(URL, headers=tag)

    def queries(url: str) -> int:
        caches["texts"].clear()
        with CaptureQueriesContext(
            connection,
        ) as asked:
            browser.get(url, headers=tag)
        return len(asked)

    before = queries(f"{URL}?a=1")
    for number in range(30):
        make.fact(stage.repeats, make.customer(f"X{number}", tier=Tier.objects.get(code="T1")), 201108, 1, 10)
    roll_up_now()
    assert queries(f"{URL}?a=1") <= before + 1  # the months before look thin beside so many facts


def test_words_and_chart_are_read_once(
    db: None, browser: Client, monkeypatch: pytest.MonkeyPatch, time_machine: Any
) -> None:
    time_machine.move_to(timezone.now(), tick=False)  # what is kept tells the minute
    simpson()
    asked = list[str]()

    def explain(*args: Any, **kwargs: Any) -> Any:
        asked.append(str(kwargs["against"]))
        return explain_change(*args, **kwargs)

    monkeypatch.setattr("scorecard.pages.cells.explain_change", explain)
    url = "/matrix/2011-09/rate/all/split/"
    for address in (url, f"{url}chart.json", url):
        assert browser.get(address).status_code == 200
    assert asked == ["previous"]
    assert browser.get(f"{url}?against=year_ago").status_code == 200
    assert asked == ["previous", "year_ago"]
