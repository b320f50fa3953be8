"""The register by REST: its list and filters, writes that compare and swap, and the steps of an initiative's life."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client

from accounts.choices import Role
from accounts.company import today
from accounts.models import User
from accounts.rights import Right
from accounts.services.tokens import create_token
from initiatives.choices import Health, Level, Stage
from initiatives.models import Initiative, Thanks
from tests import factories
from tests.factories import signed_in
from tests.kept import kept

LIST = "/api/v1/initiatives/"
JSON = "application/json"


@kept
def invoices(omar: User) -> Initiative:
    """Omar's initiative, which runs."""
    return factories.initiative("invoices", owner=omar)


def problem(answer: Any, status: int) -> dict[str, Any]:
    """The problem that an answer tells."""
    assert answer.status_code == status, answer.content
    assert answer["Content-Type"] == "application/problem+json"
    body: dict[str, Any] = answer.json()
    return body


def fields(answer: Any) -> list[str | None]:
    """Which fields a 422 names."""
    return [error["field"] for error in problem(answer, 422)["errors"]]


# -- reading


def test_an_initiative_tells_what_it_is_and_what_the_rules_make_of_it(ines: User, omar: User) -> None:
    gold, kpi = factories.tier("T2"), factories.kpi("dso")
    start = today() - timedelta(days=100)
    row = factories.initiative(
        "invoices",
        owner=omar,
        tiers=(gold,),
        kpis=(kpi, (kpi, gold)),
        loyalty_impact=4,
        effort=2,
        cost="38000.5",
        baseline_start=start,
        baseline_due=start + timedelta(days=90),
    )
    factories.status_update(row, author=omar, progress=40, note="Going well.")
    answer = signed_in(ines).get(f"{LIST}invoices/")
    assert answer["ETag"] == '"1"'
    body = answer.json()
    assert (body["code"], body["tiers"], body["kpis"]) == ("invoices", ["T2"], ["dso", "dso@T2"])
    assert (body["cost"], body["company_cost"], body["currency"]) == ("38000.5000", "38000.5000", "")
    assert (body["impact"], body["burden"], body["quadrant"]) == (4, 2, "quick_win")
    assert (body["stage"], body["status"], body["slip"]) == ("in_progress", "late", 0)
    assert body["words"] == "late: 10 days past its due date"
    assert (body["progress"], body["latest_update"]["note"]) == (40, "Going well.")
    assert (body["owner"], body["sponsor"], body["as_of"]) == (omar.email, None, today().isoformat())


def test_the_list_is_that_of_the_page_with_the_same_filters(ines: User, omar: User) -> None:
    late = factories.initiative("late-one", owner=omar)
    factories.status_update(late, Health.LATE)
    factories.initiative("fine-one")
    factories.initiative("idea", stage=Stage.CANDIDATE)
    browser = signed_in(ines)
    for query in (
        "",
        "status=late",
        "stage=candidate",
        f"owner={omar.email}",
        "no_owner=true",
        "q=idea",
        "unscored=true",
    ):
        shown = {row["code"] for row in browser.get(f"{LIST}?{query}").json()["results"]}
        assert shown == _exported(browser, query), query
        assert shown, query


def _exported(browser: Client, query: str) -> set[str]:
    """The codes in the page's export of the same list."""
    lines = browser.get(f"/initiatives/export/csv/?{query}").getvalue().decode("utf-8-sig").splitlines()
    return {line.split(",")[0] for line in lines[1:]}


def test_pages_follow_each_other_in_the_order_of_codes_without_repeating(ines: User) -> None:
    for number in range(7):
        factories.initiative(f"i-{number}")
    browser, address, seen = signed_in(ines), f"{LIST}?page_size=3", []
    while address:
        body = browser.get(address).json()
        seen += [row["code"] for row in body["results"]]
        address = body["next"]
    assert seen == [f"i-{number}" for number in range(7)]


def test_a_row_that_comes_meanwhile_repeats_nothing(ines: User) -> None:
    for number in (2, 4, 6):
        factories.initiative(f"i-{number}")
    browser = signed_in(ines)
    first = browser.get(f"{LIST}?page_size=2").json()
    factories.initiative("i-1")
    second = browser.get(first["next"]).json()
    assert [row["code"] for row in second["results"]] == ["i-6"]


def test_a_past_day_is_answered_as_it_stood(ines: User) -> None:
    begun = today() - timedelta(days=20)
    factories.initiative("invoices", baseline_start=begun, baseline_due=begun + timedelta(days=15))
    browser, then = signed_in(ines), today() - timedelta(days=10)
    assert browser.get(f"{LIST}invoices/?as_of={then}").json()["status"] == "on_schedule"
    assert browser.get(f"{LIST}?as_of={then}").json()["results"][0]["status"] == "on_schedule"
    assert browser.get(f"{LIST}invoices/").json()["status"] == "late"


