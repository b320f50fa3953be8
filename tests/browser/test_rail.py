"""The rail in Chromium: from the first page to who is on it, a question, and its owner's answer."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from accounts.models import User
from kpis.models import Kpi
from tests import factories as make
from tests.browser.conftest import Reader
from tests.browser.looks import shuts_nobody_out
from tests.scorecard.stage import Stage

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

PHONE = {"width": 375, "height": 812}


@pytest.fixture
def session(stage: Stage, ines: User, omar: User) -> str:
    """The executive's session; the owner owns the KPI and what serves it."""
    Kpi.objects.update(owner=omar)
    make.initiative("phones", owner=omar, stage="candidate", kpis=((stage.repeats, stage.gold),))
    make.pain_point("cannot reach a person", department=stage.repeats.department, tier=stage.gold, month=201108)
    return make.signed_in(ines).cookies["sessionid"].value


def sign_in(page: Page, email: str, address: str) -> None:
    page.goto(f"/accounts/login/?next={address}")
    page.get_by_label("E-mail address").fill(email)
    page.get_by_label("Password").fill(make.PASSWORD)
    page.get_by_role("button", name="Sign in").click()


def test_worst_cell_why_and_who_in_two_clicks_a_question_and_its_answer(reader: Reader, complaints: list[str]) -> None:
    page = reader(viewport={"width": 1440, "height": 900})
    page.goto("/")
    page.locator("a[href='/matrix/2011-Q3/repeats/T1/']").first.click()  # 1: the cell, which says why
    expect(page.locator("#split")).to_contain_text("What weighs most: stayed in Gold")
    expect(page.locator("#difference")).to_contain_text("Acme <Ltd>")
    page.get_by_role("link", name="Nothing runs; 1 candidate waits").click()  # 2: who
    expect(page.locator("#who")).to_be_in_viewport()
    expect(page.locator("#who").get_by_role("link", name="Approve")).to_be_visible()
    page.get_by_label("Ask Omar").fill("Why did it rise?")
    shuts_nobody_out(page, other_scheme=True)
    page.get_by_role("button", name="Ask", exact=True).click()
    expect(page.locator("#asks")).to_contain_text("waits for Omar")

    phone = reader(viewport=PHONE, signed_in=False)
    sign_in(phone, "omar@tierboard.example", "/my/")
    shuts_nobody_out(phone, other_scheme=True)
    phone.get_by_role("link", name="Answer").click()
    phone.get_by_label("Your answer").fill("A strike at the depot.")
    phone.get_by_text("With an action").first.click()
    phone.locator("#asks").get_by_label("What is to be done").fill("Call ten customers")
    phone.locator("#asks").get_by_label("By whom").select_option("Omar")
    phone.locator("#asks").get_by_label("Until").fill("2100-01-01")
    shuts_nobody_out(phone, other_scheme=True)
    phone.get_by_role("button", name="Answer").click()
    expect(phone.get_by_text("Lies in the past, or more than five years ahead.")).to_be_visible()
    expect(phone.get_by_label("Your answer")).to_have_value("A strike at the depot.")
    phone.locator("#asks").get_by_label("What is to be done").fill("")
    phone.locator("#asks").get_by_label("By whom").select_option("Choose")
    phone.locator("#asks").get_by_label("Until").fill("")
    phone.get_by_role("button", name="Answer").click()
    expect(phone.locator("#asks")).to_contain_text("A strike at the depot.")
    page.goto("/my/")
    expect(page.get_by_text("A strike at the depot.")).to_be_visible()
    complaints = [one for one in complaints if not one.startswith("400 ") and "status of 400" not in one]
    assert complaints == []
