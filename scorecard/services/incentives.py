"""Writing and approving incentive goals, confirming what somebody entered for themselves, deciding what could not be
measured.

The audit keeps of each that an incentive goal changed, who and when, and nothing else: what it was and is stands in its
versions, which those alone read who may.
"""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from accounts.audit import record
from accounts.choices import Verb
from accounts.company import company, today_of
from accounts.models import Load, User
from accounts.rules.people import gone_members
from core.auditing import state_of
from core.periods import Period
from core.texts import plain
from core.writes import StaleTransition, TransitionRefused, refuse
from initiatives.choices import Stage
from initiatives.models import Initiative
from kpis.models.versions import VersionBook
from scorecard.access import is_executive, is_of_finance, may_write_goals
from scorecard.choices import GoalState, Measure, Standing
from scorecard.models import (
    Edition,
    GoalConfirmation,
    GoalDecision,
    GoalMember,
    GoalVersion,
    IncentiveGoal,
    StopApproval,
)
from scorecard.reading.edition_document import method_of
from scorecard.reading.edition_evidence import versions_of
from scorecard.reading.goal_weights import weights_of
from scorecard.reading.incentives import Line, lines_of
from scorecard.rules import incentives as rules
from scorecard.rules.incentives import Draft

_RIGHT = "Finance and executives write and approve incentive goals; your roles do not include it."


def note_changed(by: User | None) -> None:
    """The audit's word for every change of any goal: who and when, and neither whose it is nor what it says."""
    record(by=by, verb=Verb.CHANGED, obj=IncentiveGoal(pk=0))


def require_writer(by: User) -> None:
    """Raises PermissionDenied for who may not write goals."""
    if not may_write_goals(by):
        raise PermissionDenied(_RIGHT)


# -- writing


@transaction.atomic
def write_goal(*, draft: Draft, by: User, seen: int = 0) -> IncentiveGoal:
    """Write a goal, or a further version of one; what it says already is no further one.

    ``seen`` is the number of the version that was read; 0 for a new goal, whose code nobody has. Raises
    PermissionDenied, ValidationError by field, StaleTransition where somebody else wrote meanwhile.
    """
    require_writer(by)
    goal = IncentiveGoal.objects.select_for_update().filter(code=draft.code).first() if seen else None
    latest = goal.latest if goal else None
    if (latest.number if latest else 0) != seen:
        raise StaleTransition(
            "Somebody else wrote this goal meanwhile; nothing of yours was kept. Look at theirs first."
        )
    known = set(Initiative.objects.filter(code__in=draft.initiatives).values_list("code", flat=True))
    refuse([*rules.goal_problems(draft, known), *whose_problems(draft, goal, latest, by)])
    assert draft.period is not None  # noqa: S101 - refused above
    if goal is None:
        goal = begin_goal(draft)
    if latest is not None and says_the_same(latest, draft):
        return goal
    write_version(goal, draft, by=by)
    refuse(rules.weight_problems(weights_of(draft.period.code, [one.pk for one in draft.members])))
    note_changed(by)
    return goal


def whose_problems(
    draft: Draft, goal: IncentiveGoal | None, latest: GoalVersion | None, by: User | None
) -> Iterable[tuple[str, str]]:
    """That nobody writes a goal of their own, and that a stored one stays whose it is. ``by`` None is the operator."""
    members = {one.pk for one in draft.members}
    stored = {one.person_id for one in latest.members.all()} if latest else set()
    where = "team" if draft.team_name or len(members) > 1 else "person"
    if by is not None and by.pk in members | stored:
        yield where, rules.OWN_WRITTEN
    yield from gone_members(where, draft.members, stored)
    if goal is None:
        return
    if draft.period is not None and goal.period != draft.period.code:
        yield "period", "is another: a stored goal stays of its period; write another goal for this"
    if goal.person_id:
        same = members == {goal.person_id} and not draft.team_name
    else:
        approved = goal.versions.exclude(state=GoalState.DRAFT).exists()
        same = where == "team" and draft.team_name == goal.team_name and (not approved or members == stored)
    if not same:
        yield where, rules.ANOTHER


def begin_goal(draft: Draft) -> IncentiveGoal:
    """A goal without a version yet. Raises ValidationError by field for a code that is none, or is taken."""
    assert draft.period is not None  # noqa: S101 - refused before
    team = bool(draft.team_name) or len(draft.members) > 1
    person = None if team else draft.members[0]
    goal = IncentiveGoal(code=draft.code, period=draft.period.code, person=person, team_name=draft.team_name)
    goal.full_clean()
    goal.save()
    return goal


