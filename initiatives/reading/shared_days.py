"""What the standings of several days are made of and is the same for all of them, read once."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

from initiatives.choices import Tracked
from initiatives.models import Milestone, TrackedChange

STEP = ("initiative", "pk", "title", "due", "done_on", "dropped_on")


class SharedDays:
    """What the standings of several days are made of and is the same for all: what was changed when, and every step."""

    def __init__(self, chosen: Any) -> None:
        changes = TrackedChange.objects.filter(initiative__in=chosen).order_by("on", "pk")
        self.changes = list(changes.values_list("initiative", "milestone", "what", "before", "on"))
        steps = Milestone.objects.filter(initiative__in=chosen).order_by("due", "pk")
        self.steps = list(steps.values_list("known_from", *STEP))

    def later(self, day: date) -> Iterator[tuple[Any, ...]]:
        """What was changed after a day, in order."""
        return (row[:4] for row in self.changes if row[4] > day)

    def moved(self, day: date) -> Iterator[tuple[Any, ...]]:
        """What due dates and stages were, before each change up to a day, in order."""
        kinds = (Tracked.DUE, Tracked.STAGE)
        return (row[:4] for row in self.changes if row[4] <= day and row[2] in kinds and row[3])

    def steps_on(self, day: date, *, all_steps: bool) -> Iterator[tuple[Any, ...]]:
        """The steps that were known on a day; of these all, or those that are overdue."""
        for known, *step in self.steps:
            _, _, _, due, done, _ = step
            overdue = due < day and not (done and done <= day)
            if (known is None or known <= day) and (all_steps or overdue):
                yield tuple(step)
