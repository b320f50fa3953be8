"""A closed period is one value: every page answers with its latest edition, unless the live values are asked for."""

from __future__ import annotations

import html
import json
import re
from datetime import date
from typing import Any

import pytest
from django.test import Client

from accounts.models import User
from core.editions import serve
from customers.models import Customer
from initiatives.choices import Stage
from initiatives.reading.coverage import read_coverage
from initiatives.reading.report import By, read_report
from initiatives.reading.signed import signed_coverage, signed_report
from kpis.models import ValueKpis
from kpis.rollup.runs import roll_up_now
from scorecard.models import Edition
from scorecard.reading.editions import document_of
from scorecard.reading.signed_value import served_value
from tests import factories as make
from tests.kept import kept
from tests.scorecard.reading import text_of
from tests.scorecard.test_editions import Q3, World, late_fact

PAGES = (
    "/matrix/2011-Q3/?",
    "/matrix/2011-Q3/revenue/T1/?",
    "/growth/?period=2011-Q3&",
    "/growth/value/?period=2011-Q3&",
    "/coverage/?period=2011-Q3&",
    "/initiatives/report/?period=2011-Q3&",
    "/?period=2011-Q3&",
)


HOME = "/?period=2011-Q3"
VALUE = "/growth/value/?period=2011-Q3"


class Closed(World):
    """A closed quarter with growth, pain and initiatives, of which everything is another by now."""

    def __init__(self, everyone: dict[str, User]) -> None:
        super().__init__(everyone)
        self.service = make.department("service", name="Service")
        make.lifecycle_event(make.customer("C0", tier=self.other), "2010-01-05", "joined")
        make.lifecycle_event(self.customer, "2011-08-05", "joined")
        self.run("calls")
        ValueKpis.objects.update(revenue=self.kpi)
        make.pain_point("waiting", month=201108, department=self.service, tier=self.tier, revenue_at_risk=7)
        make.pain_point("prices", month=201109, department=self.service, tier=self.other, mentions=3)
        roll_up_now()
        self.edition = self.close()

    def run(self, code: str) -> None:
        """An initiative of the service that has run since May."""
        days: dict[str, Any] = {
            "baseline_start": date(2011, 5, 1),
            "baseline_due": date(2012, 5, 1),
            "due": date(2012, 5, 1),
        }
        make.initiative(code, department=self.service, stage=Stage.IN_PROGRESS, tiers=(self.tier,), **days)

    def change(self) -> None:
        """What was signed is no longer what is live."""
        late_fact(self)
        roll_up_now()
        self.service.name = "Care"
        self.service.save()
        make.lifecycle_event(make.customer("C9", tier=self.other), "2011-09-02", "joined")
        make.pain_point("noise", month=201107, department=self.service, tier=self.tier)
        self.run("more")


@kept
def closed(everyone: dict[str, User]) -> Closed:
    return Closed(everyone)


@pytest.fixture
def browser(closed: Closed) -> Client:
    return make.signed_in(closed.executive)


def test_each_page_says_which_edition_it_shows_and_links_the_live_values(closed: Closed, browser: Client) -> None:
    people = f"prepared by {closed.finance}, signed by {closed.executive}"
    for page in PAGES:
        said = text_of(browser.get(page))
        assert "As signed: edition 1 of " in said, page
        assert f"{people}; nothing differs since." in said, page
    closed.change()
    for page in PAGES:
        found = browser.get(page)
        assert "; live values differ in " in text_of(found), page
        assert "edition=live" in found.content.decode(), page
        assert "Live values, not what was signed: edition 1" in text_of(browser.get(f"{page}edition=live")), page
        assert "As signed: edition 1" in text_of(browser.get(f"{page}edition=1")), page


@pytest.mark.parametrize("asked", ["7", "none", "-1", "123456789"])
def test_an_edition_that_there_is_not_is_not_found(asked: str, browser: Client) -> None:
    assert {browser.get(f"{page}edition={asked}").status_code for page in PAGES} == {404}


def test_an_open_period_says_nothing_of_editions(browser: Client) -> None:
    for page in PAGES:
        assert "s signed" not in text_of(browser.get(page.replace("2011-Q3", "2011-Q2"))), page


