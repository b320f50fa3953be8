"""The register over time: baseline and current span, milestones and today, for chart and table alike."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from django.urls import reverse

from core.formatting import short_day
from initiatives.choices import ScheduleStatus, Stage
from initiatives.formulas import MilestoneState
from initiatives.pages.register import row_words, slip_sign
from initiatives.reading.standings import Standing

NAME_LENGTH = 44


@dataclass(frozen=True, slots=True)
class Span:
    """From a day to a later or the same one."""

    first: date
    last: date

    @property
    def words(self) -> str:
        """``3 May 2026 – 1 Sep 2026``."""
        return f"{short_day(self.first)} – {short_day(self.last)}"

    @property
    def days(self) -> int:
        """Both ends included, so that a span of one day can be drawn."""
        return (self.last - self.first).days + 1


@dataclass(frozen=True, slots=True)
class Step:
    """A milestone on the line: its day (done, else due), and how it stands."""

    title: str
    on: date
    done: bool
    overdue: bool

    @property
    def words(self) -> str:
        """``Pilot: done 3 May 2026``, ``Pilot: due 3 May 2026, overdue``."""
        if self.done:
            return f"{self.title}: done {short_day(self.on)}"
        return f"{self.title}: due {short_day(self.on)}{', overdue' if self.overdue else ''}"


@dataclass(frozen=True, slots=True)
class Line:
    """An initiative over time. ``baseline`` or ``current`` is None where a date is missing."""

    standing: Standing
    url: str
    baseline: Span | None
    current: Span | None
    steps: tuple[Step, ...]
    slip: str
    words: str

    @property
    def title(self) -> str:
        """Its title."""
        return self.standing.initiative.title

    @property
    def name(self) -> str:
        """Its title, short enough for an axis."""
        title = self.standing.initiative.title
        return title if len(title) <= NAME_LENGTH else f"{title[: NAME_LENGTH - 1].rstrip()}…"

    @property
    def status(self) -> ScheduleStatus | None:
        """The verdict of what runs."""
        return self.standing.status


def show_lines(standings: Sequence[Standing]) -> tuple[Line, ...]:
    """A line per initiative, in the order of the list."""
    return tuple(_line(one) for one in standings)


def _line(one: Standing) -> Line:
    plan = one.plan
    last = plan.finished_on if one.stage == Stage.DONE and plan.finished_on else plan.due
    return Line(
        standing=one,
        url=reverse("initiative", args=[one.initiative.code]),
        baseline=_span(plan.baseline_start, plan.baseline_due),
        current=_span(plan.start, last),
        steps=tuple(_step(milestone, one.as_of) for milestone in one.milestones),
        slip=slip_sign(plan.slip),
        words=row_words(one),
    )


def _span(first: date | None, last: date | None) -> Span | None:
    return Span(first, max(first, last)) if first and last else None


def _step(milestone: MilestoneState, day: date) -> Step:
    on = milestone.done_on or milestone.due
    return Step(milestone.title, on, milestone.done_on is not None, milestone.overdue(day) > 0)


def window(lines: Sequence[Line], today: date) -> tuple[date, date]:
    """The days that a chart of these lines shows: all of them and today, with a little room on both sides."""
    spans = [span for line in lines for span in (line.baseline, line.current) if span]
    days = [today, *(span.first for span in spans), *(span.last for span in spans)]
    days += [step.on for line in lines for step in line.steps]
    first, last = min(days), max(days)
    room = timedelta(days=max(7, (last - first).days // 40))
    return first - min(room, first - date.min), last + min(room, date.max - last)
