"""Facts by their key: read in pages, given, corrected, taken away with a reason and put back."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from pytest_django import DjangoAssertNumQueries

from accounts.loads import UndoRefused, undo_load
from accounts.models import AuditEntry, Load, User
from customers.models import Customer
from kpis.loads.facts_checking import dangling_facts
from kpis.models import Fact, Kpi, ReplacedFact, SliceTouch
from tests import factories
from tests.factories import signed_in
from tests.kept import kept

JSON, LIST = "application/json", "/api/v1/facts/"


@kept
def revenue(company: Any) -> Kpi:
    """Three customers' revenue of two months."""
    kpi = factories.kpi("revenue")
    for name in ("C1", "C2", "C3"):
        customer = factories.customer(name)
        for month in (201101, 201102):
            factories.fact(kpi, customer, month, 10)
    return kpi


def query(**key: str) -> str:
    return LIST + "?" + "&".join(f"{name}={value}" for name, value in key.items())


def one(**changed: str) -> str:
    return query(**{"kpi": "revenue", "customer": "C1", "month": "2011-01"} | changed)


def correct(by: User, values: Any, url: str = "", **headers: str) -> Any:
    return signed_in(by).patch(url or one(), values, content_type=JSON, headers=headers)


def fields(answer: Any) -> set[str]:
    assert answer.status_code == 422, answer.content
    return {error["field"] for error in answer.json()["errors"]}


# -- reading


def test_one_fact_is_read_by_its_key(revenue: Kpi, stella: User) -> None:
    answer = signed_in(stella).get(one())
    assert answer.json() == {
        "kpi": "revenue",
        "customer": "C1",
        "month": "2011-01",
        "numerator": "10.0000",
        "denominator": None,
        "load": answer.json()["load"],
        "revision": answer.json()["revision"],
    }
    assert answer["ETag"] == f'"{answer.json()["revision"]}"'


@pytest.mark.parametrize("other", [{"customer": "C9"}, {"month": "2011-03"}])
def test_a_fact_that_is_not_there_is_nowhere(revenue: Kpi, stella: User, other: dict[str, str]) -> None:
    assert signed_in(stella).get(one(**other)).status_code == 404
    assert correct(stella, {"numerator": 1}, one(**other)).status_code == 404
    assert signed_in(stella).delete(one(**other) + "&reason=x").status_code == 404


@pytest.mark.parametrize("other", [{"kpi": "nothing"}, {"month": "2011-13"}])
def test_a_key_that_cannot_be_is_named(revenue: Kpi, stella: User, other: dict[str, str]) -> None:
    assert fields(signed_in(stella).get(one(**other))) == set(other)


def test_pages_of_facts_neither_repeat_nor_skip(revenue: Kpi, stella: User) -> None:
    browser, url, found, pages = signed_in(stella), f"{LIST}?page_size=4", [], []
    while url:
        pages.append(browser.get(url).json())
        found += [(row["month"], row["customer"]) for row in pages[-1]["results"]]
        url = pages[-1]["next"]
    assert found == [(month, name) for month in ("2011-01", "2011-02") for name in ("C1", "C2", "C3")]
    back = browser.get(pages[-1]["previous"]).json()
    assert (back["results"], back["previous"]) == (pages[0]["results"], None)
    assert browser.get(back["next"]).json()["results"] == pages[-1]["results"]


@pytest.mark.parametrize(
    ("asked", "number"),
    [("kpi=revenue", 6), ("customer=C2", 2), ("month=2011-02", 3), ("since=2011-02", 3), ("until=2010-12", 0)],
)
def test_facts_are_filtered(revenue: Kpi, stella: User, asked: str, number: int) -> None:
    assert len(signed_in(stella).get(f"{LIST}?{asked}").json()["results"]) == number


@pytest.mark.parametrize("asked", ["kpi=x", "customer=x", "month=x", "since=2011"])
def test_a_filter_that_filters_nothing_is_refused(revenue: Kpi, stella: User, asked: str) -> None:
    assert signed_in(stella).get(f"{LIST}?{asked}").status_code == 422


@pytest.mark.parametrize("cursor", ["x", "a1", "a1.2.3.4", "a1.2.x", "b" + "9" * 30 + ".1.1"])
def test_a_cursor_that_is_none_is_nowhere(revenue: Kpi, stella: User, cursor: str) -> None:
    assert signed_in(stella).get(f"{LIST}?cursor={cursor}").status_code == 404


