"""One period stands in the address, and goes from page to page."""

from __future__ import annotations

import re
from html import unescape

import pytest
from django.test import Client

from core.links import with_period
from tests import factories as make
from tests.scorecard.reading import text_of
from tests.scorecard.stage import Stage

# From page to page as a reader would go: where one is, and what the address of the next begins with.
WALK = [
    ("/matrix/2011-Q2/", "/matrix/2011-Q2/revenue/T1/"),
    ("/matrix/2011-Q2/revenue/T1/", "/kpis/revenue/"),
    ("/kpis/revenue/", "/initiatives/"),
    ("/initiatives/", "/initiatives/priorities/"),
    ("/initiatives/priorities/", "/coverage/"),
    ("/coverage/", "/initiatives/report/"),
    ("/initiatives/report/", "/customers/"),
    ("/customers/", "/coverage/pain/"),
    ("/coverage/pain/", "/kpis/"),
    ("/kpis/", "/kpis/revenue/"),
    ("/kpis/revenue/", "/matrix/2011-Q2/"),
]


def test_from_page_to_page_the_period_stays(stage: Stage, browser: Client) -> None:
    make.initiative()
    here = WALK[0][0]
    for path, following in WALK:
        assert here.partition("?")[0] == path
        page = browser.get(here)
        assert page.status_code == 200, here
        links = [unescape(url) for url in re.findall(r'href="(/[^"#]*)', page.content.decode())]
        here = next(url for url in links if url.partition("?")[0] == following)
        assert "2011-Q2" in here, f"{path} leads to {here}"


def test_home_keeps_the_period_that_it_is_asked_for(stage: Stage, browser: Client) -> None:
    assert "Quarter 2, 2011" in text_of(browser.get("/?period=2011-Q2"))
    assert browser.get("/matrix/?period=2011-Q2")["Location"] == "/matrix/2011-Q2/"


@pytest.mark.parametrize("page", ["/", "/coverage/", "/initiatives/report/", "/kpis/", "/initiatives/", "/my/"])
@pytest.mark.parametrize("period", ["2011-Q7", "soon", "1066"])
def test_at_a_period_that_is_none_there_is_nothing(page: str, period: str, stage: Stage, browser: Client) -> None:
    assert browser.get(f"{page}?period={period}").status_code == 404


@pytest.mark.parametrize(
    ("url", "kept"),
    [
        ("/kpis/", "/kpis/?period=2011-Q2"),
        ("/initiatives/?status=late#by-level", "/initiatives/?status=late&period=2011-Q2#by-level"),
        ("/matrix/2011-09/", "/matrix/2011-09/"),
        ("/coverage/?period=2011", "/coverage/?period=2011"),
        ("?sort=due", "?sort=due"),
        ("#asks", "#asks"),
    ],
)
def test_a_link_keeps_the_period_unless_it_names_one(url: str, kept: str) -> None:
    assert with_period(url, "2011-Q2") == kept
    assert with_period(url, "") == url


def test_what_is_of_today_says_so(stage: Stage, browser: Client) -> None:
    for page in ("/initiatives/", "/initiatives/board/", "/initiatives/priorities/", "/initiatives/benefits/"):
        assert "as of today" in browser.get(f"{page}?period=2011-Q2").content.decode(), page
