"""What is missing of a period before it is closed, as its page writes it: whose it is, when they were asked, the way
out.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.urls import reverse

from accounts.models import Thread
from core.formatting import short_day
from core.links import with_period
from core.periods import Period
from scorecard.reading.checklist import GROUPS, Item, Named


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


def groups_of(items: Sequence[Item], period: Period) -> tuple[Group, ...]:
    """The list by what it is of; nothing is said of a sort of which nothing is missing. One query."""
    asked = _asked({item.subject for item in items if item.subject}, period)
    found = []
    for code, title in GROUPS.items():
        of = [item for item in items if item.group == code]
        if of:
            left = tuple(_shown(item, asked, period) for item in of if item.is_open)
            found.append(Group(title, left, tuple(item for item in of if not item.is_open)))
    return tuple(found)


def _shown(item: Item, asked: Mapping[Named, list[str]], period: Period) -> ShownItem:
    if item.subject is None:
        return ShownItem(item, "", "", "")
    days = asked.get(item.subject, [])
    url = with_period(reverse("asks", args=[*item.subject]), period.code)
    return ShownItem(item, ", ".join(days), url, "Ask again" if days else "Ask")


def _asked(subjects: Iterable[Named], period: Period) -> Mapping[Named, list[str]]:
    """The days on which questions about these were asked since the period began, by subject."""
    found: dict[Named, list[str]] = defaultdict(list)
    wanted = set(subjects)
    if not wanted:
        return found
    rows = Thread.objects.filter(
        kind__in={kind for kind, _ in wanted},
        key__in={key for _, key in wanted},
        opened_at__date__gte=period.first_day,
    )
    for kind, key, at in rows.order_by("opened_at", "pk").values_list("kind", "key", "opened_at"):
        found[kind, key].append(short_day(at.date()))
    return found
