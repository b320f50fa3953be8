"""The matrix fits a screen: rows in view, the keyboard, the card of a cell, paper. Measured in Chromium."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import FloatRect, Page, expect

from kpis.models import Kpi, MonthSignal, PeriodCell
from tests import factories as make
from tests.browser.conftest import Reader
from tests.scorecard.stage import Stage, set_stage

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

MATRIX = "/matrix/2011-Q3/"
# Where the first row begins, and how many stand in the window to their last pixel.
ROWS = """() => {
  const rows = [...document.querySelectorAll("table.matrix th[scope=row]")].map((row) => row.getBoundingClientRect());
  return { first: rows[0].top, whole: rows.filter((row) => row.bottom <= innerHeight).length };
}"""
# Whether every number of the first row stands in its cell, and every cell in the window.
FITS = """() => [...document.querySelectorAll("table.matrix tbody tr:nth-child(2) td > a")].every((cell) => {
  const inside = (outer, inner) => inner.left >= outer.left - 1 && inner.right <= outer.right + 1;
  const box = cell.getBoundingClientRect();
  const shown = [...cell.children].filter((part) => part.offsetParent);
  return box.right <= innerWidth && shown.every((part) => inside(box, part.getBoundingClientRect()));
})"""
# Names of which a part stands outside of its cell, or is hidden.
CUT = """() => [...document.querySelectorAll("table.matrix th[scope=row] a")].filter((name) => {
  const cell = name.closest("th").getBoundingClientRect(), box = name.getBoundingClientRect();
  const hidden = name.scrollWidth > Math.ceil(box.width) || name.scrollHeight > box.height + 3; // room of a letter
  return hidden || box.right > cell.right || box.top < cell.top - 1 || box.bottom > cell.bottom + 1;
}).map((name) => name.textContent)"""
# Pairs of what a cell shows of which one lies over the other by more than the room beside a letter.
OVERLAPS = """() => [...document.querySelectorAll("table.matrix td > a")].flatMap((cell) => {
  const end = cell.getBoundingClientRect().bottom;
  const box = (part) => {
    const range = new Range();
    range.selectNodeContents(part);
    return range.getBoundingClientRect();
  };
  const shown = [...cell.children].filter((part) => part.offsetParent && part.textContent);
  return shown.flatMap((one, place) => shown.slice(place + 1).filter((other) => {
    const [a, b] = [box(one), box(other)];
    const across = Math.min(a.right, b.right) - Math.max(a.left, b.left);
    const down = Math.min(a.bottom, b.bottom, end) - Math.max(a.top, b.top); // what wraps out of sight covers nothing
    return across > 4 && down > 5;
  }).map((other) => `${one.textContent} ${other.textContent}`));
})"""
LONG = "Deliveries in full and on time to the first date that was asked for"
NAMES = {"repeats": "Complaints solved", "revenue": "Deals won"}
OPEN = "table.matrix .card:visible"


@pytest.fixture
def stage(transactional_db: None) -> Stage:
    return set_dense_stage()


def set_dense_stage() -> Stage:
    """The small company with four tiers and 27 KPIs, whose numbers are the two KPIs' of the stage again."""
    stage = set_stage()
    tiers = [stage.gold, stage.silver, make.tier("T3", name="Platinum", rank=3), make.tier("T4", name="Bronze", rank=4)]
    for kpi, copies in ((stage.repeats, 17), (stage.revenue, 8)):
        fields = {field.attname: getattr(kpi, field.attname) for field in Kpi._meta.fields}
        of = NAMES[kpi.code]
        made = [Kpi(**fields | {"id": None, "code": f"{kpi.code}{n}", "name": f"{of} {n}"}) for n in range(copies)]
        Kpi.objects.bulk_create(made)
        cells: list[Any] = list(PeriodCell.objects.filter(kpi=kpi).values())
        _copy(cells, list(Kpi.objects.filter(code__startswith=kpi.code)), [tier.pk for tier in tiers])
        for tier in tiers:
            make.target(made[0], tier, 201107, 1100 if kpi == stage.revenue else 10, per="quarter")
    return stage


def _copy(cells: list[Any], kpis: list[Kpi], tiers: list[int]) -> None:
    """The cells for each KPI and tier that has none: those of the first two tiers, in turn, for the others."""
    known = {tier: tiers[place % 2] for place, tier in enumerate(tiers)}
    known |= {cell["tier_id"]: cell["tier_id"] for cell in cells}
    have = {(cell["kpi_id"], cell["tier_id"]) for cell in cells}
    PeriodCell.objects.bulk_create(
        PeriodCell(**cell | {"id": None, "kpi_id": kpi.pk, "tier_id": tier})
        for kpi in kpis
        for tier, like in known.items()
        for cell in cells
        if cell["tier_id"] == like and (kpi.pk, tier) not in have
    )


@pytest.mark.parametrize(("width", "height", "rows", "first"), [(1440, 900, 27, 250), (375, 812, 9, 450)])
def test_so_many_kpis_stand_in_the_first_screen(
    reader: Reader, width: int, height: int, rows: int, first: int, complaints: list[str]
) -> None:
    page = reader(viewport={"width": width, "height": height})
    page.goto(MATRIX)
    seen = page.evaluate(ROWS)
    assert seen["whole"] >= rows
    assert seen["first"] <= first
    assert page.evaluate(FITS)
    assert page.locator("table.matrix td > a > small").first.is_visible() == (width == 1440)  # the change
    assert page.evaluate("window.shifts") == []
    assert complaints == []


