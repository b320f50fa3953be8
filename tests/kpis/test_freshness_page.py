"""Freshness: how far the data of each KPI reach, what waits, and months that are marked complete from there."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.company import today
from accounts.models import Load, User
from core.periods import Month, month_code, month_of, shift
from customers.models import Tier
from kpis.models import CompleteMonth, Fact, Kpi
from kpis.reading.freshness import KpiFreshness, read_freshness
from kpis.rollup.runs import roll_up_now
from tests import factories
from tests.kept import kept

pytestmark = pytest.mark.django_db


@kept
def gold(company: Any) -> Tier:
    return factories.tier("T1")


@pytest.fixture
def browser(stella: User) -> Client:
    return factories.signed_in(stella)


def back(months: int) -> Month:
    """The month so many months before the running one."""
    return shift(month_of(today()), -months)


def measured(kpi: Kpi, months: dict[int, int]) -> None:
    """So many facts, by months back from the running one."""
    customers = [factories.customer() for _ in range(max(months.values()))]
    for ago, number in months.items():
        for customer in customers[:number]:
            factories.fact(kpi, customer, back(ago), 1)
    roll_up_now()


def of(kpi: Kpi) -> KpiFreshness:
    return next(row for row in read_freshness(today()) if row.kpi == kpi)


def text(client: Client) -> str:
    answer = client.get("/freshness/")
    assert answer.status_code == 200
    return " ".join(re.sub(r"<[^>]*>", " ", answer.content.decode()).split())


def test_it_names_the_last_month_with_data_and_its_load(gold: Tier, browser: Client) -> None:
    kpi = factories.kpi("visits")
    load = Load.objects.create(kind="facts", source="visits.csv")
    measured(kpi, {2: 1, 1: 1})
    Fact.objects.filter(month=back(1)).update(load_id=load.pk)
    assert (of(kpi).last, of(kpi).load) == (back(1), load.pk)
    assert f'href="/imports/{load.pk}/"' in browser.get("/freshness/").content.decode()


def test_ended_months_without_data_are_missing_from_the_first_with_data_on(gold: Tier) -> None:
    kpi = factories.kpi()
    measured(kpi, {5: 1, 3: 1})
    assert of(kpi).missing == (back(1), back(2), back(4))


def test_the_running_month_is_not_missing_and_what_is_retired_misses_nothing(gold: Tier) -> None:
    kpi, gone = factories.kpi(), factories.kpi(retired_from=back(1))
    measured(kpi, {1: 1})
    measured(gone, {4: 1})
    assert of(kpi).missing == ()
    assert gone not in {row.kpi for row in read_freshness(today())}


def test_a_marked_month_of_silence_is_not_missing(gold: Tier) -> None:
    kpi = factories.kpi(absent="zero")
    measured(kpi, {3: 1})
    factories.complete_month(kpi, back(2))
    assert of(kpi).missing == of(kpi).markable == (back(1),)


def test_a_tier_without_its_actual_is_missing(gold: Tier) -> None:
    kpi, silver = factories.kpi(), factories.tier("T2")
    for ago in (3, 2, 1):
        factories.tier_actual(kpi, gold, back(ago), 1)
    factories.tier_actual(kpi, silver, back(3), 1)
    roll_up_now()
    assert of(kpi).missing == (back(1), back(2))


def test_thin_and_unmarked_months_are_named(gold: Tier, browser: Client) -> None:
    kpi = factories.kpi("visits", complete_when="marked")
    measured(kpi, {5: 5, 4: 5, 3: 5, 2: 1, 1: 5})
    factories.complete_month(kpi, back(5))
    found = of(kpi)
    assert [one.month for one in found.thin] == [back(2)]
    assert found.unmarked == (back(1), back(2), back(3), back(4))
    assert "1 fact, usually about 5" in text(browser)


def test_a_steward_marks_a_month_complete_from_there(gold: Tier, browser: Client, stella: User) -> None:
    kpi = factories.kpi("visits", complete_when="marked")
    measured(kpi, {1: 1})
    answer = browser.post("/freshness/mark/", {"kpi": "visits", "month": month_code(back(1))}, follow=True)
    assert "is complete" in answer.content.decode()
    assert CompleteMonth.objects.get().by == stella
    assert of(kpi).unmarked == ()


@pytest.mark.parametrize("month", ["", "2011-13", "soon", "9999-12", "2199-12"])
def test_refuses_a_month_that_is_none_or_has_not_begun(month: str, gold: Tier, browser: Client) -> None:
    factories.kpi("visits")
    answer = browser.post("/freshness/mark/", {"kpi": "visits", "month": month}, follow=True)
    assert "Nothing was changed" in answer.content.decode()
    assert not CompleteMonth.objects.exists()


def test_refuses_those_who_may_not_load(gold: Tier, fay: User, omar: User) -> None:
    factories.kpi("visits")
    for person in (fay, omar):
        client = factories.signed_in(person)
        assert client.get("/freshness/").status_code == 403
        assert client.post("/freshness/mark/", {"kpi": "visits", "month": month_code(back(1))}).status_code == 403
    assert not CompleteMonth.objects.exists()


def test_it_tells_the_last_rollup_and_what_waits_for_the_next(gold: Tier, browser: Client) -> None:
    kpi = factories.kpi()
    assert "Nothing has been rolled up yet" in text(browser)
    measured(kpi, {1: 1})
    assert "Nothing waits for the next one" in text(browser)
    factories.fact(kpi, factories.customer(), back(1), 1)
    factories.fact(kpi, factories.customer(), back(1), 1)
    assert "1 month of KPIs waits for the next one" in text(browser)


def test_imports_and_the_navigation_lead_there(gold: Tier, browser: Client) -> None:
    assert browser.get("/imports/").content.decode().count('href="/freshness/"') == 2


def test_more_kpis_cost_no_query_more(gold: Tier, browser: Client) -> None:
    measured(factories.kpi(complete_when="marked"), {5: 5, 4: 5, 3: 5, 2: 1})
    browser.get("/freshness/")
    with CaptureQueriesContext(connection) as few:
        browser.get("/freshness/")
    for _ in range(3):
        measured(factories.kpi(complete_when="marked"), {5: 5, 4: 5, 3: 5, 2: 1})
    browser.get("/help/")  # which counts anew what is asked of the person
    with CaptureQueriesContext(connection) as many:
        browser.get("/freshness/")
    assert len(many) == len(few)
