"""A month's end as four people: the owner says what happened, the steward lets go of what is missing, finance prepares
and the executive signs; then everybody reads what was signed.
"""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from accounts.models import User
from core.periods import Month, shift
from kpis.rollup.runs import roll_up_now
from tests import factories as make
from tests.browser.conftest import Reader
from tests.scorecard.stage import Stage

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

LAST = Month(201109)
People = dict[str, str]


@pytest.fixture
def people(stage: Stage, omar: User, stella: User, fay: User, ines: User) -> People:
    """Their sessions; waiting, which Omar answers for, really got worse in September."""
    waits = make.kpi("waits", name="Hours of waiting", direction="lower", owner=omar, customer_method="mean")
    for kpi in (waits, make.kpi("calls", name="Calls", direction="lower")):  # nobody owns the calls
        for back in range(15, 0, -1):
            make.fact(kpi, stage.acme, shift(LAST, -back), 10 + back % 3)
        make.fact(kpi, stage.acme, LAST, 60)
    roll_up_now()
    named = {"owner": omar, "steward": stella, "finance": fay, "executive": ines}
    return {role: make.signed_in(person).cookies["sessionid"].value for role, person in named.items()}


@pytest.fixture
def session(people: People) -> str:
    """The executive's."""
    return people["executive"]


def as_(page: Page, people: People, role: str, path: str) -> None:
    """Go on as somebody else, on a page."""
    origin = page.url.split("/", 3)
    page.context.clear_cookies()
    page.context.add_cookies([{"name": "sessionid", "value": people[role], "url": f"{origin[0]}//{origin[2]}"}])
    page.goto(path)


def test_a_month_is_closed_by_four_people(reader: Reader, people: People, complaints: list[str]) -> None:
    page = reader()
    page.goto("/scorecards/")

    as_(page, people, "owner", "/my/")
    expect(page.get_by_text("asks for a narrative").first).to_be_visible()
    page.goto("/matrix/2011-09/waits/T1/")
    page.get_by_role("textbox", name="What happened").fill("The line was down: [[waits@T1]] hours.")
    page.get_by_role("button", name="Keep it").click()
    expect(page.locator("#narrative")).to_contain_text("The line was down: 60")

    as_(page, people, "steward", "/scorecards/2011-09/")
    expect(page.get_by_role("button", name="Prepare edition 1")).to_be_disabled()
    page.get_by_label("Why all that is left may be missing").fill("The first month that is closed.")
    page.get_by_role("button", name="Waive the rest").click()

    as_(page, people, "finance", "/scorecards/2011-09/")
    page.get_by_label("Summary").fill("A line was down.")
    page.get_by_role("button", name="Prepare edition 1").click()
    expect(page.get_by_text("Edition 1 is prepared", exact=True)).to_be_visible()
    expect(page.get_by_role("button", name="Sign edition 1")).to_have_count(0)  # never by who prepared

    as_(page, people, "executive", "/scorecards/2011-09/")
    page.get_by_role("button", name="Sign edition 1").click()
    expect(page.locator(".sub")).to_contain_text("closed, edition 1")
    expect(page.locator("#narratives")).to_contain_text("The line was down: 60")

    as_(page, people, "owner", "/matrix/2011-09/")
    expect(page.get_by_text("As signed: edition 1")).to_be_visible()
    page.get_by_role("link", name="live values").first.click()
    expect(page).to_have_url("/matrix/2011-09/?edition=live")
    assert complaints == []
