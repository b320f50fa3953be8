"""The same title entered by several people in the same moment: each gets a code, and nobody an error of ours."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from accounts.models import User
from initiatives.models import Initiative
from tests import factories
from tests.factories import signed_in
from tests.threads import at_once

pytestmark = pytest.mark.django_db(transaction=True)
API = "/api/v1/initiatives/"
MANY = 6


def browser_of(user: User) -> Client:
    browser = signed_in(user)
    browser.raise_request_exception = False
    return browser


def entering(user: User, **more: str) -> Any:
    """Somebody about to enter “Lights on” by the API."""
    browser = browser_of(user)
    sent = {"title": "Lights on", "level": "corporate", "department": "sales", **more}
    return lambda: browser.post(API, sent, content_type="application/json").status_code


def test_one_title_entered_six_times_at_once_makes_six(stella: User) -> None:
    factories.department()
    assert at_once(*(entering(stella) for _ in range(MANY))) == [201] * MANY
    codes = set(Initiative.objects.values_list("code", flat=True))
    assert codes == {"lights-on", *(f"lights-on-{number}" for number in range(2, MANY + 1))}


def test_one_title_entered_six_times_at_once_on_the_page_makes_six(stella: User) -> None:
    factories.department()
    department = factories.department().pk
    sent = {"title": "Lights on", "level": "corporate", "department": department, "customer_focused": "true"}
    browsers = [browser_of(stella) for _ in range(MANY)]
    answers = at_once(*((lambda one=one: one.post("/initiatives/new/", sent).status_code) for one in browsers))
    assert answers == [302] * MANY
    assert Initiative.objects.count() == MANY


def test_one_code_named_six_times_at_once_is_one_persons(stella: User) -> None:
    factories.department()
    answers = at_once(*(entering(stella, code="lights") for _ in range(MANY)))
    assert sorted(answers) == [201] + [422] * (MANY - 1)


@pytest.mark.parametrize(
    ("address", "sent"),
    [
        (
            "/api/v1/pain-points/",
            {
                "source": "survey",
                "department": "sales",
                "theme": "waiting",
                "tier": "T1",
                "month": "2011-09",
                "mentions": 1,
                "severity": 1,
            },
        ),
        ("/api/v1/complete-months/", {"kpi": "net_revenue", "month": "2011-09"}),
        ("/api/v1/tier-actuals/", {"kpi": "survey", "tier": "T1", "month": "2011-09", "numerator": "1"}),
        (
            "/api/v1/targets/",
            {"kpi": "net_revenue", "tier": "T1", "from_month": "2011-10", "per": "month", "value": "1"},
        ),
        (
            "/api/v1/kpis/",
            {
                "code": "nps",
                "name": "NPS",
                "indicator": "trailing",
                "unit": "number",
                "direction": "higher",
                "customer_method": "sum",
                "time_method": "sum",
            },
        ),
    ],
)
def test_who_enters_the_same_at_once_and_is_slower_is_told(address: str, sent: dict[str, Any], stella: User) -> None:
    factories.department()
    factories.tier("T1")
    factories.kpi("net_revenue")
    factories.kpi("survey")
    browsers = [browser_of(stella) for _ in range(MANY)]
    answers = at_once(
        *((lambda one=one: one.post(address, sent, content_type="application/json").status_code) for one in browsers)
    )
    assert 201 in answers, answers
    assert set(answers) <= {200, 201, 409, 422}, answers
