"""``/customers/``: the list with its filters, views and files, the page of one customer, and who may read whom."""

from __future__ import annotations

from datetime import date
from io import BytesIO
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from openpyxl import load_workbook
from time_machine import TimeMachineFixture

from accounts.models import ListView, User
from customers.models import Customer, LifecycleEvent, TierMembership
from kpis.choices import CustomerMethod, TimeMethod
from kpis.models import CustomerMerge, Fact
from kpis.rollup.runs import roll_up_now
from tests import factories as make
from tests.kept import kept
from tests.scorecard.reading import text_of

pytestmark = pytest.mark.django_db
LIST, ODD = "/customers/", ("a/b", "new", "..", "50%?#", "~2F", "Zoë & Söhne")


@pytest.fixture(autouse=True)
def november(time_machine: TimeMachineFixture) -> None:
    """It is the end of November 2026."""
    time_machine.move_to("2026-11-30 12:00Z", tick=False)


@kept
def world(stella: User, omar: User) -> dict[str, Any]:
    """Acme in Gold, Brix in Silver, Öst without a tier; Acme joined in July, Brix left in August."""
    gold, silver = make.tier("T1", name="Gold"), make.tier("T2", name="Silver")
    acme = make.customer("C1", tier=gold, name="Acme", region="Nord", is_key_account=True, account_manager=omar)
    brix = make.customer("C2", tier=silver, name="Brix", region="Süd")
    east = make.customer("C3", name="Öst Handel")
    make.lifecycle_event(acme, "2026-07-05", "joined")
    make.lifecycle_event(brix, "2020-01-05", "joined")
    make.lifecycle_event(brix, "2026-08-05", "left")
    return {"gold": gold, "silver": silver, "acme": acme, "brix": brix, "east": east}


@pytest.fixture
def browser(stella: User, world: dict[str, Any]) -> Client:
    """In which the steward is signed in."""
    return make.signed_in(stella)


def names(answer: Any) -> list[str]:
    return [row.name for row in answer.context["list"].rows]


def page_of(customer: Customer) -> str:
    return reverse("customer", args=[customer.external_id])


@pytest.mark.parametrize(
    ("query", "left"),
    [
        ("", ["Acme", "Brix", "Öst Handel"]),
        ("q=C2", ["Brix"]),
        ("q=öst hand", ["Öst Handel"]),
        ("tier=T1", ["Acme"]),
        ("tier=untiered", ["Öst Handel"]),
        ("region=süd", ["Brix"]),
        ("is_key_account=true", ["Acme"]),
        ("account_manager=omar@tierboard.example", ["Acme"]),
        ("new_in=2026-Q3", ["Acme"]),
        ("lost_in=2026-Q3", ["Brix"]),
        ("lost_in=2026-Q2", []),
        ("retired=true", ["Retired Ltd"]),
        ("sort=name&q=C", ["Acme", "Brix", "Öst Handel"]),
    ],
)
def test_the_list_is_filtered_by_what_holds_today(browser: Client, query: str, left: list[str]) -> None:
    make.customer("C0", name="Retired Ltd", retired_from=date(2026, 11, 30))
    make.customer("C9", name="Merged Ltd", merged_into=Customer.objects.get(external_id="C1"))
    assert names(browser.get(f"{LIST}?{query}")) == left


def test_an_unknown_value_filters_nothing_and_is_named(browser: Client) -> None:
    answer = browser.get(f"{LIST}?new_in=soon&more=1")
    assert len(names(answer)) == 3
    assert "New in:" in text_of(answer)
    assert "It was left out." in text_of(answer)


def test_three_customers_and_sixty_cost_the_same_queries(browser: Client, world: dict[str, Any]) -> None:
    def cost(address: str) -> int:
        browser.get("/help/")
        with CaptureQueriesContext(connection) as asked:
            assert browser.get(address).status_code == 200
        return len(asked)

    few = cost(LIST), cost(page_of(world["acme"]))
    tier, kpis = world["silver"], [make.kpi() for _ in range(4)]
    for number in range(60):
        make.lifecycle_event(make.customer(f"D{number}", tier=tier), "2026-01-01", "joined")
    for kpi in kpis:
        for month in (202601, 202602, 202603):
            make.fact(kpi, world["acme"], month, 1)
    roll_up_now()
    assert cost(LIST) == few[0]
    assert cost(page_of(world["acme"])) <= few[1] + 3  # the facts, their KPIs and their loads


def test_a_file_holds_what_the_list_shows_in_the_columns_of_files(browser: Client) -> None:
    text = b"".join(browser.get("/customers/export/csv/?tier=T1")).decode("utf-8-sig")
    assert text.splitlines() == [
        "external_id,name,business_unit,region,is_key_account,account_manager,tier,on_the_book,since,retired_from",
        "C1,Acme,,Nord,yes,omar@tierboard.example,T1,yes,2026-07-05,",
    ]
    book = load_workbook(BytesIO(browser.get("/customers/export/xlsx/?q=brix").content))
    assert [cell.value for cell in book.worksheets[0][2]][:2] == ["C2", "Brix"]


