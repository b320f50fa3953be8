"""Who may enter the pages and the API of moments of truth: administrators write none. The walk's moment is “lights”."""

from __future__ import annotations

from tests.accounts.audiences import READERS, SIGNED_IN, Audience, Door

WRITERS: Audience = frozenset({"superuser", "steward"})
PROPOSERS: Audience = frozenset({"superuser", "owner"})
WORDERS = WRITERS | {"owner"}

MOMENT_DOORS = {
    "moments/": Door(READERS),
    "moments/new/": Door(WRITERS, WRITERS),
    "moments/<str:code>/": Door(READERS),
    "moments/<str:code>/edit/": Door(WRITERS, WRITERS),
    "moments/<str:code>/criterion/": Door(WORDERS, WORDERS),
    "moments/<str:code>/delete/": Door(SIGNED_IN, WRITERS),
    "moments/propose/": Door(PROPOSERS, PROPOSERS),
    "moments/proposals/": Door(READERS),
    **{f"moments/proposals/{step}/": Door(SIGNED_IN, WRITERS) for step in ("decide", "effect", "take-back")},
    "moments/proposals/<int:number>/withdraw/": Door(SIGNED_IN, READERS),  # of others' there is none
    "api/v1/moments/": Door(READERS, WRITERS),
    "api/v1/moments/<str:code>/": Door(READERS),
    "api/v1/moments/bulk/": Door(READERS, WORDERS),
}
