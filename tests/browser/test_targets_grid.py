"""The grid of targets and the inbox of finance in Chromium: keys, pastes from a spreadsheet, and nobody shut out."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import pytest
from playwright.sync_api import Locator, Page, expect

from accounts.models import User
from kpis.choices import Per, TargetState
from kpis.models import Kpi, TargetBatch
from tests import factories as make
from tests.browser.conftest import Reader
from tests.browser.looks import holds_still, shuts_nobody_out
from tests.scorecard.stage import Stage

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

NEXT_YEAR = datetime.now(UTC).year + 1  # what begins then reaches into no ended period
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
    page = reader()
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
    expect(bad).to_have_accessible_description(re.compile("“many” is not a number"))
    expect(field(grid, "Repeat <contacts>, Silver, 2012-Q1: target")).to_have_value("4")
    shuts_nobody_out(grid)


def test_a_paste_is_understood_and_can_be_undone(grid: Page, complaints: list[str]) -> None:
    paste(grid, "Revenue, Silver, 2012-Q3: target", "45.000,50")
    cell = grid.locator("td", has=field(grid, "Revenue, Silver, 2012-Q3: target"))
    field(grid, "Revenue, Silver, 2012-Q3: target").fill("45.000,50")
    expect(cell.locator(".understood")).to_have_text("€45,000.5")
    expect(cell.locator(".doubt")).to_contain_text("more than 3 times last year’s")
    paste(grid, "Revenue, Silver, 2012-Q3: target", "many\t1")
    expect(cell.locator(".errors")).to_contain_text("“many” is not a number")
    grid.get_by_role("button", name="Undo the paste").click()
    expect(field(grid, "Revenue, Silver, 2012-Q3: target")).to_have_value("45.000,50")
    expect(cell.locator(".understood")).to_have_text("€45,000.5")
    assert complaints == []


def test_a_steward_pastes_twenty_targets_and_proposes_them_in_six_clicks(grid: Page, complaints: list[str]) -> None:
    Clicks.count = 0
    contacts, usage = ["1\t2\t3\t4"] * 3, ["5\t6\t7\t8"] * 2
    grid.evaluate("text => navigator.clipboard.writeText(text)", "\r\n".join([*contacts, *usage]))
    clicked(field(grid, "Repeat <contacts>, Gold, 2012-Q1: target"))
    grid.keyboard.press("Control+V")
    expect(grid.get_by_role("status")).to_contain_text("20 cells are filled in and not saved yet.")
    clicked(grid.get_by_role("button", name="Save drafts"))
    expect(grid.locator(".messages")).to_contain_text("16 cells saved as drafts.")
    clicked(grid.get_by_text("Propose 16 drafts"))
    clicked(grid.get_by_role("button", name="Send to finance"))
    expect(grid.locator(".messages")).to_contain_text("16 targets wait for finance now")
    assert Clicks.count <= 6
    assert complaints == []


class Clicks:
    """How often somebody clicked."""

    count = 0


def clicked(what: Locator) -> None:
    Clicks.count += 1
    what.click()


class TestFinance:
    """The same pages as finance sees them; what waits there is the steward's."""

    @pytest.fixture
    def session(self, stage: Stage, stella: User, fay: User) -> str:
        batch = TargetBatch.objects.create(note="As agreed", proposed_by=stella)
        for month in (1, 4, 7):
            waits = {"state": TargetState.PROPOSED, "batch": batch, "created_by": stella, "plan_value": 1300}
            make.target(stage.revenue, stage.gold, NEXT_YEAR * 100 + month, 1250, per=Per.QUARTER, **waits)
        return make.signed_in(fay).cookies["sessionid"].value

    def test_two_are_approved_and_one_is_rejected_in_five_clicks(self, reader: Reader, complaints: list[str]) -> None:
        page, Clicks.count = reader(), 0
        page.goto("/approvals/")
        for quarter, word in ((1, "Approve"), (2, "Approve"), (3, "Reject")):
            row = page.get_by_role("group", name=f"Revenue, Gold, Quarter {quarter}, {NEXT_YEAR}")
            clicked(row.get_by_text(word, exact=True))
        page.keyboard.type("Too low for summer")  # the cursor is where the reason goes
        expect(page.get_by_role("status")).to_contain_text("3 of 3 decided: 2 approved, 1 rejected.")
        expect(page.get_by_role("status")).to_contain_text("Nothing stays in the inbox.")
        clicked(page.get_by_role("button", name="Send 3 decisions"))
        expect(page.locator(".messages")).to_contain_text("2 targets approved")
        expect(page.locator(".messages")).to_contain_text("1 target rejected, with your reasons.")
        assert Clicks.count <= 5
        assert complaints == []

    def test_a_group_is_marked_and_a_refusal_leads_to_its_field_with_and_without_scripts(self, reader: Reader) -> None:
        for scripts in (True, False):
            page = reader(java_script_enabled=scripts, viewport={"width": 375, "height": 800})
            page.goto("/approvals/")
            page.get_by_role("button", name=re.compile("^Mark all|^Mark 3")).first.click()
            expect(page.get_by_role("status")).to_contain_text("3 of 3 decided: 3 approved, 0 rejected.")
            row = page.get_by_role("group", name=f"Revenue, Gold, Quarter 3, {NEXT_YEAR}")
            row.get_by_text("Reject", exact=True).click()
            page.get_by_role("button", name=re.compile("^Send")).click()
            reason = page.get_by_label(f"Why not? Revenue, Gold, Quarter 3, {NEXT_YEAR}")
            expect(reason).to_be_focused()
            expect(reason).to_have_accessible_description(re.compile("Say why: the proposer reads it"))
            expect(page.get_by_role("alert").get_by_role("link")).to_have_attribute("href", re.compile("^#why-"))
            sizes = page.locator(".choice label").evaluate_all("all => all.map((one) => one.offsetHeight)")
            assert min(sizes) >= 36
            if scripts:
                shuts_nobody_out(page)


@pytest.mark.parametrize(("scheme", "width"), [("light", 1440), ("dark", 375)])
def test_nobody_is_shut_out(reader: Reader, scheme: str, width: int, complaints: list[str]) -> None:
    page = reader(color_scheme=scheme, viewport={"width": width, "height": 900})
    for url in PAGES:
        page.goto(url)
        holds_still(page)
        shuts_nobody_out(page)
    assert complaints == []


def test_the_grid_and_the_inbox_read_without_scripts(reader: Reader) -> None:
    page = reader(java_script_enabled=False)
    page.goto(GRID)
    expect(field(page, "Revenue, Gold, 2012-Q1: target")).to_have_value("1250")
    page.goto("/approvals/")
    expect(page.get_by_role("row", name=re.compile("Gold.*1,250"))).to_have_count(3)
