"""A contact loaded, corrected, taken away and taken back: fact, cell, bridge and trace follow."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.urls import reverse

from accounts.loads import UndoRefused, undo_load
from accounts.models import AuditEntry, Load, User
from core.periods import FiscalCalendar, Kind, Month, Period
from customers.models import Customer
from kpis.models import EventTouch, Fact, Kpi
from kpis.reading.changes import explain_change
from kpis.reading.matrix import build_matrix
from kpis.rollup.runs import roll_up_now
from kpis.services.definitions import change_meaning
from kpis.services.derived_facts import DERIVED
from kpis.services.meanings import take_back_meaning
from kpis.services.merging import merge_customers, undo_merge
from scorecard.models import Edition
from scorecard.reading.bridges import differences_json
from scorecard.services.editions import close_by_command
from tests import factories
from tests.factories import signed_in
from tests.kpis.test_deriving import kpi_of
from tests.loads.files import Loader
from tests.scorecard.test_bridges_of_all import adds_up

pytestmark = pytest.mark.django_db

Q3 = Period.parse("2011-Q3", FiscalCalendar())
ISSUES = "id,customer,opened_on\nI1,C1,2011-05-01\nI2,C2,2011-05-01"
CONTACTS = "id,issue,on\n0,I1,2011-06-01\n1,I1,2011-06-20\n2,I1,2011-07-05\n3,I2,2011-07-06\n4,I2,2011-09-20"
LAST = date(2026, 11, 30)


@pytest.fixture
def repeats(tmp_path: Path) -> Kpi:
    gold, silver = factories.tier("T1"), factories.tier("T2")
    for code, tier in (("C1", gold), ("C2", silver)):
        factories.customer(code, tier=tier)
    return kpi_of("repeat_contacts(days=30)", code="repeats", name="Repeats")


@pytest.fixture
def loader(tmp_path: Path) -> Loader:
    return Loader(tmp_path)


def facts() -> dict[tuple[str, int], tuple[int, int]]:
    rows = Fact.objects.select_related("customer")
    return {(one.customer.external_id, int(one.month)): (int(one.numerator), int(one.denominator or 0)) for one in rows}


def cell(tier: str) -> str:
    roll_up_now()
    month = Period.parse("2011-07", Q3.calendar)
    assert month.kind is Kind.MONTH
    [row] = build_matrix(month, today=LAST).rows
    [found] = [one for one in row.cells if one.tier.code == tier]
    return "" if found.actual is None else str(found.actual)


def closed(everyone: dict[str, User]) -> Edition:
    roll_up_now()
    return close_by_command(
        period=Q3, prepared_by=everyone["finance"], signed_by=everyone["executive"], anyway="It is small."
    )


def bridge(edition: Edition, tier: str) -> list[tuple[str, Any, Any]]:
    roll_up_now()
    cells = differences_json(edition, Q3, LAST)["cells"]
    assert all(adds_up(one) for one in cells)
    rows = [row for one in cells if one["tier"] == tier for row in one["bridge"]]
    return [(row["cause"], row["numerator"], row["denominator"]) for row in rows]


def trace(user: User, customer: str, month: str = "2011-07") -> str:
    address = f"{reverse('fact_events')}?kpi=repeats&customer={customer}&month={month}"
    return str(signed_in(user).get(address).content.decode())


def test_a_contact_is_followed_from_its_file_to_the_bridge_and_back(
    loader: Loader, repeats: Kpi, everyone: dict[str, User]
) -> None:
    steward = everyone["steward"]
    loader.good("issues", ISSUES, by=steward)
    loader.good("contacts", CONTACTS, by=steward)
    assert cell("T1") == "100"
    assert facts() == {("C1", 201107): (1, 1), ("C2", 201107): (0, 1), ("C2", 201109): (0, 1)}
    edition = closed(everyone)

    corrected = loader.good("contacts", "id,issue,on\n3,I1,2011-07-06", by=steward)
    assert (cell("T1"), cell("T2")) == ("100", "")
    assert facts() == {("C1", 201107): (2, 2), ("C2", 201109): (0, 1)}
    assert bridge(edition, "T1") == [("event", "1.0000", "1.0000")]
    assert bridge(edition, "T2") == [("event", "0.0000", "-1.0000")]
    assert "about issue I1, after 2 of" in trace(steward, "C1")

    undo_load(load=corrected, by=steward)
    assert (cell("T1"), cell("T2")) == ("100", "0")
    assert facts() == {("C1", 201107): (1, 1), ("C2", 201107): (0, 1), ("C2", 201109): (0, 1)}
    assert bridge(edition, "T1") == []

    added = loader.good("contacts", "id,issue,on\n5,I2,2011-07-30\n6,I2,2011-08-02", by=steward)
    cell("all")
    assert facts()["C2", 201107] == (1, 2)
    assert facts()["C2", 201108] == (1, 1)
    assert bridge(edition, "T2")[-1] == ("event", "2.0000", "2.0000")
    undo_load(load=added, by=steward)
    cell("all")
    assert ("C2", 201108) not in facts()
    assert bridge(edition, "T2") == []
    assert not EventTouch.objects.exists()


def test_a_contact_deleted_with_a_reason_and_taken_back_is_followed_too(
    loader: Loader, repeats: Kpi, everyone: dict[str, User]
) -> None:
    steward = everyone["steward"]
    loader.good("issues", ISSUES, by=steward)
    loader.good("contacts", CONTACTS, by=steward)
    edition = closed(everyone)
    before, contact = facts(), "/api/v1/contacts/1/"
    assert "after 1 of" in trace(steward, "C1")
    browser = signed_in(steward)
    assert browser.delete(contact).status_code == 422  # it says no reason
    answer = browser.delete(f"{contact}?reason=It+was+another+customer.")
    assert answer.status_code == 200

    assert (cell("T1"), cell("T2")) == ("0", "0")
    assert facts() == before | {("C1", 201107): (0, 1)}
    assert bridge(edition, "T1") == [("event", "-1.0000", "0.0000")]
    assert "after 1 of" not in trace(steward, "C1")

    undo_load(load=Load.objects.get(pk=answer.json()["load"]), by=steward)
    assert (cell("T1"), cell("T2")) == ("100", "0")
    assert facts() == before
    assert bridge(edition, "T1") == []
    assert "after 1 of" in trace(steward, "C1")
    assert not EventTouch.objects.exists()


def test_what_was_derived_is_in_the_record_and_nobody_takes_it_back(
    loader: Loader, repeats: Kpi, everyone: dict[str, User]
) -> None:
    loader.good("issues", ISSUES, by=everyone["steward"])
    loader.good("contacts", CONTACTS, by=everyone["steward"])
    roll_up_now()
    load = Load.objects.get(kind=DERIVED)
    assert (load.by, load.created, load.updated, load.removed) == (everyone["steward"], 3, 0, 0)
    entry = AuditEntry.objects.get(object_type="accounts.load", object_id=str(load.pk))
    assert (entry.after or {})["created"] == 3
    with pytest.raises(UndoRefused, match="derived"):
        undo_load(load=load, by=everyone["steward"])
    page = signed_in(everyone["steward"]).get(f"/imports/{load.pk}/")
    assert page.status_code == 200
    assert "Take it back" not in page.content.decode()


def test_facts_of_it_come_and_go_by_no_other_door(loader: Loader, repeats: Kpi, everyone: dict[str, User]) -> None:
    loader.good("issues", ISSUES, by=everyone["steward"])
    loader.good("contacts", CONTACTS, by=everyone["steward"])
    roll_up_now()
    errors = loader("facts", "kpi,customer,month,numerator,denominator\nrepeats,C1,2011-07,1,1").errors.first(5)
    assert "takes its facts from events" in errors[0].reason
    errors = loader("tier_actuals", "kpi,tier,month,numerator,denominator\nrepeats,T1,2011-08,1,1").errors.first(5)
    assert "takes facts" in errors[0].reason
    client = signed_in(everyone["steward"])
    answer = client.delete("/api/v1/facts/?kpi=repeats&customer=C1&month=2011-07&reason=Wrong")
    assert (answer.status_code, len(facts())) == (422, 3)
    assert client.post("/facts/delete/", {"kpi": "repeats", "month": "2011-07", "reason": "x"}).status_code == 404


def test_who_may_not_read_the_customer_sees_none_of_its_events(
    loader: Loader, repeats: Kpi, everyone: dict[str, User]
) -> None:
    loader.good("issues", ISSUES, by=everyone["steward"])
    loader.good("contacts", CONTACTS, by=everyone["steward"])
    roll_up_now()
    assert "Contact 2" in trace(everyone["finance"], "C1")
    assert "issue I1" not in trace(everyone["owner"], "C1")
    facts_page = signed_in(everyone["finance"]).get("/facts/?kpi=repeats&month=2011-07").content.decode()
    assert "kpi=repeats&amp;customer=C1&amp;month=2011-07" in facts_page


def test_in_a_longer_period_the_months_of_another_rule_have_no_data(
    loader: Loader, repeats: Kpi, everyone: dict[str, User]
) -> None:
    loader.good("issues", ISSUES, by=everyone["steward"])
    loader.good("contacts", CONTACTS, by=everyone["steward"])
    edition = closed(everyone)
    rule = {"rule": "repeat_contacts(days=20)"}
    change_meaning(kpi=repeats, by=everyone["steward"], meaning=rule, from_month=Month(201109), reason="Three weeks.")
    roll_up_now()
    [row] = build_matrix(Q3, today=LAST).rows
    one = next(one for one in row.cells if one.tier.code == "all")
    assert (one.actual, one.facts, one.months_with_data, one.months_expected) == (0, 1, 1, 3)
    assert cell("T1") == "100"
    assert [row[0] for row in bridge(edition, "T1")] == ["KPI version"]
    split = explain_change(Q3, Kpi.objects.get(), factories.all_customers(), today=LAST)
    assert split.months_now == (201109,)
    take_back_meaning(kpi=repeats, by=everyone["steward"])
    assert bridge(edition, "T1") == []


def test_customers_that_are_merged_and_parted_keep_their_facts_in_step(
    loader: Loader, repeats: Kpi, everyone: dict[str, User]
) -> None:
    loader.good("issues", ISSUES, by=everyone["steward"])
    loader.good("contacts", CONTACTS, by=everyone["steward"])
    edition = closed(everyone)
    kept, gone = (Customer.objects.get(external_id=code) for code in ("C1", "C2"))
    before = facts()
    merge = merge_customers(kept=kept, gone=gone, by=everyone["steward"], choices={}, today=LAST)
    cell("all")
    assert facts() == {("C1", 201107): (1, 2), ("C1", 201109): (0, 1)}
    assert sum(float(row[2]) for row in bridge(edition, "T1")) == 2
    undo_merge(merge=merge, by=everyone["steward"])
    cell("all")
    assert facts() == before
    assert bridge(edition, "T1") == []
