"""A second opinion on schedule status: a small calculator over the files' own rows, written from the rules alone."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class Step:
    """A milestone; ``done`` is None while it is open."""

    due: date
    done: date | None


@dataclass(frozen=True, slots=True)
class Project:
    """A row of the register with what owners said of it: (day, health), in any order."""

    start: date
    baseline_due: date
    due: date
    steps: tuple[Step, ...] = ()
    words: tuple[tuple[date, str], ...] = ()

    @property
    def slip(self) -> int:
        """Days from the date agreed to the present one."""
        return self.due.toordinal() - self.baseline_due.toordinal()

    def status(self, day: date) -> str:
        """The schedule status at the end of a day; empty before it started."""
        if day.toordinal() < self.start.toordinal():
            return ""
        overdue = [day.toordinal() - step.due.toordinal() for step in self.steps if not step.done or step.done > day]
        longest = max(overdue, default=0)
        said = [word for word in self.words if word[0] <= day]
        health = max(said)[1] if said else ""
        planned = self.baseline_due.toordinal() - self.start.toordinal()
        slipped_far = self.slip > 180 or (self.slip > 90 and 100 * self.slip > 25 * planned)
        if day > self.due or longest > 7 or slipped_far or health == "late":
            return "late"
        if longest > 0 or self.slip > 30 or health == "at_risk":
            return "at_risk"
        heard = max([self.start.toordinal(), *(word[0].toordinal() for word in said)])
        return "not_reported" if day.toordinal() - heard > 30 else "on_schedule"
