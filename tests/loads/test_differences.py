"""Where two doors' rules differed, the right one holds at each of them."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError

from accounts.company import today
from accounts.models import User
from core.stale import revision_of
from initiatives.choices import Stage
from initiatives.models import Initiative
from initiatives.services.register import edit_initiative
from kpis.models import Kpi, KpiVersion
from kpis.services.definitions import create_kpi
from tests import factories
from tests.factories import signed_in
from tests.kept import kept
from tests.loads.files import Loader

KPIS = "code,name,indicator,unit,currency,direction,customer_method,time_method,formula\n"
PLAN = "code,title,level,department,stage,baseline_start,baseline_due,started_on,finished_on\n"
ROW = "plan,Plan,corporate,sales,{stage},2011-01-03,2011-06-30,{started},\n"


@kept
def plan(db: None) -> Initiative:
    days: dict[str, Any] = {
        "baseline_start": date(2011, 1, 3),
        "baseline_due": date(2011, 6, 30),
        "due": date(2011, 6, 30),
    }
    return factories.initiative("plan", department=factories.department(), stage=Stage.APPROVED, title="Plan", **days)


def test_refuses_what_is_no_currency_by_hand_as_a_file_does(stella: User) -> None:
    values = {"code": "net", "name": "Net", "indicator": "leading", "unit": "currency", "direction": "higher"}
    values |= {"customer_method": "sum", "time_method": "sum"}
    with pytest.raises(ValidationError, match="no currency code"):
        create_kpi(by=stella, values={**values, "currency": "E1X"})
    assert create_kpi(by=stella, values={**values, "currency": "usd"}).currency == "USD"


def test_a_file_keeps_no_currency_of_what_is_not_money(load: Loader) -> None:
    load.good("kpis", KPIS + "visits,Visits,leading,number,EUR,higher,sum,sum,")
    assert Kpi.objects.get().currency == ""


def test_another_formula_by_file_begins_a_version_as_by_hand(filled: Loader) -> None:
    row = "twice,Twice,trailing,number,,higher,,,{} * claims"
    filled.good("kpis", KPIS + row.format(2))
    assert not KpiVersion.objects.exists()
    filled.good("kpis", KPIS + row.format(3))
    assert [one.formula for one in KpiVersion.objects.order_by("from_month")] == ["2 * claims", "3 * claims"]


def test_a_file_takes_no_start_out_of_what_has_not_begun(plan: Initiative, load: Loader) -> None:
    Initiative.objects.update(started_on=date(2011, 1, 10))
    assert load.bad("initiatives", PLAN + ROW.format(stage="approved", started="")) == [(2, "started_on")]
    load.good("initiatives", PLAN + ROW.format(stage="approved", started="2011-01-10"))


def test_a_stored_start_that_lies_ahead_is_in_nobodys_way(plan: Initiative, stella: User, load: Loader) -> None:
    ahead = today() + timedelta(days=3)
    Initiative.objects.update(stage=Stage.IN_PROGRESS, started_on=ahead)
    edited = edit_initiative(initiative=plan, by=stella, values={"title": "Other"}, seen="1")
    assert edited.title == "Other"
    load.good("initiatives", PLAN + ROW.format(stage="in_progress", started=ahead))
    now, later = Initiative.objects.get(), {"started_on": ahead + timedelta(days=1)}
    with pytest.raises(ValidationError, match="Lies ahead"):
        edit_initiative(initiative=now, by=stella, values=later, seen=revision_of(now))


def test_a_due_date_is_wanted_at_each_stage_that_was_approved(plan: Initiative, stella: User) -> None:
    Initiative.objects.update(stage=Stage.DONE)
    values = {"baseline_start": None, "baseline_due": None, "due": None}
    with pytest.raises(ValidationError) as refused:
        edit_initiative(initiative=plan, by=stella, values=values, seen="1")
    assert set(refused.value.message_dict) == {"baseline_start", "baseline_due"}


def test_an_initiative_names_a_kpi_for_all_customers_by_api_as_by_file(plan: Initiative, stella: User) -> None:
    factories.kpi("nps")
    address = "/api/v1/initiatives/plan/"
    body = {"kpis": ["nps@all"], "revision": 1}
    assert signed_in(stella).patch(address, body, content_type="application/json").status_code == 200
    assert [link.tier and link.tier.code for link in plan.kpi_links.all()] == ["all"]
    body = {"kpis": ["nps@untiered"], "revision": 2}
    assert signed_in(stella).patch(address, body, content_type="application/json").status_code == 422


def test_the_form_keeps_a_kpi_that_is_named_for_all_customers(plan: Initiative, stella: User) -> None:
    kpi = factories.kpi("nps")
    plan.kpi_links.create(kpi=kpi, tier=factories.all_customers())
    page = signed_in(stella).get("/initiatives/plan/edit/")
    assert "nps@all" in dict(page.context["form"].chosen_kpis.ticked)
