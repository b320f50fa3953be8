"""What a digest says, as one plain value: made by the room of reports, written by the mails."""

from __future__ import annotations

from dataclasses import dataclass

from core.sentences import Sentence


@dataclass(frozen=True, slots=True)
class LetterLine:
    """A cell that really changed or goes on missing: what, how it stands, who is on it, and the path of its page."""

    title: str
    text: str
    url: str
    serving: str


@dataclass(frozen=True, slots=True)
class Letter:
    """A digest's content. ``title`` is the period, ``state`` says of which edition the numbers are, or that the period
    is open; ``cut`` to what they were cut down, empty for all. ``since`` says what changed since the last digest;
    empty for the first. ``more`` is how many lines there was no room for.
    """

    title: str
    state: str
    url: str
    headline: Sentence
    cut: str
    summary: str
    worse: tuple[LetterLine, ...]
    better: tuple[LetterLine, ...]
    gaps: tuple[LetterLine, ...]
    more: int
    since: str
