"""Editions: a period that was signed answers byte for byte as it was, whatever happens later."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import suppress
from datetime import date
from io import StringIO
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.management import CommandError, call_command
from django.db import DatabaseError, transaction
from django.test import Client

from accounts.models import AuditEntry, Company, User
from core.periods import FiscalCalendar, Period
from core.setup import what_is_dated
from core.writes import StaleWrite
from customers.models import Customer
from initiatives.models import Initiative
from kpis.choices import TargetState
from kpis.models import Target
from kpis.rollup.runs import roll_up_now
from kpis.services.definitions import edit_kpi
from scorecard.models import Closing, Edition, EditionName
from scorecard.models.frozen import lifted
from scorecard.reading.editions import document_of, state_of_period
from scorecard.rules.editions import is_owed
from scorecard.services.editions import (
    ChangedSince,
    close_by_command,
    prepare_closing,
    sign_closing,
    take_back_waiver,
    waive,
    withdraw_closing,
)
from tests import factories
from tests.kept import kept
from tests.scorecard.reading import text_of

Q3 = Period.parse("2011-Q3", FiscalCalendar())
TODAY = date(2026, 11, 30)


class World:
    """A company with one KPI that is whole in the third quarter of 2011, and the people who close it."""

    def __init__(self, everyone: dict[str, User]) -> None:
        self.people = everyone
        self.finance, self.executive, self.steward = (everyone[role] for role in ("finance", "executive", "steward"))
        self.tier, self.other = factories.tier("T1"), factories.tier("T2")
        self.customer = factories.customer("C1", tier=self.tier, is_key_account=True)
        self.kpi = factories.kpi("revenue", name="Revenue", owner=everyone["owner"])
        for month in (201107, 201108, 201109):
            factories.fact(self.kpi, self.customer, month, 10)
        self.target = factories.target(self.kpi, self.tier, 201101, 12, state=TargetState.APPROVED)
        self.initiative = factories.initiative("lights", owner=everyone["owner"], customer=self.customer)
        roll_up_now()

    def close(self, **more: Any) -> Edition:
        """Signed by two people, whatever is missing."""
        asked: dict[str, Any] = {
            "period": Q3,
            "prepared_by": self.finance,
            "signed_by": self.executive,
            "anyway": "small",
        }
        return close_by_command(**(asked | more))

    def prepare(self, by: User | None = None, **more: Any) -> Closing:
        """Prepared, with what is missing waived."""
        by = by or self.finance
        with suppress(StaleWrite):  # nothing is missing
            waive(period=Q3, items=None, reason="It is small.", by=by)
        return prepare_closing(period=Q3, by=by, **more)


@kept
def world(everyone: dict[str, User]) -> World:
    return World(everyone)


def late_fact(world: World) -> None:
    factories.fact(world.kpi, factories.customer("C2", tier=world.tier), 201109, 99)
    roll_up_now()


def another_target(world: World) -> None:
    Target.objects.filter(pk=world.target.pk).update(state=TargetState.SUPERSEDED)
    factories.target(world.kpi, world.tier, 201101, 1, state=TargetState.APPROVED, version=2)


def no_initiative(world: World) -> None:
    Initiative.objects.all().delete()


def erased_person(world: World) -> None:
    from scorecard.services.handing import erase_from_scorecard

    User.objects.filter(pk=world.people["owner"].pk).update(name="Erased person", email="erased@tierboard.example")
    erase_from_scorecard(world.people["owner"])


def test_what_differs_from_an_edition_is_told_with_both_values(world: World) -> None:
    world.close()
    assert state_of_period(Q3, TODAY)[0] == "closed"
    late_fact(world)
    browser = factories.signed_in(world.executive)
    latest, live = (
        browser.get(f"/api/v1/matrix/?period=2011-Q3&edition={which}").json() for which in ("latest", "live")
    )
    assert (latest["state"], latest["edition"], live["edition"]) == ("differs", 1, None)
    assert [m["rows"][0]["cells"][0]["actual"] for m in (latest, live)] == ["30.0000", "129.0000"]
    cells = browser.get("/api/v1/scorecards/2011-Q3/editions/1/differences/").json()["cells"]
    cell = next(one for one in cells if one["tier"] == "T1")
    assert (cell["then"]["numerator"], cell["now"]["numerator"]) == ("30.0000", "129.0000")
    assert sum(float(row["numerator"]) for row in cell["bridge"]) == 99
    assert sum(row["facts"] for row in cell["bridge"]) == 1
    assert sum(float(row["effect"]) for row in cell["bridge"]) == 99


def test_a_document_holds_people_and_customers_by_key_alone(world: World) -> None:
    edition = world.close()
    text = bytes(edition.document).decode()
    assert world.customer.name not in text
    assert world.people["owner"].name not in text
    assert "@" not in text
    assert json.loads(text)["initiatives"][0]["customer"] == {"customer": world.customer.pk}
    names = "/api/v1/scorecards/2011-Q3/editions/1/names/"
    assert factories.signed_in(world.finance).get(names).json()["customers"] == {
        str(world.customer.pk): world.customer.name
    }
    Customer.objects.update(is_key_account=False, account_manager=None)
    Initiative.objects.update(owner=None)
    assert factories.signed_in(world.people["owner"]).get(names).json()["customers"] == {}


def test_erasing_a_person_takes_their_name_from_beside_editions(world: World) -> None:
    world.close()
    owner = world.people["owner"]
    assert EditionName.objects.get(kind="person", key=owner.pk).name == owner.name
    erased_person(world)
    assert EditionName.objects.get(kind="person", key=owner.pk).name == f"Erased person {owner.pk}"


def test_each_edition_names_the_digest_of_the_one_before(world: World) -> None:
    first = world.close()
    august = world.close(period=Period.parse("2011-08", FiscalCalendar()))
    assert (first.previous_digest, august.previous_digest) == (None, first.digest)
    assert document_of(august)["previous_digest"] == first.digest


# -- refused


def test_a_further_edition_needs_a_reason_and_something_that_differs(world: World) -> None:
    world.close()
    with pytest.raises(ValidationError, match="Nothing differs from edition 1"):
        world.close(reason="Once more.")
    late_fact(world)
    with pytest.raises(ValidationError, match="Is needed"):
        world.close()
    second = world.close(reason="A file arrived late.")
    assert (second.number, document_of(second)["reason"]) == (2, "A file arrived late.")
    assert Edition.objects.count() == 2


def test_whoever_prepared_does_not_sign_unless_the_company_lets_them(world: World) -> None:
    closing = world.prepare()
    with pytest.raises(ValidationError, match="another person"):
        sign_closing(period=Q3, digest=closing.digest, by=world.finance)
    Company.objects.update(one_may_close=True)
    edition = sign_closing(period=Q3, digest=closing.digest, by=world.finance)
    assert document_of(edition)["one_person"] is True


@pytest.mark.parametrize("change", [late_fact, another_target, no_initiative], ids=lambda change: change.__name__)
def test_signing_is_refused_where_something_changed_since_it_was_prepared(
    change: Callable[[World], None], world: World
) -> None:
    closing = world.prepare()
    change(world)
    with pytest.raises(ChangedSince, match=r"since it was prepared .*(Revenue|initiatives)"):
        sign_closing(period=Q3, digest=closing.digest, by=world.executive)
    assert not Edition.objects.exists()


def test_a_rollup_that_changes_nothing_does_not_stand_in_the_way(world: World) -> None:
    closing = world.prepare()
    factories.touch(world.kpi, 201109)
    roll_up_now()
    assert sign_closing(period=Q3, digest=closing.digest, by=world.executive).number == 1


def test_a_period_is_not_closed_while_a_rollup_of_it_is_owed(world: World) -> None:
    factories.touch(world.kpi, 201109)
    assert is_owed(Q3)
    with pytest.raises(ValidationError, match="owed"):
        world.close()
    roll_up_now()
    factories.touch(world.kpi, 201112)
    assert world.close().number == 1


def test_a_period_that_has_not_ended_is_not_closed(world: World) -> None:
    with pytest.raises(ValidationError, match="has not ended"):
        world.close(period=Period.parse("2030-Q1", FiscalCalendar()))


def test_what_is_missing_is_done_or_waived_and_waivers_stand_in_the_edition(world: World) -> None:
    factories.fact(factories.kpi("complaints"), world.customer, 201108, 1)
    roll_up_now()
    with pytest.raises(ValidationError, match="neither done nor waived"):
        prepare_closing(period=Q3, by=world.finance)
    waivers = waive(period=Q3, items=["actuals:complaints"], reason="Nobody complained.", by=world.steward)
    take_back_waiver(waiver=waivers[0], by=world.finance)
    edition = world.close(anyway="Nobody complained.")
    kept = {item["item"]: item["waiver"] for item in document_of(edition)["missing"]}
    assert kept["actuals:complaints"] == {"reason": "Nobody complained.", "by": {"person": world.finance.pk}}


@pytest.mark.parametrize("role", ["executive", "owner", "finance", "steward", "administrator"])
def test_who_may_prepare_and_who_may_sign(role: str, world: World) -> None:
    person = world.people[role]
    if role in {"finance", "steward"}:
        world.prepare(by=person)
        withdraw_closing(period=Q3, by=person)
    else:
        with pytest.raises(PermissionDenied):
            prepare_closing(period=Q3, by=person)
    closing = world.prepare(by=world.steward)
    if role in {"executive", "finance"}:
        assert sign_closing(period=Q3, digest=closing.digest, by=person).signed_by == person
    else:
        with pytest.raises(PermissionDenied):
            sign_closing(period=Q3, digest=closing.digest, by=person)


# -- frozen


def test_an_edition_can_be_neither_changed_nor_deleted(world: World) -> None:
    edition = world.close()
    acts: list[Callable[[], Any]] = [
        lambda: Edition.objects.update(digest="x"),
        lambda: Edition.objects.all()._raw_delete("default"),
    ]
    for act in acts:
        with pytest.raises(DatabaseError, match="cannot be changed or deleted"), transaction.atomic():
            act()
    assert Edition.objects.get().digest == edition.digest


def test_the_fiscal_calendar_is_locked_by_an_edition(world: World) -> None:
    world.close()
    Target.objects.filter(pk=-1).delete()
    assert what_is_dated()
    assert AuditEntry.objects.filter(verb="signed", object_type="scorecard.edition").count() == 1


@pytest.mark.parametrize(
    ("old", "new", "where"),
    [
        ('"actual":"30.0000"', '"actual":"31.0000"', "/matrix/rows/0/cells/0"),
        ('"title":"', '"title":"X', "/initiatives/0"),
        ('"summary":"', '"summary":"X', "/summary"),
        ('"/summary":"', '"/summary":"0', "/parts/~1summary"),
        ('"format":1', '"format": 1', "the whole document"),
        ("{", "", "the whole document"),
    ],
)
def test_a_changed_byte_is_named_by_period_edition_and_pointer(old: str, new: str, where: str, world: World) -> None:
    edition = world.close()
    changed = bytes(edition.document).decode().replace(old, new, 1)
    with transaction.atomic(), lifted():
        Edition.objects.update(document=changed.encode())
    with pytest.raises(CommandError, match=f"2011-Q3, edition 1: {where}:") as refused:
        call_command("verify_editions")
    assert refused.value.returncode == 1
    call_command("verify_editions", "2011-08", stdout=StringIO())


# -- commands and pages


def test_the_command_lists_what_is_missing_and_closes_anyway(world: World) -> None:
    factories.fact(factories.kpi("complaints"), world.customer, 201108, 1)
    roll_up_now()
    people = ("--prepared-by", world.finance.email, "--signed-by", world.executive.email)
    with pytest.raises(CommandError, match="Complaints") as refused:
        call_command("close", "2011-Q3", *people)
    assert refused.value.returncode == 1
    out = StringIO()
    call_command("close", "2011-Q3", *people, "--anyway", "Nobody complained.", stdout=out)
    edition = Edition.objects.get()
    assert edition.digest in out.getvalue()
    assert "edition 1" in out.getvalue()
    assert document_of(edition)["by_command"] is True
    with pytest.raises(CommandError, match="another person"):
        call_command("close", "2011-08", "--prepared-by", world.finance.email, "--signed-by", world.finance.email)
    call_command("verify_editions", stdout=out)


def test_two_people_close_a_quarter_on_its_page(world: World) -> None:
    finance, executive = (factories.signed_in(one) for one in (world.finance, world.executive))
    assert posted(finance, "waive", reason="It is small.", item="") in {302, 409}
    assert posted(finance, "prepare", summary="A good quarter.") == 302
    assert "Sign edition 1" not in finance.get("/scorecards/2011-Q3/").content.decode()
    page = executive.get("/scorecards/2011-Q3/").content.decode()
    assert "Sign edition 1" in page
    assert "A good quarter." in page
    assert posted(executive, "sign", digest="0" * 64) == 409
    assert posted(executive, "sign", digest=Closing.objects.get().digest) == 302
    assert Edition.objects.get().digest in executive.get("/scorecards/2011-Q3/").content.decode()
    assert "closed, as in edition 1" in executive.get("/matrix/2011-Q3/").content.decode()
    late_fact(world)
    assert "differs from edition 1" in executive.get("/matrix/2011-Q3/").content.decode()
    page = finance.get("/scorecards/2011-Q3/").content.decode()
    assert "30" in page
    assert "129" in page
    assert "Prepare edition 2" in page
    assert posted(finance, "prepare", summary="", reason="") == 400
    assert "edition 1" in executive.get("/scorecards/").content.decode()


def posted(browser: Client, act: str, **values: str) -> int:
    """The status that the page's form is answered with."""
    return int(browser.post(f"/scorecards/2011-Q3/{act}/", values).status_code)


