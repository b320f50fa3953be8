"""Business units, departments, tiers, customers, their moves and their lives: every plain table is a resource."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import pytest
from django.test import Client

from accounts.models import AuditEntry, User
from accounts.rights import Right
from accounts.services.tokens import create_token
from core.stale import revision_of
from customers.models import Customer, LifecycleEvent, Tier, TierMembership, TierTouch
from tests import factories
from tests.factories import signed_in
from tests.kept import kept

JSON = "application/json"


class Table(NamedTuple):
    """An address, a row that can be made there, what of it can be changed, and which row the walk reads."""

    made: dict[str, Any]
    change: dict[str, Any]
    read: str
    customers: bool = False


TABLES = {
    "business-units": Table({"code": "asia", "name": "Asia", "kind": "region"}, {"name": "Asia Pacific"}, "europe"),
    "departments": Table({"code": "care", "name": "Care"}, {"name": "Customer care"}, "sales"),
    "tiers": Table({"code": "T9", "name": "Tin", "rank": 9}, {"rank": 8}, "T1"),
    "customers": Table(
        {"external_id": "C9", "name": "Acme", "business_unit": "europe", "is_key_account": True},
        {"region": "North", "business_unit": None},
        "C1",
        customers=True,
    ),
    "tier-memberships": Table({"customer": "C1", "starts_on": "2024-05-01", "tier": "T2"}, {"tier": None}, "", True),
    "lifecycle-events": Table({"customer": "C2", "on": "2024-05-01", "kind": "joined"}, {"kind": "joined"}, "", True),
}
EVERY = list(TABLES)
CUSTOMERS = [name for name, table in TABLES.items() if table.customers]
WRITERS = {"steward", "administrator"}


@kept
def world(db: None) -> dict[str, Any]:
    """A row of each table: C1 in T1 since 2000, joined then; C2 in no tier."""
    factories.business_unit()
    factories.department()
    gold, _ = factories.tier("T1"), factories.tier("T2")
    first = factories.customer("C1", tier=gold)
    factories.customer("C2")
    event = factories.lifecycle_event(first, "2000-01-01", "joined")
    return {"tier-memberships": first.memberships.get().pk, "lifecycle-events": event.pk}


def place(name: str, world: dict[str, Any]) -> str:
    return f"/api/v1/{name}/{TABLES[name].read or world[name]}/"


def fields(answer: Any) -> list[str]:
    assert answer.status_code == 422, answer.content
    return [error["field"] for error in answer.json()["errors"]]


def by_token(user: User, *scopes: Right) -> Client:
    _, text = create_token(user=user, name="x", scopes=scopes, expires_on=None, by=None)
    return Client(headers={"Authorization": f"Bearer {text}"})


@pytest.mark.parametrize("name", EVERY)
def test_is_made_read_listed_changed_and_deleted(name: str, world: dict[str, Any], stella: User) -> None:
    browser, table = signed_in(stella), TABLES[name]
    answer = browser.post(f"/api/v1/{name}/", table.made, content_type=JSON)
    assert answer.status_code == 201, answer.content
    made, address = answer.json(), answer["Location"]
    assert table.made.items() <= made.items()
    assert browser.get(address).json() == made
    assert made in browser.get(f"/api/v1/{name}/").json()["results"]

    assert fields(browser.patch(address, table.change, content_type=JSON)) == ["revision"]
    changed = browser.patch(address, table.change | {"revision": made["revision"]}, content_type=JSON)
    assert changed.status_code == 200
    assert table.change.items() <= changed.json().items()
    assert changed["ETag"] == f'"{changed.json()["revision"]}"'

    assert browser.delete(address).status_code == 204
    assert browser.get(address).status_code == 404
    verbs = list(AuditEntry.objects.order_by("pk").values_list("verb", flat=True))
    assert verbs == ["created", *(["changed"] if changed.json() != made else []), "deleted"]


@pytest.mark.parametrize("name", EVERY)
def test_the_same_row_twice_is_refused(name: str, world: dict[str, Any], stella: User) -> None:
    browser, table = signed_in(stella), TABLES[name]
    assert browser.post(f"/api/v1/{name}/", table.made, content_type=JSON).status_code == 201
    assert browser.post(f"/api/v1/{name}/", table.made, content_type=JSON).status_code == 422


@pytest.mark.parametrize("name", EVERY)
def test_who_saw_another_revision_changes_nothing(name: str, world: dict[str, Any], stella: User) -> None:
    browser, address = signed_in(stella), place(name, world)
    old = {"If-Match": '"0000"'}
    assert browser.patch(address, TABLES[name].change, content_type=JSON, headers=old).status_code == 412
    assert browser.delete(address, headers=old).status_code == 412
    assert browser.patch(address, {"revision": "0000"}, content_type=JSON).status_code == 409
    assert not AuditEntry.objects.exists()


@pytest.mark.parametrize("name", EVERY)
def test_roles(name: str, world: dict[str, Any], everyone: dict[str, User]) -> None:
    address, body = place(name, world), TABLES[name].made
    for role, user in everyone.items():
        browser = signed_in(user)
        reads = role not in {"none", "integrator"}
        found = 404 if TABLES[name].customers and role == "owner" else 200
        assert browser.get(f"/api/v1/{name}/").status_code == (200 if reads else 403), role
        assert browser.get(address).status_code == (found if reads else 403), role
        if role not in WRITERS:
            assert browser.post(f"/api/v1/{name}/", body, content_type=JSON).status_code == 403, role
            assert browser.patch(address, {}, content_type=JSON).status_code == 403, role
            assert browser.delete(address).status_code == 403, role
    assert Client().get(address).status_code == 401
    assert not AuditEntry.objects.exists()


@pytest.mark.parametrize("name", EVERY)
def test_scopes_of_a_token(name: str, world: dict[str, Any], ivo: User) -> None:
    reading = Right.READ_CUSTOMERS if TABLES[name].customers else Right.READ
    other = Right.READ if TABLES[name].customers else Right.READ_CUSTOMERS
    address, body = place(name, world), TABLES[name].made
    assert by_token(ivo, reading).get(address).status_code == 200
    assert by_token(ivo, other).get(address).status_code == 403
    assert by_token(ivo, reading).post(f"/api/v1/{name}/", body, content_type=JSON).status_code == 403
    both = by_token(ivo, reading, Right.MANAGE_KPIS)
    assert both.post(f"/api/v1/{name}/", body, content_type=JSON).status_code == 201


@pytest.mark.parametrize("name", CUSTOMERS)
def test_owners_read_their_own_customers_alone(name: str, world: dict[str, Any], omar: User) -> None:
    browser = signed_in(omar)
    assert browser.get(f"/api/v1/{name}/").json()["results"] == []
    factories.initiative("lights", owner=omar, customer=Customer.objects.get(external_id="C1"))
    shown = browser.get(f"/api/v1/{name}/").json()["results"]
    assert {row.get("customer", row.get("external_id")) for row in shown} == {"C1"}
    assert browser.get(place(name, world)).status_code == 200


@pytest.mark.parametrize("name", ["tier-memberships", "lifecycle-events"])
def test_nobody_asks_by_a_customer_that_they_may_not_read(name: str, world: dict[str, Any], omar: User) -> None:
    assert fields(signed_in(omar).get(f"/api/v1/{name}/?customer=C1")) == ["customer"]


USERS: dict[str, tuple[str, Callable[[], Any], str]] = {
    "business-units": ("europe", lambda: factories.customer("C7", business_unit=factories.business_unit()), "C7"),
    "departments": ("sales", lambda: factories.initiative("lights"), "lights"),
    "tiers": ("T2", lambda: factories.initiative("lights", tiers=(Tier.objects.get(code="T2"),)), "lights"),
    "customers": ("C1", lambda: None, "1 tier membership"),
}


@pytest.mark.parametrize("name", USERS)
def test_what_is_in_use_stays_and_its_users_are_named(name: str, world: dict[str, Any], stella: User) -> None:
    code, use, user = USERS[name]
    use()
    answer = signed_in(stella).delete(f"/api/v1/{name}/{code}/")
    assert answer.status_code == 409
    assert user in answer.json()["detail"]
    assert signed_in(stella).get(f"/api/v1/{name}/{code}/").status_code == 200


@pytest.mark.parametrize("name", EVERY)
def test_what_names_a_row_stays(name: str, world: dict[str, Any], stella: User) -> None:
    browser, key = signed_in(stella), next(iter(TABLES[name].made))
    any_revision = {"If-Match": "*"}
    answer = browser.patch(place(name, world), {key: "C2"}, content_type=JSON, headers=any_revision)
    assert fields(answer) == [key]
    same = browser.get(place(name, world)).json()
    assert browser.patch(place(name, world), same, content_type=JSON, headers=any_revision).status_code == 200


WRONG = [
    ("business-units", {"code": "a b"}, "code"),
    ("business-units", {"kind": "planet"}, "kind"),
    ("departments", {"name": ""}, "name"),
    ("departments", {"name": "x" * 201}, "name"),
    ("tiers", {"code": "ALL"}, "code"),
    ("tiers", {"rank": -1}, "rank"),
    ("tiers", {"rank": 30_001}, "rank"),
    ("tiers", {"retired_from": "soon"}, "retired_from"),
    ("customers", {"external_id": "C\u200b9"}, "external_id"),
    ("customers", {"external_id": "1.2E+16"}, "external_id"),
    ("customers", {"name": "A\u0007"}, "name"),
    ("customers", {"account_manager": "nobody@tierboard.example"}, "account_manager"),
    ("customers", {"external_id": 7}, "external_id"),
    ("tier-memberships", {"tier": "all"}, "tier"),
    ("tier-memberships", {"tier": "untiered"}, "tier"),
    ("tier-memberships", {"starts_on": "1899-12-31"}, "starts_on"),
    ("tier-memberships", {"customer": "C0"}, "customer"),
    ("tier-memberships", {"customer": {}}, "customer"),
    ("tier-memberships", {"tier": False}, "tier"),
    ("customers", {"revision": 1.5}, "revision"),
    ("lifecycle-events", {"kind": "returned"}, "kind"),
    ("lifecycle-events", {"on": "2200-01-01"}, "on"),
]


@pytest.mark.parametrize(("name", "wrong", "field"), WRONG)
def test_refuses_by_field_what_no_door_takes(
    name: str, wrong: dict[str, Any], field: str, world: dict[str, Any], stella: User
) -> None:
    body = TABLES[name].made | wrong
    assert fields(signed_in(stella).post(f"/api/v1/{name}/", body, content_type=JSON)) == [field]
    assert not AuditEntry.objects.exists()


def test_a_move_and_its_end_are_rolled_up_again(world: dict[str, Any], stella: User) -> None:
    TierTouch.objects.all().delete()
    browser, body = signed_in(stella), TABLES["tier-memberships"].made
    address = browser.post("/api/v1/tier-memberships/", body, content_type=JSON)["Location"]
    assert list(TierTouch.objects.values_list("first_month", "last_month")) == [(202405, None)]
    TierTouch.objects.all().delete()
    browser.delete(address)
    assert TierTouch.objects.filter(first_month=202405, last_month=None).exists()
    assert TierMembership.objects.count() == 1


def test_a_new_tier_is_a_column_of_every_month(world: dict[str, Any], stella: User) -> None:
    TierTouch.objects.all().delete()
    signed_in(stella).post("/api/v1/tiers/", TABLES["tiers"].made, content_type=JSON)
    assert TierTouch.objects.filter(last_month=None).exists()


def test_the_computed_columns_are_no_tiers_here(world: dict[str, Any], stella: User) -> None:
    browser = signed_in(stella)
    assert [row["code"] for row in browser.get("/api/v1/tiers/").json()["results"]] == ["T1", "T2"]
    for verb in (browser.get, browser.delete):
        assert verb("/api/v1/tiers/all/").status_code == 404


def test_an_event_that_others_follow_stays(world: dict[str, Any], stella: User) -> None:
    customer = Customer.objects.get(external_id="C1")
    factories.lifecycle_event(customer, "2010-01-01", "left")
    answer = signed_in(stella).delete(place("lifecycle-events", world))
    assert answer.status_code == 409
    assert LifecycleEvent.objects.count() == 2


def test_an_id_with_a_slash_or_an_accent_is_found(db: None, stella: User) -> None:
    for external_id in ("A/B 7", "CAFÉ-1"):
        factories.customer(external_id)
        found = signed_in(stella).get(f"/api/v1/customers/{external_id}/")
        assert found.json()["external_id"] == external_id
    assert signed_in(stella).get("/api/v1/customers/CAFE\u0301-1/").status_code == 200


FILTERS = [
    ("business-units", "kind=product", 0),
    ("business-units", "q=uro", 1),
    ("departments", "q=sal", 1),
    ("tiers", "q=T1", 1),
    ("customers", "q=c1", 1),
    ("customers", "business_unit=europe", 0),
    ("customers", "is_key_account=false", 2),
    ("customers", "region=north", 0),
    ("tier-memberships", "customer=C1&tier=T1&since=2000-01-01&until=2000-01-01", 1),
    ("tier-memberships", "tier=T2", 0),
    ("lifecycle-events", "customer=C1&kind=joined&since=2000-01-01&until=2000-01-01", 1),
    ("lifecycle-events", "kind=left", 0),
]


@pytest.mark.parametrize(("name", "query", "count"), FILTERS)
def test_filters(name: str, query: str, count: int, world: dict[str, Any], ines: User) -> None:
    assert len(signed_in(ines).get(f"/api/v1/{name}/?{query}").json()["results"]) == count


@pytest.mark.parametrize("name", EVERY)
def test_pages_with_a_cursor_at_one_cost(
    name: str, world: dict[str, Any], ines: User, django_assert_max_num_queries: Any
) -> None:
    for number in range(30):
        unit = factories.business_unit(f"u{number:02}")
        factories.department(f"d{number:02}")
        tier = factories.tier(f"X{number:02}", rank=number)
        one = factories.customer(f"X{number:02}", tier=tier, business_unit=unit, account_manager=ines)
        factories.lifecycle_event(one, "2001-01-01", "joined")
    browser, seen, address = signed_in(ines), [], f"/api/v1/{name}/?page_size=20"
    while address:
        with django_assert_max_num_queries(8):
            page = browser.get(address).json()
        assert set(page) == {"next", "previous", "results"}
        seen += [row.get("code") or row.get("external_id") or row["id"] for row in page["results"]]
        address = page["next"]
    assert len(seen) == len(set(seen)) > 30
    assert seen == sorted(seen)


def test_revisions_are_those_of_the_row(world: dict[str, Any], ines: User) -> None:
    shown = signed_in(ines).get("/api/v1/tiers/T1/").json()
    assert shown["revision"] == revision_of(Tier.objects.get(code="T1"))


@pytest.mark.parametrize("unseen", ["\n", "\t", "\x1b[0m", "\u2028"])
def test_an_id_that_no_address_could_hold_is_refused(unseen: str, world: dict[str, Any], stella: User) -> None:
    body = {"external_id": f"C{unseen}9", "name": "Acme"}
    assert set(fields(signed_in(stella).post("/api/v1/customers/", body, content_type=JSON))) == {"external_id"}
    bulk = signed_in(stella).post("/api/v1/customers/bulk/", [body], content_type=JSON)
    assert set(fields(bulk)) == {"external_id"}
