"""The register that a process keeps: what it says is what is read anew, and no page leaves anything in it."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.company import company, today
from accounts.models import Company, User
from initiatives.choices import Stage
from initiatives.models import Initiative
from initiatives.reading.kept import kept_standings
from initiatives.reading.standings import read_standings
from tests import factories as make
from tests.initiatives.test_update_form import fields
from tests.kept import kept

PAGES = (
    *("/initiatives/", "/initiatives/board/", "/initiatives/timeline/", "/initiatives/timeline/chart.json"),
    *("/initiatives/priorities/", "/initiatives/priorities/chart.json"),
)


@kept
def register(omar: User) -> None:
    tier, kpi, support = make.tier(), make.kpi(), make.department("support")
    for code in ("lights", "doors", "ramps"):
        row = make.initiative(code, owner=omar, sponsor=omar, tiers=(tier,), kpis=(kpi,), serves=support, cost=900)
        make.milestone(row, due=today())
        make.status_update(row, author=omar)
    make.initiative("stairs", stage=Stage.CANDIDATE, department=support)


@pytest.mark.parametrize("steps", [True, False])
def test_it_says_what_is_read_anew(register: None, omar: User, steps: bool) -> None:
    for chosen in (
        Initiative.objects.all(),
        Initiative.objects.filter(owner=omar),
        Initiative.objects.exclude(code="doors"),
        Initiative.objects.none(),
    ):
        for _ in range(2):
            assert kept_standings(chosen, company(), steps=steps) == read_standings(chosen, steps=steps)


def test_whatever_somebody_writes_is_in_the_next_list(register: None, omar: User) -> None:
    browser = make.signed_in(omar)
    assert "on schedule" in text(browser.get("/initiatives/"))
    form = browser.get("/initiatives/lights/update/")
    browser.post("/initiatives/lights/update/", fields(form, health="late", note="The supplier failed."))
    assert "1 of 3 running initiatives is late" in text(browser.get("/initiatives/"))


def test_a_change_of_the_company_is_a_reading_anew(register: None) -> None:
    assert {one.cost for one in kept_standings(Initiative.objects.filter(cost=900), company())} == {900}
    Company.objects.update(currency="CHF")
    Initiative.objects.filter(cost=900).update(currency="EUR")
    assert {one.cost for one in kept_standings(Initiative.objects.filter(cost=900), company())} == {None}


def test_a_second_look_asks_neither_milestones_nor_updates(register: None, omar: User) -> None:
    browser = make.signed_in(omar)
    browser.get("/initiatives/")
    with CaptureQueriesContext(connection) as captured:
        browser.get("/initiatives/")
    asked = " ".join(one["sql"] for one in captured.captured_queries)
    assert "initiatives_statusupdate" not in asked
    assert "initiatives_milestone" not in asked


def test_no_page_leaves_anything_in_it(register: None, omar: User, stella: User) -> None:
    """Not a name, not a row more: another person's request has the same objects."""
    for address in PAGES:
        make.signed_in(omar).get(address)
    before = _inside()
    for person in (omar, stella):
        browser = make.signed_in(person)
        for address in (*PAGES, "/initiatives/?q=lights&sort=-cost", "/initiatives/export/xlsx/"):
            _whole(browser, address)
    assert _inside() == before


def _inside() -> list[Any]:
    """What the kept objects carry, those that were read along with them too."""
    rows = [
        one.initiative
        for steps in (True, False)
        for one in kept_standings(Initiative.objects.all(), company(), steps=steps)
    ]
    return [
        (
            {name: value for name, value in vars(row).items() if not name.startswith("_")},
            dict(row._state.fields_cache),
            {name: list(found) for name, found in row._prefetched_objects_cache.items()},  # type: ignore[attr-defined]
        )
        for row in rows
    ]


def _whole(browser: Client, address: str) -> None:
    answer = browser.get(address)
    assert answer.status_code == 200
    answer.getvalue()


def text(answer: Any) -> str:
    return " ".join(answer.content.decode().split())
