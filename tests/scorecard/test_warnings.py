"""Early warnings kept, read by whom, and what was done about them."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from fractions import Fraction
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.test import Client
from django.utils import timezone

from accounts.company import company, today
from accounts.models import AuditEntry, OutgoingMail, User
from accounts.rules.threads import NewAction
from accounts.services.people import deactivate
from core.registry import asks_of
from core.writes import StaleTransition
from customers.models import Customer
from kpis.choices import Direction, Indicator
from kpis.formulas.warnings import Record
from kpis.models import Kpi, SliceTouch, ValueKpis
from kpis.rollup.runs import roll_up_now
from kpis.services.merging import merge_customers
from scorecard.choices import WarningAnswer
from scorecard.mails.digest import _warned
from scorecard.models import EarlyWarning, WarningLook, WarningResponse, WarningRun
from scorecard.pages.warnings import show_reasons
from scorecard.reading.warnings import WhyWarned, record_words, warned_of
from scorecard.services import warning_runs
from scorecard.services.warning_runs import make_warnings
from scorecard.services.warnings import respond, take_back_response, tick_response
from tests import factories
from tests.kept import kept

LIST = "/customers/warnings/"
API = "/api/v1/warnings/"


class World:
    """Two customers who are warned of in September 2011: one is the owner's key account, one nobody's."""

    def __init__(self, everyone: dict[str, User]) -> None:
        self.people = everyone
        self.calls = factories.kpi("calls", indicator=Indicator.LEADING, direction=Direction.LOWER)
        self.revenue = factories.kpi("revenue", unit="currency")
        self.own = factories.customer("C1", name="Alpha", is_key_account=True, account_manager=everyone["owner"])
        self.other = factories.customer("C2", name="Beta")
        self.run = WarningRun.objects.create(
            month=201109,
            warned=50,
            lost=20,
            base_numerator=1,
            base_denominator=10,
            lead_twice=5,
            shown=True,
            able=400,
            listed=2,
            value_kpi=self.revenue,
            kpis=[self.calls.pk],
        )
        reason = {"kpi": self.calls.pk, "before": "7/2", "now": "9/1", "severe": True}
        self.warning, self.second = (
            EarlyWarning.objects.create(run=self.run, customer=one, place=place, value=5_000_000, reasons=[reason])
            for place, one in enumerate((self.own, self.other), 1)
        )

    def browser(self, who: str) -> Client:
        return factories.signed_in(self.people[who])

    def action(self, owner: str = "owner") -> NewAction:
        return NewAction("Call them", self.people[owner], today() + timedelta(days=7))


@kept
def world(everyone: dict[str, User]) -> World:
    return World(everyone)


# -- made by a worker


def small_company() -> tuple[Kpi, list[Customer]]:
    """Forty customers of two years, of whom every fourth calls much more often from a year on and leaves."""
    calls = factories.kpi("calls", indicator=Indicator.LEADING, direction=Direction.LOWER)
    customers = [factories.customer() for _ in range(40)]
    for number, customer in enumerate(customers):
        factories.lifecycle_event(customer, "2005-01-01", "joined")
        worse = 201001 + number % 9 if number % 4 == 0 else 999912
        if number % 4 == 0:
            factories.lifecycle_event(customer, date(2010, number % 9 + 3, 15), "left")
        rows = [year * 100 + month for year in (2009, 2010) for month in range(1, 13)]
        for month in rows:
            factories.fact(calls, customer, month, 30 if month >= worse else 10)
    return calls, customers


@pytest.mark.django_db
def test_a_worker_makes_them_where_something_changed_and_looks_shortly_where_not(
    monkeypatch: pytest.MonkeyPatch, django_assert_max_num_queries: Any
) -> None:
    monkeypatch.setattr(warning_runs, "today", lambda: date(2011, 1, 20))
    calls, customers = small_company()
    assert not make_warnings()  # facts wait to be rolled up
    roll_up_now()
    assert make_warnings()
    run = WarningRun.objects.get(month=201012)
    assert (run.warned, run.lost, run.shown) == (7, 7, False)
    assert record_words(run.record) == "warned 7, lost 7: too few to tell"
    assert (run.kpis, run.value_kpi, WarningRun.objects.count()) == ([calls.pk], None, 12)
    assert not EarlyWarning.objects.exists()
    with django_assert_max_num_queries(9):
        assert not make_warnings()
    factories.lifecycle_event(customers[1], "2010-12-31", "left")
    AuditEntry.objects.create(verb="x", object_type="customers.lifecycleevent", object_id="1", object_label="x")
    assert make_warnings()


@pytest.mark.django_db
def test_a_list_that_is_shown_is_kept_by_value_with_reasons_and_made_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(warning_runs, "today", lambda: date(2010, 5, 20))
    monkeypatch.setattr("kpis.formulas.warnings.Record.failing", None)
    calls, customers = small_company()
    revenue = factories.kpi("revenue")
    ValueKpis.objects.filter(pk=1).update(revenue=revenue)
    for number, customer in enumerate(customers):
        factories.fact(revenue, customer, 201001, number)
    roll_up_now()
    make_warnings()
    run = WarningRun.objects.get(month=201004)
    rows = list(run.warnings.values_list("customer__external_id", "value", "place"))
    warned = [one for number, one in enumerate(customers) if number % 4 == 0 and number % 9 < 4]
    staying = [
        one for one in warned if not one.lifecycle_events.filter(kind="left", on__lte=date(2010, 4, 30)).exists()
    ]
    assert [row[0] for row in rows] == [one.external_id for one in reversed(staying)]
    assert [row[2] for row in rows] == list(range(1, len(rows) + 1))
    assert run.warnings.first() is not None
    reason = EarlyWarning.objects.filter(run=run).order_by("place")[0].reasons[0]
    assert (reason["kpi"], reason["before"], reason["severe"]) == (calls.pk, "10/1", True)


@pytest.mark.django_db
def test_who_is_lost_makes_way_for_another() -> None:
    now = timezone.now()
    WarningLook.objects.create(pk=1, beat_at=now)
    assert not warning_runs._claim(now + timedelta(minutes=4))
    assert warning_runs._claim(now + timedelta(minutes=6))
    assert not SliceTouch.objects.exists()


# -- read


def test_the_record_stands_first_and_a_list_that_tells_nothing_is_hidden(world: World) -> None:
    page = world.browser("executive").get(LIST).content.decode()
    assert "Warned 50, lost 20 (40 %); of those that could be warned 10 %: 4.0 times as often." in page
    assert "Alpha" in page
    assert 'from <span class="nowrap">3.50</span> to <strong class="nowrap">9.00</strong>' in page
    world.run.shown, world.run.lost = False, 6
    world.run.save()
    page = world.browser("executive").get(LIST).content.decode()
    assert "Warned 50, lost 6 (12 %); of those that could be warned 10 %: no better than guessing." in page
    assert "Alpha" not in page
    assert "Alpha" not in world.browser("executive").get("/customers/C1/warnings/2011-09/").content.decode()
    assert "customers" not in world.browser("executive").get(API).json()


def test_a_reason_says_which_way_it_went_also_where_all_others_got_better(world: World) -> None:
    def told(before: str, now: str) -> tuple[str, str]:
        why = WhyWarned(world.calls, Fraction(before), Fraction(now), severe=True)
        (shown,) = show_reasons([why], company())
        return shown.way, shown.note

    assert told("3", "9") == ("rose", "enough by itself")
    assert told("9", "3") == ("fell", "worse than what changed for all, enough by itself")
    assert told("3", "3") == ("stayed,", "worse than what changed for all, enough by itself")


def test_shares_that_would_read_alike_have_a_decimal_more() -> None:
    told = record_words(Record(700, 100, Fraction(142, 1000), None))
    assert told == "warned 700, lost 100 (14.3 %); of those that could be warned 14.2 %: no better than guessing"


def test_shares_come_to_the_lift_that_stands_beside_them() -> None:
    told = record_words(Record(1317, 136, Fraction(38, 1000), None))
    assert told == "warned 1,317, lost 136 (10.3 %); of those that could be warned 3.8 %"


@pytest.mark.parametrize(
    ("who", "sees"),
    [
        ("executive", {"C1", "C2"}),
        ("finance", {"C1", "C2"}),
        ("steward", {"C1", "C2"}),
        ("owner", {"C1"}),
        ("administrator", None),
        ("integrator", None),
        ("none", None),
    ],
)
def test_each_role_reads_what_the_table_of_roles_says(world: World, who: str, sees: set[str] | None) -> None:
    browser = world.browser(who)
    answers = [browser.get(address) for address in (LIST, API)]
    if sees is None:
        assert [one.status_code for one in answers] == [403, 403]
    else:
        page, api = answers
        assert {key for key, name in (("C1", "Alpha"), ("C2", "Beta")) if name in page.content.decode()} == sees
        assert {one["customer"] for one in api.json()["customers"]} == sees
    for customer in (world.own, world.other):
        found = browser.get(f"/customers/{customer.external_id}/warnings/2011-09/")
        assert (found.status_code == 200) is (sees is not None and customer.external_id in sees)
        beside = browser.get(f"/customers/{customer.external_id}/")
        shown = beside.status_code == 200 and 'id="warning"' in beside.content.decode()
        assert shown is (sees is not None and customer.external_id in sees)


def test_the_api_answers_record_and_customers_of_a_month(world: World) -> None:
    found = world.browser("finance").get(f"{API}?month=2011-09").json()
    assert found["record"] == {
        "warned": 50,
        "lost": 20,
        "base": "0.1000",
        "lift": "4.0000",
        "lead": "2.5000",
        "shown": True,
        "words": "warned 50, lost 20 (40 %); of those that could be warned 10 %",
    }
    assert found["customers"][0] == {
        "customer": "C1",
        "name": "Alpha",
        "value_at_risk": "500.0000",
        "reasons": [{"kpi": "calls", "before": "3.5000", "now": "9.0000"}],
        "response": None,
    }
    assert world.browser("finance").get(f"{API}?month=2011-08").status_code == 404
    assert world.browser("finance").get(f"{API}?month=x").status_code == 422
    assert world.browser("finance").get(f"{LIST}?month=x").status_code == 404


def test_a_digest_names_ones_own_customers(world: World) -> None:
    assert warned_of(world.people["owner"]) == [world.own]
    assert _warned(world.people["owner"])["warned"] == "1 customer of yours is warned of: Alpha"
    assert _warned(world.people["executive"]) == {}


# -- done about it


def test_seen_by_one_click_and_taken_back(world: World) -> None:
    browser = world.browser("owner")
    page = "/customers/C1/warnings/2011-09/"
    assert browser.post(page, {"kind": "seen", "next": f"{LIST}#warned"}).headers["Location"] == f"{LIST}#warned"
    row = WarningResponse.objects.get()
    assert (row.kind, row.by, row.month) == (WarningAnswer.SEEN, world.people["owner"], 201109)
    assert "Seen" in browser.get(LIST).content.decode()
    back = f"/customers/warnings/{row.pk}/take-back/"
    assert "Take back what was done" in browser.post(back).content.decode()
    browser.post(back, {"sure": "1"})
    row.refresh_from_db()
    assert row.taken_back_by == world.people["owner"]
    assert "nothing said so far" in browser.get(LIST).content.decode()
    assert set(AuditEntry.objects.values_list("verb", flat=True)) >= {
        "responded to a warning",
        "took back a response to a warning",
    }


def test_an_action_reaches_its_owner_and_is_ticked_off_there(world: World) -> None:
    steward, owner = world.people["steward"], world.people["owner"]
    row = respond(warning=world.warning, by=steward, kind=WarningAnswer.ACTION, action=world.action())
    assert respond(warning=world.warning, by=steward, kind=WarningAnswer.ACTION, action=world.action()).pk == row.pk
    assert OutgoingMail.objects.filter(to=owner, body__contains="early warning of Alpha").count() == 1
    (ask,) = (one for one in asks_of(owner) if one.post)
    assert ask.about == "Early warning, Alpha"
    assert "Call them" in world.browser("owner").get("/my/").content.decode()
    world.browser("owner").post(ask.post)
    row.refresh_from_db()
    assert row.done_by == owner
    assert tick_response(response=row, by=owner, done=False).done_at is None
    take_back_response(response=row, by=steward)
    with pytest.raises(StaleTransition):
        tick_response(response=row, by=owner)
    with pytest.raises(StaleTransition):
        take_back_response(response=row, by=steward)


def test_an_open_action_is_handed_over(world: World) -> None:
    row = respond(
        warning=world.warning, by=world.people["steward"], kind=WarningAnswer.ACTION, action=world.action("finance")
    )
    deactivate(person=world.people["finance"], receiver=world.people["executive"], by=world.people["administrator"])
    row.refresh_from_db()
    assert row.owner == world.people["executive"]


def test_what_is_refused_names_its_field(world: World) -> None:
    steward = world.people["steward"]
    wrong = replace(world.action(), text="", due=None)
    for kind, text, action, fields in (
        (WarningAnswer.NOTHING, "", None, {"text"}),
        (WarningAnswer.ACTION, "", None, {"action", "owner", "due"}),
        (WarningAnswer.ACTION, "", wrong, {"action", "due"}),
        (WarningAnswer.ACTION, "", replace(world.action(), owner=world.people["administrator"]), {"owner"}),
    ):
        with pytest.raises(ValidationError) as refused:
            respond(warning=world.warning, by=steward, kind=kind, text=text, action=action)
        assert set(refused.value.message_dict) == fields
    with pytest.raises(ValidationError):  # the owner may not read the other customer's name
        respond(warning=world.second, by=steward, kind=WarningAnswer.ACTION, action=world.action())
    page = world.browser("steward").post("/customers/C1/warnings/2011-09/", {"kind": "nothing"})
    assert page.status_code == 400
    assert "say why nothing is to be done" in page.content.decode()
    assert world.browser("steward").post("/customers/C1/warnings/2011-09/", {"kind": "x"}).status_code == 400
    assert not WarningResponse.objects.exists()


def test_nobody_answers_for_a_customer_whose_warning_they_do_not_see(world: World) -> None:
    for who in ("owner", "administrator"):
        with pytest.raises(PermissionDenied):
            respond(warning=world.second, by=world.people[who], kind=WarningAnswer.SEEN)


def test_a_response_stays_where_the_warnings_are_made_anew_and_goes_with_a_merge(world: World) -> None:
    row = respond(warning=world.warning, by=world.people["steward"], kind=WarningAnswer.SEEN)
    world.run.delete()
    assert WarningResponse.objects.filter(pk=row.pk).exists()
    merge_customers(kept=world.other, gone=world.own, by=world.people["steward"], choices={}, today=today())
    row.refresh_from_db()
    assert row.customer == world.other


def test_more_warnings_take_no_more_queries(world: World, django_assert_max_num_queries: Any) -> None:
    for number in range(30):
        EarlyWarning.objects.create(
            run=world.run, customer=factories.customer(), place=number + 3, value=1, reasons=world.warning.reasons
        )
    with django_assert_max_num_queries(32):
        assert world.browser("executive").get(LIST).status_code == 200


def test_it_can_be_made_anew_by_who_may_start_a_rollup(world: World) -> None:
    WarningLook.objects.create(pk=1, seen="x")
    assert world.browser("finance").post(f"{LIST}anew/").status_code == 403
    assert world.browser("steward").post(f"{LIST}anew/").status_code == 302
    assert WarningLook.objects.get().seen == ""