def test_what_was_not_known_on_a_day_is_not_found(ines: User) -> None:
    factories.initiative("invoices", known_from=today())
    yesterday = today() - timedelta(days=1)
    problem(signed_in(ines).get(f"{LIST}invoices/?as_of={yesterday}"), 404)


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("status=green", "status"),
        ("department=nowhere", "department"),
        ("as_of=2999-01-01", "as_of"),
        ("as_of=soon", "as_of"),
        ("sort=cost", "sort"),
        ("moves=nps", "moves"),
    ],
)
def test_an_unknown_value_of_a_filter_is_refused_and_never_ignored(ines: User, query: str, field: str) -> None:
    assert fields(signed_in(ines).get(f"{LIST}?{query}")) == [field]


def test_many_initiatives_cost_the_list_no_more_queries(
    ines: User, django_assert_max_num_queries: Any, django_assert_num_queries: Any
) -> None:
    browser = signed_in(ines)

    def make(number: int) -> None:
        kpi = factories.kpi()
        row = factories.initiative(f"i-{number}", tiers=(factories.tier(f"T{number}"),), kpis=(kpi,))
        row.team.set([ines])
        factories.status_update(row)

    make(1)
    with django_assert_max_num_queries(22) as few:
        browser.get(LIST)
    for number in range(2, 20):
        make(number)
    with django_assert_num_queries(len(few.captured_queries)):
        assert len(browser.get(LIST).json()["results"]) == 19


def test_a_customer_is_named_to_those_alone_who_may_read_it(ines: User, omar: User) -> None:
    own = factories.customer("C1", name="Alder", is_key_account=True, account_manager=omar)
    other = factories.customer("C2", name="Birk", is_key_account=True)
    factories.initiative("a-own", level=Level.KEY_ACCOUNT, customer=own)
    factories.initiative("b-other", level=Level.KEY_ACCOUNT, customer=other)

    def named(user: User) -> list[tuple[str | None, str]]:
        answer = signed_in(user).get(LIST)
        assert user == ines or "Birk" not in answer.content.decode()
        return [(row["customer"], row["customer_name"]) for row in answer.json()["results"]]

    assert named(ines) == [("C1", "Alder"), ("C2", "Birk")]
    assert named(omar) == [("C1", "Alder"), (None, "a key account")]
    assert signed_in(omar).get(f"{LIST}b-other/").json()["customer"] is None
    assert fields(signed_in(omar).get(f"{LIST}?customer=C2")) == ["customer"]


# -- writing

CANDIDATE = {"title": "Readable invoices", "level": "corporate", "department": "sales"}


def test_an_owner_enters_a_candidate_and_becomes_its_owner(omar: User) -> None:
    factories.department()
    answer = signed_in(omar).post(LIST, CANDIDATE, content_type=JSON)
    assert answer.status_code == 201, answer.content
    assert answer["Location"] == f"{LIST}readable-invoices/"
    body = answer.json()
    assert (body["stage"], body["owner"], body["revision"]) == ("candidate", omar.email, 1)


def test_every_bad_field_of_a_candidate_is_named(omar: User) -> None:
    bad = {
        "title": "",
        "level": "city",
        "department": "nowhere",
        "effort": 9,
        "kpis": ["nps@x"],
        "owner": "x@y.example",
    }
    named = fields(signed_in(omar).post(LIST, bad, content_type=JSON))
    assert set(named) == {"title", "level", "department", "effort", "kpis", "owner"}
    assert not Initiative.objects.exists()


def test_what_only_the_service_knows_is_named_too(omar: User) -> None:
    factories.department()
    answer = signed_in(omar).post(LIST, {**CANDIDATE, "level": "key_account", "code": "board"}, content_type=JSON)
    assert set(fields(answer)) == {"customer", "code"}


def test_an_edit_names_the_revision_in_its_body_or_in_if_match(invoices: Initiative, omar: User) -> None:
    browser, address = signed_in(omar), f"{LIST}invoices/"
    assert fields(browser.patch(address, {"title": "A"}, content_type=JSON)) == ["revision"]
    first = browser.patch(address, {"title": "A", "revision": "1"}, content_type=JSON)
    assert (first.status_code, first["ETag"]) == (200, '"2"')
    second = browser.patch(address, {"effort": 3}, content_type=JSON, headers={"If-Match": '"2"'})
    assert (second.json()["title"], second.json()["effort"], second.json()["revision"]) == ("A", 3, 3)


