"""Events by file: each rule, what is marked for facts to be derived again, and what stands in the way of an undo."""

from __future__ import annotations

from datetime import date

import pytest

from accounts.choices import Verb
from accounts.loads import UndoRefused, undo_load
from accounts.models import AuditEntry, Load, User
from kpis.choices import EventKind, Source
from kpis.loads.events import Contacts, Issues
from kpis.loads.events_removing import remove_event
from kpis.models import Contact, EventKeeping, EventTouch, Invoice, Issue, ReplacedEvent
from kpis.services import event_touches
from tests import factories
from tests.loads.files import Loader, contents

ISSUES = "id,customer,opened_on,solved_on\n"
CONTACTS = "id,issue,on,channel\n"
DEALS = "id,customer,closed_on,won,list_value,net_value,hard_price_talks\n"
INVOICES = "id,customer,issued_on,due_on,amount,paid_on\n"


def marks() -> set[tuple[str, str, int]]:
    """Kind, customer (empty: everybody) and month of each mark since the last look."""
    rows = list(EventTouch.objects.values_list("kind", "customer__external_id", "month"))
    EventTouch.objects.all().delete()
    return {(kind, customer or "", int(month)) for kind, customer, month in rows}


@pytest.mark.parametrize(
    ("kind", "rows", "column"),
    [
        ("issues", f"{ISSUES}X,C1,2011-03-05,2011-03-04", "solved_on"),
        ("issues", f"{ISSUES}X,C1,2199-03-05,", "opened_on"),
        ("issues", f"{ISSUES}I-1,C1,2011-01-04,", "opened_on"),  # its first contact was on the third
        ("issues", f"{ISSUES}X,c1,2011-03-05,", "customer"),
        ("issues", f"{ISSUES}bulk,C1,2011-03-05,", "id"),
        ("contacts", f"{CONTACTS}X,I-1,2011-01-02,", "on"),
        ("contacts", f"{CONTACTS}X,i-1,2011-01-05,", "issue"),
        ("deals", f"{DEALS}X,C1,2011-03-05,perhaps,1,1,", "won"),
        ("deals", f"{DEALS}X,C1,2011-03-05,true,-1,1,", "list_value"),
        ("referrals", "id,customer,on\nX,C9,2011-03-05", "customer"),
        ("invoices", f"{INVOICES}X,C1,2011-03-05,2011-04-05,1,2011-03-04", "paid_on"),
        ("invoices", f"{INVOICES}X,C1,2011-03-05,2011-03-04,1,", "due_on"),
        ("invoices", f"{INVOICES}2011/1,C1,2011-02-02,2011-02-04,119.95,2011-02-01", "paid_on"),
    ],
)
def test_a_bad_event_is_told_and_changes_nothing(filled: Loader, kind: str, rows: str, column: str) -> None:
    assert filled.bad(kind, rows) == [(2, column)]


def test_an_unknown_name_says_what_it_was_probably_meant_to_be(filled: Loader) -> None:
    [error] = filled("contacts", f"{CONTACTS}X,i-1,2011-01-05,").errors
    assert "“I-1” differs from it by case" in error.reason


def test_an_id_twice_with_other_values_is_told_and_with_the_same_counts_once(filled: Loader) -> None:
    row = "X,C1,2011-03-05,2011-04-05,1,"
    assert filled.bad("invoices", f"{INVOICES}{row}\nX,C1,2011-03-05,2011-04-05,2,") == [(3, "id")]
    report = filled("invoices", f"{INVOICES}{row}\nX,C1,2011-03-05,2011-04-05,1.00,")
    assert (report.counts.created, report.counts.unchanged) == (1, 1)


def test_a_column_that_a_file_lacks_stays_and_an_empty_cell_is_empty(filled: Loader) -> None:
    filled.good("issues", "id,customer,opened_on\nI-1,C1,2011-01-02")
    assert Issue.objects.get(external_id="I-1").solved_on == date(2011, 1, 20)
    filled.good("contacts", "id,issue,on\n7,I-1,2011-01-04")
    assert Contact.objects.get(external_id="7").channel == "phone"
    filled.good("issues", f"{ISSUES}I-1,C1,2011-01-02,")
    assert Issue.objects.get(external_id="I-1").solved_on is None


def test_a_load_marks_the_months_before_and_after(filled: Loader) -> None:
    marks()
    filled.good("invoices", f"{INVOICES}2011/3,C1,2011-02-07,2011-03-09,1000000,2011-04-01")
    invoices = EventKind.INVOICES.value
    assert marks() == {(invoices, "C2", 201102), (invoices, "C1", 201102), (invoices, "C1", 201104)}


def test_a_contact_marks_where_its_issue_is_solved_and_an_issue_marks_its_contacts(filled: Loader) -> None:
    marks()
    filled.good("contacts", f"{CONTACTS}30,I-1,2011-03-25,")
    assert marks() == {("contacts", "C1", 201101), ("contacts", "C1", 201103), ("issues", "C1", 201101)}
    filled.good("issues", f"{ISSUES}I-1,C2,2011-01-03,2011-02-20")
    both = {("contacts", who, month) for who in ("C1", "C2") for month in (201101, 201103)}
    assert marks() == both | {("issues", "C1", 201101), ("issues", "C2", 201101), ("issues", "C2", 201102)}


