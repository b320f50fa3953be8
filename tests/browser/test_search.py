"""The search in Chromium by keyboard alone, and whom its dialog, growth and value by tier shut out."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from kpis.models import ValueKpis
from tests.browser.conftest import Reader
from tests.browser.looks import shuts_nobody_out
from tests.scorecard.stage import Stage

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def valued(stage: Stage) -> None:
    """Revenue says what a tier is worth, before the browser starts."""
    ValueKpis.objects.filter(pk=1).update(revenue=stage.revenue)


def test_the_keyboard_opens_chooses_and_goes(reader: Reader) -> None:
    page = reader()
    page.goto("/help/")
    page.keyboard.press("Control+k")
    field = page.get_by_role("combobox", name="Search customers")
    expect(field).to_be_focused()
    page.keyboard.type("re")
    expect(page.get_by_role("option")).not_to_have_count(0)
    page.keyboard.press("ArrowDown")
    expect(page.get_by_role("option", selected=True)).to_have_attribute("id", "search-1")
    expect(field).to_have_attribute("aria-activedescendant", "search-1")
    field.fill("Repeat")
    expect(page.get_by_role("option")).to_have_count(1)
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("/kpis/repeats/$"))
    page.wait_for_load_state()
    page.keyboard.press("/")
    expect(field).to_be_focused()
    page.keyboard.type("REVENUE")
    page.keyboard.press("Enter")  # a whole code opens at once
    expect(page).to_have_url(re.compile("/kpis/revenue/$"))
    page.goto("/search/")
    page.locator("#search-q").press("/")
    expect(page.locator("#search")).to_be_hidden()


def test_the_button_leads_to_the_page_where_there_is_no_script(reader: Reader) -> None:
    page = reader(java_script_enabled=False)
    page.goto("/help/")
    page.get_by_role("link", name="Search").click()
    page.get_by_role("searchbox", name="Search").fill("repeat")
    page.get_by_role("button", name="Search").click()
    page.get_by_role("link", name="Repeat").click()
    expect(page).to_have_url(re.compile("/kpis/repeats/$"))


@pytest.mark.parametrize(("width", "scheme"), [(1440, "light"), (375, "dark")])
def test_search_growth_and_value_shut_nobody_out(width: int, scheme: str, valued: None, reader: Reader) -> None:
    page = reader(color_scheme=scheme, viewport={"width": width, "height": 900})
    for url in ("/growth/?period=2011-Q3", "/growth/value/?period=2011-Q3", "/search/?q=re"):
        page.goto(url)
        shuts_nobody_out(page)
    page.keyboard.press("Control+k")
    page.keyboard.type("re")
    expect(page.get_by_role("option")).not_to_have_count(0)
    shuts_nobody_out(page)
