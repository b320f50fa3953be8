"""The two lines above every page: places, inbox and name; sub-tabs and what the page is of."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.http import HttpRequest
from django.urls import reverse

from accounts.context import company_of
from accounts.rights import Right
from core.links import carried_period, with_period
from scorecard.pages.navigation import INBOX, PLACES, SEARCH, Place, Tab, beginning_of, place_of, tab_of
from scorecard.reading.inbox import asked_count


@dataclass(frozen=True, slots=True)
class Link:
    """A place or a tab; ``current`` as ``aria-current`` has it, empty where one is elsewhere."""

    title: str
    url: str
    current: str


def bar(request: HttpRequest) -> dict[str, Any]:
    """For every template; nothing of it is worked out before it is shown."""
    return {"bar": Bar(request)}


class Bar:
    """What the bar shows to the person who asks, on the page that they asked for."""

    def __init__(self, request: HttpRequest) -> None:
        self.request = request

    @property
    def name(self) -> str:
        """The name of the page's address; empty where there is no page."""
        match = self.request.resolver_match
        return (match.url_name or "") if match and not match.namespaces else ""

    @property
    def route(self) -> str:
        """The pattern of the page's address; a word that begins no address where there is no page."""
        match = self.request.resolver_match
        return match.route if match and not match.namespaces else "none"

    @cached_property
    def period(self) -> str:
        """The period that the links carry."""
        return carried_period(self.request)

    @cached_property
    def place(self) -> Place | None:
        """Where the page stands."""
        return place_of(self.route)

    @property
    def places(self) -> list[Link]:
        """Those that the person may enter."""
        user = self.request.user
        return [
            Link(one.title, self.address(one.tabs[0]), "true" if one is self.place else "")
            for one in PLACES
            if user.has_perm(one.right)
        ]

    @property
    def tabs(self) -> list[Link]:
        """The pages of the place."""
        return list(self._tabs(self.place)) if self.place else []

    def _tabs(self, place: Place) -> Iterator[Link]:
        here = tab_of(self.route)
        for tab in place.tabs:
            if not tab.opens_to(self.request.user):
                continue
            current = "" if tab is not here else "page" if self.name in self._own(tab) else "true"
            yield Link(tab.title, self.address(tab), current)

    @staticmethod
    def _own(tab: Tab) -> tuple[str, ...]:
        """The addresses that are the tab's page itself; of the matrix that of a period."""
        return (tab.address, "matrix") if tab.address == MATRIX else (tab.address,)

    def address(self, tab: Tab) -> str:
        """Where a tab leads, in the period that the page is of."""
        if tab.address == MATRIX and self.period:
            return reverse("matrix", args=[self.period])
        return with_period(reverse(tab.address), self.period)

    @property
    def of_today(self) -> bool:
        """Whether the page's numbers are as of today."""
        tab = tab_of(self.route)
        return bool(tab and tab.of_today and tab.address == self.name)

    @property
    def in_inbox(self) -> bool:
        """Whether the page is the person's own, or one of what is asked of them."""
        return beginning_of(self.route) in INBOX

    @property
    def in_search(self) -> bool:
        """Whether the page is the search's."""
        return beginning_of(self.route) in SEARCH

    @cached_property
    def asked(self) -> int:
        """How many things are asked of the person."""
        return asked_count(self.request)

    @property
    def help(self) -> str:
        """The help of the page's place; of what is in none, all of it."""
        return reverse("help_place", args=[self.place.code]) if self.place else reverse("help")

    @property
    def administration(self) -> list[Link]:
        """What there is of people, company and record, for those who may see something of it."""
        user = self.request.user
        if not (user.is_authenticated and user.is_staff):
            return []
        named = (*self._set_up(), *(ADMINISTRATION if user.has_perm(Right.ADMINISTER) else ()))
        found = [Link(title, reverse(address), "") for title, address in named]
        return [*found, Link("All administration", reverse("admin:index"), "")]

    def _set_up(self) -> tuple[tuple[str, str], ...]:
        """The set-up, while it goes on, for those who take steps of it."""
        user = self.request.user
        takes = user.has_perm(Right.ADMINISTER) or user.has_perm(Right.MANAGE_KPIS)
        return (_SETUP,) if takes and company_of(self.request).setup_ended_at is None else ()


_SETUP = ("Set-up", "setup")
MATRIX = "matrix_latest"  # sends on to that of a period
ADMINISTRATION = (
    ("People", "people"),
    ("Company", "company"),
    ("Audit", "audit"),
    ("Mails", "deliveries"),
    ("API tokens", "admin:accounts_apitoken_changelist"),
)
