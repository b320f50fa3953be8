"""Every heading that shows a count links it: all addresses of the product, walked with the demo company."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from html import unescape
from typing import Any

import pytest
import time_machine

from accounts.models import User
from initiatives.models import Initiative, Milestone, PainPoint
from kpis.models import Kpi, KpiProposal, Poll, RollupRun
from tests import factories as make
from tests.accounts.test_every_address import DOORS
from tests.demo import founded_company

DAY = date(2026, 11, 30)
# What is no count: a year, a period, a day, the number of a run or a load.
NO_COUNT = re.compile(
    r"\b(?:(?:19|20)\d\d(?:-Q\d|-\d\d)?|Quarter \d|Q\d|(?:Rollup|[Ll]oad) \d+|\d{1,2} [A-Z][a-z]+(?= \d{4}))\b"
)


pytestmark = pytest.mark.slow  # a company of years is founded, which takes seconds


@pytest.fixture(scope="module")
def demo(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """The demo company of that day."""
    with django_db_blocker.unblock(), founded_company(DAY):
        yield


@pytest.fixture(autouse=True)
def _that_day(demo: None, db: None) -> Iterator[None]:
    with time_machine.travel(f"{DAY}T12:00:00Z", tick=False):
        yield


def pages() -> Iterator[str]:
    """The address of every page, of something that is there."""
    numbers: dict[str, Any] = {
        "rollups/": RollupRun,
        "polls/": Poll,
        "kpi-proposals/": KpiProposal,
        "coverage/pain/": PainPoint,
        "initiatives/<str:code>/milestones/": Milestone,
    }
    initiative = Initiative.objects.filter(milestones__isnull=False)[0]
    values = {"period": "2026-Q3", "kpi": "nps", "tier": "all", "code": initiative.code, "place": "kpis"}
    values |= {"per": "quarter", "month": "2026-07", "template": "dso"}
    for address in DOORS:
        if address.startswith(("admin/", "api/v1/")) or address.endswith((".json", ".csv")):
            continue
        row = next((model.objects.first() for start, model in numbers.items() if address.startswith(start)), None)
        known = {**values, "number": str(row.pk if row else 1)}
        parts = re.split(r"<(?:\w+:)?(\w+)>", address)
        yield "/" + "".join(known.get(part, "1") if place % 2 else part for place, part in enumerate(parts))


def unlinked_counts(html: str, names: set[str]) -> list[str]:
    """The headings of a page that show a number outside of a link which is part of nothing's name."""
    found = []
    for heading in re.findall(r"(?s)<h1[^>]*>(.*?)</h1>", html):
        outside = re.sub(r"(?s)<a [^>]*>.*?</a>", " ", heading)
        words = unescape(" ".join(re.sub(r"<[^>]*>", " ", outside).split()))
        for name in sorted(names, key=len, reverse=True):
            words = words.replace(name, "")
        if re.search(r"\d", NO_COUNT.sub("", words)):
            found.append(words)
    return found


def test_every_heading_that_shows_a_count_links_it(root: User) -> None:
    names = {str(kpi.name) for kpi in Kpi.objects.all()} | {one.title for one in Initiative.objects.all()}
    names |= {poll.question for poll in Poll.objects.all()} | {one.title for one in Milestone.objects.all()}
    browser = make.signed_in(root)
    read, wrong = 0, []
    for page in pages():
        answer = browser.get(page, follow=True)
        if answer.status_code == 200 and "text/html" in answer["Content-Type"]:
            read += 1
            wrong += [f"{page}: {words}" for words in unlinked_counts(answer.content.decode(), names)]
    assert wrong == []
    assert read > 40


def test_a_count_without_a_link_would_be_noticed() -> None:
    assert unlinked_counts("<h1>5 late</h1>", set()) == ["5 late"]
    assert unlinked_counts('<h1><a href="/x/">5 late</a>, in Quarter 3, 2026</h1>', set()) == []
