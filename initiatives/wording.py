"""Verdicts, reasons and dates of initiatives in words: the same on page, report, mail and in an export.

'late: milestone “pilot” is 12 days overdue; re-dated twice, 74 days of slip'.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import TYPE_CHECKING

from core.formatting import counted, day_name, times
from initiatives.choices import ReasonKind, Stage
from initiatives.formulas import Plan, Reason, Verdict

if TYPE_CHECKING:
    from accounts.models import Load
    from initiatives.reading.standings import Standing


def verdict_words(verdict: Verdict, plan: Plan) -> str:
    """The verdict with every reason, the gravest first; what was re-dated is said whatever the verdict."""
    return f"{verdict.status.label}: {reasons_words(verdict, plan)}"


def reasons_words(verdict: Verdict, plan: Plan) -> str:
    """The reasons alone, apart by semicolons."""
    told = [reason_words(reason) for reason in verdict.reasons]
    if not any(reason.kind == ReasonKind.SLIP for reason in verdict.reasons):
        told += [slip_words(plan.slip, plan.redated)] if plan.slip or plan.redated else []
    return "; ".join(told)


def reason_words(reason: Reason) -> str:
    """One reason: ``milestone “pilot” is 12 days overdue``, ``re-dated twice, 74 days of slip``."""
    return _WORDS[reason.kind](reason)


def slip_words(slip: int, redated: int = 0) -> str:
    """``re-dated twice, 74 days of slip``; ``9 days ahead of its baseline``; ``no slip`` for none."""
    if slip > 0:
        words = f"{counted(slip, 'day')} of slip"
    else:
        words = f"{counted(-slip, 'day')} ahead of its baseline" if slip else "no slip"
    return f"re-dated {times(redated)}, {words}" if redated else words


def _milestone(reason: Reason) -> str:
    redated = f", re-dated {times(reason.redated)}" if reason.redated else ""
    return f"milestone “{reason.milestone}” is {counted(reason.days, 'day')} overdue{redated}"


def _owner(reason: Reason) -> str:
    return f"the owner says {reason.status.label}"


_WORDS: dict[ReasonKind, Callable[[Reason], str]] = {
    ReasonKind.PAST_DUE: lambda reason: f"{counted(reason.days, 'day')} past its due date",
    ReasonKind.MILESTONE: _milestone,
    ReasonKind.SLIP: lambda reason: slip_words(reason.days, reason.redated),
    ReasonKind.OWNER: _owner,
    ReasonKind.SILENT: lambda reason: f"no word for {counted(reason.days, 'day')}",
    ReasonKind.NOTHING: lambda reason: "nothing is overdue",
}


def load_words(load: Load) -> str:
    """``file plan.csv, loaded by Stella``; ``file plan.csv, loaded by command`` where nobody signed in."""
    return f"file {load.source}, loaded by {load.by or 'command'}"


def standing_words(standing: Standing) -> str:
    """How an initiative stands on its day, whatever its stage: its verdict in words, else its stage and since when."""
    if standing.verdict:
        return verdict_words(standing.verdict, standing.plan)
    if standing.not_started:
        return not_started_words(standing.plan, standing.as_of)
    if standing.stage == Stage.DONE:
        return finished_words(standing.plan)
    return standing.stage.label.lower()


def not_started_words(plan: Plan, day: date) -> str:
    """``not started: should have begun 20 days ago, on 3 May 2026``."""
    if plan.baseline_start is None:
        return "not started"
    late = (day - plan.baseline_start).days
    return f"not started: should have begun {counted(late, 'day')} ago, on {day_name(plan.baseline_start)}"


def finished_words(plan: Plan) -> str:
    """``done on 3 May 2026, 12 days late`` against the baseline; ``done`` where no day is known."""
    if plan.finished_on is None:
        return "done"
    words = f"done on {day_name(plan.finished_on)}"
    late = (plan.finished_on - plan.baseline_due).days if plan.baseline_due else None
    if late is None:
        return words
    return f"{words}, {counted(late, 'day')} late" if late > 0 else f"{words}, on time"
