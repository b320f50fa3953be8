"""What is asked before a KPI, a meaning or a proposed KPI goes, in numbers."""

from __future__ import annotations

from collections.abc import Collection

from django.db.models import Q
from django.urls import reverse
from django.utils.timezone import localdate

from accounts.pages.asking import Question
from core.formatting import counted, month_name
from core.periods import Month
from kpis.choices import Per, TargetState
from kpis.models import Kpi, KpiProposal, KpiVersion, Poll, PollAnswer, PollOption, Step, Target, WeightSet
from kpis.rules.formula import inputs_of
from kpis.services.touches import slices_with_data
from kpis.services.versions import undecided_by, withdrawn_by


def retiring(kpi: Kpi, from_month: Month) -> Question:
    """What leaves the matrix with a KPI."""
    months = sum(month >= from_month for _, month in slices_with_data({kpi.pk}))
    approved = Target.objects.approved().filter(kpi=kpi)
    ahead = approved.filter(Q(from_month__gte=from_month) | Q(per=Per.MONTH, until_month=None)).count()
    waiting = Target.objects.filter(kpi=kpi, state__in=(TargetState.DRAFT, TargetState.PROPOSED)).count()
    links = kpi.initiative_links.values("initiative").distinct().count()
    formulas = Kpi.objects.exclude(pk=kpi.pk).exclude(formula="").values_list("formula", flat=True)
    takers = kpi.dependants.count() + sum(kpi.code in inputs_of(formula) for formula in formulas)
    return Question(
        title=f"Retire “{kpi.name}” from {month_name(from_month)} on?",
        does=(
            (
                f"It leaves the matrix from then on: {counted(months, 'month')} that {_has(months)} data "
                f"{'counts' if months == 1 else 'count'} nowhere."
            ),
            (f"{counted(ahead, 'approved target')} and {_undecided(waiting)} judge nothing any more."),
            (
                f"{counted(links, 'initiative')} {_name(links)} it, and {counted(takers, 'other KPI')} {_take(takers)} "
                "its facts or values."
            ),
        ),
        undo="It can be undone: a retired KPI is put into the matrix again on its page, with all that it had.",
        verb="Retire it",
        back=reverse("kpi", args=[kpi.code]),
        place=kpi.name,
    )


def _undecided(count: int) -> str:
    return counted(count, "draft or proposal", "drafts or proposals")


def _are(count: int) -> str:
    return "is" if count == 1 else "are"


def _has(count: int) -> str:
    return "has" if count == 1 else "have"


def _name(count: int) -> str:
    return "names" if count == 1 else "name"


def _take(count: int) -> str:
    return "takes" if count == 1 else "take"


def taking_back_meaning(kpi: Kpi, latest: KpiVersion) -> Question:
    """What goes with the latest meaning of a KPI, and what stands again."""
    month = Month(latest.from_month)
    own, undecided = len(withdrawn_by(kpi, month)), len(undecided_by(kpi, month))
    again = latest.withdrew.filter(state=TargetState.WITHDRAWN).count()
    months = sum(one >= month for _, one in slices_with_data({kpi.source_id}))
    return Question(
        title=f"Take back what “{kpi.name}” means from {month_name(month)} on?",
        does=(
            f"{counted(months, 'month')} that {_has(months)} data {_are(months)} computed as before.",
            (f"{counted(own, 'approved target')} and {_undecided(undecided)} of the meaning that goes are withdrawn."),
            f"{counted(again, 'target')} that it withdrew {'stands' if again == 1 else 'stand'} again.",
        ),
        undo="It cannot be undone by a button: the same change can be made again, and its targets proposed.",
        verb="Take it back",
        back=reverse("kpi", args=[kpi.code]),
        place=kpi.name,
    )


def withdrawing_proposal(proposal: KpiProposal) -> Question:
    """What goes with a proposed KPI that nobody has decided on."""
    days = counted((localdate() - localdate(proposal.proposed_at)).days, "day")
    return Question(
        title=f"Withdraw “{proposal}”?",
        does=(f"1 proposed KPI goes from the stewards’ inbox, where it has waited {days}.",),
        undo="What was proposed is kept: you can change it and propose it again.",
        verb="Withdraw it",
        back=reverse("kpi_proposal", args=[proposal.pk]),
        place=str(proposal),
    )


def declining_proposal(proposal: KpiProposal, reason: str) -> Question:
    """What becomes of a proposed KPI that a steward leaves out."""
    days = counted((localdate() - localdate(proposal.proposed_at)).days, "day")
    return Question(
        title=f"Decline “{proposal}”?",
        does=(
            f"1 proposed KPI, which has waited {days}, stays out of the library.",
            f"{proposal.proposed_by} gets 1 mail with your reason: “{reason}”",
        ),
        undo="It can be taken back on the list of proposals: it waits again then, and its proposer is told.",
        verb="Decline it",
        back=reverse("kpi_proposal", args=[proposal.pk]),
        place=str(proposal),
    )


def taking_back_step(step: Step) -> Question:
    """What limits are after a step that counts no longer."""
    others = step.kpi.steps.filter(taken_back_at=None).exclude(pk=step.pk).count()
    months = sum(month >= step.month for _, month in slices_with_data({step.kpi.source_id}))
    return Question(
        title=f"Take the step of {month_name(Month(step.month))} back?",
        does=(
            f"Limits and signals of {counted(months, 'month')} that {_has(months)} data are worked out without it.",
            f"{counted(others, 'other step')} of “{step.kpi.name}” {'stands' if others == 1 else 'stand'}.",
        ),
        undo="It can be set again, from the same month and for the same reason.",
        verb="Take it back",
        back=reverse("kpi", args=[step.kpi.code]),
        place=step.kpi.name,
    )


def taking_back_weights(weights: WeightSet) -> Question:
    """What stands instead of a set of weights that counts no longer."""
    since = month_name(Month(weights.from_month))
    before = WeightSet.objects.filter(taken_back_at=None, from_month__lt=weights.from_month).order_by("-from_month")
    earlier = before.first()
    instead = f"those from {month_name(Month(earlier.from_month))} on stand" if earlier else "none stand"
    return Question(
        title=f"Take back the weights from {since} on?",
        does=(f"The weights of {counted(weights.weights.count(), 'KPI')} go from {since} on; {instead} instead.",),
        undo="It can be undone by writing the same weights again.",
        verb="Take them back",
        back=reverse("kpi_weights"),
        place="Weights",
    )


def merging_options(poll: Poll, options: Collection[PollOption], text: str) -> Question:
    """What becomes of options of a poll that are one."""
    answers = PollAnswer.objects.filter(option__in=options).count()
    left = poll.options.count() - len(options) + 1
    return Question(
        title=f"Make these {len(options)} one: “{text}”?",
        does=(
            f"{counted(len(options), 'option')} become 1, with their {counted(answers, 'answer')}.",
            f"The poll has {counted(left, 'option')} then.",
        ),
        undo="Each answer can be taken out of it again, as an option of its own.",
        verb="Make them one",
        back=reverse("poll", args=[poll.pk]),
        place=poll.question,
    )


def taking_back_events(kpi: Kpi, months: int, events: int) -> Question:
    """What goes with the lifecycle events that were derived from a KPI."""
    return Question(
        title=f"Take back what was derived from “{kpi.name}”?",
        does=(f"{counted(events, 'lifecycle event')} of a window of {counted(months, 'month')} go; growth changes.",),
        undo="It can be undone: derived again from the same KPI and window they are the same events.",
        verb="Take them back",
        back=reverse("lifecycle"),
        place="Derived events",
    )
