"""Versions of targets by REST: the list, drafts that are saved, changed and thrown away, and batches."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pytest_django import DjangoAssertNumQueries

from accounts.models import User
from customers.models import Tier
from kpis.choices import Per, TargetState
from kpis.models import Kpi, Target, TargetBatch
from tests import factories
from tests.api.test_initiatives import JSON, fields, problem
from tests.factories import signed_in
from tests.kept import kept

LIST, BATCHES = "/api/v1/targets/", "/api/v1/target-batches/"
ROW = {"kpi": "revenue", "tier": "T1", "from_month": "2012-01", "per": "quarter", "value": "1300"}


@kept
def gold(db: None) -> Tier:
    return factories.tier("T1")


@kept
def revenue(gold: Tier) -> Kpi:
    return factories.kpi("revenue")


def draft(by: User, **values: Any) -> Any:
    return signed_in(by).post(LIST, ROW | values, content_type=JSON)


def send(by: User, verb: str, *targets: Target | int, **more: Any) -> Any:
    """One of the verbs of the collection."""
    body = {"targets": [getattr(one, "pk", one) for one in targets], **more}
    return signed_in(by).post(f"{LIST}{verb}/", body, content_type=JSON)


# -- reading


def test_a_version_tells_what_the_file_tells_and_who_wrote_and_decided(
    revenue: Kpi, gold: Tier, ines: User, stella: User, fay: User
) -> None:
    batch = TargetBatch.objects.create(proposed_by=stella)
    row = factories.target(
        *(revenue, gold, 201201, "1300"),
        per=Per.QUARTER,
        plan_value="1250.5",
        created_by=stella,
        decided_by=fay,
        decision_note="Fits",
        batch=batch,
    )
    answer = signed_in(ines).get(f"{LIST}{row.pk}/")
    body = answer.json()
    assert answer["ETag"] == f'"{body["revision"]}"'
    told = {name: body[name] for name in (*ROW, "until_month", "low", "high", "state", "plan_value")}
    assert told == ROW | {
        "value": "1300.0000",
        "until_month": None,
        "low": None,
        "high": None,
        "state": "approved",
        "plan_value": "1250.5000",
    }
    assert (body["version"], body["batch"], body["note"]) == (1, batch.pk, "")
    assert (body["created_by"], body["decided_by"], body["decision_note"]) == (stella.email, fay.email, "Fits")


QUERIES = {
    "": 4,
    "kpi=revenue": 3,
    "tier=all": 1,
    "per=month": 1,
    "state=draft&state=approved": 3,
    "state=draft": 1,
    "from_month=2012-01": 2,
    "since=2012-02": 1,
    "until=2012-01": 3,
    "kpi=revenue&tier=T1&from_month=2012-01&per=quarter": 2,
    "batch=1": 0,
}


@pytest.mark.parametrize("query", QUERIES)
def test_the_list_is_filtered_as_asked(revenue: Kpi, gold: Tier, ines: User, query: str) -> None:
    TargetBatch.objects.create(pk=1, proposed_by=ines)
    factories.target(revenue, gold, 201201, 1, per=Per.QUARTER, state=TargetState.SUPERSEDED)
    factories.target(revenue, gold, 201201, 2, per=Per.QUARTER, version=2)
    factories.target(revenue, factories.all_customers(), 201204, 3, per=Per.QUARTER, state=TargetState.DRAFT)
    factories.target(factories.kpi("calls"), gold, 201101, 4)
    rows = signed_in(ines).get(f"{LIST}?{query}").json()["results"]
    assert len(rows) == QUERIES[query]


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("kpi=nothing", "kpi"),
        ("tier=%00", "tier"),
        ("per=week", "per"),
        ("state=good", "state"),
        ("from_month=2012", "from_month"),
        ("since=2012-13", "since"),
        ("until=0999-01", "until"),
        ("batch=x", "batch"),
        (f"batch={10**30}", "batch"),
    ],
)
def test_a_filter_that_means_nothing_says_so(ines: User, query: str, field: str) -> None:
    assert fields(signed_in(ines).get(f"{LIST}?{query}")) == [field]


def test_what_is_not_there_is_not_found(ines: User) -> None:
    for number in (0, 1, 10**30):
        problem(signed_in(ines).get(f"{LIST}{number}/"), 404)
        problem(signed_in(ines).get(f"{BATCHES}{number}/"), 404)


@pytest.mark.parametrize("count", [3, 300])
def test_the_lists_take_the_same_queries_whatever_their_size(
    count: int, revenue: Kpi, gold: Tier, ines: User, stella: User, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(1, count + 1):
        person = factories.person(f"Person{number}")
        batch = TargetBatch.objects.create(proposed_by=person)
        more = {"version": number, "state": TargetState.REJECTED, "created_by": person, "decided_by": person}
        factories.target(revenue, gold, 201201, 1, batch=batch, **more)
    browser = signed_in(ines)
    browser.get(LIST)
    for address in (LIST, BATCHES):
        with django_assert_num_queries(3):
            assert len(browser.get(f"{address}?page_size=300").json()["results"]) == count


# -- drafts


def test_a_row_becomes_a_draft_once(revenue: Kpi, stella: User) -> None:
    made = draft(stella, plan_value="1250.5")
    body = made.json()
    assert (made.status_code, made["Location"]) == (201, f"{LIST}{body['id']}/")
    assert (body["state"], body["value"], body["plan_value"]) == ("draft", "1300.0000", "1250.5000")
    assert body["created_by"] == stella.email
    again = draft(stella, value=1300, plan_value=1250.5)
    assert (again.status_code, again.json()) == (200, body)
    assert "Location" not in again
    assert Target.objects.count() == 1


def test_a_row_equal_to_what_is_approved_is_answered_with_it(revenue: Kpi, gold: Tier, stella: User) -> None:
    approved = factories.target(revenue, gold, 201201, 1300, per=Per.QUARTER)
    answer = draft(stella)
    assert (answer.status_code, answer.json()["id"], answer.json()["state"]) == (200, approved.pk, "approved")
    assert draft(stella, value="1301").json()["version"] == 2


def test_another_value_changes_the_own_draft_of_the_row(revenue: Kpi, stella: User) -> None:
    made = draft(stella).json()
    changed = draft(stella, value="1400")
    assert (changed.status_code, changed.json()["id"], changed.json()["value"]) == (200, made["id"], "1400.0000")


def test_somebody_elses_draft_is_not_overwritten_unseen(revenue: Kpi, stella: User, fay: User) -> None:
    made = draft(stella)
    why = problem(draft(fay, value="1400"), 409)["detail"]
    assert "a draft that Stella wrote" in why
    problem(draft(fay, value="1400", revision="another"), 409)
    problem(signed_in(fay).post(LIST, ROW | {"value": "1"}, content_type=JSON, headers={"If-Match": '"old"'}), 412)
    assert Target.objects.get().value == 1300
    assert draft(fay).status_code == 200  # which says the same
    changed = draft(fay, value="1400", revision=made.json()["revision"])
    assert (changed.status_code, changed.json()["id"], changed.json()["value"]) == (200, made.json()["id"], "1400.0000")
    assert changed.json()["created_by"] == fay.email


def test_somebody_elses_draft_is_not_thrown_away_unseen(revenue: Kpi, stella: User, fay: User) -> None:
    made = draft(stella)
    browser = signed_in(fay)
    assert fields(browser.delete(made["Location"])) == ["revision"]
    assert Target.objects.exists()
    assert browser.delete(made["Location"], headers={"If-Match": made["ETag"]}).status_code == 204


def test_finance_decides_on_the_batch_that_it_read(revenue: Kpi, stella: User, fay: User) -> None:
    row = draft(stella).json()["id"]
    seen = send(stella, "propose", row).json()["id"]
    send(stella, "withdraw", row)
    draft(stella, value="9999")
    again = send(stella, "propose", row).json()["id"]
    problem(send(fay, "approve", row, batch=seen), 409)
    problem(send(fay, "reject", row, batch=seen, reason="No"), 409)
    assert Target.objects.get().state == TargetState.PROPOSED
    assert send(fay, "approve", row, batch=again).json()[0]["state"] == "approved"


def test_a_row_that_waits_for_finance_is_not_changed(revenue: Kpi, stella: User) -> None:
    send(stella, "propose", draft(stella).json()["id"])
    answer = draft(stella, value="1400")
    assert "waits for finance" in problem(answer, 422)["errors"][0]["detail"]
    assert draft(stella).json()["state"] == "proposed"


def test_a_range_has_low_and_high(gold: Tier, stella: User) -> None:
    factories.kpi("revenue", direction="range")
    body = draft(stella, value=None, low="1", high="2.5").json()
    assert (body["value"], body["low"], body["high"]) == (None, "1.0000", "2.5000")
    assert fields(draft(stella, value="3")) == ["low", "high", "value"]
    assert fields(draft(stella, value=None, low="3", high="2")) == ["high"]


def test_a_draft_is_changed_by_who_saw_it(revenue: Kpi, stella: User) -> None:
    made = draft(stella)
    address, browser = made["Location"], signed_in(stella)
    changed = browser.patch(address, {"value": "7"}, content_type=JSON, headers={"If-Match": made["ETag"]})
    assert changed.json()["value"] == "7.0000"
    problem(browser.patch(address, {"value": "8"}, content_type=JSON, headers={"If-Match": made["ETag"]}), 412)
    body = {"value": "8", "revision": made.json()["revision"]}
    problem(browser.patch(address, body, content_type=JSON), 409)
    assert fields(browser.patch(address, {"value": "8"}, content_type=JSON)) == ["revision"]
    assert Target.objects.get().value == 7
    body["revision"] = changed.json()["revision"]
    assert browser.patch(address, body, content_type=JSON).json()["value"] == "8.0000"


def test_null_takes_a_value_out_of_a_draft(revenue: Kpi, stella: User) -> None:
    made = draft(stella, per="month", until_month="2012-06", plan_value="5")
    browser, seen = signed_in(stella), {"If-Match": made["ETag"]}
    cleared = browser.patch(
        made["Location"], {"until_month": None, "plan_value": None}, content_type=JSON, headers=seen
    )
    body = cleared.json()
    assert (body["until_month"], body["plan_value"], body["value"]) == (None, None, "1300.0000")


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"value": None}, "value"),
        ({"value": "much"}, "value"),
        ({"low": "1"}, "low"),
        ({"until_month": "2012-03"}, "until_month"),
        ({"tier": "all"}, "tier"),
        ({"from_month": "2012-04"}, "from_month"),
        ({"per": "year"}, "per"),
    ],
)
def test_a_draft_is_not_made_wrong_nor_another_row(
    revenue: Kpi, stella: User, change: dict[str, Any], field: str
) -> None:
    made = draft(stella)
    answer = signed_in(stella).patch(made["Location"], change, content_type=JSON, headers={"If-Match": made["ETag"]})
    assert fields(answer) == [field]
    assert signed_in(stella).get(made["Location"]).json() == made.json()


@pytest.mark.parametrize("state", [state for state in TargetState if state != TargetState.DRAFT])
def test_what_was_proposed_or_decided_is_neither_changed_nor_deleted(
    revenue: Kpi, gold: Tier, stella: User, state: TargetState
) -> None:
    row = factories.target(revenue, gold, 201201, 1, state=state)
    browser, address = signed_in(stella), f"{LIST}{row.pk}/"
    problem(browser.patch(address, {"value": "2"}, content_type=JSON, headers={"If-Match": "*"}), 409)
    problem(browser.delete(address), 409)
    assert Target.objects.get().value == 1


def test_a_draft_is_thrown_away_as_it_was_seen(revenue: Kpi, stella: User) -> None:
    made = draft(stella)
    browser = signed_in(stella)
    problem(browser.delete(made["Location"], headers={"If-Match": '"old"'}), 412)
    assert browser.delete(made["Location"], headers={"If-Match": made["ETag"]}).status_code == 204
    problem(browser.delete(made["Location"]), 404)


BAD: list[tuple[dict[str, Any], list[str]]] = [
    ({"kpi": "nothing"}, ["kpi"]),
    ({"kpi": None}, ["kpi"]),
    ({"kpi": "a\x00b"}, ["kpi"]),
    ({"tier": ["T1"]}, ["tier"]),
    ({"tier": "untiered"}, ["tier"]),
    ({"from_month": "2012-02"}, ["from_month"]),
    ({"from_month": "0999-01"}, ["from_month"]),
    ({"from_month": 201201}, ["from_month"]),
    ({"per": "week"}, ["per"]),
    ({"per": {}}, ["per"]),
    ({"value": ""}, ["value"]),
    ({"value": True}, ["value"]),
    ({"value": "1.23456"}, ["value"]),
    ({"value": "1e5"}, ["value"]),
    ({"value": 10**40}, ["value"]),
    ({"value": None}, ["value"]),
    ({"low": "1"}, ["low"]),
    ({"plan_value": "plan"}, ["plan_value"]),
    ({"until_month": "2013-01"}, ["until_month"]),
    ({"per": "month", "until_month": "2011-12"}, ["until_month"]),
    ({"kpi": "x", "tier": "x", "from_month": "x", "per": "x"}, ["kpi", "tier", "from_month", "per"]),
]


@pytest.mark.parametrize(("values", "named"), BAD)
def test_every_bad_field_of_a_row_is_named(revenue: Kpi, stella: User, values: Any, named: list[str]) -> None:
    assert fields(draft(stella, **values)) == named
    assert not Target.objects.exists()


def test_of_the_trailing_twelve_months_targets_are_per_year_alone(gold: Tier, stella: User) -> None:
    factories.kpi("revenue", time_method="ttm")
    assert fields(draft(stella)) == ["per"]
    assert draft(stella, per="year").status_code == 201


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)
bodies = anything | st.fixed_dictionaries({}, optional=dict.fromkeys((*ROW, "targets", "note", "reason"), anything))


@pytest.mark.slow
@settings(max_examples=60)
@given(body=bodies)
def test_whatever_is_sent_is_no_500(revenue: Kpi, stella: User, body: Any) -> None:
    browser = signed_in(stella)
    for address in (LIST, f"{LIST}propose/", f"{LIST}withdraw/"):
        answer = browser.post(address, body, content_type=JSON)
        assert answer.status_code in {400, 422}, (address, body, answer.content)


# -- batches


def test_a_batch_tells_its_note_and_what_became_of_it(revenue: Kpi, ines: User, stella: User, fay: User) -> None:
    rows = [draft(stella, from_month=month).json()["id"] for month in ("2012-01", "2012-04", "2012-07")]
    made = send(stella, "propose", *rows, note="As in the plan")
    assert made.status_code == 201
    send(fay, "approve", rows[0])
    send(fay, "reject", rows[1], reason="No")
    body = signed_in(ines).get(made["Location"]).json()
    assert (body["note"], body["proposed_by"]) == ("As in the plan", stella.email)
    assert body["targets"] == {"proposed": 1, "approved": 1, "rejected": 1, "superseded": 0, "withdrawn": 0}
    assert len(signed_in(ines).get(f"{LIST}?batch={body['id']}").json()["results"]) == 3


def test_batches_are_filtered_by_whether_they_wait(revenue: Kpi, gold: Tier, stella: User) -> None:
    waiting, decided = (TargetBatch.objects.create(proposed_by=stella) for _ in range(2))
    factories.target(revenue, gold, 201201, Decimal(1), batch=waiting, state=TargetState.PROPOSED)
    factories.target(revenue, gold, 201202, Decimal(1), batch=decided)
    browser = signed_in(stella)

    def listed(query: str) -> list[int]:
        return [row["id"] for row in browser.get(f"{BATCHES}?{query}").json()["results"]]

    assert listed("") == [waiting.pk, decided.pk]
    assert listed("waiting=true") == [waiting.pk]
    assert listed("waiting=false") == [decided.pk]
    assert fields(browser.get(f"{BATCHES}?waiting=maybe")) == ["waiting"]


def test_a_batch_is_read_only(ines: User, root: User) -> None:
    batch = TargetBatch.objects.create(proposed_by=ines)
    for method in ("post", "put", "patch", "delete"):
        problem(getattr(signed_in(root), method)(f"{BATCHES}{batch.pk}/"), 405)
