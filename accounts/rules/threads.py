"""What may be asked, answered and agreed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from accounts.choices import LONGEST_ACTION, LONGEST_WORD
from accounts.models import User
from core.texts import too_long
from core.writes import Problem

FARTHEST = timedelta(days=5 * 366)


@dataclass(frozen=True, slots=True)
class NewAction:
    """What somebody is to do until a day; parts that nobody gave are empty or None."""

    text: str
    owner: User | None
    due: date | None


def word_problems(text: str) -> Iterator[Problem]:
    """What is wrong with a question or an answer."""
    if not text:
        yield "text", "is empty: write what you have to say"
    elif len(text) > LONGEST_WORD:
        yield "text", too_long(LONGEST_WORD)


def action_problems(action: NewAction, *, today: date) -> Iterator[Problem]:
    """What is wrong with an action: it takes all three of text, owner and day."""
    if not action.text:
        yield "action", "is empty: say what is to be done"
    elif len(action.text) > LONGEST_ACTION:
        yield "action", too_long(LONGEST_ACTION)
    if action.owner is None:
        yield "owner", "is missing: say who does it"
    elif not action.owner.is_active:
        yield "owner", "cannot sign in any more"
    if action.due is None:
        yield "due", "is missing: say until when"
    elif not today <= action.due <= today + FARTHEST:
        yield "due", "lies in the past, or more than five years ahead"