def test_scorecards_are_listed_with_state_and_digest(world: World) -> None:
    browser = factories.signed_in(world.executive)
    assert browser.get("/api/v1/scorecards/2011-Q3/").json()["state"] == "open"
    edition = world.close()
    found = browser.get("/api/v1/scorecards/").json()["results"]
    assert [(one["period"], one["state"]) for one in found] == [("2011-Q3", "closed")]
    assert found[0]["editions"][0]["digest"] == edition.digest
    assert browser.get("/api/v1/scorecards/2011-Q3/")["ETag"] == f'"{edition.digest}"'
    assert browser.get("/api/v1/growth/?period=2011-Q3&edition=1").json() == document_of(edition)["growth"]
    assert browser.get("/api/v1/scorecards/2011-Q3/editions/2/").status_code == 404


# -- the matrix of a closed period


def test_the_matrix_of_a_closed_period_is_as_it_was_signed_unless_the_live_values_are_asked_for(world: World) -> None:
    browser = factories.signed_in(world.executive)
    assert "As signed" not in text_of(browser.get("/matrix/2011-Q3/"))
    world.close()
    assert "As signed: edition 1 of" in text_of(browser.get("/matrix/2011-Q3/"))
    late_fact(world)
    edit_kpi(kpi=world.kpi, by=world.steward, values={"name": "Turnover"})
    signed, live = (text_of(browser.get(f"/matrix/2011-Q3/{query}")) for query in ("", "?edition=live"))
    assert "live values differ in 2 cells. Show the live values" in signed
    assert "Live values, not what was signed: edition 1 of" in live
    assert ("Revenue" in signed, "Turnover" in signed, "Turnover" in live) == (True, False, True)
    assert ("129" in signed, "129" in live) == (False, True)
    page = browser.get("/matrix/2011-Q3/?edition=live").content.decode()
    assert "edition=live" in page.split('class="controls"')[-1]  # carried on by the links that choose
    assert browser.get("/matrix/2011-Q3/?edition=7").status_code == 404


def test_a_heatmap_shows_the_same_edition_as_its_page(world: World) -> None:
    world.close()
    late_fact(world)
    browser = factories.signed_in(world.executive)
    signed, live = (
        browser.get(f"/matrix/2011-Q3/chart.json?view=heatmap{query}").content.decode()
        for query in ("", "&edition=live")
    )
    assert ("129" in signed, "129" in live) == (False, True)