def test_growth_is_what_was_signed_on_page_chart_and_file(closed: Closed, browser: Client) -> None:
    closed.change()
    assert "1 customer came, 0 went, 1 more on the book" in text_of(browser.get("/growth/?period=2011-Q3"))
    assert "2 customers came" in text_of(browser.get("/growth/?period=2011-Q3&edition=live"))
    files = [browser.get(f"/growth/export/csv/?period=2011-Q3{more}") for more in ("", "&edition=live")]
    assert files[0]["Content-Disposition"].endswith('growth-2011-Q3-edition-1.csv"')
    signed, live = (b"".join(file.streaming_content) for file in files)  # type: ignore[attr-defined]
    assert signed != live
    drawn = [browser.get(f"/growth/chart.json?period=2011-Q3{more}").content for more in ("", "&edition=live")]
    assert json.loads(drawn[0]) != json.loads(drawn[1])


def test_value_by_tier_is_what_was_signed_on_page_chart_and_file(closed: Closed, browser: Client) -> None:
    before, live = (served_value(serve(Q3, asked), date(2026, 11, 30)) for asked in ("", "live"))
    assert before.value == live.value
    closed.change()
    after = served_value(serve(Q3), date(2026, 11, 30))
    assert (after.value, after.differs) == (before.value, 3)  # a late fact in T1, a customer in T2, all customers
    make.fact(closed.kpi, Customer.objects.get(external_id="C0"), 201108, 10)  # so that shares are others too
    roll_up_now()
    for address in ("/growth/value/chart.json", "/growth/value/export/csv/"):
        found = [browser.get(f"{address}?period=2011-Q3{more}") for more in ("", "&edition=1", "&edition=live")]
        signed, same, now = (b"".join(one) for one in found)
        assert signed == same != now, address
    assert found[0]["Content-Disposition"].endswith('value-by-tier-2011-Q3-edition-1.csv"')
    assert "edition=live" in browser.get(f"{VALUE}&edition=live").content.decode().partition("/chart.json?")[2][:60]


def test_what_an_edition_does_not_hold_of_value_is_said(closed: Closed, browser: Client) -> None:
    ValueKpis.objects.update(margin=make.kpi("margin", name="Margin"))
    assert "The edition has no values of Margin" in text_of(browser.get(VALUE))
    assert "no values of" not in text_of(browser.get(f"{VALUE}&edition=live"))


def test_customers_by_name_say_that_they_are_live(closed: Closed, browser: Client) -> None:
    said = "Live values: edition 1 of "
    assert said in text_of(browser.get("/growth/customers/?period=2011-Q3"))
    assert said not in text_of(browser.get("/growth/customers/?period=2011-Q2"))


def test_coverage_and_report_are_what_was_signed_with_the_names_of_then(closed: Closed, browser: Client) -> None:
    closed.change()
    said = text_of(browser.get("/coverage/?period=2011-Q3"))
    assert "“prices” (Service)" in said
    assert "Care" not in said
    assert "noise" not in said
    assert "noise" in text_of(browser.get("/coverage/?period=2011-Q3&edition=live"))
    report = text_of(browser.get("/initiatives/report/?period=2011-Q3"))
    assert "1 initiative is running" in report
    assert "2 initiatives are running" in text_of(browser.get("/initiatives/report/?period=2011-Q3&edition=live"))
    focused = text_of(browser.get("/initiatives/report/?period=2011-Q3&customer_focused=true"))
    assert "Live values, not what was signed" in focused


def test_a_cell_has_what_was_signed_first_and_the_live_one_where_it_differs(closed: Closed, browser: Client) -> None:
    page = "/matrix/2011-Q3/revenue/T1/"
    assert "As signed Actual" not in text_of(browser.get(page))
    closed.change()
    text = text_of(browser.get(page))
    assert text.index("30") < text.index("Today")
    assert "What changed it" in text
    assert "Today" not in text_of(browser.get(f"{page}?edition=live")).partition("Rail")[0].partition("Actual")[0]
    told = browser.get("/api/v1/cell/?period=2011-Q3&kpi=revenue&tier=T1").json()
    assert told["cell"]["actual"] != told["edition_cell"]["actual"]


