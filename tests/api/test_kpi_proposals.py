"""Proposed KPIs by REST: owners propose, stewards decide, once."""

from __future__ import annotations

from typing import Any

import pytest

from accounts.choices import Role
from accounts.models import User
from accounts.rights import Right
from kpis.models import Kpi, KpiProposal
from tests import factories
from tests.api.test_initiatives import JSON, call, fields, problem
from tests.api.test_kpis import VISITS
from tests.factories import signed_in
from tests.kept import kept

LIST = "/api/v1/kpi-proposals/"
WHY = {"why": "Nobody counts them."}


@kept
def proposal(omar: User) -> KpiProposal:
    return factories.kpi_proposal("visits", proposed_by=omar)


def post(user: User, path: str = "", body: Any = None) -> Any:
    return signed_in(user).post(f"{LIST}{path}", {} if body is None else body, content_type=JSON)


def step(user: User, proposal: KpiProposal, verb: str, **body: Any) -> Any:
    return post(user, f"{proposal.pk}/{verb}/", body)


def test_from_a_proposal_to_a_kpi(omar: User, stella: User) -> None:
    factories.department()
    made = post(omar, "", VISITS | WHY | {"department": "sales", "owner": omar.email, "near_band_abs": "1.5"})
    assert made.status_code == 201, made.content
    body = made.json()
    assert (body["state"], body["proposed_by"], body["why"], body["kpi"]) == (
        "proposed",
        omar.email,
        "Nobody counts them.",
        None,
    )
    assert (body["values"]["department"], body["values"]["near_band_abs"]) == ("sales", "1.5000")
    assert signed_in(omar).get(made["Location"]).json() == body
    done = post(stella, f"{body['id']}/accept/", {"name": "Visits by customers"}).json()
    assert (done["state"], done["kpi"], done["decided_by"]) == ("accepted", "visits", stella.email)
    assert (Kpi.objects.get().name, Kpi.objects.get().owner) == ("Visits by customers", omar)
    assert done["values"] == body["values"]


def test_every_bad_field_of_a_proposal_is_named(omar: User) -> None:
    bad = {"code": "", "unit": "metre", "decimals": -1, "owner": 5, "facts_of": "nothing", "why": " "}
    assert set(fields(post(omar, "", VISITS | bad))) == set(bad)
    factories.kpi("visits")
    assert fields(post(omar, "", VISITS | WHY)) == ["code"]
    assert fields(post(omar, "", VISITS | {"code": "calls", "why": "\x07"})) == ["why"]
    assert fields(post(omar, "", [VISITS])) == [None]
    assert not KpiProposal.objects.exists()


def test_it_becomes_a_kpi_once(proposal: KpiProposal, stella: User, omar: User) -> None:
    assert step(stella, proposal, "accept").status_code == 200
    other = factories.person("Steve", Role.STEWARD)
    assert "was accepted meanwhile" in problem(step(other, proposal, "accept"), 409)["detail"]
    problem(step(other, proposal, "decline", reason="No"), 409)
    problem(step(omar, proposal, "withdraw"), 409)
    assert Kpi.objects.count() == 1


def test_what_cannot_become_a_kpi_names_the_field_and_waits(proposal: KpiProposal, stella: User) -> None:
    factories.kpi("visits")
    assert fields(step(stella, proposal, "accept")) == ["code"]
    assert fields(step(stella, proposal, "accept", code="calls", unit="metre")) == ["unit"]
    assert KpiProposal.objects.get().waits
    assert step(stella, proposal, "accept", code="calls").json()["kpi"] == "calls"


def test_a_decline_needs_a_reason(proposal: KpiProposal, stella: User) -> None:
    for reason in ("", " ", "\x07"):
        assert fields(step(stella, proposal, "decline", reason=reason)) == ["reason"]
    assert fields(step(stella, proposal, "decline")) == ["reason"]
    assert step(stella, proposal, "decline", reason="Twice.").json()["decision_note"] == "Twice."


def test_the_proposer_takes_it_back(proposal: KpiProposal, omar: User) -> None:
    assert step(omar, proposal, "withdraw").json()["state"] == "withdrawn"
    problem(step(omar, proposal, "withdraw"), 409)


def test_stewards_see_all_and_others_their_own(proposal: KpiProposal, omar: User, stella: User, ines: User) -> None:
    olga = factories.person("Olga", Role.OWNER)
    factories.kpi_proposal("calls", proposed_by=olga, state="withdrawn")

    def listed(user: User, query: str = "") -> list[str]:
        return [row["values"]["code"] for row in signed_in(user).get(f"{LIST}{query}").json()["results"]]

    assert (listed(stella), listed(omar), listed(olga), listed(ines)) == (
        ["visits", "calls"],
        ["visits"],
        ["calls"],
        [],
    )
    assert listed(stella, "?state=withdrawn") == ["calls"]
    assert listed(stella, "?state=withdrawn&state=proposed") == ["visits", "calls"]
    assert fields(signed_in(stella).get(f"{LIST}?state=lost")) == ["state"]
    for verb in ("", "withdraw/"):
        browser = signed_in(olga)
        answer = browser.post(f"{LIST}{proposal.pk}/{verb}") if verb else browser.get(f"{LIST}{proposal.pk}/")
        problem(answer, 404)


@pytest.mark.parametrize("who", ["executive", "finance", "steward", "administrator", "integrator", "none"])
def test_only_owners_propose(who: str, everyone: dict[str, User]) -> None:
    problem(post(everyone[who], "", VISITS | WHY), 403)


@pytest.mark.parametrize("who", ["executive", "owner", "finance", "integrator", "none"])
def test_only_stewards_decide(who: str, proposal: KpiProposal, everyone: dict[str, User]) -> None:
    for verb in ("accept", "decline"):
        problem(step(everyone[who], proposal, verb, reason="No"), 403)
    assert KpiProposal.objects.get().waits


def test_tokens_do_no_more_than_their_scopes(proposal: KpiProposal, omar: User, stella: User, ivo: User) -> None:
    for user, verb in ((omar, "withdraw"), (stella, "accept"), (ivo, "decline")):
        program = call(user, Right.READ)
        problem(program.post(f"{LIST}{proposal.pk}/{verb}/", {"reason": "x"}, content_type=JSON), 403)
    problem(call(omar, Right.READ).post(LIST, VISITS | WHY, content_type=JSON), 403)
    assert call(omar, Right.PROPOSE_KPIS).post(LIST, VISITS | WHY, content_type=JSON).status_code == 201
    decided = call(ivo, Right.MANAGE_KPIS).post(
        f"{LIST}{proposal.pk}/decline/", {"reason": "Twice."}, content_type=JSON
    )
    assert decided.json()["decided_by"] == ivo.email


@pytest.mark.parametrize("method", ["put", "patch", "delete"])
def test_a_proposal_is_neither_changed_nor_deleted(method: str, proposal: KpiProposal, root: User) -> None:
    problem(getattr(signed_in(root), method)(f"{LIST}{proposal.pk}/"), 405)


def test_many_proposals_cost_no_more_queries(omar: User, stella: User, django_assert_max_num_queries: Any) -> None:
    browser = signed_in(stella)
    factories.kpi_proposal(proposed_by=omar)
    with django_assert_max_num_queries(8) as few:
        browser.get(LIST)
    count = len(few.captured_queries)
    for number in range(20):
        row = factories.kpi_proposal(f"k{number}", proposed_by=factories.person(f"P{number}", Role.OWNER))
        if number % 2:
            step(stella, row, "accept")
    with django_assert_max_num_queries(count):
        assert len(browser.get(LIST).json()["results"]) == 21