def test_a_month_of_very_many_is_marked_as_everybodys(filled: Loader, monkeypatch: pytest.MonkeyPatch) -> None:
    marks()
    monkeypatch.setattr(event_touches, "MOST_CUSTOMERS", 1)
    filled.good("referrals", "id,customer,on\nX,C1,2011-03-05\nY,C2,2011-03-06\nZ,C2,2011-02-06")
    assert marks() == {("referrals", "", 201103), ("referrals", "C2", 201102)}


def test_what_changes_nothing_marks_nothing(filled: Loader) -> None:
    marks()
    filled.good("referrals", "id,customer,on\nR1,C2,2011-01-09")
    assert not marks()


def test_a_load_taken_back_leaves_events_as_they_were_and_marks_them(filled: Loader) -> None:
    before = filled.exported("issues")
    later = filled.good("issues", f"{ISSUES}I-2,C2,2011-01-28,2011-03-01\nX,C1,2011-04-01,")
    assert ReplacedEvent.objects.count() == 1
    marks()
    undo_load(load=later)
    assert filled.exported("issues") == before
    assert not ReplacedEvent.objects.exists()
    assert marks() >= {("issues", "C2", 201103), ("issues", "C1", 201104), ("issues", "C1", 201101)}


def test_what_stands_in_the_way_of_an_undo_is_named(filled: Loader) -> None:
    first = Load.objects.get(kind="issues")
    refused(first, "contacts about issues that would go: 007, 30, 7")
    later = filled.good("issues", f"{ISSUES}I-1,C1,2011-01-01,")
    refused(first, f"load {later.pk} replaced I-1 later")
    filled.good("contacts", f"{CONTACTS}X,I-1,2011-01-02,")
    refused(later, "contacts that would lie before their issues: X")


def refused(load: Load, words: str) -> None:
    before = contents()
    with pytest.raises(UndoRefused, match=words):
        undo_load(load=load)
    assert contents() == before


def test_an_event_that_was_taken_away_returns_as_the_same_row(filled: Loader, root: User) -> None:
    before, contact = filled.exported("contacts"), Contact.objects.get(external_id="7")
    marks()
    load = remove_event(Contacts(), contact, reason="A test call.", by=root, source="test")
    assert marks() == {("contacts", "C1", 201101), ("issues", "C1", 201101)}
    assert not Contact.objects.filter(external_id="7").exists()
    told = AuditEntry.objects.get(verb=Verb.DELETED_EVENT).after
    assert told == {"kind": "contacts", "id": "7", "reason": "A test call."}
    undo_load(load=load)
    assert filled.exported("contacts") == before
    assert Contact.objects.get(external_id="7").pk == contact.pk
    assert marks() == {("contacts", "C1", 201101), ("issues", "C1", 201101)}


def test_what_was_taken_away_and_given_again_stands_in_the_way(filled: Loader, root: User) -> None:
    issue = Issue.objects.get(external_id="I 3 ü")
    load = remove_event(Issues(), issue, reason="Twice.", by=root, source="test")
    filled.good("issues", f"{ISSUES}I 3 ü,C1,2011-02-01,")
    refused(load, "given again since")


def test_of_a_time_that_was_purged_no_event_comes_but_what_is_kept_may_change(filled: Loader) -> None:
    EventKeeping.objects.create(pk=1, months=3, gone_before=date(2011, 3, 1))
    old = f"{INVOICES}X,C1,2011-02-28,2011-04-05,1,2011-04-04"
    [error] = filled("invoices", old).errors
    assert (error.column, error.reason[:22]) == ("issued_on", "lies before 1 Mar 2011")
    filled.good("invoices", f"{INVOICES}2011/3,C2,2011-02-07,2011-03-09,1000000,2011-03-05")
    assert Invoice.objects.get(external_id="2011/3").paid_on == date(2011, 3, 5)
    assert filled.bad("invoices", f"{INVOICES}2011/3,C2,2011-02-08,2011-03-09,1000000,2011-03-05") == [(2, "issued_on")]
    filled.good("issues", f"{ISSUES}I-2,C1,2011-01-28,2011-03-02")


def test_nor_does_one_of_a_month_that_looks_back_into_that_time(filled: Loader) -> None:
    EventKeeping.objects.create(pk=1, months=3, gone_before=date(2011, 3, 1))
    assert filled("contacts", f"{CONTACTS}X,I-1,2011-03-01,").ok
    factories.kpi(source=Source.EVENTS, rule="repeat_contacts(days=30)", customer_method="ratio")
    assert filled.bad("contacts", f"{CONTACTS}Y,I-1,2011-03-31,") == [(2, "on")]
    assert filled("contacts", f"{CONTACTS}Y,I-1,2011-04-01,").ok
