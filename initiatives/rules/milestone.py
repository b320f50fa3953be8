"""What a milestone may be called, and on which day it was done."""

from __future__ import annotations

from datetime import date

from core.writes import Problem


def title_problems(title: str, *, dropped_on: date | None = None, is_taken: bool = False) -> list[Problem]:
    """What is wrong with a title that another step of the initiative has; a dropped one keeps its own."""
    if dropped_on:
        return [("title", f"was dropped on {dropped_on.isoformat()}; give the new milestone another title")]
    return [("title", f"there is a milestone “{title}” already; choose another title")] if is_taken else []


def done_problems(day: date | None, was: date | None, today: date) -> list[Problem]:
    """What is done was done on a day that has been; what is stored stays."""
    ahead = day is not None and day > today and day != was
    return [("done_on", "lies ahead: a milestone is done today or earlier")] if ahead else []
