"""Pain points, coverage and benefits by REST."""

from __future__ import annotations

from typing import Any

import pytest

from accounts.choices import Role
from accounts.company import today
from accounts.models import User
from initiatives.choices import BenefitState
from initiatives.models import Benefit, Initiative, PainPoint
from tests import factories
from tests.api.test_initiatives import JSON, fields, problem
from tests.factories import signed_in
from tests.kept import kept

POINTS, BENEFITS = "/api/v1/pain-points/", "/api/v1/benefits/"
POINT = {
    "source": "survey",
    "department": "sales",
    "theme": "waiting",
    "tier": "all",
    "month": "2026-01",
    "mentions": 12,
    "severity": 4,
    "revenue_at_risk": "1000.5",
}


@kept
def invoices(omar: User) -> Initiative:
    """Omar's initiative, which runs."""
    return factories.initiative("invoices", owner=omar)


def test_a_steward_enters_changes_and_deletes_a_point(stella: User) -> None:
    factories.department()
    browser = signed_in(stella)
    made = browser.post(POINTS, POINT, content_type=JSON)
    assert made.status_code == 201, made.content
    body, address = made.json(), made["Location"]
    assert (body["month"], body["weight"], body["revenue_at_risk"]) == ("2026-01", 48, "1000.5000")
    changed = browser.patch(address, {"mentions": 20}, content_type=JSON, headers={"If-Match": made["ETag"]})
    assert changed.json()["weight"] == 80
    problem(browser.patch(address, {"mentions": 1}, content_type=JSON, headers={"If-Match": made["ETag"]}), 412)
    problem(browser.patch(address, {"mentions": 1, "revision": body["revision"]}, content_type=JSON), 409)
    problem(browser.delete(address, headers={"If-Match": made["ETag"]}), 412)
    assert PainPoint.objects.get().mentions == 20
    assert browser.delete(address).status_code == 204
    assert not PainPoint.objects.exists()


def test_every_bad_field_of_a_point_is_named(stella: User) -> None:
    bad = {
        "month": "2026-13",
        "severity": 6,
        "mentions": -1,
        "department": "nowhere",
        "theme": "",
        "revenue_at_risk": "x",
    }
    named = set(fields(signed_in(stella).post(POINTS, bad, content_type=JSON)))
    assert named == {*bad, "source", "tier"}


def test_the_same_point_twice_is_refused(stella: User) -> None:
    factories.department()
    browser = signed_in(stella)
    browser.post(POINTS, POINT, content_type=JSON)
    problem(browser.post(POINTS, POINT, content_type=JSON), 422)
    assert PainPoint.objects.count() == 1


@pytest.mark.parametrize("who", ["executive", "owner", "finance"])
def test_others_read_points_and_write_none(everyone: dict[str, User], who: str) -> None:
    point = factories.pain_point()
    browser = signed_in(everyone[who])
    assert browser.get(f"{POINTS}?theme=WAITING").json()["results"][0]["id"] == point.pk
    problem(browser.post(POINTS, POINT, content_type=JSON), 403)
    problem(browser.patch(f"{POINTS}{point.pk}/", {}, content_type=JSON), 403)
    problem(browser.delete(f"{POINTS}{point.pk}/"), 403)


def test_coverage_tells_shares_gaps_and_orphans(ines: User) -> None:
    factories.pain_point("waiting", department=factories.department("service"), mentions=30)
    factories.pain_point("prices", department=factories.department("sales"), mentions=10)
    factories.initiative("pricing", department=factories.department("sales"), theme="Prices", cost=500)
    factories.initiative("lights", department=factories.department("delivery"), cost=1500)
    month = today().strftime("%Y-%m")
    body = signed_in(ines).get(f"/api/v1/coverage/?period={month}").json()
    assert (body["period"], body["weight"], body["uncovered"], body["running"]) == (month, 120, 90, 2)
    lines = {line["department"]: line for line in body["departments"]}
    assert (lines["service"]["pain_share"], lines["service"]["running_share"]) == ("0.7500", "0.0000")
    assert lines["service"]["orphaned"]
    assert lines["sales"]["serving"] == {"running": 1, "late": 0, "not_reported": 0}
    assert lines["sales"]["budget_share"] == "0.2500"
    assert [line["theme"] for line in body["orphaned_pain"]] == ["waiting"]
    assert body["orphaned_initiatives"] == ["lights"]


