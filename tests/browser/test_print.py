"""Every sort of page on paper: what can be pressed is gone, tables are whole with their heads, drawings are not cut."""

from __future__ import annotations

from datetime import date, timedelta
from io import BytesIO

import pytest
from playwright.sync_api import Page
from pypdf import PdfReader

from customers.models import Customer
from kpis.models import Contact, Issue
from scorecard.models import EarlyWarning, GoalMember, GoalVersion, IncentiveGoal, WarningRun
from tests import factories as make
from tests.browser.conftest import Reader
from tests.browser.test_dense_matrix import set_dense_stage
from tests.browser.windows import DRAWN
from tests.scorecard.stage import Stage

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

POINTS = ("weight", "threshold", "target", "maximum", "at_threshold", "at_maximum")
PAPER = 1039  # pixels of a sheet of A4 across, without its margins
MANY = 45
PAGES = (
    *("/?period=2011-Q3", "/matrix/2011-Q3/", "/growth/?period=2011-Q3", "/growth/value/?period=2011-Q3"),
    *("/scorecards/", "/scorecards/2011-Q3/", "/reports/", "/subscriptions/", "/my/"),
    *("/initiatives/", "/initiatives/board/", "/initiatives/timeline/", "/initiatives/priorities/"),
    *("/initiatives/report/?period=2011-Q3", "/initiatives/benefits/", "/coverage/?period=2011-Q3", "/coverage/pain/"),
    *("/customers/", "/kpis/", "/kpis/repeats/", "/targets/", "/approvals/"),
    "/matrix/2011-Q3/repeats/T1/",
    *("/moments/?period=2011-Q3", "/moments/help/?period=2011-Q3", "/moments/proposals/"),
    *("/kpis/links/", "/kpis/links/1/", "/kpis/links/proposals/"),
    *("/customers/warnings/", "/customers/C1/warnings/2011-09/"),
    *("/incentives/?period=2011-Q3", "/incentives/goals/repeats-q3/", "/incentives/new/"),
    *("/kpis/again/", "/facts/?kpi=again&month=2011-09", "/facts/events/?kpi=again&customer=C1&month=2011-09"),
)
# What can be pressed or chosen, what is wider than the sheet, and tables that do not repeat their heads.
WRONG = """(paper) => {
  const seen = (one) => one.checkVisibility({ visibilityProperty: true }) && one.getClientRects().length;
  const told = (one) => `${one.tagName}.${one.className} ${one.textContent.trim().slice(0, 30)}`;
  const onOneSheet = (one) => getComputedStyle(one).display !== "table-header-group";
  const of = (what) => [...document.querySelectorAll(what)].filter(seen);
  return {
    pressed: of("button, select, textarea, [type=checkbox], .bar, .sub, .foot, nav a").map(told),
    wide: of("main *:not(svg *)").filter((one) => one.getBoundingClientRect().right > paper + 1).map(told),
    headless: of("main thead:not(.visually-hidden)").filter(onOneSheet).map(told),
  };
}"""

# The colours of a drawing's words.
WRITTEN_IN = "[...document.querySelectorAll('.main-svg text')].map((one) => getComputedStyle(one).fill)"


@pytest.fixture
def stage(transactional_db: None) -> Stage:
    """The company with many rows of each sort."""
    stage = set_dense_stage()
    tell_chapters(stage)
    for number in range(MANY):
        make.customer(f"C{number + 2}", name=f"Customer {number}")
        make.initiative(f"i{number}", title=f"Undertaking {number:02}", kpis=(stage.repeats,))
        make.pain_point(f"no answer {number}", month=201108, department=stage.repeats.department)
    make.lifecycle_event(stage.acme, "2010-01-05", "joined")
    warn_many(stage)
    return stage


