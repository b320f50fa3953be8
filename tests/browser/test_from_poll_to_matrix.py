"""From a brain dump to a cell of the matrix, each step taken by whom it belongs to, in their own browser."""

from __future__ import annotations

import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import connection
from playwright.sync_api import Locator, Page, expect

from accounts.choices import Role
from accounts.models import RoleGrant, User
from kpis.rollup.runs import roll_up_now
from tests import factories as make
from tests.browser.conftest import Reader
from tests.browser.looks import holds_still, shuts_nobody_out
from tests.browser.windows import Chromium
from tests.scorecard.stage import Stage

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

NAME = "Share of customers who refer us"
CODE = "referral_rate"
Desk = Callable[[str], Page]


@pytest.fixture
def session(stage: Stage, ines: User) -> str:
    """The executive's session; the matrix that she reads holds three quarters of a company like any other."""
    return make.signed_in(ines).cookies["sessionid"].value


@pytest.fixture
def sessions(session: str, stella: User, omar: User, fay: User) -> dict[str, str]:
    """Everybody's session. Stella is from finance as well: what stops her is that the proposal is her own."""
    RoleGrant.objects.create(user=stella, role=Role.FINANCE)
    found = {user.name: make.signed_in(user).cookies["sessionid"].value for user in (stella, omar, fay)}
    return found | {"Ines": session}


@pytest.fixture
def desk(sessions: dict[str, str], reader: Reader, chrome: Chromium, live_server: object) -> Desk:
    """Each person's browser, opened when they are first asked for something."""
    open_pages: dict[str, Page] = {}

    def of(name: str) -> Page:
        if name not in open_pages:
            page = reader(signed_in=False)
            address = str(live_server)
            page.context.add_cookies([{"name": "sessionid", "value": sessions[name], "url": address}])
            open_pages[name] = page
        chrome.work_in(open_pages[name])
        return open_pages[name]

    return of


def last_month() -> date:
    """The first day of the last ended month; the database, which knows the time zone (UTC), is not asked from here."""
    return (datetime.now(UTC).date().replace(day=1) - timedelta(days=1)).replace(day=1)


def quarter_of(day: date) -> str:
    return f"{day.year}-Q{(day.month + 2) // 3}"


def visit(page: Page, address: str = "", *, reads: bool = True) -> None:
    """Go there, or look at where a click led: nothing moved meanwhile, and nobody is shut out who ``reads`` it."""
    if address:
        page.goto(address)
    holds_still(page)
    if reads:
        shuts_nobody_out(page)


def follow(page: Page, ask: str, *, looking: bool) -> None:
    """From one's own page to what the poll asks; with a look at both for the first who goes there."""
    page.goto("/my/")
    if looking:
        visit(page)
    page.locator(".asks").get_by_role("link", name=ask).click()
    if looking:
        visit(page)


def press(page: Page, button: str) -> None:
    page.get_by_role("button", name=button, exact=True).click()


def says(page: Page, words: str) -> None:
    expect(page.locator(".messages")).to_contain_text(words)


def roll_up() -> None:
    """What the worker does, in a thread of its own: the browser's has an event loop, which Django refuses."""

    def work() -> None:
        try:
            assert roll_up_now()
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as worker:
        worker.submit(work).result()


# -- the way, step by step


def open_poll(stella: Page) -> None:
    visit(stella, "/polls/new/")
    for name in ("Fay", "Ines", "Omar"):
        stella.get_by_label(name).check()
    press(stella, "Open the poll")
    says(stella, "3 people can answer now.")
    visit(stella)


def answer_blind(desk: Desk) -> None:
    """Each sees the others' answers only after giving one."""
    given: list[str] = []
    for name, words in (("Omar", "Referral rate"), ("Ines", "Do they refer us?"), ("Fay", "Invoices without an error")):
        page = desk(name)
        follow(page, "Answer", looking=not given)
        for other in given:
            expect(page.get_by_text(other)).to_have_count(0)
        page.get_by_role("textbox", name="Your answer").fill(words)
        press(page, "Answer")
        for other in given:
            expect(page.get_by_text(other)).to_be_visible()
        given.append(words)


def classify(stella: Page, word: str, option: str) -> None:
    stella.locator(".option", has_text=option).get_by_role("button", name=word).click()
    says(stella, f"“{option}” is {word.lower()}.")