@pytest.mark.parametrize("query", ["", "?period=2026-13", "?period=soon"])
def test_coverage_of_no_period_says_so(ines: User, query: str) -> None:
    assert fields(signed_in(ines).get(f"/api/v1/coverage/{query}")) == ["period"]


# -- benefits


def propose(user: User, **values: Any) -> Any:
    body = {
        "initiative": "invoices",
        "name": "Interest saved",
        "kind": "money",
        "value_per_year": "1200",
        "from_month": "2026-01",
    }
    return signed_in(user).post(BENEFITS, body | values, content_type=JSON)


def decide(user: User, number: int, verb: str, **values: Any) -> Any:
    return signed_in(user).post(f"{BENEFITS}{number}/{verb}/", values, content_type=JSON)


def test_from_a_proposal_to_what_it_brought(invoices: Initiative, omar: User, fay: User) -> None:
    made = propose(omar)
    assert (made.status_code, made.json()["state"]) == (201, "proposed")
    number = made.json()["id"]
    assert decide(fay, number, "approve").json()["decided_by"] == fay.email
    month = today().strftime("%Y-%m")
    body = decide(omar, number, "realise", month=month, value="80.5").json()
    assert (body["realised"], body["months"][0]["month"]) == ("80.5000", month)
    problem(decide(omar, number, "realise", month=month, value="90"), 409)
    assert decide(omar, number, "realise", month=month, value="90", seen="80.5").json()["realised"] == "90.0000"
    assert decide(omar, number, "realise", month=month, value=None, seen="90").json()["months"] == []


def test_nobody_approves_the_own_proposal(invoices: Initiative, fay: User) -> None:
    number = propose(fay).json()["id"]
    assert "own proposal" in problem(decide(fay, number, "approve"), 403)["detail"]


def test_a_rejection_needs_a_reason_and_comes_first(invoices: Initiative, omar: User, fay: User) -> None:
    number = propose(omar).json()["id"]
    assert fields(decide(fay, number, "reject")) == ["reason"]
    assert decide(fay, number, "reject", reason="Twice.").json()["decision_note"] == "Twice."
    problem(decide(factories.person("Fred", Role.FINANCE), number, "approve"), 409)


def test_finance_takes_an_approval_back_and_tries_it_dry_first(invoices: Initiative, fay: User) -> None:
    factories.benefit(invoices, state=BenefitState.SUPERSEDED)
    row = factories.benefit(invoices, version=2, supersedes=1)
    address = f"{BENEFITS}{row.pk}/take-back/?dry_run=1"
    dry = signed_in(fay).post(address, {"reason": "Too early."}, content_type=JSON)
    assert (dry.status_code, dry.json()["state"]) == (200, "withdrawn")
    assert Benefit.objects.get(state=BenefitState.APPROVED).version == 2
    assert decide(fay, row.pk, "take-back").json()["state"] == "withdrawn"
    assert Benefit.objects.get(state=BenefitState.APPROVED).version == 1
    problem(decide(fay, row.pk, "take-back"), 409)


def test_what_is_undecided_is_withdrawn_and_a_draft_submitted(invoices: Initiative, omar: User) -> None:
    draft = factories.benefit(invoices, state=BenefitState.DRAFT)
    assert decide(omar, draft.pk, "submit").json()["state"] == "proposed"
    assert decide(omar, draft.pk, "withdraw").json()["state"] == "withdrawn"
    problem(decide(omar, draft.pk, "submit"), 409)


def test_who_has_no_part_in_it_proposes_nothing(invoices: Initiative, ines: User) -> None:
    for user in (ines, factories.person("Olga", Role.OWNER)):
        problem(propose(user), 403)
    assert not Benefit.objects.exists()


def test_benefits_are_filtered_by_initiative_and_state(invoices: Initiative, ines: User) -> None:
    factories.benefit(invoices)
    factories.benefit(invoices, "Waiting", state=BenefitState.PROPOSED)
    factories.benefit(factories.initiative(), "Other")
    rows = signed_in(ines).get(f"{BENEFITS}?initiative=invoices&state=approved").json()["results"]
    assert [row["name"] for row in rows] == ["Savings"]


@pytest.mark.parametrize(
    ("values", "field"),
    [({"value_per_year": "0"}, "value_per_year"), ({"kind": "kpi"}, "kpi"), ({"from_month": "2026"}, "from_month")],
)
def test_a_bad_proposal_names_its_field(invoices: Initiative, omar: User, values: dict[str, Any], field: str) -> None:
    assert fields(propose(omar, **values)) == [field]
