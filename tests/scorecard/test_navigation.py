"""Where each page stands, what the bar shows of it, and what it counts."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from accounts.models import User
from accounts.rights import Right
from accounts.wording import WORDS
from core.registry import asks_of
from kpis.choices import TargetState
from scorecard.pages.help import OF_PLACE
from scorecard.pages.navigation import INBOX, MENU, NOWHERE, PLACES, SEARCH, beginning_of, place_of, tab_of
from tests import factories as make
from tests.scorecard.reading import text_of
from tests.scorecard.stage import Stage


def routes(patterns: Any = None, before: str = "") -> Iterator[str]:
    """The pattern of every address but those of the admin and of the API, which are no pages of a place."""
    for pattern in get_resolver().url_patterns if patterns is None else patterns:
        whole = before + str(pattern.pattern)
        if whole.startswith(("admin/", "api/v1/")):
            continue
        if isinstance(pattern, URLResolver):
            yield from routes(pattern.url_patterns, whole)
        elif isinstance(pattern, URLPattern):
            yield whole


def test_every_address_has_its_place_or_is_named_as_having_none() -> None:
    outside = {*INBOX, *MENU, *NOWHERE, *SEARCH}
    assert {route for route in routes() if place_of(route) is None and beginning_of(route) not in outside} == set()
    of_places = [one for place in PLACES for tab in place.tabs for one in tab.beneath]
    told = [*of_places, *(one for place in PLACES for one in place.others), *outside]
    assert set(told) - {beginning_of(route) for route in routes()} == set()  # and none is told of that is not there
    assert len(told) == len(set(told))  # each stands in one place


def bar(page: Any, label: str) -> list[tuple[str, str, str]]:
    """The links of a part of the bar: where they lead, what they say, and whether one is there."""
    part = re.search(rf'(?s)<nav class="\w+" aria-label="{label}">(.*?)</nav>', page.content.decode())
    found = re.findall(r'(?s)<a href="([^"]*)"\s*(?:aria-current="(\w+)")?\s*>([^<]*)</a>', part[1] if part else "")
    return [(url, title, current) for url, current, title in found]


def test_the_executive_sees_the_places_that_have_pages_and_no_others(stage: Stage, browser: Client) -> None:
    page = browser.get("/coverage/?period=2011-Q3")
    assert bar(page, "Places") == [
        ("/?period=2011-Q3", "Scorecard", ""),
        ("/initiatives/?period=2011-Q3", "Initiatives", "true"),
        ("/customers/?period=2011-Q3", "Customers", ""),
        ("/kpis/?period=2011-Q3", "KPIs", ""),
    ]
    tabs = bar(page, "Initiatives")
    titles = ["Register", "Board", "Timeline", "Priorities", "Coverage", "Report", "Benefits"]
    assert [title for _, title, _ in tabs] == titles
    assert [title for _, title, current in tabs if current == "page"] == ["Coverage"]


def test_tiers_are_a_tab_for_those_who_keep_them_alone(stage: Stage, stella: User, browser: Client) -> None:
    tabs = bar(make.signed_in(stella).get("/customers/retiering/"), "Customers")
    assert [(title, current) for _, title, current in tabs][-1] == ("Tiers", "true")
    titles = [title for _, title, _ in bar(browser.get("/customers/"), "Customers")]
    assert titles == ["Customers", "Pain points", "Warnings", "Moments of truth"]


def test_data_is_for_those_who_may_load(stella: User) -> None:
    page = make.signed_in(stella).get("/freshness/")
    assert bar(page, "Places")[-1] == ("/imports/", "Data", "true")
    assert bar(page, "Data")[1] == ("/freshness/", "Freshness", "page")


def test_behind_a_tab_the_tab_is_told_and_is_no_page_of_its_own(stage: Stage, browser: Client) -> None:
    assert bar(browser.get("/matrix/2011-Q3/revenue/T1/"), "Scorecard") == [
        ("/?period=2011-Q3", "Home", ""),
        ("/matrix/2011-Q3/", "Matrix", "true"),
        ("/growth/?period=2011-Q3", "Growth", ""),
        ("/scorecards/?period=2011-Q3", "Editions", ""),
        ("/reports/?period=2011-Q3", "Reports", ""),
    ]
    tab = tab_of("matrix/<str:code>/<str:kpi>/<str:tier>/")
    assert tab is not None
    assert tab.title == "Matrix"


def test_the_inbox_counts_what_is_asked_and_follows_it(stage: Stage, fay: User, stella: User) -> None:
    target = make.target(stage.revenue, stage.gold, 201201, 5, state=TargetState.DRAFT, created_by=stella)
    inbox = make.signed_in(fay)
    before = len(asks_of(fay))
    assert before == 0
    assert "Inbox, asked of you" not in text_of(inbox.get("/help/"))
    proposed = make.signed_in(stella).post(
        "/api/v1/targets/propose/", {"targets": [target.pk]}, content_type="application/json"
    )
    assert proposed.status_code < 300, proposed.content
    assert "Inbox, asked of you: 1 " in text_of(inbox.get("/help/"))


@pytest.mark.parametrize("place", [place.code for place in PLACES])
def test_each_place_has_its_help_with_the_table_of_rights(place: str, noor: User) -> None:
    page = make.signed_in(noor).get(f"/help/{place}/")
    assert page.status_code == 200
    text = text_of(page)
    assert "What is this number?" in text
    for right in OF_PLACE[place]:
        assert WORDS[right] in text


def test_every_right_is_explained_somewhere() -> None:
    assert {right for rights in OF_PLACE.values() for right in rights} == set(Right)


def test_a_page_leads_to_the_help_of_its_place(browser: Client) -> None:
    assert f'href="{reverse("help_place", args=["kpis"])}"' in browser.get("/kpis/").content.decode()
    assert browser.get("/help/nothing/").status_code == 404