def test_an_owner_reads_their_own_on_list_file_page_and_api_alike(world: dict[str, Any], omar: User) -> None:
    make.initiative("lights", customer=world["east"], owner=omar)
    browser = make.signed_in(omar)
    assert names(browser.get(LIST)) == ["Acme", "Öst Handel"]
    assert b"Brix" not in b"".join(browser.get("/customers/export/csv/"))
    assert [row["name"] for row in browser.get("/api/v1/customers/?tier=T2").json()["results"]] == []
    for part in ("", "effect/"):
        assert browser.get(f"{page_of(world['brix'])}{part}").status_code == 404
        assert browser.get(f"{page_of(world['acme'])}{part}").status_code == 200
    assert browser.post(f"{page_of(world['acme'])}retire/", {"retired_from": "2026-12-01"}).status_code == 403


def test_views_are_ones_own_and_keep_known_filters_alone(browser: Client, stella: User, ines: User) -> None:
    kept_view = {"name": "Gold", "query": "?tier=T1&sort=name&nonsense=1", "shared": "on"}
    assert browser.post("/customers/views/", kept_view)["Location"] == "/customers/?tier=T1&sort=name"
    view = ListView.objects.get(user=stella)
    assert (view.list, view.query, view.shared) == ("customers", "tier=T1&sort=name", False)
    other = make.signed_in(ines)
    assert "Gold" not in [one.name for one in other.get(LIST).context["list"].saved_views]
    assert other.post(f"/customers/views/{view.pk}/delete/").status_code == 404
    assert b"None of the customers is changed." in browser.post(f"/customers/views/{view.pk}/delete/").content
    browser.post(f"/customers/views/{view.pk}/delete/", {"sure": "1"})
    assert not ListView.objects.exists()


@pytest.mark.parametrize("external_id", ODD)
def test_whatever_a_number_holds_its_page_has_an_address(browser: Client, external_id: str) -> None:
    made = make.customer(external_id, name="Odd")
    for part in ("", "edit/", "effect/"):
        answer = browser.get(f"{page_of(made)}{part}")
        assert answer.status_code == 200
        assert answer.context["customer"] == made


def test_the_page_says_what_was_measured_with_the_load_and_asks_who_looks_after_it(
    browser: Client, world: dict[str, Any]
) -> None:
    margin = make.kpi("margin", unit="percent", customer_method=CustomerMethod.RATIO, time_method=TimeMethod.POOL)
    make.fact(margin, world["acme"], 202609, 1, 4)
    Fact.objects.update(load_id=7)
    make.initiative("lights", customer=world["acme"], title="Lights for Acme")
    roll_up_now()
    text = text_of(browser.get(page_of(world["acme"])))
    assert "Gold since 1 Jan 2000, on the book since 5 Jul 2026. Key account." in text
    assert "Margin, % 25.00" in text
    assert "Sep load 7" in text
    assert "Lights for Acme" in text
    assert "Omar looks after the account" in text


def test_what_a_customer_gives_to_the_missed_cells_of_its_tier(browser: Client, world: dict[str, Any]) -> None:
    other = make.customer("C4", tier=world["gold"])
    csat = make.kpi("csat", customer_method=CustomerMethod.MEAN, time_method=TimeMethod.POOL)
    active = make.kpi("active", customer_method=CustomerMethod.DISTINCT, time_method=TimeMethod.POOL)
    sales = make.kpi("sales")
    for month in (202607, 202608, 202609):
        for kpi, mine, others in ((csat, 2, 8), (active, 1, 1), (sales, 10, 30)):
            make.fact(kpi, world["acme"], month, mine)
            make.fact(kpi, other, month, others)
    for kpi, value in ((csat, 8), (active, 5), (sales, 200)):
        make.target(kpi, world["gold"], 202607, value, per="quarter")
    roll_up_now()
    answer = browser.get(f"{page_of(world['acme'])}effect/?period=2026-Q3", headers={"HX-Request": "true"})
    text = text_of(answer)
    assert "3 of 3 cells of Gold missed the target; without Acme 1 of them would be near or met." in text
    assert "Csat ≥ 8 5.00 −3.00 8.00 ● met" in text
    assert "Active ≥ 5 2.00 +1.00 1.00 ■ missed" in text
    assert "Sales ≥ 200 120.00 +30.00 90.00 ■ missed" in text


def test_a_move_says_first_what_it_changes(browser: Client, world: dict[str, Any]) -> None:
    make.fact(make.kpi("sales"), world["acme"], 202609, 1)
    roll_up_now()
    asked = f"{page_of(world['acme'])}move/"
    answer = browser.get(f"{asked}?tier=T2&starts_on=2026-09-01")
    assert "1 customer moves tier in months that have ended: 4 cells in 2 periods" in text_of(answer)
    assert TierMembership.objects.filter(customer=world["acme"]).count() == 1
    browser.post(asked, {"tier": "T2", "starts_on": "2026-09-01"})
    assert TierMembership.objects.get(starts_on="2026-09-01").tier == world["silver"]


