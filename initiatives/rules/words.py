"""The owners' word by file: whose it may be, and of which day."""

from __future__ import annotations

from datetime import date

from initiatives.choices import Stage

# What may be reported on.
REPORTING = frozenset({Stage.APPROVED, Stage.IN_PROGRESS, Stage.ON_HOLD})


def own_word_refusal(stage: Stage, on: date, today: date) -> str:
    """Why somebody's own word on a day is not taken by file; empty where it is.

    Of today it is taken as a page takes it; of a day before it is what was said then.
    """
    if on > today:
        return "lies ahead: a word is of today or of a day before"
    if on == today and stage not in REPORTING:
        return f"is today, and it is {stage.label.lower()}: there is nothing to report"
    return ""


def others_word_refusal(on: date, today: date, first_own: date | None) -> str:
    """Why a word in somebody else's name is not taken by file; empty where it is.

    ``first_own`` is the day of the first word that was given by those who answer for the initiative.
    """
    if on >= today:
        return "is not before today: a word in somebody else's name is of a day before; of today its author says it"
    if first_own and on >= first_own:
        return f"is not before {first_own}, from when on its owner speaks: a file speaks for others before that alone"
    return ""
