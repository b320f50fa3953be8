"""Moments of truth that owners propose: stewards accept them, or decline with a reason, and take that back."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone

from accounts.audit import record, record_change
from accounts.choices import Verb
from accounts.models import User
from accounts.rights import Right
from core.auditing import NotThere, state_of
from core.decisions import Decision, reasoned
from core.stale import revision_of
from core.texts import plain
from core.writes import StaleTransition, TransitionRefused
from initiatives.models import Moment, MomentProposal
from initiatives.services.moment_mails import tell_proposer
from initiatives.services.moment_values import packed, said_by, unpacked
from initiatives.services.moments import check_moment, create_moment, delete_moment, edit_moment
from initiatives.services.trail import require, said
from kpis.choices import ProposalState

_WHY = "Say why: the steward who decides reads it."
_STEWARDS = "Stewards decide on proposed moments of truth."


@transaction.atomic
def propose_moment(*, by: User, values: Mapping[str, Any], why: str, of: Moment | None = None) -> MomentProposal:
    """Ask the stewards for a moment (``values`` as in ``create_moment``), or for that ``of`` is changed so.

    Raises PermissionDenied, ValidationError by field.
    """
    require(by, Right.PROPOSE_LINKS, "Owners propose moments of truth; stewards write them.")
    reason = said(why, "why", _WHY)
    meant = check_moment({**values, "code": of.code} if of else values, of)
    made = MomentProposal.objects.create(moment=of, values=packed(meant, values), why=reason, proposed_by=by)
    record(by=by, verb=Verb.PROPOSED, obj=made, after=state_of(made))
    return made


@transaction.atomic
def withdraw_moment(*, proposal: MomentProposal, by: User) -> MomentProposal:
    """Take back what nobody has decided. Raises PermissionDenied for others, StaleTransition."""
    if proposal.proposed_by_id != by.pk or not by.has_perm(Right.PROPOSE_LINKS):
        raise PermissionDenied("Only who proposed it can take it back.")
    return _moved(_held(proposal), by, Verb.WITHDRAWN, state=ProposalState.WITHDRAWN)


@transaction.atomic
def decide_moments(*, decisions: Sequence[Decision], by: User) -> list[MomentProposal]:
    """Accept some as they were proposed and decline others, each for its own reason: all of it or nothing.

    Raises PermissionDenied, ReasonsMissing, StaleTransition where one was decided or withdrawn meanwhile,
    TransitionRefused for none, or for one that can't be taken as it is.
    """
    require(by, Right.MANAGE_LINKS, _STEWARDS)
    asked = reasoned(decisions)
    rows = list(MomentProposal.objects.filter(pk__in=asked).order_by("pk"))
    if not rows:
        raise TransitionRefused("There is no proposed moment among these; nothing was decided.")
    return [_decide(_held(row), asked[row.pk], by) for row in rows]


def _decide(row: MomentProposal, decision: Decision, by: User) -> MomentProposal:
    when: dict[str, Any] = {"decided_by": by, "decided_at": timezone.now()}
    if not decision.approve:
        note = plain(decision.reason)
        done = _moved(row, by, Verb.DECLINED, state=ProposalState.DECLINED, decision_note=note, **when)
    else:
        before = said_by(row.moment) if row.moment else None
        moment = _written(row, by)
        kept = {"moment": moment, "before": before, "revision": moment.revision}
        done = _moved(row, by, Verb.ACCEPTED, state=ProposalState.ACCEPTED, **kept, **when)
    tell_proposer(done, by=by)
    return done


def _written(row: MomentProposal, by: User) -> Moment:
    """The moment as it was proposed. Raises TransitionRefused where that cannot be."""
    try:
        values = unpacked(row.values)
        if row.moment is None:
            return create_moment(by=by, values=values)
        return edit_moment(moment=row.moment, by=by, values=values, seen=revision_of(row.moment))
    except NotThere as gone:
        raise TransitionRefused(f"“{row}” names {gone}, which is not there any more. Nothing was decided.") from gone
    except ValidationError as error:
        why = " ".join(error.messages)
        raise TransitionRefused(f"“{row}” cannot be taken as it is: {why} Nothing was decided.") from error


@transaction.atomic
def take_back_moment(*, proposal: MomentProposal, by: User, reason: str = "") -> MomentProposal:
    """Take a decision back: it waits again, and the moment says what it said before; a new one goes.

    The proposer is told. Raises PermissionDenied, StaleTransition where it stays, and why.
    """
    require(by, Right.MANAGE_LINKS, "Stewards take decisions on proposed moments back.")
    row = MomentProposal.objects.select_for_update(of=("self",)).select_related("moment").get(pk=proposal.pk)
    if why := staying([row])[row.pk]:
        raise StaleTransition(f"“{row}”: {why}. Nothing was changed.")
    moment, before = row.moment, row.before
    undecided = {"decided_by": None, "decided_at": None, "decision_note": "", "before": None, "revision": None}
    if row.state == ProposalState.ACCEPTED and moment is not None:
        _give_back(moment, before, by)
    kept = {} if before is not None or row.state == ProposalState.DECLINED else {"moment": None}
    waiting = _moved(row, by, Verb.TAKEN_BACK, state=ProposalState.PROPOSED, **undecided, **kept)
    tell_proposer(waiting, by=by, reason=plain(reason))
    return waiting


def _give_back(moment: Moment, before: Mapping[str, Any] | None, by: User) -> None:
    if before is None:
        delete_moment(moment=moment, by=by)
        return
    try:
        edit_moment(moment=moment, by=by, values=unpacked(before), seen=revision_of(moment))
    except NotThere as gone:
        raise StaleTransition(f"It named {gone} before, which is not there any more. Nothing was changed.") from gone


def staying(rows: Collection[MomentProposal]) -> dict[int, str]:
    """Why the decision on each stays as it is, by id, as a reason; empty where it can be taken back.

    ``rows`` come with their moments.
    """
    return {row.pk: _stays(row) for row in rows}


def _stays(row: MomentProposal) -> str:
    if row.state == ProposalState.DECLINED:
        return ""
    if row.state != ProposalState.ACCEPTED:
        return f"it is {row.look.label} by now"
    if row.moment is None:
        return "the moment was deleted since"
    return "" if row.moment.revision == row.revision else "the moment was changed since: change it on its page instead"


def _held(proposal: MomentProposal) -> MomentProposal:
    """The proposal, held until the transaction ends. Raises StaleTransition where it does not wait any more."""
    row = MomentProposal.objects.select_for_update(of=("self",)).select_related("moment").get(pk=proposal.pk)
    if not row.waits:
        raise StaleTransition(f"“{row}” was {row.look.label} meanwhile. Nothing of yours was changed.")
    return row


def _moved(row: MomentProposal, by: User, verb: Verb, **fields: Any) -> MomentProposal:
    before = state_of(row)
    for name, value in fields.items():
        setattr(row, name, value)
    row.save()
    record_change(by=by, verb=verb, obj=row, before=before)
    return row
