"""An owner's minute on a phone: from the mail's link to a sent update, and what a reviewer answers."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta

import pytest
from playwright.sync_api import expect

from accounts.company import today
from accounts.models import User
from core.formatting import day_name
from initiatives.choices import Response
from initiatives.models import Thanks, Turnaround
from initiatives.services.status_updates import respond
from tests import factories as make
from tests.browser.conftest import Reader
from tests.browser.looks import holds_still, shuts_nobody_out
from tests.scorecard.stage import Stage

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

PHONE = {"width": 375, "height": 812}


@pytest.fixture
def session(stage: Stage, omar: User, ines: User) -> str:
    """The owner's session; a question waits, a milestone is overdue, and there is something to be proud of."""
    start = today() - timedelta(days=60)
    row = make.initiative("lights", title="Warehouse lights", owner=omar, baseline_start=start, sponsor=ines)
    update = make.status_update(row, author=omar, on=today() - timedelta(days=9), progress=40, note="Going on.")
    respond(update=update, by=ines, verb=Response.ASKED_BACK, text="When is the pilot?")
    make.milestone(row, "Pilot", due=today() - timedelta(days=12))
    make.milestone(row, "Rollout", due=today() + timedelta(days=5))
    make.initiative("doors", title="Faster doors", owner=omar, baseline_start=start)
    Thanks.objects.create(initiative=row, by=ines, text="For the night shift.")
    Turnaround.objects.create(
        initiative=row, kind="schedule", what="schedule", evidence="Late, then not.", nominated_on=today()
    )
    return make.signed_in(omar).cookies["sessionid"].value


def today_ahead(days: int) -> date:
    """A day ahead; the database, which knows the company's time zone (UTC), is not to be asked from here."""
    return datetime.now(UTC).date() + timedelta(days=days)


def test_the_whole_minute(reader: Reader, complaints: list[str]) -> None:
    page = reader(viewport=PHONE, signed_in=False)
    page.goto("/initiatives/lights/update/")  # the mail's link, on a phone that is signed out
    page.get_by_label("E-mail address").fill("omar@tierboard.example")
    page.get_by_label("Password").fill(make.PASSWORD)
    page.get_by_role("button", name="Sign in").click()

    expect(page.get_by_role("heading", name="Warehouse lights")).to_be_visible()
    expect(page.get_by_text("When is the pilot?")).to_be_visible()
    expect(page.get_by_label("Progress in percent")).to_have_value("40")
    expect(page.get_by_label("On schedule")).to_be_checked()
    expect(page.get_by_role("button", name="Send")).to_be_in_viewport()

    page.get_by_label("Your answer").fill("Yesterday.")
    page.get_by_label("At risk").check()
    page.get_by_label("Progress, as a slider").fill("55")
    expect(page.get_by_label("Progress in percent")).to_have_value("55")
    page.get_by_label("In one sentence").fill("The pilot was yesterday.")
    page.get_by_label("Pilot").check()
    page.get_by_text("Another date for Rollout").click()
    page.get_by_label("New date").locator("visible=true").fill(today_ahead(30).isoformat())
    page.get_by_label("Why it moves").locator("visible=true").fill("Parts")
    page.get_by_role("button", name="Send").dblclick()

    expect(page).to_have_url(re.compile(r"/my/$"))
    expect(page.get_by_text("Your word on “Warehouse lights” stands: at risk, 55 %.")).to_be_visible()
    expect(page.get_by_role("heading", level=1)).to_have_text("1 thing is asked of you")
    shuts_nobody_out(page)
    page.goto("/initiatives/lights/updates/")
    words = page.get_by_role("main").get_by_role("listitem")
    expect(words.first).to_contain_text("The pilot was yesterday.")
    expect(words).to_have_count(2)
    page.goto("/initiatives/lights/update/")
    expect(page.get_by_label("Pilot")).to_have_count(0)
    expect(page.get_by_text(f"due {day_name(today_ahead(30))}")).to_be_visible()
    assert complaints == []


@pytest.mark.parametrize("width", [375, 1440])
def test_the_form_and_ones_own_page_shut_nobody_out(reader: Reader, complaints: list[str], width: int) -> None:
    page = reader(viewport={"width": width, "height": 812})
    page.goto("/my/")
    expect(page.get_by_role("heading", level=1)).to_have_text("3 things are asked of you")
    holds_still(page)
    shuts_nobody_out(page, other_scheme=True)
    page.locator(".asks").get_by_role("link", name=re.compile("Report.*Warehouse lights")).click()
    expect(page.get_by_text("Another date for Rollout")).to_be_visible()
    holds_still(page)  # what opens at a click is no shift, however slow the machine
    page.get_by_text("Another date for Rollout").click()
    page.get_by_text("another date?").click()
    shuts_nobody_out(page, other_scheme=True)
    assert complaints == []
    page.get_by_label("New due date").fill("2030-01-01")
    page.get_by_role("button", name="Send").click()
    expect(page.get_by_text("Say why it moves; one short sentence is enough.")).to_be_visible()
    shuts_nobody_out(page, other_scheme=True)


def test_the_form_works_without_scripts(reader: Reader) -> None:
    page = reader(viewport=PHONE, java_script_enabled=False)
    page.goto("/initiatives/doors/update/")
    page.get_by_label("Late").check()
    page.get_by_label("Progress in percent").fill("10")
    page.get_by_role("button", name="Send").click()
    expect(page.get_by_text("Your word on “Faster doors” stands: late, 10 %.")).to_be_visible()


def test_two_phones_at_once_lose_nothing(reader: Reader) -> None:
    first, second = reader(viewport=PHONE), reader(viewport=PHONE)
    for page, sentence in ((first, "All well."), (second, "Not so well.")):
        page.goto("/initiatives/doors/update/")
        page.get_by_label("On schedule").check()
        page.get_by_label("Progress in percent").fill("10")
        page.get_by_label("In one sentence").fill(sentence)
    first.get_by_role("button", name="Send").click()
    expect(first.get_by_text("stands: on schedule, 10 %")).to_be_visible()
    second.get_by_role("button", name="Send").click()
    expect(second.get_by_text("while this form was open")).to_be_visible()
    expect(second.get_by_role("cell", name="All well.")).to_be_visible()
    expect(second.get_by_label("In one sentence")).to_have_value("Not so well.")
    shuts_nobody_out(second)
    second.get_by_role("button", name="Send").click()
    expect(second.get_by_text("stands: on schedule, 10 %")).to_be_visible()


def test_a_reviewer_asks_back_and_an_executive_confirms(reader: Reader, ines: User, complaints: list[str]) -> None:
    page = reader(viewport=PHONE, signed_in=False)
    page.goto("/accounts/login/?next=/initiatives/lights/updates/")
    page.get_by_label("E-mail address").fill("ines@tierboard.example")
    page.get_by_label("Password").fill(make.PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.get_by_text("Ask back").click()
    page.get_by_label("What do you want to know?").fill("Who pays?")
    shuts_nobody_out(page, other_scheme=True)
    page.get_by_role("button", name="Ask", exact=True).click()
    expect(page.get_by_text("Ines asked back: Who pays?")).to_be_visible()
    shuts_nobody_out(page, other_scheme=True)
    page.goto("/my/#turnarounds")
    page.get_by_role("link", name="Decide on the turnaround").click()
    page.get_by_text("Confirm", exact=True).click()
    shuts_nobody_out(page, other_scheme=True)
    page.get_by_role("button", name="Send 1 decision").click()
    expect(page.get_by_text("1 turnaround confirmed, with your name.")).to_be_visible()
    assert complaints == []