def says_the_same(version: GoalVersion, draft: Draft) -> bool:
    """Whether a version says what somebody wants."""
    same = all(getattr(version, name) == value for name, value in _values(draft).items())
    return same and {one.person_id for one in version.members.all()} == {one.pk for one in draft.members}


def write_version(goal: IncentiveGoal, draft: Draft, *, by: User | None, load: Load | None = None) -> GoalVersion:
    """A further version, which waits for approval; the earlier ones stay."""
    number = (goal.versions.aggregate(last=Max("number"))["last"] or 0) + 1
    row = GoalVersion.objects.create(goal=goal, number=number, written_by=by, load=load, **_values(draft))
    GoalMember.objects.bulk_create([GoalMember(version=row, person=person) for person in draft.members])
    return row


def _values(draft: Draft) -> dict[str, Any]:
    return {
        "measure": draft.measure.value,
        "kpi_id": draft.kpi.pk if draft.kpi else None,
        "tier_id": draft.tier.pk if draft.tier else None,
        "initiatives": list(draft.initiatives),
        **{name: getattr(draft, name) for name in rules.NUMBERS},
    }


@transaction.atomic
def drop_draft(*, version: GoalVersion, by: User) -> None:
    """Take back a version that waits for approval; a goal without another goes with it.

    Raises PermissionDenied, ValidationError for one's own goal, StaleTransition where it was decided on meanwhile.
    """
    require_writer(by)
    row = _held(version, GoalState.DRAFT)
    refuse(rules.own_problems(by, _members(row)))
    goal = row.goal
    row.delete()
    if not goal.versions.exists():
        goal.delete()
    note_changed(by)


# -- approving


@transaction.atomic
def approve_goal(*, version: GoalVersion, by: User, why: str = "") -> GoalVersion:
    """Have a version count from now on: what it says is fixed, with whose it is and what it is measured by.

    ``why`` is needed once the period has begun. Raises PermissionDenied, ValidationError by field, StaleTransition.
    """
    require_writer(by)
    found = company()
    row, text, today = _held(version, GoalState.DRAFT), plain(why), today_of(found)
    period, members = Period.stored(row.goal.period, found.calendar), _members(row)
    if row.number != row.goal.versions.aggregate(last=Max("number"))["last"]:
        raise StaleTransition("A later version of this goal was written meanwhile; look at that one.")
    refuse(
        [
            *rules.approval_problems(
                by=by, members=members, written_by=row.written_by_id, period=period, today=today, why=text
            ),
            *rules.unbalanced_problems(weights_of(period.code, members)),
        ]
    )
    row.goal.versions.filter(state=GoalState.APPROVED).update(state=GoalState.SUPERSEDED)
    row.state, row.approved_by, row.approved_at = GoalState.APPROVED, by, timezone.now()
    row.why = text if today >= period.first_day else ""
    row.frozen = frozen_of(row, period)
    row.save(update_fields=["state", "approved_by", "approved_at", "why", "frozen"])
    note_changed(by)
    return row


def frozen_of(version: GoalVersion, period: Period) -> dict[str, Any]:
    """What is so on the day of approval, and the goal is measured by."""
    found: dict[str, Any] = {}
    if version.kpi is not None:
        meant = VersionBook.read([version.kpi]).at(version.kpi, period.last)
        found["kpi"] = {
            "version": versions_of([version.kpi], period)[version.kpi.code],
            "unit": meant.unit,
            "direction": meant.direction,
            "method": method_of(meant),
        }
    if version.measure == Measure.ON_TIME:
        due = Initiative.objects.filter(code__in=version.initiatives).values_list("code", "baseline_due")
        found["due"] = {code: day.isoformat() for code, day in due if day}
    return found


def _held(version: GoalVersion, state: GoalState) -> GoalVersion:
    """The version, held by the transaction. Raises StaleTransition where it is not in that state any more."""
    IncentiveGoal.objects.select_for_update().filter(pk=version.goal_id).first()
    rows = GoalVersion.objects.select_related("goal", "kpi", "tier")
    row = rows.filter(pk=version.pk, state=state).first()
    if row is None:
        raise StaleTransition("It was decided on or taken back meanwhile; nothing of yours was kept.")
    return row


def _members(version: GoalVersion) -> list[int]:
    return list(version.members.values_list("person", flat=True))


# -- confirming, deciding


def _line(goal: IncentiveGoal) -> Line:
    """The goal as it stands, within the transaction. Raises TransitionRefused for one that was not approved."""
    found = company()
    line = next(iter(lines_of([goal], found.calendar, today_of(found))), None)
    if line is None or not line.counts:
        raise TransitionRefused("It was not approved: there is nothing to confirm or to decide.")
    return line


