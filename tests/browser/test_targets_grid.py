"""The grid of targets and the inbox of finance in Chromium: keys, pastes from a spreadsheet, and nobody shut out."""

from __future__ import annotations

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Locator, Page, expect

from accounts.models import User
from kpis.choices import Per, TargetState
from kpis.models import Kpi, TargetBatch
from tests import factories as make
from tests.browser.conftest import Reader
from tests.scorecard.stage import Stage

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

GRID = "/targets/?year=2012&per=quarter"
PAGES = (
    *(GRID, f"{GRID}&plan=1", "/targets/?year=2012&per=month", "/targets/revenue/T1/quarter/2012-01/", "/approvals/"),
    *("/kpis/", "/kpis/revenue/", "/kpi-templates/", "/actuals/", "/polls/"),
)


@pytest.fixture
def session(stage: Stage, stella: User, fay: User) -> str:
    """The steward's session; between two KPIs of one number lies one of a range, and some targets wait."""
    for place, kpi in enumerate(Kpi.objects.in_matrix_order()):
        Kpi.objects.filter(pk=kpi.pk).update(position=10 * place)
    make.kpi("usage", name="Usage", direction="range", indicator="leading", position=5)
    make.kpi("turnover", name="Turnover of a year", time_method="ttm", indicator="leading", position=6)
    batch = TargetBatch.objects.create(note="As agreed", proposed_by=fay)
    for month in (201201, 201204, 201207):
        waits = {"state": TargetState.PROPOSED, "batch": batch, "created_by": fay, "plan_value": 1300}
        make.target(stage.revenue, stage.gold, month, 1250, per=Per.QUARTER, **waits)
    return make.signed_in(stella).cookies["sessionid"].value


def field(page: Page, of: str) -> Locator:
    return page.get_by_label(of, exact=True)


def paste(page: Page, into: str, *lines: str) -> None:
    """By the clipboard and the keyboard, as a person does."""
    page.evaluate("text => navigator.clipboard.writeText(text)", "\r\n".join(lines) + "\r\n")
    field(page, into).focus()
    page.keyboard.press("Control+V")


@pytest.fixture
def grid(reader: Reader) -> Page:
    page = reader(permissions=["clipboard-read", "clipboard-write"])
    page.on("dialog", lambda dialog: dialog.accept())
    page.goto(GRID)
    return page


def test_keys_move_as_the_eye_does(grid: Page, complaints: list[str]) -> None:
    field(grid, "Repeat <contacts>, All customers, 2012-Q2: target").focus()
    for key, reached in (
        ("ArrowDown", "Usage, Gold, 2012-Q2: lowest"),
        ("ArrowDown", "Usage, Gold, 2012-Q2: highest"),
        ("ArrowRight", "Usage, Gold, 2012-Q3: highest"),
        ("Shift+Enter", "Usage, Gold, 2012-Q3: lowest"),
        ("ArrowLeft", "Usage, Gold, 2012-Q2: lowest"),
    ):
        grid.keyboard.press(key)
        expect(field(grid, reached)).to_be_focused()
    field(grid, "Usage, All customers, 2012-Q2: highest").focus()
    grid.keyboard.press("Enter")  # over the KPI that takes no target per quarter
    expect(field(grid, "Revenue, Gold, 2012-Q2: target")).to_be_focused()
    grid.keyboard.type("77")
    grid.keyboard.press("Escape")
    expect(field(grid, "Revenue, Gold, 2012-Q2: target")).to_have_value("1250")
    assert complaints == []


