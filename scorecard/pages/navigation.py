"""Where a page stands: five places with their sub-tabs, and which of them each address belongs to.

One table says it all, by how addresses begin: a page beneath that of a tab stands behind it and need not be told here.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from accounts.rights import Right


@dataclass(frozen=True, slots=True)
class Tab:
    """A page of a place. ``address`` is the name of its address, ``beneath`` how the addresses begin that stand behind
    it, as ``urls`` have them, ``of_today`` whether its numbers are as of today whatever period is carried, ``right``
    what it asks for beyond the place's, ``own_right`` what will do as well for what is one's own.
    """

    title: str
    address: str
    beneath: tuple[str, ...]
    of_today: bool = False
    right: Right | None = None
    own_right: Right | None = None

    def opens_to(self, user: Any) -> bool:
        """Whether somebody who may enter the place may open it."""
        rights = [right for right in (self.right, self.own_right) if right is not None]
        return not rights or any(user.has_perm(right) for right in rights)


@dataclass(frozen=True, slots=True)
class Place:
    """One of the five; ``right`` is what its pages ask for."""

    code: str
    title: str
    tabs: tuple[Tab, ...]
    right: Right = Right.READ
    others: tuple[str, ...] = ()  # how addresses of the place begin that are behind none of its tabs


PLACES = (
    Place(
        "scorecard",
        "Scorecard",
        (
            Tab("Home", "home", ("", "home/", "news/")),
            Tab("Matrix", "matrix_latest", ("matrix/", "narratives/", "remarks/", "facts/")),
            Tab("Growth", "growth", ("growth/",)),
            Tab("Editions", "scorecards", ("scorecards/",)),
            Tab("Reports", "reports", ("reports/", "verify/")),
        ),
    ),
    Place(
        "initiatives",
        "Initiatives",
        (
            Tab("Register", "initiatives", ("initiatives/",), of_today=True),
            Tab("Board", "initiatives_board", ("initiatives/board/",), of_today=True),
            Tab("Timeline", "initiatives_timeline", ("initiatives/timeline/",), of_today=True),
            Tab("Priorities", "priorities", ("initiatives/priorities/",), of_today=True),
            Tab("Coverage", "coverage", ("coverage/",)),
            Tab("Report", "initiatives_report", ("initiatives/report/",)),
            Tab("Benefits", "benefits", ("initiatives/benefits/", "initiatives/<str:code>/benefits/"), of_today=True),
        ),
        others=("initiatives/settings/", "initiatives/turnarounds/", "approvals/initiatives/"),
    ),
    Place(
        "customers",
        "Customers",
        (
            Tab("Customers", "customers", ("customers/",), of_today=True),
            Tab("Pain points", "pain_points", ("coverage/pain/",)),
            Tab(
                "Warnings",
                "warnings",
                ("customers/warnings/", "customers/<customer:external_id>/warnings/"),
                of_today=True,
                right=Right.READ_WARNINGS,
                own_right=Right.READ_OWN_WARNINGS,
            ),
            Tab("Moments of truth", "moments", ("moments/",)),
            Tab(
                "Tiers",
                "tiers",
                ("customers/tiers/", "customers/lifecycle/", "customers/retiering/"),
                right=Right.MANAGE_KPIS,
            ),
        ),
    ),
    Place(
        "kpis",
        "KPIs",
        (
            Tab("Library", "kpis", ("kpis/", "kpi-templates/", "kpi-proposals/")),
            Tab("Targets", "targets", ("targets/", "approvals/")),
            Tab("Actuals", "actuals", ("actuals/",)),
            Tab("Links", "links", ("kpis/links/",), of_today=True),
            Tab("Polls", "polls", ("polls/",)),
        ),
    ),
    Place(
        "data",
        "Data",
        (
            Tab("Imports", "imports", ("imports/",)),
            Tab("Freshness", "freshness", ("freshness/",)),
            Tab("Rollups", "rollups", ("rollups/",)),
        ),
        right=Right.LOAD,
    ),
)

# What stands on the right, in no place: the inbox, the search, and what the name's menu holds.
INBOX = ("my/", "asks/", "initiatives/<str:code>/update/")
SEARCH = ("search/",)
MENU = (
    *("profile/", "people/", "setup/", "company/", "audit/", "subscriptions/", "deliveries/", "incentives/"),
    *("api/", "help/", "accounts/password/"),
)
# Signing in and out, what only programs ask, and what sends elsewhere.
NOWHERE = ("accounts/", "company/logo/", "healthz", "readyz", "jobs/", "mails/stop/")


def place_of(route: str) -> Place | None:
    """The place that an address belongs to, by its pattern; None for those that belong to none."""
    found = _STANDS.get(beginning_of(route))
    return found[0] if found else None


def tab_of(route: str) -> Tab | None:
    """The tab that an address stands behind, by its pattern; None for those behind none."""
    found = _STANDS.get(beginning_of(route))
    return found[1] if found else None


def beginning_of(route: str) -> str:
    """How an address begins, of all that are told here; itself where it begins as none of them does."""
    return max((one for one in _BEGINNINGS if one and route.startswith(one)), key=len, default=route)


_STANDS: dict[str, tuple[Place, Tab | None]] = {
    **{one: (place, tab) for place in PLACES for tab in place.tabs for one in tab.beneath},
    **{one: (place, None) for place in PLACES for one in place.others},
}
_BEGINNINGS = frozenset({*_STANDS, *INBOX, *SEARCH, *MENU, *NOWHERE})