def merge_and_classify(stella: Page) -> None:
    stella.reload()
    expect(stella.get_by_text("Referral rate")).to_have_count(0)
    press(stella, "Close answers …")
    press(stella, "Close answers")
    says(stella, "Answers are closed")
    visit(stella)
    for option in ("Referral rate", "Do they refer us?"):
        stella.get_by_role("checkbox", name=option).check()
    stella.get_by_label("Name", exact=True).fill(NAME)
    press(stella, "Merge")
    press(stella, "Make them one")
    says(stella, f"“{NAME}” stands for 2 answers.")
    classify(stella, "Leading", NAME)
    classify(stella, "Trailing", "Invoices without an error")
    visit(stella)
    press(stella, "Open the vote")
    says(stella, "The vote is open.")


def vote_and_decide(desk: Desk) -> None:
    for name, points in (("Omar", "5"), ("Ines", "4"), ("Fay", "2")):
        page = desk(name)
        follow(page, "Vote", looking=name == "Omar")
        page.get_by_label(NAME).fill(points)
        press(page, "Vote")
        says(page, f"Your {points} points count.")
    stella = desk("Stella")
    stella.reload()
    visit(stella)
    stella.get_by_role("checkbox", name=f"{NAME} 11 points").check()
    press(stella, "End the vote with this short list")
    press(stella, "End the vote")
    says(stella, "The short list stands.")
    visit(stella)


def make_a_kpi(stella: Page) -> None:
    stella.locator(".option", has_text=NAME).get_by_role("link", name="Make it a KPI").click()
    visit(stella)
    stella.get_by_label("Code").fill(CODE)
    stella.get_by_label("Unit").select_option("percent")
    stella.get_by_label("Direction").select_option("higher")
    stella.get_by_label("Customer method").select_option("ratio")
    stella.get_by_label("Time method").select_option("pool")
    stella.get_by_label("Owner").select_option(label="Omar")
    stella.get_by_label("Definition").fill("Customers that brought us another, of those who were asked.")
    press(stella, "Make the KPI")
    says(stella, f"“{NAME}” is a KPI now")
    for words in ("opened the poll for 3 people", f"merged “Referral rate” and “Do they refer us?” into “{NAME}”"):
        expect(stella.get_by_role("listitem").filter(has_text=words)).to_have_count(1)
    visit(stella, f"/kpis/{CODE}/")


def enter_actuals(omar: Page) -> None:
    """Twelve of forty in gold, three of thirty in silver; the column of all customers stays blank."""
    visit(omar, "/actuals/", reads=False)
    omar.get_by_role("link", name=f"Enter its first month of {NAME}").click()
    visit(omar)
    for tier, above, below in (("Gold", "12", "40"), ("Silver", "3", "30")):
        line = omar.get_by_role("group", name=tier)
        line.get_by_label("Numerator").fill(above)
        line.get_by_label("Denominator").fill(below)
    press(omar, "Save")
    says(omar, "2 values saved.")
    visit(omar)


def cell_of(page: Page, tier: str) -> Locator:
    return page.locator("table.matrix td", has=page.locator(f'a[href$="/{CODE}/{tier}/"]'))


def set_targets(stella: Page, quarter: str) -> None:
    """Gold and silver by hand, moving with the keyboard; all customers by a paste from a spreadsheet."""
    year = quarter[:4]
    visit(stella, f"/targets/?year={year}&per=quarter", reads=False)

    def field(tier: str, of: str) -> Locator:
        return stella.get_by_label(f"{NAME}, {tier}, {of}: target")

    field("Gold", quarter).focus()
    stella.keyboard.type("25")
    stella.keyboard.press("Enter")
    expect(field("Silver", quarter)).to_be_focused()
    stella.keyboard.type("20")
    stella.keyboard.press("Escape")
    expect(field("Silver", quarter)).to_have_value("")
    stella.keyboard.type("15")
    stella.keyboard.press("ArrowUp")
    expect(field("Gold", quarter)).to_be_focused()
    stella.evaluate(
        "navigator.clipboard.writeText('24\\t25\\t26\\t27\\r\\n12\\t13\\t14\\t15\\r\\n30\\t30\\t30\\t30\\r\\n')"
    )
    field("Gold", f"{year}-Q1").focus()
    stella.keyboard.press("Control+V")
    expect(field("All customers", f"{year}-Q4")).to_have_value("30")
    field("Gold", quarter).fill("25")
    field("Silver", quarter).fill("15")
    expect(stella.locator("td.dirty")).to_have_count(12)
    press(stella, "Save drafts")
    says(stella, "12 cells saved as drafts.")
    visit(stella)