def test_a_document_becomes_the_values_that_it_was_made_of(closed: Closed) -> None:
    document = document_of(Edition.objects.get())
    live, signed = read_coverage(Q3), signed_coverage(document, Q3)
    for name in ("departments", "themes", "tiers", "orphaned_pain"):
        for was, one in zip(getattr(live, name), getattr(signed, name), strict=True):
            told = ("weight", "pain_share", "uncovered", "uncovered_revenue", "serving", "running_share", "cost")
            assert [getattr(one, field) for field in told] == [getattr(was, field) for field in told]
            assert [tier.code for tier in one.tiers] == [tier.code for tier in was.tiers]
    by = (By.LEVEL, By.DEPARTMENT, By.TIER)
    then, now = signed_report(document, Q3, by), read_report(by=by, period=Q3)
    for group in by:
        for told_of, lived in zip(then.groups[group], now.groups[group], strict=True):
            names = [[one.initiative.title for one in tally.progress] for tally in (told_of, lived)]
            assert sorted(names[0]) == sorted(names[1])
            assert told_of.running == lived.running


def test_home_has_the_numbers_that_were_signed_and_what_is_done_today(closed: Closed, browser: Client) -> None:
    before = text_of(browser.get(HOME))
    closed.change()
    page, live = browser.get(HOME), text_of(browser.get(f"{HOME}&edition=live"))
    text = text_of(page)
    clause = "1 customer won net"
    assert clause in before
    assert clause in text
    assert "2 customers won net" in live
    assert re.search(r"live values differ in \d cells?, growth and coverage\.", text)
    said = [re.search(r"30 Sep 2011: (\d of \d)", one) for one in (before, text, live)]
    assert [one and one[1] for one in said] == ["0 of 1", "0 of 1", "0 of 2"]
    drawn = [browser.get(f"/home/chart.json?period=2011-Q3{more}").content for more in ("", "&edition=live")]
    assert drawn[0] != drawn[1]


def test_homes_links_show_the_values_that_home_shows(closed: Closed, browser: Client) -> None:
    closed.change()
    leads = re.compile(r'href="(/(?:matrix/2011-Q3/|growth/|coverage/|moments/)[^"]*)"')
    pages = (browser.get(f"{HOME}{more}").content.decode().partition("<main")[2] for more in ("", "&edition=live"))
    signed, live = map(leads.findall, pages)
    assert {one.partition("?")[0] for one in live} >= {"/growth/", "/coverage/", "/matrix/2011-Q3/revenue/T1/"}
    assert [one for one in live if "edition=live" not in one] == []
    assert [one for one in signed if "edition=" in one] == []


LEADS = {
    "/matrix/2011-Q3/?": {"/matrix/2011-Q3/", "/matrix/2011-Q3/revenue/T1/", "/matrix/2011-Q2/"},
    "/matrix/2011-Q3/revenue/T1/?": {"/matrix/2011-Q3/", "/matrix/2011-Q3/revenue/T2/", "/matrix/2011-Q2/revenue/T1/"},
    "/growth/?period=2011-Q3&": {"/growth/", "/growth/customers/", "/growth/value/"},
    "/growth/customers/?period=2011-Q3&tier=T1&": {"/growth/"},
    f"{VALUE}&": {"/growth/", "/growth/value/", "/matrix/2011-Q3/revenue/T1/"},
}
# Tabs of the bar begin anew; what a cell's change is made of is live whatever the page shows.
ANEW = re.compile(r'<nav class.*?</nav>|<a [^>]*href="[^"]*/(?:split|difference)/"', re.DOTALL)


def test_what_a_page_leads_to_shows_the_values_that_it_shows(closed: Closed, browser: Client) -> None:
    make.kpi("more", name="More", unit="currency")  # so that there is a choice by which KPI customers are valued
    link = re.compile(r'<a [^>]*href="((?:/matrix/2011-Q|/growth/)[^"]*|\?[^"]*)"')
    forms = re.compile(r'<form class="filters" method="get".*?</form>', re.DOTALL)
    for page, leads in LEADS.items():
        texts = [ANEW.sub("", browser.get(f"{page}{more}").content.decode()) for more in ("", "edition=live")]
        signed, live = ({html.unescape(one) for one in link.findall(text)} for text in texts)
        assert leads <= {one.partition("?")[0] for one in live}, page
        away = [one for one in live if "edition=live" not in one], [one for one in signed if "edition=" in one]
        assert [len(one) for one in away] in ([1, 1], [1, 0]), page  # the line that leads to the other values
        assert all('name="edition" value="live"' in one for one in forms.findall(texts[1])), page
    assert forms.findall(browser.get("/growth/?period=2011-Q3").content.decode())
