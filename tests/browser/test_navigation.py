"""The bar in Chromium: keys and menus with and without a script, a phone, and where each role lands."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from accounts.choices import Role
from tests import factories as make
from tests.browser.conftest import Reader
from tests.browser.looks import holds_still, shuts_nobody_out

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

CELL = "/matrix/2011-Q3/revenue/T1/"


def test_brackets_lead_to_the_period_before_and_after_but_not_in_a_field(reader: Reader) -> None:
    page = reader()
    page.goto(CELL)
    page.keyboard.press("[")
    expect(page).to_have_url(re.compile("/matrix/2011-Q2/revenue/T1/$"))
    page.keyboard.press("]")
    expect(page).to_have_url(re.compile(f"{CELL}$"))
    report = "/initiatives/report/?period=2011-Q3"
    page.goto(report)
    page.locator("input[name=customer_focused]").press("[")
    page.wait_for_load_state()
    assert page.url.endswith(report)
    page.goto("/profile/")
    page.get_by_label("Single keys lead on").uncheck()
    page.locator("form", has=page.get_by_label("Single keys lead on")).get_by_role("button").click()
    page.goto(CELL)
    page.keyboard.press("[")
    page.wait_for_load_state()
    expect(page).to_have_url(re.compile(f"{CELL}$"))


def test_the_menu_opens_without_a_script_and_closes_by_itself_with_one(reader: Reader) -> None:
    page = reader(java_script_enabled=False)
    page.goto("/help/")
    page.locator(".menu summary").click()
    expect(page.get_by_role("link", name="Begin with the API")).to_be_visible()
    scripted = reader()
    scripted.goto("/help/")
    scripted.locator(".menu summary").click()
    scripted.keyboard.press("Escape")
    expect(scripted.locator(".menu-panel")).to_be_hidden()
    expect(scripted.locator(".menu summary")).to_be_focused()


@pytest.mark.parametrize(("width", "scheme"), [(1440, "light"), (375, "dark"), (320, "light")])
def test_the_bar_shuts_nobody_out_and_moves_nothing(width: int, scheme: str, reader: Reader) -> None:
    page = reader(color_scheme=scheme, viewport={"width": width, "height": 900})
    for url in ("/coverage/?period=2011-Q3", "/help/scorecard/", "/api/"):
        page.goto(url)
        holds_still(page)
        shuts_nobody_out(page)
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()


def sign_in(page: Page, email: str) -> None:
    page.goto("/accounts/login/")
    page.get_by_label("E-mail address").fill(email)
    page.get_by_label("Password").fill(make.PASSWORD)
    page.get_by_role("button", name="Sign in").click()


@pytest.fixture
def people(transactional_db: None) -> dict[str, str]:
    """Somebody of each role that lands elsewhere, by e-mail address; made before the browser starts."""
    return {role: make.person(f"New-{role}", role).email for role in (Role.OWNER, Role.INTEGRATOR)}


def test_each_lands_where_their_work_is(people: dict[str, str], reader: Reader) -> None:
    for role, path in ((Role.OWNER, "/my/"), (Role.INTEGRATOR, "/api/")):
        page = reader(signed_in=False)
        sign_in(page, people[role])
        expect(page).to_have_url(re.compile(f"{path}$"))
    page.get_by_role("button", name="Make a token").click()
    expect(page.locator("#token pre")).to_be_visible()
