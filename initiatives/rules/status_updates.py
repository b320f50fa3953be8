"""The owners' word: what it may say, and by file whose it may be, and of which day."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from core.texts import out_of, why_no_text
from core.writes import Problem
from initiatives.choices import LONGEST_NOTE, Stage
from initiatives.rules.initiative import REPORTING

PROGRESS = (0, 100)  # percent
NOT_THEIRS = "is somebody else: by a call everybody speaks for themselves, words of others come by a file"


def word_problems(progress: int, note: str) -> Iterator[Problem]:
    """All that is wrong with what a word says."""
    if not PROGRESS[0] <= progress <= PROGRESS[1]:
        yield "progress", out_of(*PROGRESS)
    if why := why_no_text(note, LONGEST_NOTE):
        yield "note", why


def silence(stage: Stage) -> str:
    """Why there is nothing to report on now; empty where there is."""
    return "" if stage in REPORTING else f"it is {stage.label.lower()}: there is nothing to report"


def own_word_refusal(stage: Stage, on: date, today: date) -> str:
    """Why somebody's own word on a day is not taken by file; empty where it is.

    Of today it is taken as a page takes it; of a day before it is what was said then.
    """
    if on > today:
        return "lies ahead: a word is of today or of a day before"
    return silence(stage) if on == today else ""


def others_word_refusal(on: date, today: date, first_own: date | None) -> str:
    """Why a word in somebody else's name is not taken by file; empty where it is.

    ``first_own`` is the day of the first word that was given by those who answer for the initiative.
    """
    if on >= today:
        return "is not before today: a word in somebody else's name is of a day before; of today its author says it"
    if first_own and on >= first_own:
        return f"is not before {first_own}, from when on its owner speaks: a file speaks for others before that alone"
    return ""
