"""What may be written of a cell, and remarked on a month: asked by pages and the API alike."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date

from accounts.rules.threads import NewAction, action_problems
from core.formatting import period_name
from core.periods import Month, Period, month_of
from core.texts import too_long
from core.writes import Problem
from kpis.models import Kpi
from scorecard.models.narratives import LONGEST_ANALYSIS, LONGEST_REMARK
from scorecard.rules.references import reference_problems


@dataclass(frozen=True, slots=True)
class Story:
    """What somebody writes of a cell, ``kpi@tier``. ``action`` is None where none is agreed; ``same_action`` says
    that it is the one that stands there already, whose day may have passed.
    """

    period: Period
    cell: str
    analysis: str
    action: NewAction | None
    same_action: bool = False


def narrative_problems(story: Story, cells: Iterable[str], today: date) -> Iterator[Problem]:
    """What is wrong with it; ``cells`` are those of the period's matrix."""
    known = list(cells)
    if story.period.first_day > today:
        yield "period", f"has not begun: {period_name(story.period)} begins on {story.period.first_day}"
        return
    if story.cell not in known:
        yield "kpi", f"has no cell {story.cell} in the matrix of {period_name(story.period)}"
    if not story.analysis:
        yield "analysis", "is empty: say what happened"
    elif len(story.analysis) > LONGEST_ANALYSIS:
        yield "analysis", too_long(LONGEST_ANALYSIS)
    else:
        yield from reference_problems("analysis", story.analysis, known)
    if story.action and not story.same_action:
        yield from action_problems(story.action, today=today)


def remark_problems(kpi: Kpi, month: Month, text: str, today: date) -> Iterator[Problem]:
    """What is wrong with a remark on a month of a KPI's charts."""
    if month > month_of(today):
        yield "month", "has not begun"
    if kpi.is_draft:
        yield "kpi", "is a draft, which stands on no chart"
    if not text:
        yield "text", "is empty: say what the chart should tell"
    elif len(text) > LONGEST_REMARK:
        yield "text", too_long(LONGEST_REMARK)
