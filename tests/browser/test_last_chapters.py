"""Events, warnings, goals, moments and links in Chromium: few clicks to each, and nobody shut out."""

from __future__ import annotations

import re
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from accounts.company import today
from accounts.models import User
from core.periods import FiscalCalendar, Period
from kpis.models import Deal
from scorecard.choices import Measure
from scorecard.models import EarlyWarning, WarningRun
from scorecard.rules.incentives import Draft
from scorecard.services.incentives import approve_goal, write_goal
from tests import factories as make
from tests.browser.conftest import Reader
from tests.browser.looks import shuts_nobody_out
from tests.scorecard.stage import Stage

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

PAGES = (
    *("/customers/warnings/", "/customers/ACME/warnings/2011-09/", "/incentives/", "/moments/?period=2011-Q3"),
    *("/moments/order/?period=2011-Q3", "/kpis/links/", "/kpis/links/{link}/", "/kpi-templates/"),
)


class Desk:
    """Who sits at it, by role, each with a session; what the pages show is made before the browser starts."""

    def __init__(self, stage: Stage, stella: User, omar: User, fay: User, ines: User) -> None:
        self.stage, self.omar = stage, omar
        self.tomorrow = (today() + timedelta(days=1)).isoformat()
        self.link = make.link(stage.repeats, stage.revenue).pk
        make.moment("order", name="I order", criterion="At once", kpis=[(stage.revenue, stage.gold)])
        self.warn()
        self.promise(fay, ines)
        deal = {"won": True, "list_value": 100, "net_value": 70, "load_id": 0, "customer": stage.acme}
        Deal.objects.create(external_id="D1", closed_on=today() - timedelta(days=40), **deal)
        people = {"steward": stella, "owner": omar}
        self.sessions = {role: make.signed_in(one).cookies["sessionid"].value for role, one in people.items()}

    def warn(self) -> None:
        """The owner's key account is warned of."""
        acme, repeats = self.stage.acme, self.stage.repeats
        type(acme).objects.filter(pk=acme.pk).update(is_key_account=True, account_manager=self.omar)
        counts: dict[str, Any] = {"warned": 50, "lost": 20, "base_numerator": 1, "base_denominator": 10, "able": 400}
        run = WarningRun.objects.create(
            **{"month": 201109, "lead_twice": 5, "shown": True, "listed": 1, "kpis": [repeats.pk], **counts},
            value_kpi=self.stage.revenue,
        )
        reasons = [{"kpi": repeats.pk, "before": "15", "now": "20", "severe": True}]
        EarlyWarning.objects.create(run=run, customer=acme, place=1, value=9_000_000, reasons=reasons)

    def promise(self, finance: User, executive: User) -> None:
        """A goal of the owner, by finance and an executive: revenue in Gold, of which there is 900."""
        points = {"threshold": 800, "target": 1000, "maximum": 1100, "at_threshold": 50, "at_maximum": 150}
        numbers: Any = {name: Decimal(one) for name, one in points.items()}
        period = Period.parse("2011-Q3", FiscalCalendar())
        measured: Any = {"measure": Measure.CELL, "kpi": self.stage.revenue, "tier": self.stage.gold}
        told: Any = {"code": "gold", "period": period, "members": (self.omar,), "team_name": "", "initiatives": ()}
        goal = write_goal(draft=Draft(**told, **measured, **numbers, weight=Decimal(100)), by=finance)
        approve_goal(version=goal.versions.get(), by=executive, why="Agreed late.")


@pytest.fixture
def desk(stage: Stage, stella: User, omar: User, fay: User, ines: User) -> Desk:
    return Desk(stage, stella, omar, fay, ines)


@pytest.fixture
def session(desk: Desk) -> str:
    """The owner's, who looks after an account and has a goal."""
    return desk.sessions["owner"]


class Clicks:
    """Presses links and buttons, and counts them."""

    def __init__(self) -> None:
        self.count = 0

    def on(self, what: Locator) -> None:
        what.click()
        self.count += 1


def as_steward(page: Page, desk: Desk) -> Page:
    """The same window, of the steward from now on."""
    [cookie] = [one for one in page.context.cookies() if one["name"] == "sessionid"]
    cookie["value"] = desk.sessions["steward"]
    page.context.add_cookies([cookie])  # type: ignore[list-item]  # what it gave it takes
    return page


def test_each_task_takes_few_clicks(desk: Desk, reader: Reader, complaints: list[str]) -> None:
    page = reader(viewport={"width": 1440, "height": 900})

    statement = Clicks()
    page.goto("/")
    statement.on(page.locator("details.menu > summary"))
    statement.on(page.get_by_role("link", name="Incentive goals"))
    expect(page.get_by_text("75.0 %").first).to_be_visible()
    assert statement.count <= 2

    warned = Clicks()
    page.goto("/customers/")
    warned.on(page.get_by_role("link", name="Warnings", exact=True))
    expect(page.get_by_role("table").get_by_text("Repeat <contacts>").first).to_be_visible()  # why, beside the name
    warned.on(page.get_by_role("link", name=re.compile("^Act")))
    page.get_by_label("What is to be done").fill("Visit them")
    page.get_by_label("Until").fill(desk.tomorrow)
    warned.on(page.get_by_role("button", name="Note the action"))
    expect(page.get_by_role("main")).to_contain_text("Visit them")
    assert warned.count <= 3

    made = Clicks()
    as_steward(page, desk).goto("/kpis/")
    made.on(page.get_by_role("link", name="New KPI"))
    made.on(
        page.get_by_role("listitem").filter(has_text="Deals at a deep discount").get_by_role("link", name="from events")
    )
    made.on(page.get_by_role("button", name="Try the rule on the last months"))
    expect(page.get_by_role("main")).to_contain_text("100.0")
    shuts_nobody_out(page)
    made.on(page.get_by_role("button", name="Create"))
    expect(page.get_by_role("heading", name="From events")).to_be_visible()
    shuts_nobody_out(page)
    assert made.count <= 5
    assert complaints == []


@pytest.mark.parametrize(("width", "scheme"), [(1440, "light"), (375, "dark")])
def test_nobody_is_shut_out(width: int, scheme: str, desk: Desk, reader: Reader, complaints: list[str]) -> None:
    page = reader(color_scheme=scheme, viewport={"width": width, "height": 900})
    for address in PAGES:
        page.goto(address.format(link=desk.link))
        shuts_nobody_out(page)
    assert complaints == []
