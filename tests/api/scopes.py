"""Which scope of a token opens which address of the API, by GET and by POST: one of them is enough to be let in.

Of which row who may what, beyond the door, each kind's own tests say.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from accounts.rights import Right

Scopes = frozenset[Right]

READ = frozenset({Right.READ})
CUSTOMERS = frozenset({Right.READ_CUSTOMERS, Right.READ_OWN_CUSTOMERS})
LIBRARY = frozenset({Right.MANAGE_KPIS})
LINKS = frozenset({Right.MANAGE_LINKS})
ACTUALS = frozenset({Right.ENTER_ACTUALS, Right.ENTER_OWN_ACTUALS})
TARGETS = frozenset({Right.PROPOSE_TARGETS, Right.PROPOSE_OWN_TARGETS})
WARNINGS = frozenset({Right.READ_WARNINGS, Right.READ_OWN_WARNINGS})
EDITING = frozenset({Right.EDIT_INITIATIVES, Right.EDIT_OWN_INITIATIVES})
WORDS = frozenset({Right.NOTE_ACTIONS, Right.NOTE_OWN_ACTIONS})
BENEFITS = EDITING | {Right.PROPOSE_TARGETS}


class Opened(NamedTuple):
    """The scopes that let in by GET, and by POST; None where there is nothing to post."""

    get: Scopes
    post: Scopes | None = None


def _each(before: str, parts: Iterable[str], get: Scopes, post: Scopes | None = None) -> dict[str, Opened]:
    return {f"api/v1/{before}{part}": Opened(get, post) for part in parts}


_EDITION = "scorecards/<str:period>/editions/<int:number>/"
# What is read alone: the scorecard, its editions, charts, growth, the search.
READ_ALONE = _each(
    "",
    [
        *("matrix/", "cell/", "signals/", "growth/", "search/", "coverage/", "initiatives/summary/"),
        *("scorecards/", "scorecards/<str:period>/", _EDITION, f"{_EDITION}names/", f"{_EDITION}differences/"),
    ],
    READ,
)
_PLAIN = ("business-units", "departments", "tiers", "complete-months", "kpis", "pain-points")
_OF_CUSTOMERS = ("customers", "tier-memberships", "lifecycle-events")
_EVENTS = ("issues", "contacts", "deals", "referrals", "invoices")
_STEPS = ("start", "hold", "cancel", "finish", "return-to-candidate", "return-to-approved")
_MEANINGS = ("change-meaning", "retire", "bring-back", "take-back-meaning")
_LINKS = ("accept", "decline", "take-back")
_DECIDED = ("approve", "reject", "take-back")

SCOPES: dict[str, Opened] = {
    **READ_ALONE,
    **_each("", [f"{name}/" for name in _PLAIN], READ, LIBRARY),
    **_each("", [f"{name}/<str:code>/" for name in ("business-units", "departments", "tiers", "kpis")], READ),
    **_each("", [f"{name}/" for name in _OF_CUSTOMERS], CUSTOMERS, LIBRARY),
    **_each("", [f"{name}/<int:pk>/" for name in _OF_CUSTOMERS[1:]], CUSTOMERS),
    **_each("customers/", ["<path:external_id>/"], CUSTOMERS),
    **_each("", [f"{name}/bulk/" for name in (*_PLAIN, *_OF_CUSTOMERS)], READ, LIBRARY),
    **_each(
        "",
        [
            f"{name}/<int:pk>/"
            for name in (
                *("benefits", "complete-months", "kpi-proposals", "milestones", "pain-points", "restatements"),
                *("status-updates", "target-batches", "targets", "tier-actuals"),
            )
        ],
        READ,
    ),
    **_each("", ["restatements/", "target-batches/", "kpis/<str:code>/versions/"], READ),
    **_each("", ["warnings/"], WARNINGS),
    # The library
    **_each("kpis/<str:code>/", [f"{step}/" for step in _MEANINGS], READ, LIBRARY),
    **_each("kpis/<str:code>/", ["preview/"], READ, LIBRARY | {Right.PROPOSE_KPIS}),
    **_each("kpi-proposals/", ["", "<int:pk>/withdraw/"], READ, frozenset({Right.PROPOSE_KPIS})),
    **_each("links/", ["", "bulk/"], READ, LINKS | {Right.PROPOSE_LINKS}),
    **_each("links/", ["<int:pk>/"], READ),
    **_each("links/", [f"<int:pk>/{one}/" for one in _LINKS], READ, LINKS),
    **_each("links/<int:pk>/", ["withdraw/"], READ, frozenset({Right.PROPOSE_LINKS})),
    **_each("kpi-proposals/<int:pk>/", ["accept/", "decline/", "take-back/"], READ, LIBRARY),
    **_each("incentive-goals/", ["", "bulk/"], READ, frozenset({Right.INCENTIVE_GOALS})),
    **_each("incentive-goals/", ["<str:code>/"], READ),
    # Moments of truth
    **_each("moments/", [""], READ, LINKS),
    **_each("moments/", ["bulk/"], READ, LINKS | {Right.PROPOSE_LINKS}),
    **_each("moments/", ["<str:code>/"], READ),
    # Facts, actuals, targets
    **_each("facts/", [""], CUSTOMERS, frozenset({Right.LOAD})),
    **_each("facts/", ["bulk/"], READ, frozenset({Right.LOAD})),
    **_each("", [f"{name}/" for name in _EVENTS], CUSTOMERS, frozenset({Right.LOAD})),
    **_each("", [f"{name}/<path:external_id>/" for name in _EVENTS], CUSTOMERS),
    **_each("", [f"{name}/bulk/" for name in _EVENTS], READ, frozenset({Right.LOAD})),
    **_each("tier-actuals/", ["", "bulk/"], READ, ACTUALS),
    **_each("targets/", ["", "bulk/", "propose/", "withdraw/"], READ, TARGETS),
    **_each("targets/", [f"{step}/" for step in _DECIDED], READ, frozenset({Right.APPROVE_TARGETS})),
    # Initiatives
    **_each("initiatives/", [""], READ, frozenset({Right.CREATE_CANDIDATE})),
    **_each("initiatives/", ["bulk/"], READ, EDITING | {Right.CREATE_CANDIDATE}),
    **_each("initiatives/<str:code>/", ["", "thanks/"], READ),
    **_each("initiatives/<str:code>/", [f"{step}/" for step in _STEPS], READ, EDITING),
    **_each(
        "initiatives/<str:code>/", ["approve/", "override/", "take-back/"], READ, frozenset({Right.APPROVE_INITIATIVES})
    ),
    **_each("initiatives/<str:code>/", ["thank/"], READ, frozenset({Right.COMMENT})),
    **_each(
        "", [f"{name}/{part}" for name in ("milestones", "status-updates") for part in ("", "bulk/")], READ, EDITING
    ),
    **_each("milestones/<int:pk>/", ["drop/"], READ, EDITING),
    **_each("status-updates/<int:pk>/", ["respond/"], READ, frozenset({Right.COMMENT})),
    **_each("benefits/", ["", *(f"<int:pk>/{step}/" for step in ("submit", "withdraw", "realise"))], READ, BENEFITS),
    **_each("benefits/<int:pk>/", [f"{step}/" for step in _DECIDED], READ, frozenset({Right.APPROVE_TARGETS})),
    # What people wrote of cells, and what leaves the house
    **_each("", ["narratives/", "remarks/"], READ, WORDS),
    **_each("", ["narratives/<int:pk>/", "remarks/<int:pk>/"], READ),
    **_each("remarks/", ["<int:pk>/take-back/"], READ, WORDS | {Right.SET_STEPS}),
    **_each("reports/", [""], READ, READ),
    **_each("reports/<int:pk>/", ["", "download/"], READ),
    # What the API is like is told to whoever has any token
    **_each("", ["schema/"], frozenset(Right)),
}