def test_a_stale_edit_loses_nothing(invoices: Initiative, omar: User) -> None:
    browser, address = signed_in(omar), f"{LIST}invoices/"
    browser.patch(address, {"title": "Mine"}, content_type=JSON, headers={"If-Match": '"1"'})
    problem(browser.patch(address, {"title": "Late"}, content_type=JSON, headers={"If-Match": '"1"'}), 412)
    problem(browser.patch(address, {"title": "Late", "revision": "1"}, content_type=JSON), 409)
    assert Initiative.objects.get().title == "Mine"


def test_an_edit_changes_what_it_names_and_clears_what_it_nulls(omar: User) -> None:
    gold = factories.tier()
    factories.initiative("invoices", owner=omar, effort=3, theme="bills", tiers=(gold,), kpis=(factories.kpi("dso"),))
    change: dict[str, Any] = {"effort": None, "tiers": [], "revision": "1"}
    body = signed_in(omar).patch(f"{LIST}invoices/", change, content_type=JSON).json()
    assert (body["effort"], body["tiers"], body["theme"], body["kpis"]) == (None, [], "bills", ["dso"])


def test_a_new_due_date_needs_a_reason(invoices: Initiative, omar: User) -> None:
    browser, due = signed_in(omar), (today() + timedelta(days=200)).isoformat()
    change = {"due": due, "revision": "1"}
    assert fields(browser.patch(f"{LIST}invoices/", change, content_type=JSON)) == ["reason"]
    body = browser.patch(f"{LIST}invoices/", {**change, "reason": "Ill."}, content_type=JSON).json()
    assert (body["due"], body["redated"], body["slip"]) == (due, 1, 110)


def test_a_code_stays(invoices: Initiative, omar: User) -> None:
    change = {"code": "bills", "revision": "1"}
    assert fields(signed_in(omar).patch(f"{LIST}invoices/", change, content_type=JSON)) == ["code"]


@pytest.mark.parametrize("method", ["put", "delete"])
def test_an_initiative_is_neither_replaced_nor_deleted(invoices: Initiative, ada: User, method: str) -> None:
    problem(getattr(signed_in(ada), method)(f"{LIST}invoices/"), 405)
    assert Initiative.objects.exists()


# -- the steps of its life


def step(user: User, name: str, body: dict[str, Any] | None = None, **options: Any) -> Any:
    return signed_in(user).post(f"{LIST}invoices/{name}/", body or {}, content_type=JSON, **options)


def test_from_candidate_to_done(omar: User, ines: User) -> None:
    factories.initiative("invoices", owner=omar, stage=Stage.CANDIDATE)
    assert step(ines, "approve").json()["approved_by"] == ines.email
    assert step(omar, "start").json()["started_on"] == today().isoformat()
    assert step(omar, "hold", {"reason": "No budget."}).json()["stage"] == "on_hold"
    assert step(omar, "start").json()["stage"] == "in_progress"
    body = step(omar, "finish", {"on": today().isoformat()}).json()
    assert (body["stage"], body["finished_on"]) == ("done", today().isoformat())


def test_a_step_that_cannot_be_taken_says_why(omar: User) -> None:
    factories.initiative("invoices", owner=omar, stage=Stage.CANDIDATE)
    assert "cannot go to" in problem(step(omar, "start"), 409)["detail"]
    assert "Say why" in problem(step(omar, "cancel"), 409)["detail"]


def test_a_step_from_a_stage_that_is_past_is_refused(invoices: Initiative, omar: User) -> None:
    assert "somebody else" in problem(step(omar, "finish", {"stage": "approved"}), 409)["detail"]
    assert problem(step(omar, "start"), 409)["detail"].endswith("already; nothing was changed.")
    problem(step(omar, "finish", headers={"If-Match": '"7"'}), 412)
    assert Initiative.objects.get().stage == Stage.IN_PROGRESS


def test_a_major_bet_needs_a_justification_and_an_executive(omar: User, ines: User) -> None:
    factories.initiative("invoices", owner=omar, stage=Stage.CANDIDATE, loyalty_impact=5, effort=5)
    problem(step(omar, "approve"), 403)
    assert "major bet" in problem(step(ines, "approve"), 409)["detail"]
    body = step(ines, "approve", {"justification": "Worth it."}).json()
    assert (body["stage"], body["approved_as"], body["justification"]) == ("approved", "major_bet", "Worth it.")


