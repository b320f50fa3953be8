"""Owners propose moments of truth; stewards accept, decline and take that back, on one page, all of it or nothing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from accounts.models import OutgoingMail, User
from core.decisions import Decision, ReasonsMissing
from core.registry import asks_of
from core.stale import revision_of
from core.writes import StaleTransition, TransitionRefused
from initiatives.models import Moment, MomentProposal
from initiatives.services.moment_proposals import decide_moments, propose_moment, take_back_moment, withdraw_moment
from initiatives.services.moments import edit_moment
from tests import factories as make
from tests.factories import signed_in
from tests.scorecard.reading import text_of

PAGE = "/moments/proposals/"


def proposed(by: User, of: Moment | None = None, **fields: Any) -> MomentProposal:
    values = {"code": "first-order", "name": "The first order", "stage": "starting", "role": "user", **fields}
    return propose_moment(by=by, values=values, why="Customers ask each week", of=of)


def decided(row: MomentProposal, by: User, *, yes: bool = True, reason: str = "") -> MomentProposal:
    return decide_moments(decisions=[Decision(row.pk, yes, reason)], by=by)[0]


def test_accepted_it_is_a_moment_and_taken_back_it_waits_again(stella: User, omar: User) -> None:
    tier, kpi = make.tier("T1"), make.kpi("repeats")
    row = proposed(omar, kpis=[(kpi, tier)], themes=["Waiting"], tiers=[tier], criterion="At once")
    assert not Moment.objects.exists()
    assert [ask.about for ask in asks_of(stella)] == ["Moments of truth"]
    done = decided(row, stella)
    made = Moment.objects.get()
    assert (made.criterion, made.lists["kpis"], made.lists["themes"]) == ("At once", ["repeats@T1"], ["Waiting"])
    assert OutgoingMail.objects.filter(to=omar, subject__contains="was accepted by").exists()
    waiting = take_back_moment(proposal=done, by=stella, reason="Too soon")
    assert waiting.waits
    assert not Moment.objects.exists()
    decided(waiting, stella)  # and once more
    assert Moment.objects.get().criterion == "At once"


def test_a_change_is_written_and_given_back_while_nobody_changed_it_since(stella: User, omar: User) -> None:
    moment = make.moment("help", name="Help", themes=["Waiting"])
    row = decided(proposed(omar, of=moment, name="I need help", themes=["Prices"]), stella)
    moment.refresh_from_db()
    assert (moment.code, moment.name, moment.lists["themes"]) == ("help", "I need help", ["Prices"])
    row = decided(take_back_moment(proposal=row, by=stella), stella)
    moment = Moment.objects.get()
    assert moment.name == "I need help"
    edit_moment(moment=moment, by=stella, values={"our_win": "Peace"}, seen=revision_of(moment))
    with pytest.raises(StaleTransition, match="changed since"):
        take_back_moment(proposal=row, by=stella)


def test_declined_it_says_why_and_withdrawn_nobody_decides(stella: User, omar: User) -> None:
    row = proposed(omar)
    with pytest.raises(ReasonsMissing):
        decided(row, stella, yes=False)
    declined = decided(row, stella, yes=False, reason="We have one")
    assert (declined.state, declined.decision_note) == ("declined", "We have one")
    second = withdraw_moment(proposal=proposed(omar), by=omar)
    with pytest.raises(StaleTransition):
        decided(second, stella)


def test_what_cannot_be_taken_as_it_is_stays_undecided_with_all_the_others(stella: User, omar: User) -> None:
    first, second = proposed(omar), proposed(omar)  # of the same code
    with pytest.raises(TransitionRefused, match="cannot be taken as it is"):
        decide_moments(decisions=[Decision(first.pk, True), Decision(second.pk, True)], by=stella)
    assert not Moment.objects.exists()
    assert MomentProposal.objects.filter(state="proposed").count() == 2


def test_who_may_what(stella: User, omar: User, ada: User) -> None:
    row = proposed(omar)
    doors: tuple[Callable[[], object], ...] = (
        lambda: proposed(stella),
        lambda: decided(row, omar),
        lambda: decided(row, ada),
        lambda: withdraw_moment(proposal=row, by=stella),
    )
    for refused in doors:
        with pytest.raises(PermissionDenied):
            refused()
    with pytest.raises(ValidationError):
        propose_moment(by=omar, values={"code": "x", "name": "X", "stage": "using", "role": "user"}, why=" ")


def test_the_pages_propose_decide_and_take_back(stella: User, omar: User) -> None:
    owner, steward = signed_in(omar), signed_in(stella)
    sent = {
        "code": "pay",
        "name": "I pay",
        "stage": "using",
        "role": "buyer",
        "why": "Asked for",
        "themes_typed": "Prices",
    }
    assert owner.post("/moments/propose/", {**sent, "why": ""}).status_code == 400
    assert owner.post("/moments/propose/", sent)["Location"] == PAGE
    row = MomentProposal.objects.get()
    assert "Asked for" in text_of(steward.get(PAGE))
    assert "I pay" in text_of(owner.get(PAGE))
    assert "Say why" in text_of(steward.post(f"{PAGE}decide/", {f"d-{row.pk}": "reject"}))
    steward.post(f"{PAGE}decide/", {f"d-{row.pk}": "approve"})
    assert Moment.objects.get().lists["themes"] == ["Prices"]
    assert "The moment of truth goes" in text_of(steward.post(f"{PAGE}take-back/", {"row": row.pk}))
    steward.post(f"{PAGE}take-back/", {"row": row.pk, "sure": "1"})
    assert not Moment.objects.exists()
    owner.post(f"{PAGE}{row.pk}/withdraw/", {"sure": "1"})
    assert MomentProposal.objects.get().state == "withdrawn"
    other = make.moment("help", name="Help")
    assert owner.get(f"/moments/propose/?of={other.code}").status_code == 200
    assert owner.get("/moments/propose/?of=nothing").status_code == 404
