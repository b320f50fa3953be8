"""Who may enter the pages of decisions: all read them, and each is decided and taken back by whose right it is."""

from __future__ import annotations

from tests.accounts.audiences import EXECUTIVES, FINANCE, LINKERS, READERS, SIGNED_IN, STEWARDS, Door

_PROPOSERS = frozenset({"superuser", "owner"})
DECISIONS: dict[str, Door] = {
    "kpi-proposals/": Door(READERS),
    "kpi-proposals/new/<str:template>/": Door(_PROPOSERS, _PROPOSERS),
    "kpi-proposals/<int:number>/": Door(READERS),
    "kpi-proposals/<int:number>/accept/": Door(STEWARDS, STEWARDS),
    "kpi-proposals/<int:number>/decline/": Door(SIGNED_IN, STEWARDS),
    "kpi-proposals/<int:number>/withdraw/": Door(SIGNED_IN, frozenset({"owner", "executive", "finance"})),
    **{f"kpi-proposals/{step}/": Door(SIGNED_IN, STEWARDS) for step in ("decide", "effect", "take-back")},
    # Links: that of the walk is written down; a proposed one is withdrawn by its proposer alone, as the service asks
    "kpis/links/": Door(READERS),
    "kpis/links/new/": Door(LINKERS | {"owner"}, LINKERS | {"owner"}),
    "kpis/links/test/": Door(SIGNED_IN, LINKERS),
    "kpis/links/<int:number>/": Door(READERS),
    "kpis/links/<int:number>/chart.json": Door(READERS),
    "kpis/links/<int:number>/edit/": Door(LINKERS, LINKERS),
    "kpis/links/<int:number>/delete/": Door(SIGNED_IN, LINKERS),
    "kpis/links/<int:number>/test/": Door(SIGNED_IN, LINKERS),
    "kpis/links/<int:number>/withdraw/": Door(SIGNED_IN, frozenset({"owner"})),
    "kpis/links/proposals/": Door(READERS),
    **{f"kpis/links/proposals/{step}/": Door(SIGNED_IN, LINKERS) for step in ("decide", "effect", "take-back")},
    # The API of links: stewards write, owners propose
    "api/v1/links/": Door(READERS, LINKERS | {"owner"}),
    "api/v1/links/bulk/": Door(READERS, LINKERS | {"owner"}),
    "api/v1/links/<int:pk>/": Door(READERS),
    **{f"api/v1/links/<int:pk>/{step}/": Door(READERS, LINKERS) for step in ("accept", "decline", "take-back")},
    "api/v1/links/<int:pk>/withdraw/": Door(READERS, frozenset({"owner"})),
    # An executive decides; what is on hold goes on by those who may edit it, which the service asks of each.
    "approvals/initiatives/": Door(READERS),
    **{f"approvals/initiatives/{step}/": Door(SIGNED_IN, READERS) for step in ("decide", "effect")},
    "approvals/initiatives/take-back/": Door(SIGNED_IN, EXECUTIVES),
    "initiatives/turnarounds/": Door(READERS),
    **{f"initiatives/turnarounds/{step}/": Door(SIGNED_IN, EXECUTIVES) for step in ("decide", "effect", "take-back")},
    "initiatives/benefits/": Door(READERS),
    **{f"initiatives/benefits/{step}/": Door(SIGNED_IN, FINANCE) for step in ("decide", "effect", "take-back")},
}
