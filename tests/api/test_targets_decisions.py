"""Targets proposed, withdrawn, approved and rejected by REST: all that are named, or none."""

from __future__ import annotations

import json
import threading
from typing import Any

import pytest
from django.db import connection, connections
from django.test import Client

from accounts.choices import Role
from accounts.models import OutgoingMail, User
from accounts.rights import Right
from accounts.services.tokens import create_token
from customers.models import Tier
from kpis.choices import Per, TargetState
from kpis.models import Kpi, Target, TargetBatch
from kpis.rollup.runs import roll_up_now
from kpis.serializers.targets import AT_MOST
from tests import factories
from tests.api.test_initiatives import JSON, fields, problem
from tests.api.test_targets import LIST, gold, revenue, send
from tests.factories import signed_in
from tests.kept import kept

__all__ = ["gold", "revenue"]  # fixtures
VERBS = ("propose", "withdraw", "approve", "reject")
MATRIX = "/api/v1/matrix/?period=2012-Q1"


@kept
def frank(db: None) -> User:
    """The other one from finance."""
    return factories.person("Frank", Role.FINANCE)


def rows(kpi: Kpi, tier: Tier, by: User, count: int = 2, *, state: TargetState = TargetState.PROPOSED) -> list[Target]:
    """Targets per quarter of 2012, in one batch where they wait."""
    waits = state == TargetState.PROPOSED
    batch = TargetBatch.objects.create(proposed_by=by) if waits else None
    months = (201201, 201204, 201207, 201210)[:count]
    more: dict[str, Any] = {"per": Per.QUARTER, "state": state, "created_by": by, "batch": batch}
    return [factories.target(kpi, tier, month, 1300, **more) for month in months]


def states() -> list[str]:
    return list(Target.objects.order_by("pk").values_list("state", flat=True))


def test_drafts_go_to_finance_in_one_batch(revenue: Kpi, gold: Tier, stella: User) -> None:
    drafts = rows(revenue, gold, stella, state=TargetState.DRAFT)
    answer = send(stella, "propose", *drafts, note=" As in the plan. ")
    body = answer.json()
    assert (answer.status_code, body["note"], body["targets"]["proposed"]) == (201, "As in the plan.", 2)
    assert states() == ["proposed", "proposed"]
    problem(send(stella, "propose", *drafts), 409)


def test_what_waits_is_withdrawn(revenue: Kpi, gold: Tier, stella: User) -> None:
    waiting = rows(revenue, gold, stella)
    answer = send(stella, "withdraw", waiting[0])
    assert (answer.status_code, answer.json()[0]["state"], answer.json()[0]["batch"]) == (200, "draft", None)
    assert states() == ["draft", "proposed"]


def test_finance_approves_and_the_version_before_is_superseded(
    revenue: Kpi, gold: Tier, stella: User, fay: User
) -> None:
    factories.target(revenue, gold, 201201, 1000, per=Per.QUARTER)
    waiting = factories.target(
        revenue, gold, 201201, 1300, per=Per.QUARTER, version=2, state=TargetState.PROPOSED, created_by=stella
    )
    (body,) = send(fay, "approve", waiting, reason="Fits").json()
    assert (body["state"], body["decided_by"], body["decision_note"]) == ("approved", fay.email, "Fits")
    assert states() == ["superseded", "approved"]


def test_finance_rejects_with_a_reason_and_the_proposer_is_told(
    revenue: Kpi, gold: Tier, stella: User, fay: User
) -> None:
    waiting = rows(revenue, gold, stella)
    assert fields(send(fay, "reject", *waiting)) == ["reason"]
    assert fields(send(fay, "reject", *waiting, reason=" ")) == ["reason"]
    answer = send(fay, "reject", *waiting, reason="Above the plan")
    assert [row["decision_note"] for row in answer.json()] == ["Above the plan"] * 2
    assert OutgoingMail.objects.get().to == stella


def test_one_that_cannot_be_decided_keeps_all_undecided(
    revenue: Kpi, gold: Tier, stella: User, fay: User, frank: User
) -> None:
    one, other = rows(revenue, gold, stella)
    send(fay, "approve", one)
    answer = send(frank, "approve", one, other)
    assert "meanwhile" in problem(answer, 409)["detail"]
    assert states() == ["approved", "proposed"]