def test_an_owner_reads_facts_of_their_own_customers(revenue: Kpi, omar: User) -> None:
    Customer.objects.filter(external_id="C2").update(is_key_account=True, account_manager=omar)
    browser = signed_in(omar)
    assert {row["customer"] for row in browser.get(LIST).json()["results"]} == {"C2"}
    assert browser.get(one(customer="C2")).status_code == 200
    assert browser.get(one()).status_code == 404
    assert browser.get(f"{LIST}?customer=C1").status_code == 422


def test_a_page_of_facts_costs_the_same_however_long_it_is(
    revenue: Kpi, stella: User, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    browser = signed_in(stella)
    browser.get(LIST)
    for size in (1, 6):
        with django_assert_num_queries(5):
            browser.get(f"{LIST}?page_size={size}")


# -- giving and correcting


def test_a_fact_is_given_once(revenue: Kpi, stella: User) -> None:
    row = {"kpi": "revenue", "customer": "C1", "month": "2011-03", "numerator": "0.1"}
    browser = signed_in(stella)
    made, again = (browser.post(LIST, row, content_type=JSON) for _ in range(2))
    assert (made.status_code, made["Location"]) == (201, one(month="2011-03"))
    assert (again.status_code, again.json()["numerator"]) == (200, "0.1000")
    assert browser.post(LIST, row | {"numerator": 2}, content_type=JSON).status_code == 409
    assert browser.get(made["Location"]).json() == made.json()


@pytest.mark.parametrize(
    ("values", "named"),
    [
        ({"customer": "C9"}, {"customer"}),
        ({"kpi": "nothing"}, {"kpi"}),
        ({"numerator": "x"}, {"numerator"}),
        ({"month": "2199-01"}, {"month"}),
        ({"colour": 1}, {"colour"}),
    ],
)
def test_what_no_file_may_say_no_call_may(revenue: Kpi, stella: User, values: Any, named: set[str]) -> None:
    row = {"kpi": "revenue", "customer": "C1", "month": "2011-03", "numerator": 1}
    assert fields(signed_in(stella).post(LIST, row | values, content_type=JSON)) == named


def test_a_correction_is_a_load_that_can_be_taken_back(revenue: Kpi, stella: User) -> None:
    answer = correct(stella, {"numerator": "12.5"})
    assert (answer.status_code, answer.json()["numerator"]) == (200, "12.5000")
    assert SliceTouch.objects.filter(kpi=revenue, month=201101).exists()
    undo_load(load=Load.objects.get(pk=answer.json()["load"]), by=stella)
    assert Fact.objects.get(month=201101, customer__external_id="C1").numerator == 10


def test_a_correction_leaves_alone_what_it_does_not_say(stella: User, company: Any) -> None:
    ratio = factories.kpi("rate", customer_method="ratio", time_method="pool")
    factories.fact(ratio, factories.customer("C1"), 201101, 2, 4)
    found = correct(stella, {"denominator": 5}, one(kpi="rate")).json()
    assert (found["numerator"], found["denominator"]) == ("2.0000", "5.0000")
    assert fields(correct(stella, {"denominator": None}, one(kpi="rate"))) == {"denominator"}


def test_a_correction_of_what_was_seen_before_is_refused(revenue: Kpi, stella: User) -> None:
    seen = signed_in(stella).get(one())
    correct(stella, {"numerator": 11})
    assert correct(stella, {"numerator": 12}, **{"If-Match": seen["ETag"]}).status_code == 412
    assert correct(stella, {"numerator": 12, "revision": seen.json()["revision"]}).status_code == 409
    assert fields(correct(stella, {"kpi": "x"})) == {"kpi"}


def test_who_may_not_load_corrects_and_removes_nothing(revenue: Kpi, fay: User, omar: User, ines: User) -> None:
    for person in (fay, omar, ines):
        assert correct(person, {"numerator": 1}).status_code == 403
        assert signed_in(person).delete(one() + "&reason=x").status_code == 403
        assert signed_in(person).post(LIST, {}, content_type=JSON).status_code == 403
    assert Fact.objects.count() == 6


# -- taking away


def test_taking_away_asks_for_a_reason(revenue: Kpi, stella: User) -> None:
    assert fields(signed_in(stella).delete(one())) == {"reason"}
    assert fields(signed_in(stella).delete(one() + "&reason=+")) == {"reason"}
    assert Fact.objects.count() == 6


def test_a_dry_run_counts(revenue: Kpi, stella: User) -> None:
    answer = signed_in(stella).delete(query(kpi="revenue", month="2011-01", dry_run="1"))
    assert answer.json() == {"count": 3, "dry_run": True, "load": None}
    assert (Fact.objects.count(), Load.objects.filter(removed__gt=0).count()) == (6, 0)


def test_a_fact_is_taken_away_and_put_back(revenue: Kpi, stella: User) -> None:
    stored = list(Fact.objects.order_by("pk").values())
    SliceTouch.objects.all().delete()
    answer = signed_in(stella).delete(one() + "&reason=Booked+twice")
    load = Load.objects.get(pk=answer.json()["load"])
    assert answer.json()["count"] == 1
    assert (load.removed, load.reason, load.by) == (1, "Booked twice", stella)
    assert Fact.objects.count() == 5
    assert SliceTouch.objects.filter(kpi=revenue, month=201101).exists()
    assert AuditEntry.objects.filter(verb="deleted facts", after__reason="Booked twice").count() == 1
    assert not list(dangling_facts())
    undo_load(load=load, by=stella)
    assert list(Fact.objects.order_by("pk").values()) == stored
    assert not ReplacedFact.objects.exists()


def test_all_facts_of_a_month_are_taken_away_and_put_back(revenue: Kpi, stella: User) -> None:
    answer = signed_in(stella).delete(query(kpi="revenue", month="2011-01", reason="x"))
    assert answer.json()["count"] == 3
    assert set(Fact.objects.values_list("month", flat=True)) == {201102}
    undo_load(load=Load.objects.get(pk=answer.json()["load"]), by=stella)
    assert Fact.objects.count() == 6


def test_what_was_taken_away_shows_among_the_loads_with_its_reason(revenue: Kpi, stella: User) -> None:
    browser = signed_in(stella)
    load = browser.delete(one() + "&reason=Booked+twice").json()["load"]
    assert "Booked twice" in browser.get("/imports/").content.decode()
    page = browser.get(f"/imports/{load}/").content.decode()
    assert "Booked twice" in page
    assert "Removed" in page


def test_a_load_whose_fact_was_taken_away_waits_for_it(revenue: Kpi, stella: User) -> None:
    corrected = Load.objects.get(pk=correct(stella, {"numerator": 11}).json()["load"])
    removed = Load.objects.get(pk=signed_in(stella).delete(one() + "&reason=x").json()["load"])
    assert not list(dangling_facts())
    with pytest.raises(UndoRefused, match=f"Take load {removed.pk} back first"):
        undo_load(load=corrected, by=stella)
    undo_load(load=removed, by=stella)
    undo_load(load=corrected, by=stella)
    assert Fact.objects.get(month=201101, customer__external_id="C1").numerator == 10


def test_what_was_given_again_is_not_put_back_over_it(revenue: Kpi, stella: User) -> None:
    browser = signed_in(stella)
    removed = Load.objects.get(pk=browser.delete(one() + "&reason=x").json()["load"])
    row = {"kpi": "revenue", "customer": "C1", "month": "2011-01", "numerator": 7}
    again = Load.objects.get(pk=browser.post(LIST, row, content_type=JSON).json()["load"])
    with pytest.raises(UndoRefused, match=r"revenue \| C1 \| 2011-01 has been given again"):
        undo_load(load=removed, by=stella)
    undo_load(load=again, by=stella)
    undo_load(load=removed, by=stella)
    assert Fact.objects.get(month=201101, customer__external_id="C1").numerator == Decimal(10)


def test_a_fact_whose_kpi_is_calculated_by_now_is_not_put_back(revenue: Kpi, stella: User) -> None:
    for month in ("2011-01", "2011-02"):
        answer = signed_in(stella).delete(query(kpi="revenue", month=month, reason="x"))
    other = factories.kpi("other")
    Kpi.objects.filter(pk=revenue.pk).update(facts_of=other)
    with pytest.raises(UndoRefused, match="takes its facts from other"):
        undo_load(load=Load.objects.get(pk=answer.json()["load"]), by=stella)


def test_a_fact_whose_customer_is_gone_is_not_put_back(revenue: Kpi, stella: User) -> None:
    browser = signed_in(stella)
    loads = [
        browser.delete(query(kpi="revenue", month=month, reason="x")).json()["load"] for month in ("2011-01", "2011-02")
    ]
    Customer.objects.get(external_id="C3").delete()
    with pytest.raises(UndoRefused, match="customer"):
        undo_load(load=Load.objects.get(pk=loads[0]), by=stella)


@pytest.mark.parametrize("more", ["&tier=T1", "&kpi=revenue", "&dry_run=perhaps"])
def test_parameters_that_are_unknown_or_doubled_are_named(revenue: Kpi, stella: User, more: str) -> None:
    assert signed_in(stella).delete(one() + "&reason=x" + more).status_code == 422
    assert Fact.objects.count() == 6
