"""Events for other programs: by their own ids, with a slash in them too."""

from __future__ import annotations

from typing import Any, NamedTuple

import pytest

from accounts.loads import undo_load
from accounts.models import Load, LoadChange, User
from customers.models import Customer
from kpis.models import Issue
from tests import factories
from tests.factories import signed_in
from tests.kept import kept

JSON = "application/json"


class Kind(NamedTuple):
    """A new row, what of it is changed, and a list that has it and one that has not."""

    row: dict[str, Any]
    change: dict[str, Any]
    found: str
    other: str


KINDS = {
    "issues": Kind(
        {"id": "I/1", "customer": "C1", "opened_on": "2024-05-02", "solved_on": None},
        {"solved_on": "2024-05-09"},
        "?customer=C1&open=true",
        "?solved_since=2024-05-01",
    ),
    "contacts": Kind(
        {"id": "7", "issue": "I-0", "on": "2024-05-02", "channel": "phone"},
        {"channel": ""},
        "?customer=C1&issue=I-0&until=2024-05-02",
        "?since=2024-05-03",
    ),
    "deals": Kind(
        {"id": "D/1", "customer": "C1", "closed_on": "2024-05-02", "won": True, "hard_price_talks": None}
        | {"list_value": "1000.0000", "net_value": "899.9900"},
        {"won": False, "hard_price_talks": True, "net_value": "12.5000"},
        "?won=true",
        "?won=false",
    ),
    "referrals": Kind(
        {"id": "R 1", "customer": "C1", "on": "2024-05-02"}, {"on": "2024-05-03"}, "?since=2024-05-02", "?customer=C2"
    ),
    "invoices": Kind(
        {"id": "2024/1", "customer": "C1", "issued_on": "2024-05-02", "due_on": "2024-06-01", "amount": "-5.0000"}
        | {"paid_on": None},
        {"paid_on": "2024-05-30", "amount": "5.0000"},
        "?open=true",
        "?paid_since=2024-05-01",
    ),
}


@kept
def customers(omar: User) -> Customer:
    """C1, whom Omar looks after, with an issue, and C2."""
    first = factories.customer("C1", is_key_account=True, account_manager=omar)
    factories.customer("C2")
    Issue.objects.create(external_id="I-0", customer=first, opened_on="2024-05-01", load_id=0)
    return first


@pytest.mark.parametrize("name", KINDS)
def test_is_made_listed_changed_deleted_and_taken_back(customers: Customer, stella: User, name: str) -> None:
    browser, kind, place = signed_in(stella), KINDS[name], f"/api/v1/{name}/"
    answer = browser.post(place, kind.row, content_type=JSON)
    assert answer.status_code == 201, answer.content
    made, address = answer.json(), answer["Location"]
    assert kind.row.items() <= made.items()
    assert browser.get(address).json() == made
    assert made in browser.get(place + kind.found).json()["results"]
    assert made not in browser.get(place + kind.other).json()["results"]
    assert browser.post(place, kind.row, content_type=JSON).status_code == 200
    assert browser.post(place, kind.row | kind.change, content_type=JSON).status_code == 409

    stale = browser.patch(address, kind.change | {"revision": "0"}, content_type=JSON)
    assert stale.status_code == 409
    renamed = browser.patch(address, {"id": "other"}, content_type=JSON)
    assert [error["field"] for error in renamed.json()["errors"]] == ["id"]
    changed = browser.patch(address, kind.change | {"revision": made["revision"]}, content_type=JSON)
    assert changed.status_code == 200, changed.content
    assert (kind.row | kind.change).items() <= changed.json().items()

    assert browser.delete(address).json()["errors"][0]["field"] == "reason"
    assert browser.delete(f"{address}?dry_run=1").json() == {"count": 1, "dry_run": True, "load": None}
    gone = browser.delete(f"{address}?reason=A+slip.").json()
    assert browser.get(address).status_code == 404
    load = Load.objects.get(pk=gone["load"])
    assert (load.removed, load.reason, load.by) == (1, "A slip.", stella)
    assert (LoadChange.objects.get(load=load).before or {})["id"] == kind.row["id"]
    undo_load(load=load, by=stella)
    assert browser.get(address).json() == changed.json()


@pytest.mark.parametrize(
    ("name", "change", "field"),
    [
        ("issues", {"solved_on": "2024-05-01"}, "solved_on"),
        ("issues", {"customer": "C9"}, "customer"),
        ("contacts", {"on": "2024-04-30"}, "on"),
        ("contacts", {"issue": "i-0"}, "issue"),
        ("deals", {"net_value": -1}, "net_value"),
        ("referrals", {"on": "2150-01-01"}, "on"),
        ("invoices", {"paid_on": "2024-05-01"}, "paid_on"),
        ("invoices", {"id": "bulk"}, "id"),
    ],
)
def test_single_call_bulk_and_change_say_the_same(
    customers: Customer, stella: User, name: str, change: dict[str, Any], field: str
) -> None:
    browser, row = signed_in(stella), KINDS[name].row
    bad = row | change
    single = browser.post(f"/api/v1/{name}/", bad, content_type=JSON)
    bulk = browser.post(f"/api/v1/{name}/bulk/", [bad], content_type=JSON)
    assert (single.status_code, bulk.status_code) == (422, 422)
    told = [[(error["field"], error["detail"]) for error in answer.json()["errors"]] for answer in (single, bulk)]
    assert told[0] == told[1]
    assert [name for name, _ in told[0]] == [field]
    if field != "id":
        address = browser.post(f"/api/v1/{name}/", row, content_type=JSON)["Location"]
        changed = browser.patch(address, change, content_type=JSON).json()
        assert [(error["field"], error["detail"]) for error in changed["errors"]] == told[0]


def test_owners_read_those_of_their_customers_and_write_none(customers: Customer, stella: User, omar: User) -> None:
    steward = signed_in(stella)
    for name, kind in KINDS.items():
        assert steward.post(f"/api/v1/{name}/", kind.row, content_type=JSON).status_code == 201
    other = KINDS["referrals"].row | {"id": "R2", "customer": "C2"}
    steward.post("/api/v1/referrals/", other, content_type=JSON)
    owner = signed_in(omar)
    for name, kind in KINDS.items():
        found = owner.get(f"/api/v1/{name}/").json()["results"]
        assert kind.row["id"] in [row["id"] for row in found]
        assert owner.post(f"/api/v1/{name}/", kind.row, content_type=JSON).status_code == 403
    assert owner.get("/api/v1/referrals/R2/").status_code == 404
    assert "R2" not in str(owner.get("/api/v1/referrals/").content)


def test_an_issue_goes_after_its_contacts(customers: Customer, stella: User) -> None:
    browser = signed_in(stella)
    browser.post("/api/v1/contacts/", KINDS["contacts"].row, content_type=JSON)
    answer = browser.delete("/api/v1/issues/I-0/?reason=x")
    assert answer.status_code == 409
    assert "7. Delete these first" in answer.json()["detail"]
