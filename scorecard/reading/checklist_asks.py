"""Of what is missing of a period: what was asked about since the period began, and what nobody was asked about yet."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from accounts.models import Thread, User
from core.periods import Period
from core.registry import Subject, subjects_of
from scorecard.reading.checklist import Item, Named, read_checklist
from scorecard.reading.editions import latest_edition

AskedOn = Mapping[Named, Sequence[date]]


@dataclass(frozen=True, slots=True)
class Unasked:
    """What is missing of one subject, whose owner was not asked about it yet."""

    subject: Subject
    owner: User
    items: tuple[Item, ...]


def asked_on(subjects: Collection[Named], period: Period) -> AskedOn:
    """The days on which questions about these were asked since the period began, by subject. One query."""
    found: dict[Named, list[date]] = defaultdict(list)
    if not subjects:
        return found
    rows = Thread.objects.filter(
        kind__in={kind for kind, _ in subjects},
        key__in={key for _, key in subjects},
        opened_at__date__gte=period.first_day,
    )
    for kind, key, at in rows.order_by("opened_at", "pk").values_list("kind", "key", "opened_at"):
        found[kind, key].append(at.date())
    return found


def unasked_items(items: Sequence[Item], asked: AskedOn, reader: User) -> dict[Named, list[Item]]:
    """What is neither done nor waived and is somebody else's to do, by subject, where nobody was asked about it."""
    found: dict[Named, list[Item]] = defaultdict(list)
    for item in items:
        if item.is_open and item.subject and item.owner and item.owner.pk != reader.pk and not asked.get(item.subject):
            found[item.subject].append(item)
    return found


def read_unasked(period: Period, today: date, reader: User) -> list[Unasked]:
    """What a person may ask the owners of, as the checklist of the next edition stands."""
    latest = latest_edition(period)
    items = read_checklist(period, today, latest.number + 1 if latest else 1)
    asked = asked_on({item.subject for item in items if item.subject}, period)
    by_subject = unasked_items(items, asked, reader)
    keys: dict[str, list[str]] = defaultdict(list)
    for kind, key in by_subject:
        keys[kind].append(key)
    subjects = {kind: subjects_of(kind, theirs, reader) for kind, theirs in keys.items()}
    found = ((subjects[kind].get(key), own) for (kind, key), own in by_subject.items())
    return [Unasked(about, own[0].owner, tuple(own)) for about, own in found if about and own[0].owner]
