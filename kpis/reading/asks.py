"""What targets and KPIs ask of a person: on /my/ and in mails alike.

Decisions and polls are in the weekly mail; what owned KPIs ask has a mail of its own (``kpis.mails.reminders``).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from django.db.models import Count, Exists, Min, OuterRef, Q
from django.urls import reverse

from accounts.company import company, today_of
from accounts.models import Company, User
from accounts.rights import Right
from core.formatting import counted, month_name, period_name, sentence_list
from core.periods import Period, first_day, month_of, shift
from core.registry import Ask, Urgency
from kpis.access import enters_own
from kpis.choices import LinkStage, PollStage, ProposalState, Status, TargetState
from kpis.models import Kpi, KpiProposal, Link, Poll, PollAnswer, PollVote, Target, TierActual
from kpis.reading.freshness import latest_period
from kpis.reading.matrix import Cell, matrix_of
from kpis.reading.missing import MissingMonth, missing_months
from kpis.rules.target import own_of


def target_asks_of(user: User) -> Iterator[Ask]:
    """Proposals that the person may decide on, as one ask."""
    if not user.has_perm(Right.APPROVE_TARGETS):
        return
    waiting = Target.objects.filter(state=TargetState.PROPOSED, batch__isnull=False)
    waiting = waiting.exclude(own_of(user))
    if count := waiting.count():
        oldest = waiting.select_related("batch").order_by("batch__proposed_at").first()
        since = oldest.batch.proposed_at.date() if oldest and oldest.batch else None
        yield Ask(
            Urgency.DECISION,
            f"Targets of {company().name}",
            f"{counted(count, 'proposed target')} wait for a decision of finance.",
            reverse("approvals"),
            "Decide",
            since,
        )


def own_kpi_asks_of(user: User) -> Iterator[Ask]:
    """What the KPIs that a person owns ask: actuals that are missing, and a look at cells that missed."""
    if not user.has_perm(Right.READ):
        return
    kpis = owned_kpis(Q(owner=user))
    if not kpis:
        return
    found = company()
    if enters_own(user):
        yield from (ask for _, ask in missing_asks(found, kpis))
    yield from (ask for _, ask in missed_asks(found, kpis))


def owned_kpis(condition: Q) -> list[Any]:
    """The KPIs of some owners, in matrix order, each with ``entered``: whether anybody enters its actuals."""
    entered = Exists(TierActual.objects.filter(kpi=OuterRef("pk")))
    owned = Kpi.objects.filter(condition).select_related("department", "owner").in_matrix_order()
    return list(owned.annotate(entered=entered))


def missing_asks(found: Company, kpis: Iterable[Any]) -> Iterator[tuple[Kpi, Ask]]:
    """Of owned KPIs that somebody enters those that miss actuals of the last ended month, each with its ask."""
    today = today_of(found)
    kpis = [kpi for kpi in kpis if kpi.entered and not kpi.calculated]
    last, of_kpi = shift(month_of(today), -1), missing_months(kpis, today) if kpis else {}
    for kpi in kpis:
        missing = of_kpi[kpi.pk]
        if missing and missing[0].month == last:
            yield kpi, _ask_for(kpi, missing[0], len(missing) - 1)


def missed_asks(found: Company, kpis: Iterable[Kpi]) -> Iterator[tuple[Kpi, Ask]]:
    """The KPIs that missed a target in the latest period, once it has ended, each with its ask."""
    quarter, today = latest_period(found), today_of(found)
    standing = [kpi for kpi in kpis if not kpi.is_draft and kpi.stands_in(quarter.last)]
    if not standing or quarter.is_to_date(today):
        return
    for row in matrix_of(standing, quarter, today).rows:
        if missed := [cell for cell in row.cells if cell.status == Status.MISSED]:
            yield row.kpi, _ask_why(row.kpi, quarter, missed)


def poll_asks_of(user: User) -> Iterator[Ask]:
    """Polls that wait for the person's answer or vote."""
    if not user.has_perm(Right.READ):
        return
    answered = PollAnswer.objects.filter(poll=OuterRef("pk"), by=user)
    voted = PollVote.objects.filter(option__poll=OuterRef("pk"), by=user)
    waiting = Q(stage=PollStage.ANSWERING) & ~Exists(answered) | Q(stage=PollStage.VOTING) & ~Exists(voted)
    for poll in Poll.objects.filter(waiting, invited=user).select_related("opened_by"):
        voting = poll.stage == PollStage.VOTING
        text = f"Give your {counted(poll.points, 'point')} to its options." if voting else f"{poll.opened_by} asks you."
        verb = "Vote" if voting else "Answer"
        yield Ask(Urgency.ROUTINE, poll.question, text, reverse("poll", args=[poll.pk]), verb, poll.opened_at.date())


def kpi_proposal_asks_of(user: User) -> Iterator[Ask]:
    """Proposed KPIs that wait for a steward, as one ask."""
    if not user.has_perm(Right.MANAGE_KPIS):
        return
    waiting = KpiProposal.objects.filter(state=ProposalState.PROPOSED)
    found = waiting.aggregate(count=Count("pk"), since=Min("proposed_at"))
    if found["count"]:
        verb = "waits" if found["count"] == 1 else "wait"
        text = f"{counted(found['count'], 'proposed KPI')} {verb} for a steward: accept, or decline with a reason."
        url = reverse("kpi_proposals")
        yield Ask(Urgency.DECISION, "KPI library", text, url, "Decide", found["since"].date())


def link_asks_of(user: User) -> Iterator[Ask]:
    """Proposed links that wait for a steward, as one ask."""
    if not user.has_perm(Right.MANAGE_LINKS):
        return
    found = Link.objects.filter(stage=LinkStage.PROPOSED).aggregate(count=Count("pk"), since=Min("at"))
    if found["count"]:
        verb = "waits" if found["count"] == 1 else "wait"
        text = f"{counted(found['count'], 'proposed link')} {verb} for a steward: write down, or decline with a reason."
        yield Ask(Urgency.DECISION, "Links", text, reverse("link_proposals"), "Decide", found["since"].date())


def _ask_for(kpi: Kpi, missing: MissingMonth, earlier: int) -> Ask:
    details = (f"{counted(earlier, 'earlier month')} of the last twelve miss some too.",) if earlier else ()
    return Ask(
        Urgency.SILENT,
        kpi.name,
        f"The actuals of {month_name(missing.month)} are missing for {missing.names}: enter them.",
        reverse("actuals_month", args=[kpi.code, missing.code]),
        "Enter",
        first_day(shift(missing.month, 1)),
        details,
        own_mail=True,
    )


def _ask_why(kpi: Kpi, quarter: Period, missed: list[Cell]) -> Ask:
    """The ask leads to the first of the missed cells, which has the best customers."""
    where = sentence_list(cell.tier.name for cell in missed)
    return Ask(
        Urgency.MISSED,
        kpi.name,
        f"It missed its target of {period_name(quarter)} for {where}: see why.",
        reverse("cell", args=[quarter.code, kpi.code, missed[0].tier.code]),
        "Look",
        first_day(shift(quarter.last, 1)),
        own_mail=True,
    )
