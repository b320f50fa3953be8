"""Steps and seasonal KPIs on a KPI's page: proposed, set, refused, taken back, by those who may."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import AuditEntry, User
from accounts.models import Company as StoredCompany
from accounts.rights import Right
from accounts.services.tokens import create_token
from core.periods import Month
from core.stale import mark_shown
from customers.models import Tier
from kpis.models import Kpi, SignalTouch, Step
from kpis.rollup.runs import roll_up_now
from tests import factories
from tests.factories import signed_in
from tests.kpis.test_semantics_signals import FIRST, LAST, QUIET, measured, summed

pytestmark = pytest.mark.django_db


@pytest.fixture
def gold(company: StoredCompany, time_machine: Any) -> Tier:
    time_machine.move_to("2012-02-10")
    factories.all_customers()
    return factories.tier("T1")


@pytest.fixture
def calls(gold: Tier) -> Kpi:
    """Quiet for a year, then high for one."""
    kpi = summed()
    measured(kpi, gold, [*QUIET, *(50, 52, 51, 50, 52, 51, 50, 52, 51, 50, 52, 51, 50)])
    roll_up_now()
    return kpi


def page_of(user: User, **asked: str) -> str:
    return signed_in(user).get("/kpis/calls/", asked).content.decode()


def test_a_signal_that_has_stood_for_a_year_is_proposed_as_a_step(calls: Kpi, stella: User, ines: User) -> None:
    shown = page_of(stella)
    assert "A signal (really worse) stands since January 2011" in shown
    assert "49.0 to 53.0" in shown or "Set it" in shown
    assert "stands since" not in page_of(ines)


def test_a_step_is_set_with_a_reason_and_taken_back_with_one(calls: Kpi, gold: Tier, stella: User) -> None:
    steward = signed_in(stella)
    asked = {"month": "2011-01", "tier": str(gold.pk), "reason": ""}
    refused = steward.post("/kpis/calls/steps/", asked)
    assert (refused.status_code, Step.objects.count()) == (400, 0)
    assert steward.post("/kpis/calls/steps/", asked | {"reason": "Merged"}).status_code == 302
    step = Step.objects.get()
    assert (step.month, step.tier, step.by, SignalTouch.objects.get().month) == (LAST, gold, stella, LAST)
    assert steward.post("/kpis/calls/steps/", asked | {"reason": "Again"}).status_code == 400
    back = f"/kpis/calls/steps/{step.pk}/take-back/"
    steward.post(back, {f"step-{step.pk}-reason": ""})
    assert Step.objects.get().taken_back_at is None
    steward.post(back, {f"step-{step.pk}-reason": "They were not", "sure": "1"})
    assert (Step.objects.get().why_taken_back, Step.objects.get().taken_back_by) == ("They were not", stella)
    verbs = AuditEntry.objects.filter(object_type="kpis.step").order_by("pk").values_list("verb", flat=True)
    assert list(verbs) == ["set step", "took back step"]


def test_months_without_a_chart_and_months_to_come_take_no_step(calls: Kpi, stella: User) -> None:
    factories.kpi("year", customer_method="sum", time_method="ttm")
    steward = signed_in(stella)
    assert steward.post("/kpis/year/steps/", {"month": "2011-01", "reason": "x"}).status_code == 400
    assert steward.post("/kpis/calls/steps/", {"month": "2012-03", "reason": "x"}).status_code == 400
    assert not Step.objects.exists()


def test_who_is_no_steward_sets_nothing(calls: Kpi, ines: User) -> None:
    asked = {"month": "2011-01", "reason": "x"}
    assert signed_in(ines).post("/kpis/calls/steps/", asked).status_code == 403
    assert signed_in(ines).post("/kpis/calls/seasonal/", {"seasonal": "true"}).status_code == 403


def test_a_steward_says_that_a_kpi_is_seasonal(calls: Kpi, stella: User) -> None:
    asked = {"seasonal": "true", "seen": mark_shown(Kpi.objects.get(code="calls"))}
    signed_in(stella).post("/kpis/calls/seasonal/", asked)
    assert Kpi.objects.get(code="calls").seasonal
    assert SignalTouch.objects.exists()


def test_many_moves_and_a_finished_initiative_are_proposed(calls: Kpi, gold: Tier, stella: User) -> None:
    silver = factories.tier("T2")
    people = [factories.customer(f"C{number}", tier=gold) for number in range(10)]
    factories.member(people[0], silver, "2011-06-15")
    plan = factories.initiative("desks", stage="done", finished_on=date(2011, 8, 9))
    plan.kpi_links.create(kpi=calls)
    shown = page_of(stella)
    assert "1 customer moved into or out of Tier T1, which had 10" in shown
    assert "finished" in shown
    signed_in(stella).post("/kpis/calls/steps/", {"month": "2011-10", "tier": str(gold.pk), "reason": "x"})
    assert "which had 10" not in page_of(stella)  # a later step is there


def test_the_page_asks_no_more_for_more_months_and_steps(calls: Kpi, gold: Tier, stella: User) -> None:
    browser = signed_in(stella)
    browser.get("/help/")
    with CaptureQueriesContext(connection) as few:
        browser.get("/kpis/calls/")
    for month in (201103, 201104, 201105):
        Step.objects.create(kpi=calls, tier=gold, month=month, reason="x", by=stella)
    measured(calls, gold, QUIET[:4], Month(FIRST - 100))
    with CaptureQueriesContext(connection) as many:
        browser.get("/kpis/calls/")
    assert len(many) <= len(few)


def test_an_integrator_says_so_where_the_scope_of_the_token_names_it(calls: Kpi, ivo: User) -> None:
    address, told = "/api/v1/kpis/calls/", {}
    for scopes in ((Right.READ, Right.MANAGE_KPIS), (Right.READ, Right.MANAGE_KPIS, Right.SET_STEPS)):
        _, text = create_token(user=ivo, name="x", scopes=scopes, expires_on=None, by=None)
        program = Client(headers={"Authorization": f"Bearer {text}"})
        body = {"seasonal": True, "revision": program.get(address).json()["revision"]}
        told[len(scopes)] = program.patch(address, body, "application/json").status_code
    assert (told, Kpi.objects.get().seasonal) == ({2: 403, 3: 200}, True)
