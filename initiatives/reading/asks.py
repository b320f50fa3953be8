"""What the register asks of a person: on /my/ and in the weekly mail alike.

Owners are asked about what runs, and to begin what should have begun; one ask per initiative, with all
that it needs. Candidates and what is on hold, done or cancelled are left alone. The deputy is asked
where the owner cannot answer. The sponsor hears of a silence that has lasted two periods. What people ask
is asked of every app's subjects alike (``accounts.reading.threads``).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import cast

from django.db.models import Count, Min, Q
from django.urls import reverse

from accounts.models import User
from accounts.rights import Right
from core.formatting import counted, day_name
from core.registry import Ask, Urgency
from initiatives.choices import BenefitState, Quadrant, ReasonKind, ScheduleStatus, Stage, TurnaroundState
from initiatives.formulas import Reason
from initiatives.models import Benefit, Initiative, MomentProposal, Policy, Turnaround
from initiatives.reading.approvals import for_executive
from initiatives.reading.standings import Standing, held_register, read_policy, read_standings
from kpis.choices import ProposalState

ROUTINE = timedelta(days=7)  # a word a week
ESCALATE_AFTER = 2  # periods of silence


@dataclass(frozen=True, slots=True)
class _Want:
    """One reason to turn to somebody about an initiative."""

    urgency: Urgency
    text: str
    since: date | None = None


def register_asks_of(user: User) -> Iterator[Ask]:
    """All that the register asks of a person; nothing of who may not answer."""
    yield from asks_about(_standings_for(user), user)
    yield from _decisions(user)
    yield from _proposed_moments(user)


def _proposed_moments(user: User) -> Iterator[Ask]:
    """Proposed moments of truth that wait for a steward, as one ask: one query."""
    if not user.has_perm(Right.MANAGE_LINKS):
        return
    waiting = MomentProposal.objects.filter(state=ProposalState.PROPOSED).order_by()
    found = waiting.aggregate(count=Count("pk"), since=Min("proposed_at"))
    if found["count"]:
        verb = "waits" if found["count"] == 1 else "wait"
        text = f"{counted(found['count'], 'proposal')} {verb} for a steward: accept, or decline with a reason."
        yield Ask(
            *(Urgency.DECISION, "Moments of truth", text, reverse("moment_proposals"), "Decide"),
            since=found["since"].date(),
        )


def _standings_for(user: User) -> list[Standing]:
    stages = (Stage.IN_PROGRESS, Stage.APPROVED)
    if (whole := held_register()) is not None:
        return [one for one in whole if one.initiative.stage in stages and _is_concerned(one.initiative, user)]
    concerned = Q(owner=user) | Q(deputy=user) | Q(sponsor=user)
    return read_standings(Initiative.objects.filter(concerned, stage__in=stages))


def _is_concerned(row: Initiative, user: User) -> bool:
    return user.pk in {row.owner_id, row.deputy_id, row.sponsor_id}


def asks_about(standings: Sequence[Standing], user: User) -> Iterator[Ask]:
    """What these initiatives ask of the person, as the one who answers for them or as their sponsor."""
    policy = read_policy() if standings else None
    for standing in standings:
        row = standing.initiative
        if answers_for(row, user):
            wants = list(_wants(standing))
            if wants:
                yield _ask_owner(standing, wants)
        elif policy and row.sponsor_id == user.pk and is_escalated(standing, policy):
            yield _ask_sponsor(standing)


def answers_for(initiative: Initiative, user: User) -> bool:
    """Whether the person is the one to ask: the owner; the deputy where the owner is nobody or cannot answer."""
    if not can_answer(user):
        return False
    if initiative.owner_id == user.pk:
        return True
    owner = cast("User | None", initiative.owner)
    return initiative.deputy_id == user.pk and not (owner and can_answer(owner))


def can_answer(user: User) -> bool:
    """Whether a person may report on what is their own."""
    may = user.has_perm(Right.EDIT_OWN_INITIATIVES) or user.has_perm(Right.EDIT_INITIATIVES)
    return user.is_active and may


def _wants(standing: Standing) -> Iterator[_Want]:
    """What the dates call for, the gravest first."""
    if standing.not_started and standing.plan.baseline_start:
        begin = standing.plan.baseline_start
        yield _Want(
            Urgency.AT_RISK, f"It should have begun on {day_name(begin)}: start it, or say what holds it.", begin
        )
    if standing.verdict is None:
        return
    spoken = False
    for reason in standing.verdict.reasons:
        want = _want_of(reason, standing.as_of)
        spoken = spoken or reason.kind == ReasonKind.SILENT
        if want:
            yield want
    if not spoken:
        yield from _routine(standing)


def _want_of(reason: Reason, day: date) -> _Want | None:
    """What one reason of a verdict asks for; None where there is nothing that its owner could do now."""
    days, since = counted(reason.days, "day"), day - timedelta(days=reason.days)
    if reason.kind == ReasonKind.PAST_DUE:
        return _Want(Urgency.LATE, f"It is {days} past its due date: finish it, or give a new date and say why.", since)
    if reason.kind == ReasonKind.MILESTONE:
        urgency = Urgency.LATE if reason.status == ScheduleStatus.LATE else Urgency.AT_RISK
        text = f"Milestone “{reason.milestone}” is {days} overdue: tick it, or give it a new date and say why."
        return _Want(urgency, text, since)
    if reason.kind == ReasonKind.SILENT:
        return _Want(Urgency.SILENT, f"No word for {days}: say how it goes.", since)
    return None


def _routine(standing: Standing) -> Iterator[_Want]:
    """A word a week, from the start or the last one on."""
    heard = heard_on(standing)
    if heard and standing.as_of - heard >= ROUTINE:
        text = f"The last word is {counted((standing.as_of - heard).days, 'day')} old: this week’s is due."
        first = f"It began {counted((standing.as_of - heard).days, 'day')} ago: its first word is due."
        yield _Want(Urgency.ROUTINE, text if standing.latest else first, heard + ROUTINE)


def heard_on(standing: Standing) -> date | None:
    """The day of the last word; before the first one that of the start."""
    return max((day for day in (standing.plan.start, standing.latest and standing.latest.on) if day), default=None)


def _ask_owner(standing: Standing, wants: Sequence[_Want]) -> Ask:
    row = standing.initiative
    first, *rest = sorted(wants, key=lambda want: want.urgency)
    page, verb = ("initiative_update", "Report") if standing.running else ("initiative", "Open")
    details = tuple(want.text for want in rest)
    return Ask(first.urgency, row.title, first.text, reverse(page, args=[row.code]), verb, first.since, details)


def is_escalated(standing: Standing, policy: Policy) -> bool:
    """Whether what runs has been silent for more than two of the periods that its level allows."""
    heard = heard_on(standing)
    if not standing.running or heard is None:
        return False
    return (standing.as_of - heard).days > ESCALATE_AFTER * policy.silence_of(standing.initiative.level)


def _ask_sponsor(standing: Standing) -> Ask:
    row, heard = standing.initiative, heard_on(standing)
    days = counted((standing.as_of - heard).days if heard else 0, "day")
    silence = f"{row.owner} has said nothing for {days}." if row.owner else f"No owner, and no word for {days}."
    text = f"{silence} You are its sponsor: find out how it stands."
    return Ask(Urgency.SILENT, row.title, text, reverse("initiative", args=[row.code]), "Open", heard)


def _decisions(user: User) -> Iterator[Ask]:
    """What waits for an executive's or for finance's decision, but for their own."""
    if user.has_perm(Right.APPROVE_INITIATIVES):
        yield from _approvals(user)
        yield from _turnarounds(user)
    if user.has_perm(Right.APPROVE_TARGETS):
        yield from _benefits(user)


def _approvals(user: User) -> Iterator[Ask]:
    if waiting := for_executive(user):
        bets = sum(one.course.quadrant == Quadrant.MAJOR_BET for one in waiting)
        weighty = f", {counted(bets, 'major bet')} among them" if bets else ""
        verb = "waits" if len(waiting) == 1 else "wait"
        text = f"{counted(len(waiting), 'initiative')} {verb} for an executive{weighty}: approve, or ask back."
        yield Ask(Urgency.DECISION, "Initiatives", text, reverse("stage_approvals"), "Decide")


def _turnarounds(user: User) -> Iterator[Ask]:
    own = Initiative.objects.of_person(user).values("pk")
    waiting = Turnaround.objects.filter(state=TurnaroundState.NOMINATED).exclude(initiative__in=own)
    days = list(waiting.order_by("nominated_on").values_list("nominated_on", flat=True))
    if days:
        text = f"{counted(len(days), 'turnaround')} nominated for recognition: confirm or decline."
        yield Ask(Urgency.DECISION, "Recognition", text, reverse("recognition"), "Decide", days[0])


def _benefits(user: User) -> Iterator[Ask]:
    waiting = Benefit.objects.filter(state=BenefitState.PROPOSED).exclude(Q(created_by=user) | Q(proposed_by=user))
    moments = list(waiting.order_by("created_at").values_list("created_at", flat=True))
    if moments:
        text = f"{counted(len(moments), 'planned benefit')} proposed: approve or reject."
        yield Ask(Urgency.DECISION, "Benefits", text, reverse("benefits"), "Decide", moments[0].date())
