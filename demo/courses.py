"""How initiatives of the demo company go: dates, milestones and the owners' words, counted from today."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from random import Random
from typing import NamedTuple

from demo import remarks
from demo.dice import dice
from demo.undertakings import Undertaking
from initiatives.choices import Health, Stage

_ON, _RISK, _LATE = Health
_RUNNING, _DONE = Stage.IN_PROGRESS, Stage.DONE
_OLDEST_WORD = 260  # days; nobody kept what was said before
_STEPS = (
    "Spoken with five customers;Pilot;Roll-out",
    "Agreed with the departments;First version;Tried by ten customers;For everybody",
    "Causes understood;Way chosen;Pilot;Done everywhere",
)


class Course(NamedTuple):
    """How an initiative goes.

    ``heard``: days since its owner's last word, None where there was none, 0 for a few. ``moved``: by how many days
    the due date was moved, each time. ``overdue``: for so many days a milestone is. ``after``: days
    from the baseline's due date to the finish. ``slump``: its middle third was late.
    """

    stage: Stage
    health: Health = _ON
    heard: int | None = 0
    moved: tuple[int, ...] = ()
    overdue: int = 0
    after: int = 0
    slump: bool = False
    ended: int = 0


COURSES = {
    "steady": Course(_RUNNING),
    "overridden": Course(_RUNNING),
    "ahead": Course(_RUNNING, moved=(-21,)),
    "turning": Course(_RUNNING, slump=True),
    "nearly": Course(_RUNNING, overdue=4),
    "slipping": Course(_RUNNING, moved=(45,)),
    "risky": Course(_RUNNING, _RISK),
    "overdue": Course(_RUNNING, overdue=12),
    "redated": Course(_RUNNING, moved=(60, 75)),
    "owner_late": Course(_RUNNING, _LATE),
    "past_due": Course(_RUNNING),
    "silent": Course(_RUNNING, heard=47),
    "never": Course(_RUNNING, heard=None),
    "candidate": Course(Stage.CANDIDATE, heard=None),
    "undated": Course(Stage.CANDIDATE, heard=None),
    "approved": Course(Stage.APPROVED, heard=None),
    "not_started": Course(Stage.APPROVED, heard=None),
    "on_hold": Course(Stage.ON_HOLD, ended=60),
    "done": Course(_DONE, after=-3),
    "done_late": Course(_DONE, _RISK, after=24),
    "turned": Course(_DONE, slump=True, after=-1),
    "cancelled": Course(Stage.CANCELLED, _RISK, ended=40),
}


class Step(NamedTuple):
    """A milestone."""

    title: str
    due: date
    done_on: date | None


class Word(NamedTuple):
    """A status update of the owner."""

    on: date
    health: Health
    progress: int
    note: str


class Move(NamedTuple):
    """A due date that was moved, or a stage that was left, with who noticed."""

    what: str
    on: date
    before: str
    after: str
    reason: str


@dataclass(frozen=True)
class Told:
    """An initiative with its days."""

    row: Undertaking
    stage: Stage
    start: date | None
    baseline_due: date | None
    due: date | None
    started_on: date | None
    finished_on: date | None
    steps: tuple[Step, ...] = ()
    words: tuple[Word, ...] = ()
    moves: tuple[Move, ...] = ()


def told(row: Undertaking, today: date) -> Told:
    """The initiative as it stands today, with what led there."""
    if row.course == "undated":
        return Told(row, Stage.CANDIDATE, None, None, None, None, None)
    return _Teller(row, today).told()


class _Teller:
    """Works the days of one initiative out."""

    def __init__(self, row: Undertaking, today: date) -> None:
        self.row, self.today, self.course = row, today, COURSES[row.course]
        self.start = today - timedelta(days=row.start)
        self.baseline_due = self.start + timedelta(days=row.length)
        self.due = self.baseline_due + timedelta(days=sum(self.course.moved))
        self.throw: Random = dice("course", row.code)

    def told(self) -> Told:
        began = self.course.stage in {_RUNNING, _DONE, Stage.ON_HOLD, Stage.CANCELLED}
        return Told(
            self.row,
            self.course.stage,
            self.start,
            self.baseline_due,
            self.due,
            self.start if began else None,
            self.finish if self.course.stage == _DONE else None,
            tuple(self._steps()),
            tuple(self._words()) if began and self.course.heard is not None else (),
            (*self._moved(), *self._left()),
        )

    @property
    def finish(self) -> date:
        """The day on which it was done."""
        return self.due + timedelta(days=self.course.after)

    @property
    def end(self) -> date:
        """The last day on which anybody worked on it."""
        if self.course.stage == _DONE:
            return self.finish
        return self.today - timedelta(days=self.course.ended)

    def _steps(self) -> list[Step]:
        titles = (self.row.steps or self.throw.choice(_STEPS)).split(";")
        span = (self.due - self.start).days
        dues = [self.start + timedelta(days=span * place // len(titles)) for place in range(1, len(titles) + 1)]
        steps = [Step(title, due, self._done(due)) for title, due in zip(titles, dues, strict=True)]
        return self._with_one_overdue(steps) if self.course.overdue else steps

    def _done(self, due: date) -> date | None:
        """Within days of its due date, where that was in the time of the work."""
        if self.course.stage in {Stage.CANDIDATE, Stage.APPROVED} or due > self.end + timedelta(days=self.course.after):
            return self.finish if self.course.stage == _DONE else None
        return min(self.end, due + timedelta(days=self.throw.randint(-6, 3)))

    def _with_one_overdue(self, steps: list[Step]) -> list[Step]:
        """The first open one was due the other day; the ones before it are done."""
        late = self.today - timedelta(days=self.course.overdue)
        number = next(place for place, step in enumerate(steps) if step.done_on is None)
        return [*steps[:number], Step(steps[number].title, late, None), *steps[number + 1 :]]

    def _words(self) -> list[Word]:
        heard = self.course.heard or self.throw.randint(1, 11)
        last = self.end - timedelta(days=heard) if self.course.stage == _RUNNING else self.end
        first = max(self.start + timedelta(days=6), self.today - timedelta(days=_OLDEST_WORD))
        days = [last]
        while (day := days[-1] - timedelta(days=self.throw.randint(8, 14))) > first:
            days.append(day)
        days.reverse()
        return [self._word(day, place / len(days), day == last) for place, day in enumerate(days)]

    def _word(self, day: date, place: float, is_last: bool) -> Word:
        health = self._health(place, is_last)
        done = 100 * (day - self.start).days // max(1, (self.due - self.start).days)
        if is_last and self.course.stage == _DONE:
            return Word(day, _ON, 100, remarks.FINISHED)
        pace = 0.9 if self.course.health == _ON else 0.7
        note = remarks.LAST_WORDS.get(self.row.code) if is_last else None
        return Word(day, health, min(95, int(done * pace)), note or self.throw.choice(remarks.NOTES[health]))

    def _health(self, place: float, is_last: bool) -> Health:
        if self.course.slump and 0.35 < place < 0.7:
            return _LATE
        return self.course.health if is_last or place > 0.8 else _ON

    def _moved(self) -> list[Move]:
        moves, due = [], self.baseline_due
        for number, days in enumerate(self.course.moved, 1):
            on = self.start + timedelta(days=self.row.start * number // (len(self.course.moved) + 1))
            later = due + timedelta(days=days)
            reason = remarks.REASONS_TO_MOVE[number % len(remarks.REASONS_TO_MOVE)]
            moves.append(Move("due", on, due.isoformat(), later.isoformat(), reason))
            due = later
        return moves

    def _left(self) -> list[Move]:
        """Since when it is on hold or cancelled, and why."""
        if self.course.stage not in {Stage.ON_HOLD, Stage.CANCELLED}:
            return []
        reason = remarks.REASONS_TO_STOP[self.row.code]
        return [Move("stage", self.end, Stage.IN_PROGRESS, self.course.stage, reason)]