def test_nobody_decides_on_their_own(revenue: Kpi, gold: Tier, fay: User, frank: User) -> None:
    own = rows(revenue, gold, fay)
    for verb in ("approve", "reject"):
        answer = send(fay, verb, *own, reason="Mine")
        assert "Nobody decides on what they proposed" in problem(answer, 403)["detail"]
    assert states() == ["proposed", "proposed"]
    assert send(frank, "approve", *own).status_code == 200


def test_nor_through_a_token_of_theirs(revenue: Kpi, gold: Tier, fay: User, frank: User) -> None:
    own = rows(revenue, gold, fay)
    _, text = create_token(user=fay, name="x", scopes=[Right.APPROVE_TARGETS], expires_on=None, by=fay)
    body = {"targets": [one.pk for one in own]}
    headers = {"Authorization": f"Bearer {text}"}
    problem(Client().post(f"{LIST}approve/", body, content_type=JSON, headers=headers), 403)
    assert states() == ["proposed", "proposed"]
    Target.objects.update(created_by=frank)
    TargetBatch.objects.update(proposed_by=frank)
    assert Client().post(f"{LIST}approve/", body, content_type=JSON, headers=headers).status_code == 200


def test_a_mixed_batch_is_refused_as_a_whole_for_who_wrote_a_part_of_it(
    revenue: Kpi, gold: Tier, stella: User, fay: User
) -> None:
    waiting = rows(revenue, gold, stella)
    Target.objects.filter(pk=waiting[1].pk).update(created_by=fay)
    problem(send(fay, "approve", *waiting), 403)
    assert states() == ["proposed", "proposed"]


def test_owners_propose_and_withdraw_for_the_own_kpis_alone(revenue: Kpi, gold: Tier, omar: User) -> None:
    (foreign,) = rows(revenue, gold, omar, 1, state=TargetState.DRAFT)
    (own,) = rows(factories.kpi(owner=omar), gold, omar, 1, state=TargetState.DRAFT)
    answer = send(omar, "propose", own, foreign)
    assert "not yours to propose" in problem(answer, 403)["detail"]
    assert states() == ["draft", "draft"]
    assert send(omar, "propose", own).status_code == 201


# -- the matrix


def cell(browser: Client) -> tuple[str | None, str]:
    """The gold tier's target and status."""
    found = next(one for one in browser.get(MATRIX).json()["rows"][0]["cells"] if one["tier"] == "T1")
    return found["target"], found["status"]


def test_a_draft_and_a_proposal_never_count_and_an_approval_does_at_once(
    revenue: Kpi, gold: Tier, ines: User, stella: User, fay: User
) -> None:
    for month in (201201, 201202, 201203):
        factories.fact(revenue, factories.customer(tier=gold), month, 500)
    roll_up_now()
    reader = signed_in(ines)
    drafts = rows(revenue, gold, stella, 1, state=TargetState.DRAFT)
    assert cell(reader) == (None, "no_target")
    send(stella, "propose", *drafts)
    assert cell(reader) == (None, "no_target")
    send(fay, "approve", *drafts)
    assert cell(reader) == ("1300.0000", "met")
    tag = reader.get(MATRIX)["ETag"]
    assert reader.get(MATRIX, headers={"If-None-Match": tag}).status_code == 304
    later = factories.target(
        revenue, gold, 201201, 2000, per=Per.QUARTER, version=2, state=TargetState.PROPOSED, created_by=stella
    )
    send(fay, "approve", later)
    assert reader.get(MATRIX, headers={"If-None-Match": tag}).status_code == 200
    assert cell(reader) == ("2000.0000", "missed")


# -- bad bodies


WRONG: list[tuple[Any, str]] = [
    ({}, "targets"),
    ({"targets": None}, "targets"),
    ({"targets": []}, "targets"),
    ({"targets": 1}, "targets"),
    ({"targets": "12"}, "targets"),
    ({"targets": {"0": 1}}, "targets"),
    ({"targets": ["1"]}, "targets.0"),
    ({"targets": [True]}, "targets.0"),
    ({"targets": [1.5]}, "targets.0"),
    ({"targets": [[1]]}, "targets.0"),
    ({"targets": [0]}, "targets.0"),
    ({"targets": [-1]}, "targets.0"),
    ({"targets": [2**63]}, "targets.0"),
    ({"targets": list(range(AT_MOST + 1))}, "targets"),
]