def propose(stella: Page) -> None:
    stella.get_by_text("Propose 12 drafts").click()
    stella.get_by_label("Note for finance").fill("What the team agreed on in October")
    press(stella, "Send to finance")
    says(stella, "12 targets wait for finance now")
    visit(stella, "/approvals/")
    expect(stella.get_by_text("Proposed by you · 12")).to_be_visible()
    expect(stella.get_by_text("Approve", exact=True)).to_have_count(0)


def decide(fay: Page, quarter: str) -> None:
    """Gold and all customers of the quarter are approved, silver is rejected; the rest goes on waiting."""
    period = f"Quarter {quarter[-1]}, {quarter[:4]}"

    def say(word: str, *tiers: str) -> None:
        for tier in tiers:
            fay.get_by_role("group", name=f"{NAME}, {tier}, {period}").get_by_text(word, exact=True).click()

    visit(fay, "/approvals/")
    expect(fay.get_by_text("What the team agreed on in October")).to_be_visible()
    say("Approve", "Gold", "All customers")
    say("Reject", "Silver")
    press(fay, "Send 3 decisions")
    expect(fay.get_by_role("alert")).to_contain_text("One rejection lacks its reason")
    expect(fay.get_by_label("Why not? " + f"{NAME}, Silver, {period}")).to_be_focused()
    fay.keyboard.type("Half of last year's")
    press(fay, "Send 3 decisions")
    says(fay, "2 targets approved: they count in the matrix at once")
    says(fay, "1 target rejected, with your reasons.")
    visit(fay)


def read_the_story(stella: Page, quarter: str) -> None:
    visit(stella, f"/targets/?year={quarter[:4]}&per=quarter", reads=False)
    field = stella.get_by_label(f"{NAME}, Silver, {quarter}: target")
    expect(field).to_have_value("")  # a rejected draft stands no more; its history is a click away
    expect(stella.locator("td", has=field).get_by_role("link", name="rejected")).to_be_visible()
    gold = stella.locator("td", has=stella.get_by_label(f"{NAME}, Gold, {quarter}: target"))
    gold.get_by_role("link", name="approved").click()
    visit(stella)
    first = stella.get_by_role("row").nth(1)
    for words in ("at least 25", "Approved", "Stella", "What the team agreed on in October", "Fay"):
        expect(first).to_contain_text(words)
    visit(stella, stella.url.replace("/T1/", "/T2/"), reads=False)
    for words in ("at least 15", "Rejected", "Half of last year's"):
        expect(stella.get_by_role("row").nth(1)).to_contain_text(words)


def test_from_a_brain_dump_to_a_cell_that_is_met(desk: Desk, complaints: list[str]) -> None:
    quarter = quarter_of(last_month())
    matrix, ines = f"/matrix/{quarter}/", desk("Ines")
    open_poll(desk("Stella"))
    answer_blind(desk)
    merge_and_classify(desk("Stella"))
    vote_and_decide(desk)
    make_a_kpi(desk("Stella"))
    enter_actuals(desk("Omar"))
    roll_up()
    visit(desk("Ines"), matrix, reads=False)
    expect(cell_of(ines, "T1")).to_have_count(0)  # a draft until a target of it is approved
    visit(desk("Ines"), "/kpis/", reads=False)
    expect(ines.get_by_role("row").filter(has_text=NAME)).to_contain_text("draft")
    set_targets(desk("Stella"), quarter)
    propose(desk("Stella"))
    visit(desk("Ines"), matrix, reads=False)
    expect(cell_of(ines, "T1")).to_have_count(0)  # a proposal does not count
    decide(desk("Fay"), quarter)
    visit(desk("Ines"), matrix)
    expect(cell_of(ines, "T1")).to_contain_text(re.compile("met", re.I))
    expect(cell_of(ines, "T2")).to_contain_text(re.compile("no target", re.I))
    expect(cell_of(ines, "all")).to_contain_text(re.compile("missed", re.I))
    read_the_story(desk("Stella"), quarter)
    # Fay forgot her reason once, and got the form back as it was: nothing else was refused.
    assert [one for one in complaints if "400" not in one] == []
