"""A page of decisions as plain values: what waits in groups of rows, what is one's own, and what was decided.

One shape for every decision, so that all of them are shown by the same templates (``templates/decisions/``).
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from typing import Protocol

from django.utils import timezone

from accounts.models import User
from core.decisions import APPROVE, REJECT, Choices, SendLine

DAYS, MOST = 30, 200  # how long what was decided is listed, and how much of it


def lately() -> datetime:
    """Since when decisions are listed."""
    return timezone.now() - timedelta(days=DAYS)


@dataclass(frozen=True, slots=True)
class Cell:
    """A value of a row under the head of its column; ``css`` says how it is written."""

    label: str
    value: str
    css: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """What waits: what it is, what a decision does, what is odd about it, and what was marked.

    ``under`` is a second line with its address, ``notes`` what is known of it beside, ``quote`` what its proposer
    says. ``yes`` and ``no`` are the two buttons; without either nothing is to be decided by this person. ``says``: a
    yes needs words too, ``ask`` is the question of the field for them.
    """

    pk: int
    title: str
    choices: Choices
    url: str = ""
    under: str = ""
    under_url: str = ""
    notes: tuple[str, ...] = ()
    cells: tuple[Cell, ...] = ()
    odd: tuple[str, ...] = ()
    effect: str = ""
    facts: tuple[tuple[str, str], ...] = ()
    quote: str = ""
    yes: str = "Approve"
    no: str = "Reject"
    says: bool = False
    ask: str = "Why not?"

    @property
    def name(self) -> str:
        """What it is, in words."""
        return f"{self.title}, {self.under}" if self.under else self.title

    @property
    def decidable(self) -> bool:
        """Whether this person decides on it."""
        return bool(self.yes or self.no)

    @property
    def approved(self) -> bool:
        """Whether it is marked with the yes."""
        return self.choices.verdicts.get(self.pk) == APPROVE

    @property
    def rejected(self) -> bool:
        """Whether it is marked with the no."""
        return self.choices.verdicts.get(self.pk) == REJECT

    @property
    def reason(self) -> str:
        """What was typed."""
        return self.choices.reasons.get(self.pk, "")

    @property
    def problem(self) -> str:
        """What is wrong with that."""
        return self.choices.problems.get(self.pk, "")


@dataclass(frozen=True, slots=True)
class Group:
    """Rows under a heading; ``marks`` is what the button says that marks all of them, empty where each is decided by
    itself.
    """

    key: str
    title: str
    note: str
    rows: Sequence[Row]
    marks: str = ""


@dataclass(frozen=True, slots=True)
class Decided:
    """Something that was decided: by whom, when and why; why it stays, or what taking it back does (then ``stays``
    is empty).
    """

    pk: int
    title: str
    url: str
    outcome: str
    shape: str
    at: datetime
    by: str
    words: str = ""
    reason: str = ""
    stays: str = ""
    said: str = ""


class Deciding(Protocol):
    """What is asked of every page of decisions, a desk or one of its own shape."""

    def of_group(self, key: str, /) -> list[int]:
        """The ids that a button marks; none of another name."""

    @property
    def line(self) -> SendLine:
        """What sending does."""

    def said_of(self, pk: int, /) -> str:
        """What taking that decision back does; empty where it stays, or was decided earlier."""


class Desk(ABC):
    """What waits and what was decided, as one person sees it, with what they marked."""

    def __init__(self, user: User, choices: Choices) -> None:
        self.user = user
        self.choices = choices

    @cached_property
    @abstractmethod
    def groups(self) -> list[Group]:
        """What waits for this person and for others, those to be looked at first on top; none is empty."""

    @cached_property
    @abstractmethod
    def decided(self) -> list[Decided]:
        """Of the last thirty days, the latest first, at most two hundred."""

    @property
    @abstractmethod
    def line(self) -> SendLine:
        """What sending does."""

    @cached_property
    def rows(self) -> list[Row]:
        """All of the groups' rows."""
        return [row for group in self.groups for row in group.rows]

    @property
    def decides(self) -> bool:
        """Whether the person decides on any of them."""
        return any(row.decidable for row in self.rows)

    @property
    def yours(self) -> int:
        """How many of them are this person's to decide."""
        return sum(row.decidable for row in self.rows)

    def said_of(self, pk: int) -> str:
        """What taking that decision back does; empty where it stays, or was decided earlier."""
        return next((one.said for one in self.decided if one.pk == pk), "")

    @property
    def heads(self) -> list[str]:
        """The columns between the name and the effect."""
        return [cell.label for cell in self.rows[0].cells] if self.rows else []

    @property
    def columns(self) -> int:
        """How many columns the table has."""
        return 2 + len(self.heads) + self.decides

    @property
    def seen(self) -> str:
        """What the page shows, for the form's hidden field; empty where nothing of it changes while it waits."""
        return ""

    def of_group(self, key: str) -> list[int]:
        """The ids that a button marks; none of another name."""
        found = next((group for group in self.groups if group.marks and group.key == key), None)
        return [row.pk for row in found.rows if row.yes and not row.says] if found else []

    def counted(self) -> tuple[list[Row], list[Row]]:
        """The rows marked with a yes, and those with a no, of what this person decides."""
        rows = [row for row in self.rows if row.decidable]
        return [row for row in rows if row.approved], [row for row in rows if row.rejected]
