"""What finance decides on targets that wait, and taking an approval back. Approved numbers are never changed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone

from accounts.choices import Verb
from accounts.models import User
from accounts.rights import Right
from core.decisions import Decision, reasoned
from core.periods import FiscalCalendar
from core.scorecards import verdicts_changed
from core.texts import plain
from core.writes import StaleTransition, TransitionRefused
from kpis.choices import TargetState
from kpis.models import Target
from kpis.reading.effects import Effects, Judged, Move, spread_over
from kpis.rules.target import approved_of, own_among, stays_because
from kpis.services.decision_mails import tell_decided, tell_proposers
from kpis.services.publishing import publish_ready
from kpis.services.target_rows import (
    key_of,
    locked,
    move,
    require_latest,
    require_one_of_each,
    row_name,
    versions_of,
)

_PROPOSED_ANEW = (
    "One of these was taken back, changed or proposed anew since you saw it. Nothing was decided: look again."
)


@dataclass(frozen=True, slots=True)
class Decided:
    """What was approved and what was rejected, together."""

    approved: tuple[Target, ...]
    rejected: tuple[Target, ...]


@transaction.atomic
def decide(*, decisions: Sequence[Decision], by: User) -> Decided:
    """Approve some proposals and reject others, each for its own reason: all of it or nothing.

    What is approved supersedes the version before, and counts at once. What was taken back, changed and proposed
    anew stands in another batch than the one in which it was seen. Raises PermissionDenied (also for one's own),
    ReasonsMissing, StaleTransition where one was decided, proposed anew or overtaken by a later version meanwhile,
    TransitionRefused for none, or for two versions of one row that would both count.
    """
    said = reasoned(decisions)
    waiting = _decidable(said, by)
    _require_as_seen(waiting, said)
    reasons = {pk: plain(one.reason) for pk, one in said.items()}
    rejected = _rejected([one for one in waiting if not said[one.pk].approve], reasons, by)
    approved = _approved([one for one in waiting if said[one.pk].approve], reasons, by)
    tell_decided([*approved, *rejected], by=by)
    publish_ready({target.kpi_id for target in approved}, by)
    verdicts_changed()
    return Decided(tuple(approved), tuple(rejected))


def approve(*, targets: Iterable[int], by: User, reason: str = "", batch: int | None = None) -> list[Target]:
    """Approve proposals, all of them or none; raises as ``decide``."""
    return list(decide(decisions=[Decision(one, True, reason, batch) for one in targets], by=by).approved)


def reject(*, targets: Iterable[int], by: User, reason: str, batch: int | None = None) -> list[Target]:
    """Reject proposals with one reason for all; raises as ``decide``."""
    return list(decide(decisions=[Decision(one, False, reason, batch) for one in targets], by=by).rejected)


@transaction.atomic
def take_back(*, targets: Iterable[int], by: User, reason: str = "") -> list[Target]:
    """Take decisions back, all of them or none: what was approved becomes withdrawn, and what it superseded stands
    again; what was rejected waits again.

    Whoever proposed them is told. Raises PermissionDenied (also for one's own), StaleTransition where one does not
    count any more, TransitionRefused for none.
    """
    held = _held(targets, by, "Finance takes decisions back.", "decision")
    _refuse_staying(held, by)
    why = plain(reason)
    _back_to_waiting([one for one in held if one.state == TargetState.REJECTED], by, why)
    _withdraw_approved([one for one in held if one.state == TargetState.APPROVED], by, why)
    verdicts_changed()
    return held


def _refuse_staying(held: Collection[Target], by: User) -> None:
    """Raises PermissionDenied for one's own, StaleTransition for what something rests on."""
    own, overtaken = own_among(by, held), overtaken_among(held)
    for target in held:
        if target.pk in own:
            raise PermissionDenied(
                "Nobody takes back a decision on what they proposed or wrote: ask somebody else from finance. "
                "Nothing was changed."
            )
        if why := stays_because(target, own=False, overtaken=target.pk in overtaken):
            raise StaleTransition(f"{row_name(target)}: {why}. Nothing was changed.")


def _withdraw_approved(standing: list[Target], by: User, why: str) -> None:
    before = list(superseded_by(standing).values())
    move(standing, TargetState.APPROVED, TargetState.WITHDRAWN, by=by, verb=Verb.TAKEN_BACK, reason=why)
    move(before, TargetState.SUPERSEDED, TargetState.APPROVED, by=by, verb=Verb.APPROVED_AGAIN)
    tell_proposers(standing, by=by, verb="withdrawn", reason=why, again=before)


def _back_to_waiting(rejected: list[Target], by: User, why: str) -> None:
    undecided: dict[str, Any] = {"decided_by": None, "decided_at": None, "decision_note": ""}
    move(rejected, TargetState.REJECTED, TargetState.PROPOSED, by=by, verb=Verb.TAKEN_BACK, reason=why, **undecided)
    tell_proposers(rejected, by=by, verb="waiting", reason=why)


def overtaken_among(held: Collection[Target]) -> set[int]:
    """Those of the rejected whose row has a later version by now: one query."""
    rejected = [one for one in held if one.state == TargetState.REJECTED]
    rows = versions_of({key_of(one) for one in rejected}) if rejected else {}
    return {one.pk for one in rejected if any(other.version > one.version for other in rows.get(key_of(one), ()))}


def verdicts_if_approved(targets: Sequence[Target], calendar: FiscalCalendar, today: date) -> dict[int, list[Judged]]:
    """The verdicts of ended periods that approving these together would turn, each at one of them."""
    found = Effects(targets, calendar, today).of([Move.approve(target) for target in targets])
    return spread_over(targets, found)


def verdicts_if_taken_back(targets: Sequence[Target], calendar: FiscalCalendar, today: date) -> dict[int, list[Judged]]:
    """The same of taking approvals back."""
    targets = [one for one in targets if one.state == TargetState.APPROVED]
    again = superseded_by(targets)
    found = Effects(targets, calendar, today).of([Move(target, again.get(target.pk)) for target in targets])
    return spread_over(targets, found)


def superseded_by(standing: Collection[Target]) -> dict[int, Target]:
    """What would stand again were these taken back, by their ids: the version that each superseded."""
    rows = versions_of({key_of(one) for one in standing if one.supersedes})
    found = {}
    for one in standing:
        for version in rows.get(key_of(one), ()):
            if version.version == one.supersedes and version.state == TargetState.SUPERSEDED:
                found[one.pk] = version
    return found


def _held(targets: Iterable[int], by: User, whose: str, what: str) -> list[Target]:
    """The targets, for somebody who may decide."""
    if not by.has_perm(Right.APPROVE_TARGETS):
        raise PermissionDenied(whose)
    held = locked(targets)
    if not held:
        raise TransitionRefused(f"There is no {what} among these; nothing was decided.")
    return held


def _decidable(targets: Iterable[int], by: User) -> list[Target]:
    """Proposals that the person may decide on."""
    waiting = _held(targets, by, "Finance decides on targets.", "proposal")
    if own_among(by, waiting):
        raise PermissionDenied(
            "Nobody decides on what they proposed or wrote: ask somebody else from finance. Nothing was decided."
        )
    return waiting


def _require_as_seen(waiting: Iterable[Target], said: Mapping[int, Decision]) -> None:
    """Raises StaleTransition where one stands in another batch than the one in which it was seen."""
    for target in waiting:
        batch = said[target.pk].batch
        if batch is not None and batch != target.batch_id:
            raise StaleTransition(_PROPOSED_ANEW)


def _approved(waiting: list[Target], reasons: Mapping[int, str], by: User) -> list[Target]:
    require_one_of_each(waiting)
    rows = versions_of({key_of(target) for target in waiting})
    require_latest(waiting, rows)
    standing = {key: one for key, versions in rows.items() if (one := approved_of(versions))}
    move(list(standing.values()), TargetState.APPROVED, TargetState.SUPERSEDED, by=by, verb=Verb.SUPERSEDED)
    _note_superseded(waiting, {key: one.version for key, one in standing.items()})
    return _decide(waiting, TargetState.APPROVED, by=by, verb=Verb.APPROVED, reasons=reasons)


def _note_superseded(waiting: Iterable[Target], versions: Mapping[Any, int]) -> None:
    """Each keeps the number of the version that counted before it: taken back, that one stands again."""
    of_number: dict[int, list[int]] = defaultdict(list)
    for target in waiting:
        target.supersedes = versions.get(key_of(target))
        if target.supersedes:
            of_number[target.supersedes].append(target.pk)
    for number, pks in of_number.items():
        Target.objects.filter(pk__in=pks).update(supersedes=number)


def _rejected(waiting: list[Target], reasons: Mapping[int, str], by: User) -> list[Target]:
    return _decide(waiting, TargetState.REJECTED, by=by, verb=Verb.REJECTED, reasons=reasons)


def _decide(
    waiting: list[Target], to: TargetState, *, by: User, verb: Verb, reasons: Mapping[int, str]
) -> list[Target]:
    """Move proposals on, each with its own reason."""
    of_reason: dict[str, list[Target]] = defaultdict(list)
    for target in waiting:
        of_reason[reasons.get(target.pk, "")].append(target)
    at = timezone.now()
    for reason, some in of_reason.items():
        decided: dict[str, Any] = {"decided_by": by, "decided_at": at, "decision_note": reason}
        move(some, TargetState.PROPOSED, to, by=by, verb=verb, **decided)
    return waiting
