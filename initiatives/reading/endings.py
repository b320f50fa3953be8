"""What goes with something of the register that ends, in numbers."""

from __future__ import annotations

from accounts.choices import ThreadState
from accounts.models import Thread
from core.formatting import counted, sentence_list
from initiatives.choices import BenefitState
from initiatives.models import Initiative, PainPoint


def rests_on(row: Initiative) -> str:
    """``It has 3 open milestones, names 2 KPIs and holds 1 approved benefit.``; empty where nothing rests on it."""
    steps = row.milestones.filter(done_on=None, dropped_on=None).count()
    kpis = row.kpi_links.values("kpi").distinct().count()
    approved = row.benefits.filter(state=BenefitState.APPROVED).count()
    proposed = row.benefits.filter(state=BenefitState.PROPOSED).count()
    asked = Thread.objects.filter(kind="initiative", key=row.code, state=ThreadState.OPEN).count()
    said = [
        *([counted(steps, "open milestone")] if steps else []),
        *([counted(kpis, "KPI") + " that it should move"] if kpis else []),
        *([counted(approved, "approved benefit")] if approved else []),
        *([counted(proposed, "proposed benefit") + " that waits for finance"] if proposed else []),
        *([counted(asked, "open question")] if asked else []),
    ]
    return f"On it rest {sentence_list(said)}." if said else ""


def dropping_words(row: Initiative) -> str:
    """``2 of 5 milestones are done; without it 2 of 4.``"""
    counting = row.milestones.filter(dropped_on=None)
    total, done = counting.count(), counting.exclude(done_on=None).count()
    are = "is" if done == 1 else "are"
    return f"{done} of {counted(total, 'milestone')} {are} done; without it {done} of {total - 1}."


def pain_words(point: PainPoint) -> tuple[str, ...]:
    """What goes with a pain point."""
    same = PainPoint.objects.filter(department=point.department, theme=point.theme).exclude(pk=point.pk)
    left = sum(one.weight for one in same)
    load = (f"It came with load {point.load_id}, which can no longer be taken back then.",) if point.load_id else ()
    return (
        f"{counted(point.mentions, 'mention')} of severity {point.severity} go: a weight of {point.weight:,}.",
        (
            f"“{point.theme}” of {point.department} is left with {counted(same.count(), 'pain point')}, "
            f"a weight of {left:,}."
        ),
        *load,
    )
