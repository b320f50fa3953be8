"""How many things are asked of a person: counted anew when the record, the cells or the day have changed."""

from __future__ import annotations

import json

from django.core.cache import caches
from django.http import HttpRequest

from accounts.models import User
from accounts.rights import Right
from core.registry import asks_of
from scorecard.reading.caching import prepared_text, shared_tag


def asked_name(person: User, period: str = "") -> str:
    """Under what home's part of what is asked of a person is kept: JSON with their ``count``; ``period`` as asked."""
    return f"asked of {person.pk} {period}"


def remember_asked(request: HttpRequest, count: int) -> None:
    """A page that has read what is asked of the person spares the bar another reading."""
    request._asked = count  # type: ignore[attr-defined]


def asked_count(request: HttpRequest) -> int:
    """What /my/ lists of the person who asks; 0 for those who have no such page.

    What is asked follows from what is written with an audit entry, from cells and from the day, which is what the
    shared tag of pages about cells looks at. Each process keeps the counts.
    """
    if hasattr(request, "_asked"):
        return int(request._asked)
    user = request.user
    if not (user.is_authenticated and user.has_perm(Right.READ)):
        return 0
    store, key = caches["counts"], f"{shared_tag(request)}-{user.pk}"
    count: int | None = store.get(key)
    if count is None:
        made = prepared_text(request, asked_name(user))
        count = json.loads(made)["count"] if made else len(asks_of(user))
        store.set(key, count)
    return count
