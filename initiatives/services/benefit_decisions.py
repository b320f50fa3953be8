"""What finance decides on planned benefits, and taking an approval back. What was approved is never changed."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone

from accounts.choices import Verb
from accounts.models import Company, User
from accounts.rights import Right
from core.decisions import Decision, reasoned, stays_because
from core.texts import plain
from core.writes import StaleTransition, TransitionRefused
from initiatives.choices import BenefitState
from initiatives.models import Benefit
from initiatives.rules.benefit import is_own
from initiatives.services.benefit_mails import tell_proposers
from initiatives.services.benefits import swap
from initiatives.services.trail import require, said


@transaction.atomic
def decide_benefits(*, decisions: Sequence[Decision], by: User) -> list[Benefit]:
    """Approve some proposals and reject others, each for its own reason: all of it or nothing.

    Raises PermissionDenied (also for one's own), ReasonsMissing, StaleTransition where somebody else decided or
    withdrew one meanwhile, TransitionRefused for none.
    """
    said_of = reasoned(decisions)
    rows = _held(said_of, by, "Finance approves benefits; your roles do not include it.")
    decided = [_decide(row, by, approve=said_of[row.pk].approve, text=plain(said_of[row.pk].reason)) for row in rows]
    tell_proposers(decided, by=by)
    return decided


@transaction.atomic
def decide_benefit(*, benefit: Benefit, by: User, approve: bool, reason: str = "") -> Benefit:
    """Finance approves or rejects a proposal; an approval supersedes the version before.

    The same decision sent twice by the same person is one. Raises PermissionDenied for others and
    for one's own proposal, ValidationError for a rejection without a reason, StaleTransition where
    somebody else decided or withdrew it meanwhile.
    """
    (row,) = _held([benefit.pk], by, "Finance approves benefits; your roles do not include it.")
    text = reason.strip() if approve else said(reason, "reason", "Say why it is rejected.")
    state = BenefitState.APPROVED if approve else BenefitState.REJECTED
    if (row.state, row.decided_by_id) == (state, by.pk):
        return row
    decided = _decide(row, by, approve=approve, text=text)
    tell_proposers([decided], by=by)
    return decided


@transaction.atomic
def take_back_benefit(*, benefit: Benefit, by: User, reason: str = "") -> Benefit:
    """Take a decision back: what was approved becomes withdrawn, and the version that it superseded stands again; what
    was rejected waits again. Its proposer is told.

    Raises PermissionDenied (also for one's own), StaleTransition where it does not count any more.
    """
    (row,) = _held([benefit.pk], by, "Finance takes decisions back; your roles do not include it.")
    overtaken = row.pk in overtaken_among([row])
    if why := stays_because(row.state, row.get_state_display(), own=False, overtaken=overtaken):
        raise StaleTransition(f"“{row.name}”: {why}. Nothing was changed.")
    why = plain(reason)
    if row.state == BenefitState.REJECTED:
        return _back_to_waiting(row, by, why)
    before = superseded_by([row]).get(row.pk)
    taken = swap(
        row, by=by, verb=Verb.TAKEN_BACK, was=(BenefitState.APPROVED,), reason=why, state=BenefitState.WITHDRAWN
    )
    if before:
        swap(before, by=by, verb=Verb.APPROVED_AGAIN, was=(BenefitState.SUPERSEDED,), state=BenefitState.APPROVED)
    tell_proposers([taken], by=by, reason=why, again=before)
    return taken


def _back_to_waiting(row: Benefit, by: User, why: str) -> Benefit:
    undecided: dict[str, Any] = {"decided_by": None, "decided_at": None, "decision_note": ""}
    was, to = (BenefitState.REJECTED,), BenefitState.PROPOSED
    waiting = swap(row, by=by, verb=Verb.TAKEN_BACK, was=was, reason=why, state=to, **undecided)
    tell_proposers([waiting], by=by, reason=why)
    return waiting


def overtaken_among(rows: Collection[Benefit]) -> set[int]:
    """Those of the rejected of which a later version is there by now: one query."""
    rejected = [one for one in rows if one.state == BenefitState.REJECTED]
    latest: dict[tuple[int, str], int] = {}
    if rejected:
        found = Benefit.objects.filter(initiative__in={one.initiative_id for one in rejected})
        for initiative, name, version in found.order_by("version").values_list("initiative", "name", "version"):
            latest[initiative, name] = version
    return {one.pk for one in rejected if latest[one.initiative_id, one.name] > one.version}


def superseded_by(standing: Collection[Benefit]) -> dict[int, Benefit]:
    """What would stand again were these taken back, by their ids: the version that each superseded. One query."""
    of_row = {(one.initiative_id, one.name, one.supersedes): one.pk for one in standing if one.supersedes}
    if not of_row:
        return {}
    rows = Benefit.objects.select_related("initiative", "kpi", "tier").filter(
        state=BenefitState.SUPERSEDED, initiative__in={key[0] for key in of_row}, name__in={key[1] for key in of_row}
    )
    return {of_row[key]: row for row in rows if (key := (row.initiative_id, row.name, row.version)) in of_row}


def _held(ids: Collection[int], by: User, whose: str) -> list[Benefit]:
    """The benefits, for somebody who may decide on each; one writer at a time until the transaction ends."""
    require(by, Right.APPROVE_TARGETS, whose)
    Company.objects.select_for_update().get(pk=1)
    rows = list(Benefit.objects.select_related("initiative").filter(pk__in=set(ids)).order_by("pk"))
    if not rows:
        raise TransitionRefused("There is no benefit among these; nothing was decided.")
    if any(is_own(by, row) for row in rows):
        raise PermissionDenied("This is your own proposal: somebody else from finance decides. Nothing was changed.")
    return rows


def _decide(row: Benefit, by: User, *, approve: bool, text: str) -> Benefit:
    state = BenefitState.APPROVED if approve else BenefitState.REJECTED
    decided: dict[str, Any] = {"state": state, "decided_by": by, "decided_at": timezone.now(), "decision_note": text}
    if approve:
        decided["supersedes"] = _supersede(row, by)
    return swap(row, by=by, verb=Verb(state), was=(BenefitState.PROPOSED,), **decided)


def _supersede(row: Benefit, by: User) -> int | None:
    """The number of the approved version before, if any; a rollback brings it back where the approval is too late."""
    approved = Benefit.objects.filter(initiative=row.initiative_id, name=row.name, state=BenefitState.APPROVED)
    before = approved.exclude(pk=row.pk).first()
    if before is None:
        return None
    swap(before, by=by, verb=Verb.SUPERSEDED, was=(BenefitState.APPROVED,), state=BenefitState.SUPERSEDED)
    return before.version
