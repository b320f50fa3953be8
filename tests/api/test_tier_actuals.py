"""Actuals of tiers by REST: entered, corrected and taken away with a reason, and what was corrected."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from pytest_django import DjangoAssertNumQueries

from accounts.company import today
from accounts.models import User
from core.periods import month_code, month_of, shift
from customers.models import Tier
from kpis.models import Kpi, MonthCell, Restatement, SliceTouch, TierActual
from kpis.rollup.runs import roll_up_now
from tests import factories
from tests.api.test_initiatives import JSON, fields, problem
from tests.api.test_targets import anything
from tests.factories import signed_in
from tests.kept import kept

LIST, CORRECTED = "/api/v1/tier-actuals/", "/api/v1/restatements/"
ROW = {"kpi": "score", "tier": "T1", "month": "2012-01", "numerator": "30", "denominator": "4"}


@kept
def gold(db: None) -> Tier:
    return factories.tier("T1")


@kept
def score(gold: Tier) -> Kpi:
    """A mean, whose actuals are a sum and its number of observations."""
    return factories.kpi("score", customer_method="mean", time_method="pool")


def enter(by: User, **values: Any) -> Any:
    return signed_in(by).post(LIST, ROW | values, content_type=JSON)


def correct(by: User, made: Any, **values: Any) -> Any:
    """As who was answered ``made``."""
    browser = signed_in(by)
    return browser.patch(made["Location"], values, content_type=JSON, headers={"If-Match": made["ETag"]})


def stored() -> list[tuple[Any, ...]]:
    return [
        *TierActual.objects.values_list("kpi__code", "tier__code", "month", "numerator", "denominator"),
        *Restatement.objects.values_list("old_numerator", "old_denominator", "numerator", "denominator", "reason"),
    ]


def test_a_month_is_entered_once_and_rolled_up(score: Kpi, gold: Tier, stella: User) -> None:
    made = enter(stella)
    body = made.json()
    assert (made.status_code, made["Location"]) == (201, f"{LIST}{body['id']}/")
    assert made["ETag"] == f'"{body["revision"]}"'
    assert body == ROW | {
        "id": body["id"],
        "numerator": "30.0000",
        "denominator": "4.0000",
        "revision": body["revision"],
    }
    assert signed_in(stella).get(made["Location"]).json() == body
    again = enter(stella, numerator=30)
    assert (again.status_code, again.json()) == (200, body)
    assert "Location" not in again
    assert (SliceTouch.objects.count(), Restatement.objects.count()) == (1, 0)
    roll_up_now()
    assert MonthCell.objects.get(tier=gold).entered


def test_another_value_than_the_one_that_is_there_is_a_conflict(score: Kpi, stella: User) -> None:
    enter(stella)
    before = stored()
    for more in ({}, {"reason": "Mine is better"}):
        assert "another value" in problem(enter(stella, numerator="31", **more), 409)["detail"]
    assert stored() == before


def test_a_correction_needs_a_reason_and_keeps_the_old_value(score: Kpi, stella: User) -> None:
    made = enter(stella)
    assert fields(correct(stella, made, numerator="32")) == ["reason"]
    assert fields(correct(stella, made, numerator="32", reason=" ")) == ["reason"]
    answer = correct(stella, made, numerator="32", reason="Two came late")
    assert (answer.json()["numerator"], answer.json()["denominator"]) == ("32.0000", "4.0000")
    problem(correct(stella, made, numerator="33", reason="x"), 412)
    (kept,) = signed_in(stella).get(f"{CORRECTED}?kpi=score").json()["results"]
    assert (kept["tier"], kept["month"], kept["reason"], kept["by"]) == ("T1", "2012-01", "Two came late", stella.email)
    numbers = [kept[name] for name in ("old_numerator", "old_denominator", "numerator", "denominator")]
    assert numbers == ["30.0000", "4.0000", "32.0000", "4.0000"]
    assert signed_in(stella).get(f"{CORRECTED}{kept['id']}/").json() == kept


def test_a_correction_that_says_the_same_changes_nothing(score: Kpi, stella: User) -> None:
    made = enter(stella)
    before = stored()
    assert correct(stella, made, numerator="30.0").json() == made.json()
    assert stored() == before


def test_what_was_read_is_named_by_header_or_body(score: Kpi, stella: User) -> None:
    made = enter(stella)
    browser, change = signed_in(stella), {"numerator": "31", "reason": "x"}
    assert fields(browser.patch(made["Location"], change, content_type=JSON)) == ["revision"]
    problem(browser.patch(made["Location"], change | {"revision": "old"}, content_type=JSON), 409)
    seen = change | {"revision": made.json()["revision"]}
    assert browser.patch(made["Location"], seen, content_type=JSON).status_code == 200


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"kpi": "other"}, "kpi"),
        ({"tier": "all"}, "tier"),
        ({"month": "2012-02"}, "month"),
        ({"numerator": None}, "numerator"),
        ({"denominator": None, "reason": "x"}, "denominator"),
        ({"denominator": "-1", "reason": "x"}, "denominator"),
        ({"reason": "a\x00b"}, "reason"),
        ({"reason": "x" * 2_001}, "reason"),
    ],
)
def test_a_correction_makes_nothing_wrong_nor_another_row(
    score: Kpi, stella: User, change: dict[str, Any], field: str
) -> None:
    factories.kpi("other")
    made = enter(stella)
    before = stored()
    assert fields(correct(stella, made, **change)) == [field]
    assert stored() == before


def test_an_actual_is_taken_away_with_a_reason(score: Kpi, stella: User) -> None:
    made = enter(stella)
    browser = signed_in(stella)
    assert fields(browser.delete(made["Location"])) == ["reason"]
    assert fields(browser.delete(f"{made['Location']}?reason=+")) == ["reason"]
    problem(browser.delete(f"{made['Location']}?reason=x", headers={"If-Match": '"old"'}), 412)
    problem(browser.delete(f"{made['Location']}?dry_run=1", headers={"If-Match": '"old"'}), 412)
    assert fields(browser.delete(f"{made['Location']}?dry_run=perhaps&reason=x")) == ["dry_run"]
    gone = browser.delete(f"{made['Location']}?reason=Of+another+month", headers={"If-Match": made["ETag"]})
    assert (gone.status_code, TierActual.objects.count()) == (204, 0)
    (kept,) = browser.get(CORRECTED).json()["results"]
    assert (kept["old_numerator"], kept["numerator"], kept["reason"]) == ("30.0000", None, "Of another month")
    problem(browser.delete(f"{made['Location']}?reason=x"), 404)


BAD: list[tuple[dict[str, Any], list[str]]] = [
    ({"kpi": "nothing"}, ["kpi"]),
    ({"kpi": 7}, ["kpi"]),
    ({"tier": "untiered"}, ["tier"]),
    ({"tier": "T\x00"}, ["tier"]),
    ({"month": "2012-Q1"}, ["month"]),
    ({"month": "0999-01"}, ["month"]),
    ({"month": "2999-01"}, ["month"]),
    ({"numerator": None}, ["numerator"]),
    ({"numerator": ""}, ["numerator"]),
    ({"numerator": "1,5"}, ["numerator"]),
    ({"numerator": 10**13}, ["numerator"]),
    ({"denominator": None}, ["denominator"]),
    ({"denominator": "-1"}, ["denominator"]),
    ({"denominator": []}, ["denominator"]),
    ({"kpi": "x", "tier": "x", "month": "x", "numerator": "x"}, ["kpi", "tier", "month", "numerator"]),
]


@pytest.mark.parametrize(("values", "named"), BAD)
def test_every_bad_field_is_named(score: Kpi, stella: User, values: Any, named: list[str]) -> None:
    assert fields(enter(stella, **values)) == named
    assert stored() == []


def test_zero_is_an_actual_and_a_sum_needs_no_base(gold: Tier, stella: User) -> None:
    factories.kpi("score")
    body = enter(stella, numerator=0, denominator=None).json()
    assert (body["numerator"], body["denominator"]) == ("0.0000", None)


def test_the_running_month_is_entered_and_the_next_is_not(score: Kpi, stella: User) -> None:
    now = month_of(today())
    assert enter(stella, month=month_code(now)).status_code == 201
    assert fields(enter(stella, month=month_code(shift(now, 1)))) == ["month"]


def test_a_kpi_with_facts_takes_none(score: Kpi, stella: User) -> None:
    factories.fact(score, factories.customer(), 201201, 1, 1)
    assert fields(enter(stella)) == ["kpi"]


def test_a_calculated_kpi_takes_none_from_anybody(gold: Tier, stella: User) -> None:
    factories.kpi("score", formula="2 * score", customer_method="", time_method="")
    assert "calculated" in problem(enter(stella), 403)["detail"]


QUERIES = {"": 3, "kpi=score": 2, "tier=all": 1, "since=2012-02": 2, "until=2012-01": 1, "since=2012-02&kpi=score": 1}


@pytest.mark.parametrize("query", QUERIES)
def test_the_lists_are_filtered_as_asked(score: Kpi, gold: Tier, ines: User, query: str) -> None:
    places = [
        (score, gold, 201201),
        (score, factories.all_customers(), 201202),
        (factories.kpi("other"), gold, 201203),
    ]
    for kpi, tier, month in places:
        factories.tier_actual(kpi, tier, month, 1, 1)
        Restatement.objects.create(kpi=kpi, tier=tier, month=month, reason="x")
    for address in (LIST, CORRECTED):
        assert len(signed_in(ines).get(f"{address}?{query}").json()["results"]) == QUERIES[query]


@pytest.mark.parametrize("field", ["kpi", "tier", "since", "until"])
def test_a_filter_that_means_nothing_says_so(ines: User, field: str) -> None:
    for address in (LIST, CORRECTED):
        assert fields(signed_in(ines).get(f"{address}?{field}=%00")) == [field]


@pytest.mark.parametrize("count", [3, 300])
def test_the_lists_take_the_same_queries_whatever_their_size(
    count: int, gold: Tier, ines: User, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(count):
        kpi, person = factories.kpi(), factories.person(f"Person{number}")
        factories.tier_actual(kpi, gold, 201201, 1)
        Restatement.objects.create(kpi=kpi, tier=gold, month=201201, reason="x", by=person)
    browser = signed_in(ines)
    browser.get(LIST)
    for address in (LIST, CORRECTED):
        with django_assert_num_queries(3):
            assert len(browser.get(f"{address}?page_size=300").json()["results"]) == count


def test_what_was_corrected_is_read_only(score: Kpi, gold: Tier, root: User) -> None:
    row = Restatement.objects.create(kpi=score, tier=gold, month=201201, reason="x")
    for address in (CORRECTED, f"{CORRECTED}{row.pk}/"):
        for method in ("post", "put", "patch", "delete"):
            problem(getattr(signed_in(root), method)(address), 405)


@settings(max_examples=60)
@given(body=anything)
def test_whatever_is_sent_is_no_500(score: Kpi, stella: User, body: Any) -> None:
    answer = signed_in(stella).post(LIST, body, content_type=JSON)
    assert answer.status_code in {400, 422}, (body, answer.content)


# -- by their key


def of_key(**changed: str) -> str:
    key = {"kpi": "score", "tier": "T1", "month": "2012-01"} | changed
    return LIST + "?" + "&".join(f"{name}={value}" for name, value in key.items())


def test_an_actual_is_addressed_by_its_key_as_by_its_number(score: Kpi, gold: Tier, stella: User) -> None:
    browser, made = signed_in(stella), enter(stella)
    assert browser.get(of_key()).json() == browser.get(made["Location"]).json() == made.json()
    values = {"numerator": "31", "reason": "Counted again"}
    assert browser.patch(of_key(), values, content_type=JSON).status_code == 422  # nobody said what was seen
    corrected = browser.patch(of_key(), values, content_type=JSON, headers={"If-Match": made["ETag"]})
    assert (corrected.status_code, corrected.json()["numerator"]) == (200, "31.0000")
    assert browser.delete(of_key()).status_code == 422
    for address in (f"{of_key()}&dry_run=1", f"{of_key()}&dry_run=1&reason=x", f"{made['Location']}?dry_run=1"):
        before = stored()
        dry = browser.delete(address)
        assert (dry.status_code, dry.json(), stored()) == (200, {"count": 1, "dry_run": True}, before)
    assert browser.delete(of_key() + "&reason=x").status_code == 204
    assert not TierActual.objects.exists()
    assert Restatement.objects.count() == 2


def test_the_key_of_no_actual_is_nowhere(score: Kpi, gold: Tier, stella: User) -> None:
    browser = signed_in(stella)
    assert browser.get(of_key()).status_code == 404
    assert browser.patch(of_key(), {}, content_type=JSON).status_code == 404
    assert browser.delete(of_key() + "&reason=x").status_code == 404
    assert browser.get(of_key(tier="T9")).status_code == 422
    assert browser.patch(LIST, {}, content_type=JSON).status_code == 422


def test_a_list_without_keys_takes_no_patch(stella: User, company: Any) -> None:
    assert signed_in(stella).patch("/api/v1/targets/", {}, content_type=JSON).status_code == 405
    assert signed_in(stella).delete("/api/v1/targets/").status_code == 405


def test_the_key_asks_for_the_same_right(score: Kpi, gold: Tier, stella: User, omar: User, fay: User) -> None:
    enter(stella)
    for person in (omar, fay):
        for asked in ("&reason=x", "&dry_run=1"):
            assert signed_in(person).delete(of_key() + asked).status_code == 403
    assert TierActual.objects.count() == 1
