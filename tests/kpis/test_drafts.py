"""A draft is rolled up and in the library, but in no matrix and in no published formula, until nothing is missing."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import ValidationError

from accounts.models import AuditEntry, User
from core.periods import FiscalCalendar, Kind, Month
from customers.models import Tier
from kpis.choices import KpiState, Per
from kpis.models import Kpi
from kpis.reading.matrix import build_matrix
from kpis.services.decisions import approve
from kpis.services.definitions import create_kpi, edit_kpi
from kpis.services.targets import NewTarget, propose, save_draft
from tests import factories
from tests.factories import signed_in
from tests.kept import kept
from tests.loads.files import Loader

QUARTER = FiscalCalendar().period(Kind.QUARTER, Month(202601))
WHOLE: dict[str, Any] = {"state": KpiState.DRAFT, "definition": "Visits that were kept"}


@kept
def gold(db: None) -> Tier:
    return factories.tier("T1")


def state_of(code: str) -> str:
    return Kpi.objects.get(code=code).state


def shown() -> list[str]:
    return [row.kpi.code for row in build_matrix(QUARTER).rows]


def aim(kpi: Kpi, tier: Tier, by: User, finance: User) -> None:
    draft, _ = save_draft(cell=NewTarget(kpi, tier, Month(202601), Per.MONTH, Decimal(5)), by=by)
    propose(targets=[draft.pk], by=by)
    approve(targets=[draft.pk], by=finance)


def test_a_draft_is_in_the_library_alone(gold: Tier, stella: User) -> None:
    factories.kpi("visits", state=KpiState.DRAFT)
    factories.kpi("calls")
    assert shown() == ["calls"]
    page = signed_in(stella).get("/kpis/").content.decode()
    assert "visits" in page
    assert signed_in(stella).get("/api/v1/kpis/?state=draft").json()["results"][0]["code"] == "visits"


def test_the_last_of_owner_definition_and_target_publishes_it(gold: Tier, stella: User, fay: User) -> None:
    kpi = factories.kpi("visits", state=KpiState.DRAFT)
    aim(kpi, gold, stella, fay)
    assert state_of("visits") == KpiState.DRAFT
    edit_kpi(kpi=kpi, by=stella, values={"owner": stella})
    assert state_of("visits") == KpiState.DRAFT
    assert edit_kpi(kpi=kpi, by=stella, values={"definition": "Visits kept"}).state == KpiState.PUBLISHED
    assert shown() == ["visits"]
    entry = AuditEntry.objects.get(verb="published")
    assert (entry.by, entry.before, entry.after) == (stella, {"state": "draft"}, {"state": "published"})


def test_the_approval_publishes_it_and_what_waited_for_it(gold: Tier, stella: User, fay: User) -> None:
    kpi = factories.kpi("visits", owner=stella, **WHOLE)
    rate = factories.kpi("rate", formula="visits * 2", customer_method="", time_method="", owner=stella, **WHOLE)
    aim(rate, gold, stella, fay)
    assert (state_of("visits"), state_of("rate")) == ("draft", "draft")
    aim(kpi, gold, stella, fay)
    assert (state_of("visits"), state_of("rate")) == ("published", "published")


def test_a_published_formula_takes_no_draft(gold: Tier, stella: User, tmp_path: Path) -> None:
    kpi = factories.kpi("visits", state=KpiState.DRAFT)
    values = {"code": "twice", "name": "Twice", "indicator": "leading", "unit": "number", "direction": "higher"}
    with pytest.raises(ValidationError, match="takes visits, still a draft"):
        create_kpi(by=stella, values={**values, "formula": "visits * 2"})
    head = "code,name,indicator,unit,direction,customer_method,time_method,formula,state"
    row = "twice,Twice,leading,number,higher,,,visits * 2,"
    assert Loader(tmp_path).bad("kpis", f"{head}\n{row}") == [(2, "formula")]
    create_kpi(by=stella, values={**values, "formula": "visits * 2", "state": KpiState.DRAFT})
    edit_kpi(kpi=kpi, by=stella, values={"state": KpiState.PUBLISHED})
    edit_kpi(kpi=Kpi.objects.get(code="twice"), by=stella, values={"state": KpiState.PUBLISHED})
    with pytest.raises(ValidationError, match="twice, which is published, is calculated from it"):
        edit_kpi(kpi=kpi, by=stella, values={"state": KpiState.DRAFT})


def test_a_file_says_so_and_says_it_again(gold: Tier, tmp_path: Path) -> None:
    loader = Loader(tmp_path)
    head = "code,name,indicator,unit,direction,customer_method,time_method"
    loader.good("kpis", f"{head}\nvisits,Visits,leading,number,higher,sum,sum")
    assert state_of("visits") == KpiState.PUBLISHED
    text = f"{head},state\nvisits,Visits,leading,number,higher,sum,sum,draft"
    assert loader("kpis", text).counts.updated == 1
    assert loader("kpis", text).counts.unchanged == 1
    loader.good("kpis", f"{head}\nvisits,Visits,leading,number,higher,sum,sum")
    assert state_of("visits") == KpiState.DRAFT


def test_who_keeps_the_library_publishes_it_by_page_and_api(gold: Tier, stella: User, omar: User) -> None:
    factories.kpi("visits", state=KpiState.DRAFT)
    page = signed_in(stella).get("/kpis/visits/").content.decode()
    assert "once it has an owner, a definition and an approved target" in " ".join(page.split())
    assert "Publish it now" not in signed_in(omar).get("/kpis/visits/").content.decode()
    assert signed_in(omar).post("/kpis/visits/publish/", {}).status_code == 403
    signed_in(stella).post("/kpis/visits/publish/", {"seen": "another"})
    assert state_of("visits") == KpiState.DRAFT
    client = signed_in(stella)
    revision = client.get("/api/v1/kpis/visits/").json()["revision"]
    change = {"state": "published", "revision": revision}
    answer = client.patch("/api/v1/kpis/visits/", change, content_type="application/json")
    assert (answer.status_code, answer.json()["state"]) == (200, "published")


def test_a_form_begins_with_a_draft_and_a_template_does_not(gold: Tier, stella: User) -> None:
    client = signed_in(stella)
    blank = client.get("/kpi-templates/blank/").context["form"]
    fields = {"code": "visits", "name": "Visits", "indicator": "leading", "unit": "number", "direction": "higher"}
    fields |= {"customer_method": "sum", "time_method": "sum", "decimals": "0", "absent": "missing"}
    assert blank is not None
    client.post("/kpi-templates/blank/", fields)
    assert state_of("visits") == KpiState.DRAFT