def test_a_pasted_block_keeps_its_place_across_what_cannot_be_written(grid: Page, complaints: list[str]) -> None:
    usage, turnover = [f"{line}\t{line}" for line in range(1, 7)], ["88\t88"] * 3
    paste(grid, "Usage, Gold, 2012-Q1: lowest", *usage, *turnover, "91\t92", "93\t94")
    for of, value in (
        ("Usage, Gold, 2012-Q2: highest", "2"),
        ("Usage, All customers, 2012-Q1: highest", "6"),
        ("Revenue, Gold, 2012-Q1: target", "91"),
        ("Revenue, Silver, 2012-Q2: target", "94"),
    ):
        expect(field(grid, of)).to_have_value(value)
    status = grid.get_by_role("status")
    expect(status).to_contain_text("16 cells are filled in and not saved yet. 6 values found no field")
    paste(grid, "Revenue, Gold, 2012-Q4: target", "1\t2")
    expect(status).to_contain_text("1 cell is filled in and not saved yet. 1 value found no field")
    assert complaints == []


def test_targets_are_pasted_over_targets_where_plan_values_are_shown(grid: Page, complaints: list[str]) -> None:
    grid.goto(f"{GRID}&plan=1")
    paste(grid, "Repeat <contacts>, Gold, 2012-Q1: target", "1\t2", "3\t4")
    paste(grid, "Repeat <contacts>, Gold, 2012-Q1: plan", "5\t6", "7\t8")
    for of, value in (("Gold, 2012-Q2: target", "2"), ("Silver, 2012-Q1: target", "3"), ("Silver, 2012-Q2: plan", "8")):
        expect(field(grid, f"Repeat <contacts>, {of}")).to_have_value(value)
    grid.get_by_role("button", name="Save drafts").click()
    expect(grid.locator(".messages")).to_contain_text("4 cells saved as drafts.")
    assert complaints == []


def test_bad_cells_of_a_paste_are_named_and_what_was_typed_is_kept(grid: Page) -> None:
    paste(grid, "Repeat <contacts>, Gold, 2012-Q1: target", "1\tmany\t3", "4\t5\t-")
    grid.get_by_role("button", name="Save drafts").click()
    expect(grid.get_by_role("alert")).to_contain_text("2 cells cannot be saved, and so nothing was.")
    bad = field(grid, "Repeat <contacts>, Gold, 2012-Q2: target")
    expect(bad).to_have_value("many")
    expect(bad).to_have_accessible_description(re.compile("is no number with at most four decimals"))
    expect(field(grid, "Repeat <contacts>, Silver, 2012-Q1: target")).to_have_value("4")
    assert Axe().run(grid).violations_count == 0


def test_one_box_ticks_a_batch_or_none_of_it(reader: Reader, complaints: list[str]) -> None:
    page = reader()
    page.goto("/approvals/")
    expect(page.get_by_text("3 of 3 ticked")).to_be_visible()
    page.get_by_label("Tick all of the batch, or none").uncheck()
    page.get_by_label("Revenue, Gold, Quarter 2, 2012").check()
    expect(page.get_by_text("1 of 3 ticked")).to_be_visible()
    page.get_by_label("I take them back all the same").check()
    page.get_by_role("button", name="Withdraw what is ticked").click()
    expect(page.locator(".messages")).to_contain_text("1 proposal taken back")
    assert complaints == []


@pytest.mark.parametrize(("scheme", "width"), [("light", 1440), ("dark", 375)])
def test_nobody_is_shut_out(reader: Reader, scheme: str, width: int, complaints: list[str]) -> None:
    page = reader(color_scheme=scheme, viewport={"width": width, "height": 900})
    for url in PAGES:
        page.goto(url)
        found = Axe().run(page)
        assert found.violations_count == 0, f"{url}\n{found.generate_report()}"
        assert page.evaluate("document.documentElement.scrollWidth") <= width, url
        assert page.evaluate("window.shifts") == 0, url
    assert complaints == []


def test_the_grid_and_the_inbox_read_without_scripts(reader: Reader) -> None:
    page = reader(java_script_enabled=False)
    page.goto(GRID)
    expect(field(page, "Revenue, Gold, 2012-Q1: target")).to_have_value("1250")
    page.goto("/approvals/")
    expect(page.get_by_role("row", name="Revenue Gold Quarter 1, 2012")).to_contain_text("at least €1,250")
    expect(page.get_by_label("Tick all of the batch, or none")).to_be_hidden()
