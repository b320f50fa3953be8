"""``/coverage/``: customers' pain beside what runs, the largest that nothing answers first."""

from __future__ import annotations

import json
from datetime import date
from fractions import Fraction
from urllib.parse import parse_qs, urlparse

import pytest
from django.db import connection
from django.http import QueryDict
from django.test import Client
from django.test.utils import CaptureQueriesContext
from time_machine import TimeMachineFixture

from accounts.company import company as the_company
from accounts.models import ExchangeRate, User
from core.periods import Period
from core.sentences import plain
from initiatives.choices import Stage
from initiatives.filters import InitiativeFilter
from initiatives.pages.coverage import candidate_address, show_coverage
from initiatives.reading.coverage import Coverage, read_coverage
from tests import factories as make
from tests.scorecard.reading import text_of

URL = "/coverage/"


@pytest.fixture(autouse=True)
def day(time_machine: TimeMachineFixture) -> None:
    """In the middle of the third quarter."""
    time_machine.move_to("2026-08-20 12:00Z", tick=False)


@pytest.fixture
def browser(ines: User) -> Client:
    """The executive's."""
    return make.signed_in(ines)


@pytest.fixture
def service(db: None) -> None:
    """38 of 100 by weight are about customer service, which nothing serves; sales has one of 3 that run."""
    desk, sales = make.department("service", name="Customer service"), make.department("sales")
    make.pain_point("nobody answers", department=desk, mentions=19, severity=2)
    make.pain_point("slow quotes", department=sales, mentions=31, severity=2, revenue_at_risk=5000)
    make.initiative(department=sales, cost=300)
    make.initiative(department=make.department("it"), customer_focused=False, cost=500)
    make.initiative(department=desk, customer_focused=False, cost=200)
    make.initiative(department=desk, stage=Stage.CANDIDATE)


def coverage(period: str = "2026-Q3") -> Coverage:
    return read_coverage(Period.parse(period, the_company().calendar))


def test_the_largest_uncovered_pain_comes_first_in_words(service: None, browser: Client) -> None:
    text = text_of(browser.get(URL))
    assert "38 % of complaints, by weight, are about Customer service; 0 of 3 running initiatives serve it." in text
    assert "Something that runs answers 62 % of the pain of Quarter 3, 2026. 1 of 3 running initiatives is" in text


def test_shares_are_of_all_pain_of_all_that_runs_and_of_all_its_budget(service: None) -> None:
    lines = {line.department.code: line for line in coverage().departments if line.department}
    sales = lines["sales"]
    shares = (sales.pain_share, sales.running_share, sales.budget_share)
    assert shares == (Fraction(62, 100), Fraction(1, 3), Fraction(300, 1000))
    assert (lines["it"].weight, lines["it"].serving.running) == (0, 0)
    assert lines["service"].is_orphaned


def test_a_cost_without_a_rate_is_left_out_and_named(service: None, browser: Client) -> None:
    made = make.initiative("tokyo", department=make.department("sales"), cost=100, currency="JPY")
    start = made.baseline_start
    assert start is not None
    assert coverage().budget == 1000
    assert "Left out of the budget, for want of finance’s rate: Tokyo (JPY)." in text_of(browser.get(URL))
    ExchangeRate.objects.create(currency="JPY", year=start.year, rate="0.5")
    assert coverage().budget == 1050


def test_a_theme_is_answered_by_its_own_or_by_all_themes_in_any_case(db: None) -> None:
    make.pain_point("Slow Quotes")
    make.pain_point("slow quotes", source="complaints", mentions=1)
    make.pain_point("prices")
    make.initiative(theme="SLOW quotes")
    found = coverage()
    assert [(line.theme, line.weight, line.serving.running) for line in found.themes] == [
        ("Slow Quotes", 33, 1),
        ("prices", 30, 0),
    ]
    assert [line.theme for line in found.orphaned_pain] == ["prices"]


def test_pain_of_a_tier_goes_unanswered_where_what_runs_is_for_another(db: None) -> None:
    gold, silver = make.tier("T1", name="Gold"), make.tier("T2", name="Silver")
    make.pain_point(tier=gold)
    make.pain_point(tier=silver, mentions=20)
    make.initiative(tiers=(gold,))
    found = coverage()
    (line,) = found.orphaned_pain
    assert (line.uncovered, [tier.code for tier in line.tiers]) == (60, ["T2"])
    assert plain(show_coverage(found, "EUR").headline) == (
        "67 % of complaints, by weight, are about “waiting” (Sales) from Silver; 0 of 1 running initiative answer it."
    )
    assert parse_qs(urlparse(candidate_address(line)).query)["tiers"] == ["T2"]


