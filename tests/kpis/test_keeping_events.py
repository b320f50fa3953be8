"""Events that are purged after some months, and those of customers that are merged."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied

from accounts.choices import Verb
from accounts.models import AuditEntry, User
from core.stale import mark_shown
from customers.models import Customer
from customers.reading.customers import uses_of
from kpis.models import (
    EVENT_MODELS,
    Contact,
    Deal,
    EventKeeping,
    EventTouch,
    Invoice,
    Issue,
    Referral,
    ReplacedEvent,
)
from kpis.pages import events as pages
from kpis.services import keeping_events
from kpis.services.keeping_events import purge_events, set_keeping
from kpis.services.merging import merge_customers, undo_merge
from tests import factories
from tests.factories import signed_in

TODAY = date(2024, 7, 15)
OLD, NEW = "2024-03-31", "2024-04-01"  # of three months, the last day that goes and the first that is kept


def ids(model: Any) -> list[str]:
    return list(model.objects.order_by("external_id").values_list("external_id", flat=True))


@pytest.fixture
def one(db: None, monkeypatch: pytest.MonkeyPatch) -> Customer:
    """A customer with an old and a newer event of each kind."""
    for module in (keeping_events, pages):
        monkeypatch.setattr(module, "today", lambda: TODAY)
    customer = factories.customer("C1")
    whose: dict[str, Any] = {"customer": customer, "load_id": 0}
    issue = Issue.objects.create
    old = issue(external_id="solved-old", opened_on="2024-01-01", solved_on=OLD, **whose)
    later = issue(external_id="solved-old-told-later", opened_on="2024-01-01", solved_on=OLD, **whose)
    still = issue(external_id="open", opened_on="2024-01-01", **whose)
    issue(external_id="solved-new", opened_on="2024-01-01", solved_on=NEW, **whose)
    for name, about, on in (("a", old, OLD), ("b", later, OLD), ("c", later, NEW), ("d", still, "2024-01-02")):
        Contact.objects.create(external_id=name, issue=about, on=on, load_id=0)
    for name, day in (("old", OLD), ("new", NEW)):
        Deal.objects.create(external_id=name, closed_on=day, won=True, list_value=1, net_value=1, **whose)
        Referral.objects.create(external_id=name, on=day, **whose)
        Invoice.objects.create(external_id=name, issued_on=OLD, due_on=OLD, amount=1, paid_on=day, **whose)
    Invoice.objects.create(external_id="unpaid", issued_on=OLD, due_on=OLD, amount=1, **whose)
    return customer


def test_what_is_older_goes_but_for_what_is_open_or_has_something_new(one: Customer, ada: User) -> None:
    ReplacedEvent.objects.create(load_id=-1, event_id=0, replaced_load_id=0, external_id="x", closed_on=OLD)
    assert purge_events() == {}  # nobody said so
    set_keeping(months=3, by=ada)
    assert keeping_events.older_than(date(2024, 4, 1)) == 5
    assert purge_events() == {"contacts": 1, "issues": 1, "deals": 1, "referrals": 1, "invoices": 1}
    assert ids(Contact) == ["b", "c", "d"]
    assert ids(Issue) == ["open", "solved-new", "solved-old-told-later"]
    assert (ids(Deal), ids(Referral), ids(Invoice)) == (["new"], ["new"], ["new", "unpaid"])
    assert EventKeeping.objects.get().gone_before == date(2024, 4, 1)
    assert (AuditEntry.objects.get(verb=Verb.PURGED).after or {})["invoices"] == 1
    set_keeping(months=None, by=ada)
    assert EventKeeping.objects.get().gone_before == date(2024, 4, 1)


def test_nothing_goes_while_facts_wait_to_be_derived(one: Customer, ada: User) -> None:
    set_keeping(months=3, by=ada)
    EventTouch.objects.create(kind="deals", customer=one, month=202403)
    assert purge_events() == {}
    assert "old" in ids(Deal)


def test_administrators_say_how_long_and_are_asked_first(one: Customer, ada: User, stella: User) -> None:
    with pytest.raises(PermissionDenied):
        set_keeping(months=3, by=stella)
    browser = signed_in(ada)
    given = {"months": "3", "seen": mark_shown(keeping_events.keeping())}
    assert browser.post("/company/events/", {"months": "2"}).status_code == 400
    asked = browser.post("/company/events/", given)
    assert "5 events of before" in asked.content.decode()
    assert not EventKeeping.objects.exists()
    done = browser.post("/company/events/", given | {"sure": "1"}, follow=True)
    assert "Today they are kept for 3 months." in done.content.decode()
    assert EventKeeping.objects.get().months == 3


def test_a_merged_customers_events_are_the_others_until_they_are_two_again(one: Customer, stella: User) -> None:
    gone = factories.customer("C2")
    Issue.objects.filter(external_id="open").update(customer=gone)
    Deal.objects.filter(external_id="new").update(customer=gone)
    assert [use.words for use in uses_of(gone)] == ["2 events"]
    merge = merge_customers(kept=one, gone=gone, by=stella, choices={}, today=TODAY)
    assert not Issue.objects.filter(customer=gone).exists()
    assert EventTouch.objects.filter(customer=one, kind="contacts", month=202401).exists()
    undo_merge(merge=merge, by=stella)
    assert Deal.objects.get(external_id="new").customer == gone
    assert sum(model._default_manager.filter(customer=gone).count() for model in (Issue, Deal)) == 2
    assert all(model._default_manager.exists() for model in EVENT_MODELS.values())