def test_an_event_that_is_not_legal_by_date_is_refused_beside_its_field(browser: Client, world: dict[str, Any]) -> None:
    address = f"{page_of(world['acme'])}events/"
    answer = browser.post(address, {"kind": "joined", "on": "2026-09-01"})
    assert (answer.status_code, LifecycleEvent.objects.filter(customer=world["acme"]).count()) == (400, 1)
    assert "cannot stand after “joined”" in text_of(answer)
    assert browser.post(address, {"kind": "left", "on": "2026-09-01"}).status_code == 302


def test_what_is_used_is_retired_and_what_is_not_is_deleted(browser: Client, world: dict[str, Any]) -> None:
    acme = page_of(world["acme"])
    text = text_of(browser.post(f"{acme}delete/", {"sure": "1"}, follow=True))
    assert "there is something of it: 1 tier membership and 1 lifecycle event. Nothing was changed." in text
    browser.post(f"{acme}retire/", {"retired_from": "2026-11-30", "sure": "1"})
    assert "Acme" not in names(browser.get(LIST))
    assert "Retired since 30 Nov 2026" in text_of(browser.get(acme))
    browser.post(f"{acme}bring-back/")
    assert "Acme" in names(browser.get(LIST))
    browser.post(f"{page_of(world['east'])}delete/", {"sure": "1"})
    assert not Customer.objects.filter(external_id="C3").exists()


def test_a_customer_is_added_and_edited_and_who_comes_too_late_is_told(browser: Client) -> None:
    browser.post("/customers/new/", {"external_id": "N1", "name": "Neu"})
    edit = f"{page_of(Customer.objects.get(external_id='N1'))}edit/"
    seen = browser.get(edit).context["form"]["seen"].value()
    Customer.objects.filter(external_id="N1").update(region="West")
    answer = browser.post(edit, {"name": "Neuer", "seen": seen})
    assert (answer.status_code, answer.context["late"].name) == (409, "Neu")
    browser.post(edit, {"name": "Neuer", "seen": answer.context["form"].data["seen"]})
    assert Customer.objects.get(external_id="N1").name == "Neuer"
    assert "is a word" in text_of(browser.post("/customers/new/", {"external_id": "bulk", "name": "x"}))


def test_two_are_merged_by_page_once_each_fact_of_both_is_decided(browser: Client, world: dict[str, Any]) -> None:
    sales = make.kpi("sales")
    for customer, number in ((world["acme"], 5), (world["brix"], 7)):
        make.fact(sales, customer, 202609, number)
    address = f"{page_of(world['acme'])}merge/"
    assert browser.get(f"{address}?other=nobody").status_code == 400
    answer = browser.get(f"{address}?other=Brix")
    assert "Of Brix: 1 tier membership, 2 lifecycle events and 1 fact." in text_of(answer)
    sent = {"other": "C2", "seen": answer.context["page"].preview.revision, "sure": "1"}
    assert browser.post(address, sent).status_code == 400
    browser.post(address, {**sent, f"take-{sales.pk}": "sum"})
    assert Fact.objects.get().numerator == 12
    assert "It was merged into “C1”." in text_of(browser.get(page_of(world["brix"])))
    browser.post(f"/customers/merges/{CustomerMerge.objects.get().pk}/undo/", {"sure": "1"})
    assert sorted(Fact.objects.values_list("numerator", flat=True)) == [5, 7]


def test_taking_a_membership_out_says_first_what_it_changes(browser: Client, world: dict[str, Any]) -> None:
    make.fact(make.kpi("sales"), world["acme"], 202609, 1)
    roll_up_now()
    row = TierMembership.objects.get(customer=world["acme"])
    asked = f"{page_of(world['acme'])}take-out/tier/{row.pk}/"
    assert "1 customer moves tier in months that have ended: 4 cells in 2 periods" in text_of(browser.get(asked))
    assert TierMembership.objects.filter(pk=row.pk).exists()
    browser.post(asked, {"sure": "1"})
    assert not TierMembership.objects.filter(pk=row.pk).exists()


def test_the_tier_of_a_list_is_that_of_the_last_membership(browser: Client, world: dict[str, Any]) -> None:
    TierMembership.objects.create(customer=world["acme"], tier=world["silver"], starts_on="2026-10-01")
    TierMembership.objects.create(customer=world["brix"], tier=None, starts_on="2026-11-01")
    TierMembership.objects.create(customer=world["east"], tier=world["gold"], starts_on="2026-12-01")
    assert names(browser.get(f"{LIST}?tier=T1")) == []
    assert names(browser.get(f"{LIST}?tier=T2")) == ["Acme"]
    assert names(browser.get(f"{LIST}?tier=untiered")) == ["Brix", "Öst Handel"]
    assert names(browser.get(f"{LIST}?tier=untiered")) == ["Brix", "Öst Handel"]