def tell_chapters(stage: Stage) -> None:
    """A moment of truth, a link, a goal that waits, and a KPI that takes its facts from events."""
    make.moment("help", name="I need help, now", kpis=[stage.repeats], criterion="One call", themes=["no answer 1"])
    make.link(stage.repeats, stage.revenue, pk=1)
    gil = make.person("Gil")
    goal = IncentiveGoal.objects.create(code="repeats-q3", period="2011-Q3", person=gil)
    points = dict(zip(POINTS, (100, 20, 10, 5, 50, 150), strict=True))
    version = GoalVersion.objects.create(goal=goal, number=1, measure="cell", kpi=stage.repeats, **points)
    GoalMember.objects.create(version=version, person=gil)
    meant = {"unit": "percent", "direction": "lower", "customer_method": "ratio", "time_method": "pool"}
    again = make.kpi("again", source="events", rule="repeat_contacts(days=30)", **meant)
    issue = Issue.objects.create(
        external_id="I1", load_id=1, customer=make.customer("C1", name="Customer 1"), opened_on="2011-08-01"
    )
    for number in range(MANY):
        Contact.objects.create(
            external_id=f"K{number}", load_id=1, issue=issue, on=date(2011, 8, 1) + timedelta(number)
        )
    make.fact(again, issue.customer, 201109, 14, 14)


def warn_many(stage: Stage) -> None:
    """A list of warnings that is shown."""
    counts = {"warned": 50, "lost": 20, "base_numerator": 1, "base_denominator": 10, "able": 400, "listed": MANY}
    run = WarningRun.objects.create(month=201109, shown=True, value_kpi=stage.revenue, **counts)
    why = [{"kpi": stage.repeats.pk, "before": "7/2", "now": "9/1", "severe": True}]
    warned = enumerate(Customer.objects.filter(external_id__startswith="C"), 1)
    rows = [EarlyWarning(run=run, customer=one, place=place, value=5_000_000, reasons=why) for place, one in warned]
    EarlyWarning.objects.bulk_create(rows)


def on_paper(page: Page) -> list[str]:
    """The sheets that are printed, as text."""
    page.emulate_media(media=None)
    return [sheet.extract_text() for sheet in PdfReader(BytesIO(page.pdf(prefer_css_page_size=True))).pages]


def test_no_page_prints_what_can_be_pressed_or_more_than_fits(stage: Stage, reader: Reader) -> None:
    page, wrong = reader(viewport={"width": PAPER, "height": 700}), {}
    for address in PAGES:
        page.goto(address)
        page.emulate_media(media="print")
        found = {what: ones[:3] for what, ones in page.evaluate(WRONG, PAPER).items() if ones}
        if found:
            wrong[address] = found
        page.emulate_media(media=None)
    assert wrong == {}


def test_a_long_table_is_whole_and_has_its_head_on_every_sheet(stage: Stage, reader: Reader) -> None:
    page = reader(viewport={"width": 1440, "height": 900})
    page.goto("/initiatives/")
    sheets = on_paper(page)
    assert len(sheets) > 1
    assert all("Initiative" in sheet and "Priority" in sheet for sheet in sheets)
    words = " ".join("".join(sheets).split())
    assert [number for number in range(MANY) if f"Undertaking {number:02}" not in words] == []


def test_a_drawing_made_for_a_wide_and_dark_window_is_not_cut_and_is_light(stage: Stage, reader: Reader) -> None:
    page = reader(viewport={"width": 1900, "height": 900}, color_scheme="dark")
    page.goto("/coverage/?period=2011-Q3")
    page.locator(DRAWN).first.wait_for()
    on_screen = set(page.evaluate(WRITTEN_IN))
    page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    assert set(page.evaluate(WRITTEN_IN)) & on_screen == set()
    page.set_viewport_size({"width": PAPER, "height": 700})
    page.emulate_media(media="print")
    box, drawing = page.locator(".chart").first.bounding_box(), page.locator(".main-svg").first.bounding_box()
    assert box
    assert drawing
    assert drawing["x"] + drawing["width"] <= box["x"] + box["width"] + 1
