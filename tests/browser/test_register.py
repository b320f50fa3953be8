"""The register in Chromium: nobody shut out, no complaint, milestones ticked in place, all of it without a script."""

from __future__ import annotations

from datetime import timedelta

import pytest
from playwright.sync_api import expect

from accounts.company import today
from accounts.models import User
from initiatives.choices import Stage as Life
from initiatives.models import TrackedChange
from tests import factories as make
from tests.browser.conftest import Reader
from tests.browser.looks import shuts_nobody_out
from tests.browser.windows import DRAWN
from tests.scorecard.stage import Stage

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

PAGES = (
    *("/initiatives/", "/initiatives/?more=1", "/initiatives/board/", "/initiatives/timeline/", "/initiatives/new/"),
    *("/initiatives/lights/", "/initiatives/lights/edit/", "/initiatives/lights/stage/?to=on_hold"),
)


@pytest.fixture
def session(stage: Stage, stella: User, omar: User) -> str:
    """The steward's session; one initiative of each kind."""
    row = make.initiative("lights", title="Warehouse lights", owner=omar, loyalty_impact=4, effort=2, cost=1000)
    make.milestone(row, "Pilot", due=today() - timedelta(days=12))
    make.milestone(row, "Rollout", due=today() + timedelta(days=5))
    make.status_update(row, author=omar, note="Going on.")
    TrackedChange.objects.create(initiative=row, what="due", before="2026-01-01", after="2026-02-01", on=today())
    make.initiative("doors", title="Faster doors", owner=omar)
    make.initiative("idea", title="An idea", stage=Life.CANDIDATE)
    return make.signed_in(stella).cookies["sessionid"].value


@pytest.mark.parametrize("width", [1440, 375])
def test_nobody_is_shut_out(reader: Reader, width: int, complaints: list[str]) -> None:
    page = reader(viewport={"width": width, "height": 900})
    for address in PAGES:
        page.goto(address)
        shuts_nobody_out(page, other_scheme=True)
    assert complaints == []


@pytest.fixture
def crowd(stage: Stage) -> None:
    """A column of the board with ten cards."""
    for number in range(10):
        make.initiative(f"crowd-{number}", title=f"One of ten {number}")


def test_a_phone_folds_the_columns_of_the_board_and_a_desk_does_not(crowd: None, reader: Reader) -> None:
    page = reader()
    shown = page.locator(".card:visible", has_text="One of ten")
    for width, at_once in ((1440, 10), (375, 3)):
        page.set_viewport_size({"width": width, "height": 812})
        page.goto("/initiatives/board/?q=One+of+ten")
        expect(shown).to_have_count(at_once)
        assert page.evaluate("document.documentElement.scrollHeight") <= 3 * 812
    page.get_by_text("7 more").click()
    expect(shown).to_have_count(10)


def test_a_milestone_is_ticked_in_place(reader: Reader, complaints: list[str]) -> None:
    page = reader()
    page.goto("/initiatives/lights/")
    page.get_by_role("button", name="Tick Pilot").click()
    expect(page.locator("#milestones")).to_contain_text("1 of 2 milestones done")
    assert page.url.endswith("/initiatives/lights/")
    assert complaints == []


def test_filters_board_and_timeline_work_without_a_script(reader: Reader) -> None:
    page = reader(java_script_enabled=False)
    page.goto("/initiatives/")
    page.locator("main").get_by_label("Search").fill("lights")
    page.get_by_role("button", name="Show").click()
    expect(page.get_by_role("row", name="Warehouse lights")).to_be_visible()
    assert page.get_by_text("Faster doors").count() == 0
    views = page.get_by_role("navigation", name="Show as")
    views.get_by_role("link", name="Timeline").click()
    page.get_by_text("The same as a table").click()
    expect(page.get_by_role("table").get_by_text("Pilot: due")).to_be_visible()
    views.get_by_role("link", name="Board").click()
    expect(page.get_by_text("milestone “Pilot” is 12 days overdue")).to_be_visible()


def test_a_bar_of_the_timeline_leads_to_its_initiative(reader: Reader) -> None:
    page = reader(viewport={"width": 1440, "height": 900})
    page.goto("/initiatives/timeline/?q=lights")
    page.wait_for_selector(DRAWN)
    page.locator(".timeline .barlayer .trace:last-child .point path").first.click(force=True)
    page.wait_for_url("**/initiatives/lights/")
