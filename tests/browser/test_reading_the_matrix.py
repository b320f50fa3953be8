"""A reader in Chromium: signs in, picks a period, reads the matrix, opens a cell."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests import factories as make
from tests.browser.conftest import Reader
from tests.browser.looks import holds_still, shuts_nobody_out
from tests.browser.windows import DRAWN
from tests.scorecard.stage import Stage

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

MATRIX = "/matrix/2011-Q3/"
HEATMAP = f"{MATRIX}?view=heatmap"
CELL = "/matrix/2011-Q3/repeats/T1/"


def focus_heatmap(page: Page) -> None:
    page.wait_for_selector(DRAWN)
    page.locator(".heatmap").focus()


def test_signs_in_picks_a_period_and_opens_a_cell(reader: Reader, complaints: list[str]) -> None:
    page = reader(signed_in=False)
    page.goto("/matrix/")
    page.get_by_label("E-mail address").fill("ines@tierboard.example")
    page.get_by_label("Password").fill(make.PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text(
        "Gold missed all of its 2 targets and Silver none of 1."
    )
    page.locator("details.picker summary").click()
    page.locator(".picker-panel").get_by_role("link", name="Quarter 2, 2011", exact=True).click()
    expect(page).to_have_url(re.compile("/matrix/2011-Q2/"))
    page.get_by_role("link", name="Next: Quarter 3, 2011").click()
    page.locator("table.matrix td > a").first.click()
    expect(page).to_have_url(re.compile(CELL))
    page.wait_for_selector(DRAWN)
    assert complaints == []


def over_repeats_of_gold(page: Page) -> tuple[float, float]:
    """The second of four lines, the first of three columns."""
    page.wait_for_selector(DRAWN)
    page.locator(".heatmap").scroll_into_view_if_needed()
    ground = page.locator(".heatmap .nsewdrag").bounding_box()
    assert ground
    return ground["x"] + ground["width"] / 6, ground["y"] + ground["height"] * 3 / 8


def test_a_cell_of_the_heatmap_says_what_it_is_under_the_pointer(reader: Reader) -> None:
    page = reader()
    page.goto(HEATMAP)
    page.mouse.move(*over_repeats_of_gold(page))
    expect(page.locator(".heatmap .hoverlayer")).to_contain_text("variance +10.0 points")


def test_a_click_on_the_heatmap_opens_the_cell(reader: Reader, complaints: list[str]) -> None:
    page = reader()
    page.goto(HEATMAP)
    page.mouse.click(*over_repeats_of_gold(page))  # moved to, pressed and released at once
    expect(page).to_have_url(re.compile(CELL))
    assert complaints == []


def test_a_press_opens_the_cell_though_the_machine_was_too_busy_to_see_the_pointer_come(reader: Reader) -> None:
    page = reader()
    wire = page.context.new_cdp_session(page)
    for _ in range(3):
        page.goto(HEATMAP)
        across, down = over_repeats_of_gold(page)
        for what in ("mousePressed", "mouseReleased"):
            spot = {"x": across, "y": down, "button": "left", "clickCount": 1}
            wire.send("Input.dispatchMouseEvent", {"type": what, **spot})
        expect(page).to_have_url(re.compile(CELL))


def test_a_press_that_is_let_go_elsewhere_opens_nothing(reader: Reader) -> None:
    page = reader()
    page.goto(HEATMAP)
    across, down = over_repeats_of_gold(page)
    page.mouse.move(across, down)
    page.mouse.down()
    page.mouse.move(across, down + 60)
    page.mouse.up()
    page.mouse.click(5, 5)
    expect(page).to_have_url(re.compile(re.escape(HEATMAP) + "$"))


def test_the_heatmap_is_read_and_opened_from_the_keyboard(reader: Reader, complaints: list[str]) -> None:
    page = reader()
    page.goto(HEATMAP)
    focus_heatmap(page)
    status = page.locator("[data-chart-status]")
    expect(status).to_have_text(re.compile("Repeat <contacts>, Gold: 20.0 %, at most 10 %, missed"))
    page.keyboard.press("ArrowDown")
    expect(status).to_have_text(re.compile("Revenue, Gold: €900, at least €1,100, missed"))
    page.keyboard.press("ArrowRight")
    expect(status).to_have_text(re.compile("Revenue, Silver"))
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("/matrix/2011-Q3/revenue/T2/"))
    assert complaints == []


def test_the_first_stop_of_the_keyboard_skips_to_the_content(reader: Reader) -> None:
    page = reader()
    page.goto(MATRIX)
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_be_focused()


def test_the_pages_read_without_a_script(reader: Reader) -> None:
    page = reader(java_script_enabled=False)
    page.goto(MATRIX)
    cells = page.locator("table.matrix td > a")
    expect(cells).to_have_count(6)
    page.locator("details.picker summary").click()
    expect(page.locator(".picker-panel")).to_be_visible()
    page.locator("details.picker summary").click()
    page.locator(".bits summary").click()
    page.get_by_role("link", name="Sales").click()
    expect(cells).to_have_count(3)
    page.get_by_role("link", name="Show all").click()
    page.get_by_role("columnheader", name="Silver").get_by_role("link", name="1 met").click()
    expect(page.locator(".left-out")).to_contain_text("1 of 2 KPIs: met in Silver.")
    cells.first.hover()
    expect(page.locator(".card").first).to_contain_text("3 of 3 months with data, 3 facts")
    expect(page.locator(".card").first).to_be_visible()
    cells.first.click()
    page.get_by_text("The numbers").first.click()
    expect(page.get_by_role("table").first).to_contain_text("Sep 2011")


@pytest.mark.parametrize("width", [1440, 375])
def test_nobody_is_shut_out(reader: Reader, stage: Stage, width: int, complaints: list[str]) -> None:
    page = reader(viewport={"width": width, "height": 900})
    for url in (
        MATRIX,
        HEATMAP,
        CELL,
        "/facts/?kpi=repeats&tier=T1&month=2011-07",
        "/rollups/",
        f"/rollups/{stage.run.pk}/",
    ):
        page.goto(url)
        holds_still(page)
        shuts_nobody_out(page, other_scheme=True)
    assert complaints == []


def test_the_doors_shut_nobody_out(reader: Reader) -> None:
    page = reader(signed_in=False)
    for url in ("/accounts/login/", "/accounts/reset/", "/accounts/reset/sent/", "/accounts/reset/done/"):
        page.goto(url)
        shuts_nobody_out(page, other_scheme=True)


def test_on_paper_the_numbers_stay_and_the_buttons_go(reader: Reader) -> None:
    page = reader()
    page.goto(MATRIX)
    page.emulate_media(media="print")
    expect(page.locator("table.matrix")).to_be_visible()
    expect(page.locator(".bar")).to_be_hidden()
    expect(page.get_by_role("navigation", name="Filters and order")).to_be_hidden()