def test_a_reconsider_starts_after_an_override_alone(omar: User, ines: User) -> None:
    factories.initiative("invoices", owner=omar, stage=Stage.APPROVED, loyalty_impact=2, effort=5)
    assert "overrides" in problem(step(omar, "start"), 409)["detail"]
    assert fields(step(ines, "override")) == ["reason"]
    assert (
        step(ines, "override", {"reason": "The law asks for it."}).json()["override_reason"] == "The law asks for it."
    )
    assert step(omar, "start").json()["stage"] == "in_progress"


def test_thanks_are_given_once_and_listed(invoices: Initiative, ines: User, omar: User) -> None:
    for _ in range(2):
        assert step(ines, "thank", {"text": "Well done."}).status_code == 201
    assert Thanks.objects.count() == 1
    assert signed_in(omar).get(f"{LIST}invoices/thanks/").json()[0]["text"] == "Well done."
    problem(step(omar, "thank", {"text": "Me."}), 403)


# -- tokens


def call(user: User, *scopes: str) -> Client:
    """A program that acts for a person within scopes."""
    _, text = create_token(user=user, name="test", scopes=scopes, expires_on=None, by=user)
    return Client(headers={"Authorization": f"Bearer {text}"})


def test_a_token_does_no_more_than_its_scopes(invoices: Initiative, omar: User, ivo: User) -> None:
    change: dict[str, Any] = {"data": {"title": "A", "revision": "1"}, "content_type": JSON}
    problem(call(omar, Right.READ).patch(f"{LIST}invoices/", **change), 403)
    problem(call(ivo, Right.READ).patch(f"{LIST}invoices/", **change), 403)
    assert call(ivo, Right.EDIT_INITIATIVES).patch(f"{LIST}invoices/", **change).status_code == 200


def test_an_owners_token_reaches_own_initiatives_alone(invoices: Initiative, omar: User) -> None:
    factories.initiative("other", owner=factories.person("Olga", Role.OWNER))
    program = call(omar, Right.READ, Right.EDIT_OWN_INITIATIVES)
    change: dict[str, Any] = {"data": {"title": "A", "revision": "1"}, "content_type": JSON}
    assert program.patch(f"{LIST}invoices/", **change).status_code == 200
    problem(program.patch(f"{LIST}other/", **change), 403)


# -- summary


def test_every_level_and_department_is_a_group_with_zeros(ines: User) -> None:
    factories.department("finance")
    late = factories.initiative("late-one")
    factories.status_update(late, Health.LATE)
    factories.initiative("fine-one")
    browser = signed_in(ines)
    body = browser.get(f"{LIST}summary/?by=level").json()
    assert body["as_of"] == today().isoformat()
    assert body["groups"] == [
        {"key": "key_account", "running": 0, "on_schedule": 0, "at_risk": 0, "late": 0, "not_reported": 0},
        {"key": "business_unit", "running": 0, "on_schedule": 0, "at_risk": 0, "late": 0, "not_reported": 0},
        {"key": "corporate", "running": 2, "on_schedule": 1, "at_risk": 0, "late": 1, "not_reported": 0},
    ]
    keys = {group["key"]: group["running"] for group in browser.get(f"{LIST}summary/?by=department").json()["groups"]}
    assert keys == {"finance": 0, "sales": 2}


@pytest.mark.parametrize("by", ["business_unit", "owner"])
def test_what_has_none_is_a_group_of_its_own(ines: User, omar: User, by: str) -> None:
    unit = factories.business_unit("europe")
    factories.initiative("a", business_unit=unit, owner=omar)
    factories.initiative("b")
    groups = signed_in(ines).get(f"{LIST}summary/?by={by}").json()["groups"]
    named = "europe" if by == "business_unit" else omar.email
    assert {group["key"]: group["running"] for group in groups} == {named: 1, None: 1}


def test_the_summary_of_a_past_day_counts_what_ran_then(ines: User) -> None:
    begun = today() - timedelta(days=20)
    factories.initiative("a", baseline_start=begun, baseline_due=begun + timedelta(days=15))
    browser = signed_in(ines)

    def corporate(day: date) -> dict[str, int]:
        return dict(browser.get(f"{LIST}summary/?by=level&as_of={day}").json()["groups"][2])

    assert corporate(today())["late"] == 1
    assert corporate(today() - timedelta(days=10))["on_schedule"] == 1
    assert corporate(today() - timedelta(days=30))["running"] == 0


@pytest.mark.parametrize(
    ("query", "field"), [("", "by"), ("by=tier", "by"), ("by=level&as_of=2999-01-01", "as_of"), ("by=x", "by")]
)
def test_a_summary_that_makes_no_sense_says_which_parameter(ines: User, query: str, field: str) -> None:
    assert fields(signed_in(ines).get(f"{LIST}summary/?{query}")) == [field]
