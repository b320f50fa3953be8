"""A token takes a decision where its person made it; one that another made takes none."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import pytest
from django.test import Client

from accounts.choices import Role
from accounts.models import ApiToken, User
from accounts.rights import DECISIONS, Right
from accounts.services.tokens import create_token
from initiatives.choices import BenefitState, Stage
from initiatives.models import Benefit, Initiative
from kpis.choices import TargetState
from kpis.models import Target, TargetBatch
from tests import factories
from tests.kept import kept

JSON = "application/json"


class Decision(NamedTuple):
    """A decision by API: the right, what is sent, and what is stored afterwards (that is all: not what was said)."""

    right: Right
    address: str
    body: dict[str, Any]
    stored: Callable[[], object]


def target_state() -> object:
    return Target.objects.get().state


def benefit_state() -> object:
    return Benefit.objects.get().state


def stage() -> object:
    return Initiative.objects.get(code="plan").stage


def override() -> object:
    return Initiative.objects.get(code="doubtful").override_reason


DECIDED = {
    "approve a target": Decision(Right.APPROVE_TARGETS, "targets/approve/", {"targets": ["{target}"]}, target_state),
    "reject a target": Decision(
        Right.APPROVE_TARGETS, "targets/reject/", {"targets": ["{target}"], "reason": "No"}, target_state
    ),
    "approve a benefit": Decision(Right.APPROVE_TARGETS, "benefits/{benefit}/approve/", {}, benefit_state),
    "reject a benefit": Decision(Right.APPROVE_TARGETS, "benefits/{benefit}/reject/", {"reason": "No"}, benefit_state),
    "approve an initiative": Decision(
        Right.APPROVE_INITIATIVES, "initiatives/plan/approve/", {"justification": "Yes"}, stage
    ),
    "override": Decision(
        Right.APPROVE_INITIATIVES, "initiatives/doubtful/override/", {"reason": "The board"}, override
    ),
}


@kept
def dora(db: None) -> User:
    """Executive and from finance: every decision there is, hers to take."""
    return factories.person("Dora", Role.EXECUTIVE, Role.FINANCE)


@kept
def rows(omar: User) -> dict[str, int]:
    """What somebody else proposed."""
    batch = TargetBatch.objects.create(proposed_by=omar)
    waiting: dict[str, Any] = {"state": TargetState.PROPOSED, "created_by": omar, "batch": batch}
    target = factories.target(factories.kpi("revenue"), factories.tier("T1"), 201201, 1, **waiting)
    plan = factories.initiative("plan", owner=omar, stage=Stage.CANDIDATE)
    factories.initiative("doubtful", owner=omar, stage=Stage.CANDIDATE, loyalty_impact=1, effort=5)
    benefit = factories.benefit(plan, state=BenefitState.PROPOSED, created_by=omar)
    return {"target": target.pk, "benefit": benefit.pk}


def token_by(maker: User | None, person: User) -> str:
    """A token with every scope: as its person would make it, or as one that was made before others could not."""
    token, text = create_token(user=person, name="x", scopes=list(Right), expires_on=None, by=person)
    ApiToken.objects.filter(pk=token.pk).update(made_by=maker)
    return text


def decide(decision: Decision, text: str, rows: dict[str, int]) -> Any:
    bearer = {"Authorization": f"Bearer {text}", "If-Match": "*"}
    body = {name: [rows["target"]] if name == "targets" else value for name, value in decision.body.items()}
    return Client().post(f"/api/v1/{decision.address.format(**rows)}", body, content_type=JSON, headers=bearer)


@pytest.mark.parametrize("what", DECIDED)
@pytest.mark.parametrize("maker", ["an administrator", "a superuser", "nobody known"])
def test_refuses_a_decision_by_a_token_that_another_made(
    what: str, maker: str, dora: User, rows: dict[str, int], ada: User, root: User
) -> None:
    decision = DECIDED[what]
    before = decision.stored()
    who = {"an administrator": ada, "a superuser": root, "nobody known": None}[maker]
    assert decide(decision, token_by(who, dora), rows).status_code == 403
    assert decision.stored() == before


@pytest.mark.parametrize("what", DECIDED)
def test_refuses_a_superusers_decision_by_a_token_that_another_superuser_made(
    what: str, rows: dict[str, int], root: User
) -> None:
    decision, rita = DECIDED[what], User.objects.create_superuser("rita@tierboard.example")
    assert decide(decision, token_by(root, rita), rows).status_code == 403


@pytest.mark.parametrize("what", DECIDED)
def test_a_token_of_ones_own_takes_the_decision(what: str, dora: User, rows: dict[str, int]) -> None:
    decision = DECIDED[what]
    before = decision.stored()
    answer = decide(decision, token_by(dora, dora), rows)
    assert answer.status_code == 200, answer.json()
    assert decision.stored() != before


def test_every_decision_that_the_api_offers_is_tried() -> None:
    assert {decision.right for decision in DECIDED.values()} == DECISIONS - {
        *(Right.CLOSE_PERIODS, Right.INCENTIVE_GOALS),  # neither closing nor approving a goal is offered
    }