@pytest.mark.parametrize("verb", VERBS)
@pytest.mark.parametrize(("body", "field"), WRONG)
def test_what_is_no_list_of_ids_is_told(revenue: Kpi, fay: User, verb: str, body: Any, field: str) -> None:
    why = {} if verb in {"propose", "withdraw"} else {"reason": "x"}
    answer = signed_in(fay).post(f"{LIST}{verb}/", why | body, content_type=JSON)
    assert fields(answer) == [field]


@pytest.mark.parametrize("verb", VERBS)
def test_unknown_and_repeated_ids_are_named_and_nothing_is_done(
    revenue: Kpi, gold: Tier, stella: User, fay: User, verb: str
) -> None:
    one, other = rows(revenue, gold, stella)
    why = {} if verb in {"propose", "withdraw"} else {"reason": "x"}
    answer = send(fay, verb, one, 10**9, other, one, **why)
    told = {error["field"]: error["detail"] for error in problem(answer, 422)["errors"]}
    assert told == {"targets.1": f"There is no target {10**9}.", "targets.3": f"{one.pk} stands there twice."}
    assert states() == ["proposed", "proposed"]


@pytest.mark.parametrize("verb", VERBS)
@pytest.mark.parametrize("body", ["", "[]", "[1]", '"x"', "null", "{", '{"targets": [NaN]}', "7"])
def test_what_is_no_object_is_told(revenue: Kpi, fay: User, verb: str, body: str) -> None:
    answer = signed_in(fay).post(f"{LIST}{verb}/", body, content_type=JSON)
    assert answer.status_code in {400, 422}
    assert json.loads(answer.content)["detail"]


@pytest.mark.parametrize(("verb", "name"), [("propose", "note"), ("approve", "reason"), ("reject", "reason")])
@pytest.mark.parametrize("text", ["a\x00b", ["a"], {}, "x" * 2_001, True, None])
def test_a_note_is_a_text_of_bearable_length(
    revenue: Kpi, gold: Tier, stella: User, fay: User, verb: str, name: str, text: Any
) -> None:
    waiting = rows(revenue, gold, stella)
    answer = send(fay, verb, *waiting, **{name: text})
    assert fields(answer) == [name]


@pytest.mark.slow
def test_ten_thousand_are_approved_together(revenue: Kpi, stella: User, fay: User) -> None:
    tiers = [factories.tier(f"T{number}") for number in range(2, 102)]
    batch = TargetBatch.objects.create(proposed_by=stella)
    months = [year * 100 + month for year in range(2012, 2021) for month in range(1, 13)][:100]
    more: dict[str, Any] = {"state": TargetState.PROPOSED, "batch": batch, "value": 1, "created_by": stella}
    made = Target.objects.bulk_create(
        Target(kpi=revenue, tier=tier, from_month=month, per=Per.MONTH, **more) for tier in tiers for month in months
    )
    assert len(made) == AT_MOST
    answer = send(fay, "approve", *made)
    assert (answer.status_code, len(answer.json())) == (200, AT_MOST)
    assert len(OutgoingMail.objects.get().body) < 10_000


# -- two at once


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_of_two_who_decide_at_once_one_is_told_of_the_other(
    revenue: Kpi, gold: Tier, stella: User, fay: User, frank: User
) -> None:
    assert connection.vendor == "postgresql"
    waiting = rows(revenue, gold, stella)
    browsers = [signed_in(person) for person in (fay, frank)]
    start, answers = threading.Barrier(2), list[int]()

    def decide(browser: Client, verb: str) -> None:
        start.wait()
        body = {"targets": [one.pk for one in waiting], "reason": "x"}
        answers.append(browser.post(f"{LIST}{verb}/", body, content_type=JSON).status_code)
        connections.close_all()

    threads = [threading.Thread(target=decide, args=args) for args in zip(browsers, ("approve", "reject"), strict=True)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answers) == [200, 409]
    assert states() in (["approved"] * 2, ["rejected"] * 2)