@transaction.atomic
def confirm_goal(*, goal: IncentiveGoal, edition: Edition, by: User) -> GoalConfirmation:
    """Confirm what those whose goal it is entered, loaded or finished themselves, as the latest edition has it.

    Raises PermissionDenied, ValidationError for one's own goal, TransitionRefused where nothing waits for it,
    StaleTransition where a further edition was issued meanwhile.
    """
    require_writer(by)
    line = _line(goal)
    refuse(rules.own_problems(by, line.terms.members))
    last = line.last
    if last is None or last.standing is not Standing.UNCONFIRMED or last.edition is None:
        raise TransitionRefused("Nothing of this goal waits to be confirmed.")
    _require_latest(last.edition, edition)
    row, _ = GoalConfirmation.objects.get_or_create(
        goal=goal, edition=last.edition, value=str(last.measured.value), defaults={"by": by}
    )
    note_changed(by)
    return row


@transaction.atomic
def decide_goal(*, goal: IncentiveGoal, edition: Edition, percent: Decimal, why: str, by: User) -> GoalDecision:
    """Say what is paid of a goal that could not be measured; it counts once another of finance agrees.

    Said anew it replaces what one had said. Raises PermissionDenied, ValidationError by field, TransitionRefused,
    StaleTransition.
    """
    if not is_of_finance(by):
        raise PermissionDenied("Finance decides what could not be measured; your roles do not include it.")
    line, text = _line(goal), plain(why)
    at_maximum = line.version.at_maximum
    refuse([*rules.own_problems(by, line.terms.members), *rules.decision_problems(percent, at_maximum, text)])
    held = _undecided(line, edition)
    row, _ = GoalDecision.objects.update_or_create(
        goal=goal, edition=held, defaults={"percent": percent, "reason": text, "by": by, "at": timezone.now()}
    )
    note_changed(by)
    return row


@transaction.atomic
def agree_goal(*, decision: GoalDecision, by: User) -> GoalDecision:
    """Agree with what another of finance said is paid: from then on it is.

    Raises PermissionDenied, ValidationError for one's own goal, TransitionRefused, StaleTransition.
    """
    if not is_of_finance(by):
        raise PermissionDenied("Finance decides what could not be measured; your roles do not include it.")
    row = GoalDecision.objects.select_for_update().filter(pk=decision.pk, agreed_by=None).first()
    if row is None or (row.percent, row.by_id) != (decision.percent, decision.by_id):
        raise StaleTransition("It was decided, or said anew, meanwhile; look at what it says now.")
    line = _line(row.goal)
    refuse(rules.own_problems(by, line.terms.members))
    if row.by_id == by.pk:
        raise TransitionRefused("You said it: another of finance agrees, or says otherwise.")
    _undecided(line, row.edition)
    row.agreed_by, row.agreed_at = by, timezone.now()
    row.save(update_fields=["agreed_by", "agreed_at"])
    note_changed(by)
    return row


@transaction.atomic
def agree_to_stop(*, initiative: Initiative, by: User) -> StopApproval:
    """An executive agrees that an initiative was cancelled or put on hold: from today on that is approved. Said twice
    on a day it is said once. Raises PermissionDenied, TransitionRefused for one that was not stopped.
    """
    if not is_executive(by):
        raise PermissionDenied("An executive agrees that an initiative stops; your roles do not include it.")
    if initiative.owner_id == by.pk:
        raise TransitionRefused("It is your own initiative: another executive agrees.")
    if initiative.stage not in {Stage.CANCELLED, Stage.ON_HOLD}:
        raise TransitionRefused(f"“{initiative.title}” is neither cancelled nor on hold: there is nothing to agree to.")
    row, new = StopApproval.objects.get_or_create(initiative=initiative, on=today_of(company()), defaults={"by": by})
    if new:
        record(by=by, verb=Verb.APPROVED, obj=row, after=state_of(row))
    return row


def _undecided(line: Line, edition: Edition) -> Edition:
    """The edition by which it could not be measured. Raises TransitionRefused, StaleTransition."""
    last = line.last
    if last is None or last.standing is not Standing.UNMEASURABLE or last.edition is None:
        raise TransitionRefused("It was measured, or decided: there is nothing to decide.")
    _require_latest(last.edition, edition)
    return last.edition


def _require_latest(latest: Edition, seen: Edition) -> None:
    if latest.pk != seen.pk:
        raise StaleTransition("A further edition was issued meanwhile; look at what it says first.")