@pytest.fixture
def long_names(stage: Stage) -> None:
    """Every other KPI has a name of 67 letters, each cell the arrow of a signal, and one KPI targets without data."""
    for kpi in Kpi.objects.filter(code__regex="[02468]$"):
        Kpi.objects.filter(pk=kpi.pk).update(name=f"{LONG} {kpi.pk}")
    MonthSignal.objects.bulk_create(
        MonthSignal(kpi_id=kpi, tier_id=tier, month=201109, signal="worse", rule="outside")
        for kpi, tier in PeriodCell.objects.values_list("kpi", "tier").distinct()
    )
    make.target(make.kpi("silent", name="Silent", unit="percent"), stage.gold, 201107, 10, per="quarter")


def test_nothing_is_cut_or_covered_however_long_it_is(long_names: None, reader: Reader) -> None:
    page = reader()
    page.goto(MATRIX)
    assert page.locator("table.matrix td > a > em").count() > 20
    for width, rows in ((1440, 24), (1024, 22), (900, 0), (768, 0), (375, 0)):
        page.set_viewport_size({"width": width, "height": 900})
        assert page.evaluate(CUT) == [], width
        assert page.evaluate(OVERLAPS) == [], width
        assert page.evaluate(ROWS)["whole"] >= rows, width
        assert page.evaluate(FITS), width


def test_nothing_widens_the_page(reader: Reader) -> None:
    page = reader()
    page.goto(f"{MATRIX}?order=worst&status=missed&tier=T1")
    for width in (320, 720):  # the latter is 1440 at 200 %
        page.set_viewport_size({"width": width, "height": 800})
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert page.evaluate(FITS), width


def test_the_keyboard_has_one_stop_and_moves_in_the_grid(reader: Reader, complaints: list[str]) -> None:
    page = reader()
    page.goto(MATRIX)
    expect(page.get_by_role("grid")).to_be_visible()
    assert page.locator("table.matrix a:not([tabindex='-1'])").count() == 1
    page.get_by_role("link", name="Heatmap").focus()
    page.keyboard.press("Tab")
    first = page.locator("tbody td > a").first
    expect(first).to_be_focused()
    expect(page.locator(OPEN)).to_contain_text("Repeat <contacts>, Gold")
    page.keyboard.press("Escape")
    expect(page.locator(OPEN)).to_have_count(0)
    page.keyboard.press("End")
    expect(page.locator(OPEN)).to_contain_text("Repeat <contacts>, All customers")
    page.keyboard.press("Home")
    expect(page.get_by_role("link", name="Repeat <contacts>", exact=True)).to_be_focused()
    for key in ("ArrowRight", "ArrowDown", "ArrowRight"):
        page.keyboard.press(key)
    expect(page.locator(OPEN)).to_contain_text("Complaints solved 0, Silver")
    page.keyboard.press("Control+End")
    expect(page.locator(OPEN)).to_contain_text("Deals won 7, All customers")
    page.keyboard.press("Control+Home")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowUp")
    expect(page.get_by_role("columnheader", name="Gold").get_by_role("link", name="Gold", exact=True)).to_be_focused()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("/matrix/2011-Q3/repeats/T1/"))
    assert complaints == []


def card_over(page: Page, cell: str) -> FloatRect:
    """The box of a cell's card, once the pointer is over the cell."""
    page.locator(f"{cell} > a").hover()
    expect(page.locator(f"{cell} > .card")).to_be_visible()
    box = page.locator(f"{cell} > .card").bounding_box()
    assert box
    return box


def test_a_card_opens_into_the_window_moves_nothing_and_lets_the_pointer_in(reader: Reader) -> None:
    page = reader(viewport={"width": 1440, "height": 900})
    page.goto(MATRIX)
    size = page.evaluate("[document.documentElement.scrollWidth, document.documentElement.scrollHeight]")
    first = card_over(page, "tbody:nth-of-type(1) tr:nth-child(2) td:nth-child(2)")
    page.mouse.move(first["x"] + 60, first["y"] + 60)
    expect(page.locator(OPEN)).to_contain_text("Served by")
    for cell in ("tbody:nth-of-type(1) tr:nth-child(2) td:last-child", "tbody:last-child tr:last-child td:last-child"):
        page.locator(cell).scroll_into_view_if_needed()
        box = card_over(page, cell)
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= 1440
        assert box["y"] >= 0
        assert box["y"] + box["height"] <= 900
    assert page.evaluate("[document.documentElement.scrollWidth, document.documentElement.scrollHeight]") == size
    assert page.evaluate("window.shifts") == []


def test_a_finger_sees_the_card_first_and_opens_the_cell_by_a_second_tap(reader: Reader) -> None:
    page = reader(viewport={"width": 375, "height": 812}, has_touch=True)
    page.goto(MATRIX)
    cell = page.locator("tbody td > a").first
    cell.tap()
    box = page.locator(OPEN).bounding_box()
    assert box
    assert (box["x"], box["y"] + box["height"]) == (0, 812)
    cell.tap()
    expect(page).to_have_url(re.compile("/matrix/2011-Q3/repeats/T1/"))


def test_on_paper_all_rows_stand_on_one_page_across(reader: Reader) -> None:
    page = reader()
    page.goto(MATRIX)
    paper = page.pdf(prefer_css_page_size=True, print_background=True)
    assert len(re.findall(rb"/Type\s*/Page\b", paper)) == 1
    assert re.search(rb"/MediaBox\s*\[0 0 84[12]", paper)
