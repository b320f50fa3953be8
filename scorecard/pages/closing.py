"""What is missing of a period before it is closed, as its page writes it: whose it is, when they were asked, the way
out.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.urls import reverse

from accounts.models import User
from accounts.rights import Right
from core.formatting import short_day
from core.links import with_period
from core.periods import Period
from scorecard.reading.checklist import GROUPS, Item
from scorecard.reading.checklist_asks import AskedOn, asked_on, unasked_items


@dataclass(frozen=True, slots=True)
class ShownItem:
    """One thing that is missing; ``asked`` are the days on which its owner was asked since the period began, and
    ``ask_url`` leads to the page that asks (empty of what nobody is asked about).
    """

    item: Item
    asked: str
    ask_url: str
    ask: str


@dataclass(frozen=True, slots=True)
class Group:
    """What is missing of a sort."""

    title: str
    open: tuple[ShownItem, ...]
    waived: tuple[Item, ...]


@dataclass(frozen=True, slots=True)
class Checklist:
    """The list by what it is of; ``unasked`` counts the questions that would ask every owner who was not asked yet, and
    is 0 for who may not ask.
    """

    groups: tuple[Group, ...]
    unasked: int


def show_checklist(items: Sequence[Item], period: Period, reader: User) -> Checklist:
    """What is missing, for a person; nothing is said of a sort of which nothing is missing. One query."""
    asked = asked_on({item.subject for item in items if item.subject}, period)
    found = []
    for code, title in GROUPS.items():
        of = [item for item in items if item.group == code]
        if of:
            left = tuple(_shown(item, asked, period) for item in of if item.is_open)
            found.append(Group(title, left, tuple(item for item in of if not item.is_open)))
    unasked = len(unasked_items(items, asked, reader)) if reader.has_perm(Right.COMMENT) else 0
    return Checklist(tuple(found), unasked)


def _shown(item: Item, asked: AskedOn, period: Period) -> ShownItem:
    if item.subject is None:
        return ShownItem(item, "", "", "")
    days = [short_day(day) for day in asked.get(item.subject, ())]
    url = with_period(reverse("asks", args=[*item.subject]), period.code)
    return ShownItem(item, ", ".join(days), url, "Ask again" if days else "Ask")
