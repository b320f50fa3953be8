"""Months, days and periods lie in 1900 to 2199, at every door: page, form, filter, program, admin, command."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.core.management import CommandError, call_command

from accounts.company import company
from accounts.models import User
from core.fields import day_is_kept
from core.forms import DayField, MonthFormField
from core.periods import Period, PeriodError
from customers.models import TierMembership
from initiatives.forms.benefits import RealisedForm
from initiatives.models import Milestone
from kpis.models import CompleteMonth, Kpi
from tests import factories
from tests.factories import signed_in

pytestmark = pytest.mark.django_db

NEVER = ["1899", "2200", "9997", "0999"]
JSON = "application/json"


@pytest.mark.parametrize("year", NEVER)
@pytest.mark.parametrize("code", ["{}", "{}-Q4", "{}-06"])
def test_refuses_a_period_that_nobody_means(year: str, code: str, stella: User) -> None:
    period, browser = code.format(year), signed_in(stella)
    with pytest.raises(PeriodError, match="1900"):
        Period.parse(period, company().calendar)
    assert browser.get(f"/matrix/{period}/").status_code == 404
    assert browser.get(f"/api/v1/matrix/?period={period}").status_code == 422
    with pytest.raises(CommandError, match="years run from 1900 to 2199"):
        call_command("rollup", period)


@pytest.mark.parametrize("start", [1, 4])
@pytest.mark.parametrize("named_by", ["end", "start"])
@pytest.mark.parametrize("code", ["1900", "1900-Q1", "1900-01", "2199", "2199-Q4", "2199-12"])
def test_the_first_and_the_last_are_shown(code: str, named_by: str, start: int, stella: User) -> None:
    found = company()
    found.fiscal_year_start_month, found.fiscal_year_named_by = start, named_by
    found.save()
    factories.fact(factories.kpi(), factories.customer(), 201101, 1)
    browser = signed_in(stella)
    assert browser.get(f"/matrix/{code}/").status_code == 200
    assert browser.get(f"/api/v1/matrix/?period={code}").status_code == 200


@pytest.mark.parametrize("year", NEVER)
@pytest.mark.parametrize(
    "query",
    [
        "complete-months/?since={}-06",
        "tier-actuals/?until={}-06",
        "targets/?from_month={}-06",
        "targets/?since={}-06",
        "milestones/?due_until={}-06-30",
        "status-updates/?since={}-06-30",
        "initiatives/?as_of={}-06-30",
        "initiatives/summary/?by=level&as_of={}-06-30",
        "initiatives/?pain_period={}-Q1",
        "coverage/?period={}",
    ],
)
def test_refuses_years_that_nobody_means_in_a_filter(query: str, year: str, stella: User) -> None:
    assert signed_in(stella).get(f"/api/v1/{query.format(year)}").status_code == 422


@pytest.mark.parametrize("year", NEVER)
def test_refuses_years_that_nobody_means_from_a_program(year: str, stella: User) -> None:
    kpi, tier = factories.kpi("score"), factories.tier("T1")
    factories.initiative("portal", stage="candidate")
    month, day = f"{year}-06", f"{year}-06-30"
    target = {"kpi": "score", "tier": "T1", "from_month": "2026-06", "per": "month", "value": 1}
    plan = {"code": "x", "title": "X", "level": "corporate"}
    pain = {"source": "s", "theme": "x", "tier": "T1", "mentions": 1, "severity": 1}
    bodies: list[tuple[str, dict[str, Any], str]] = [
        ("targets", target | {"from_month": month}, "from_month"),
        ("targets", target | {"until_month": month}, "until_month"),
        ("tier-actuals", {"kpi": "score", "tier": "T1", "month": month, "numerator": 1}, "month"),
        ("complete-months", {"kpi": "score", "month": month}, "month"),
        ("milestones", {"initiative": "portal", "title": "Far", "due": day}, "due"),
        ("initiatives", plan | {"due": day}, "due"),
        ("initiatives", plan | {"baseline_due": day}, "baseline_due"),
        ("pain-points", pain | {"month": month}, "month"),
    ]
    for path, body, field in bodies:
        answer = signed_in(stella).post(f"/api/v1/{path}/", body, content_type=JSON)
        assert answer.status_code == 422, (path, answer.content)
        assert field in {error["field"] for error in answer.json()["errors"]}, (path, answer.content)
    assert (kpi.targets.count(), tier.pk > 0) == (0, True)


@pytest.mark.parametrize("year", NEVER)
def test_refuses_years_that_nobody_means_in_a_form(year: str) -> None:
    for field, text in (
        (DayField(), f"{year}-06-30"),
        (MonthFormField(), f"{year}-06"),
        (RealisedForm.base_fields["month"], f"{year}-06"),
    ):
        with pytest.raises(ValidationError, match=r"years run from 1900 to 2199|[Ii]s no month"):
            field.clean(text)


@pytest.mark.parametrize("year", NEVER)
def test_refuses_years_that_nobody_means_on_a_page(year: str, stella: User) -> None:
    plan = factories.initiative("portal", stage="candidate")
    browser = signed_in(stella)
    address = f"/initiatives/{plan.code}/milestones/"
    assert browser.post(address, {"title": "Far", "due": f"{year}-06-30"}).status_code != 404
    assert not Milestone.objects.exists()
    assert browser.get(f"/actuals/{factories.kpi().code}/{year}-06/").status_code == 404
    kpi = factories.kpi("known")
    assert browser.get(f"/facts/?kpi={kpi.code}&month={year}-06").status_code == 404


@pytest.mark.parametrize("year", NEVER)
def test_refuses_years_that_nobody_means_in_the_admin(year: str, stella: User) -> None:
    browser, customer = signed_in(stella), factories.customer()
    fields = {"customer": customer.pk, "starts_on": f"{year}-06-30", "tier": factories.tier("T1").pk}
    answer = browser.post("/admin/customers/tiermembership/add/", fields)
    assert "years run from 1900 to 2199" in answer.content.decode()
    fields = {"customer": customer.pk, "on": f"{year}-06-30", "kind": "joined"}
    answer = browser.post("/admin/customers/lifecycleevent/add/", fields)
    assert "years run from 1900 to 2199" in answer.content.decode()
    browser.post("/admin/kpis/completemonth/add/", {"kpi": factories.kpi().pk, "month": f"{year}-06"})
    assert not TierMembership.objects.exists()
    assert not CompleteMonth.objects.exists()


def test_what_was_stored_before_the_bounds_can_still_be_read(stella: User) -> None:
    gold = factories.tier("T1")
    kpi: Kpi = factories.kpi("score")
    factories.target(kpi, gold, 999712, 5, until_month=999812)
    browser = signed_in(stella)
    for address in (
        "/targets/",
        "/api/v1/targets/",
        "/kpis/score/",
        "/matrix/2026-Q1/",
        "/targets/score/T1/month/9997-12/",
    ):
        assert browser.get(address).status_code in {200, 404}, address


def test_days_of_all_kept_years_pass() -> None:
    for text in ("1900-01-01", "2199-12-31"):
        day = DayField().clean(text)
        assert day is not None
        day_is_kept(day)
