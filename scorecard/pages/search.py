"""Pages as a search finds them, and what its own page shows."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.urls import reverse

from accounts.rights import Right
from core.searching import Found, Rank, Search
from scorecard.pages.bar import ADMINISTRATION
from scorecard.pages.navigation import PLACES

KIND = "page"
# What stands on the right of the bar: title, what else it is called by, name of its address, right.
_ON_THE_RIGHT = (
    ("Inbox", "asked of me, my page", "my", Right.READ),
    ("Your mails", "digest, follow, alerts, subscriptions", "subscriptions", Right.SUBSCRIBE),
    ("Password", "sign in", "password_change", None),
    ("API and tokens", "programs", "api_start", None),
    ("API documentation", "programs, OpenAPI", "api_docs", None),
    ("Help", "what is this number", "help", None),
)


def find_pages(search: Search) -> Iterator[Found]:
    """Those that the reader may enter, by their title and the place they stand in."""
    for title, others, detail, url in _pages(search.reader):
        rank = search.rank(title, "", others)
        if rank is not None:
            yield Found(KIND, title, detail, url, rank)


def exact(found: list[Found]) -> Found | None:
    """What is opened at once: the one thing of which the text is the whole code; None for none or several."""
    coded = [one for one in found if one.rank is Rank.CODE]
    return coded[0] if len(coded) == 1 else None


def _pages(reader: Any) -> Iterator[tuple[str, str, str, str]]:
    """Title, what else it is called by, where it stands, address."""
    for place in PLACES:
        if reader.has_perm(place.right):
            for tab in place.tabs:
                if tab.opens_to(reader):
                    yield tab.title, place.title, place.title, reverse(tab.address)
    for title, others, address, right in _ON_THE_RIGHT:
        if right is None or reader.has_perm(right):
            yield title, others, "", reverse(address)
    if reader.is_staff and reader.has_perm(Right.ADMINISTER):
        for title, address in ADMINISTRATION:
            yield title, "", "Administration", reverse(address)