def test_one_click_leads_to_a_candidate_filled_with_the_pain(service: None, browser: Client) -> None:
    found = coverage().orphaned_pain[0]
    url = candidate_address(found)
    assert parse_qs(urlparse(url).query) == {
        "title": ["Answer “nobody answers”"],
        "serves": ["service"],
        "department": ["service"],
        "theme": ["nobody answers"],
    }
    assert url.replace("&", "&amp;") in browser.get(URL).content.decode()
    form = browser.get(url).content.decode()
    assert 'value="Answer “nobody answers”"' in form
    assert 'value="nobody answers"' in form


def test_orphaned_initiatives_answer_no_pain_and_move_no_kpi(service: None, browser: Client) -> None:
    make.initiative("ledger", department=make.department("it"))
    make.initiative("linked", department=make.department("it"), kpis=(make.kpi(),))
    codes = {one.initiative.code for one in coverage().orphaned_initiatives}
    assert "ledger" in codes
    assert "linked" not in codes
    assert "Ledger It" in text_of(browser.get(URL))


def test_each_count_is_that_of_the_list_it_leads_to(service: None) -> None:
    gold = make.tier("T1")
    make.pain_point("prices", tier=gold)
    make.initiative(tiers=(gold,), theme="prices")
    shown = show_coverage(coverage(), "EUR")
    lines = [line for group in shown.groups for line in (group.total, *group.themes)] + list(shown.tiers)
    assert any(line.served.number for line in lines)
    for line in lines:
        query = "&".join(f"{name}={value}" for name, value in line.served.query.items())
        assert len(InitiativeFilter(QueryDict(query)).standings()) == line.served.number, line.name


def test_a_past_quarter_has_its_own_pain_and_what_ran_then(browser: Client) -> None:
    make.pain_point("old", month=202602)
    make.initiative(baseline_start=date(2026, 7, 1))
    text = text_of(browser.get(f"{URL}?period=2026-Q1"))
    assert "100 % of complaints, by weight, are about Sales; 0 of 0 running initiatives serve it." in text
    assert "Quarter 1, 2026" in text_of(browser.get(URL))  # the newest quarter with pain


def test_where_everything_is_answered_it_says_so(browser: Client) -> None:
    make.pain_point()
    make.initiative()
    text = text_of(browser.get(URL))
    assert "Every pain that customers told is answered by something that runs." in text
    assert "Orphaned pain" not in text


def test_no_pain_says_what_to_do(company: object, browser: Client, stella: User) -> None:
    assert "python manage.py load pain_points FILE" in text_of(browser.get(URL))
    assert "Stewards and administrators do that." in text_of(browser.get(URL))
    assert "Enter a pain point" in text_of(make.signed_in(stella).get(URL))


def test_the_chart_has_the_numbers_of_the_table(service: None, browser: Client) -> None:
    figure = json.loads(browser.get("/coverage/chart.json?period=2026-Q3").content)["figure"]
    answered, orphaned, running, budget = figure["data"]
    assert (answered["x"], orphaned["x"]) == ([62.0], [38.0])
    assert [round(share, 1) for share in running["x"]] == [33.3, 0.0]
    assert budget["x"] == [30.0, 0.0]


def test_themes_are_escaped(browser: Client) -> None:
    make.pain_point("<i>waiting</i>")
    for url in (URL, "/coverage/chart.json", "/coverage/pain/"):
        assert "<i>waiting" not in browser.get(url).content.decode()


def test_60_pain_points_cost_the_queries_of_3(browser: Client) -> None:
    counts = []
    browser.get(URL)  # which counts what is asked of the person
    for many in (3, 57):
        for number in range(many):
            department = make.department(f"d{number}")
            make.pain_point(f"theme {many} {number}", department=department, tier=make.tier(f"G{many}{number}"))
            make.initiative(department=department)
        with CaptureQueriesContext(connection) as queries:
            browser.get(URL)
        counts.append(len(queries))
    assert counts[0] == counts[1] <= 26
