"""Who may enter the API of events, and the page of those behind a fact."""

from __future__ import annotations

from tests.accounts.audiences import READERS, STEWARDS, Door

EVENTS = ("issues", "contacts", "deals", "referrals", "invoices")
EVENT_DOORS = {
    "facts/events/": Door(READERS),
    **{f"api/v1/{name}/": Door(READERS, STEWARDS) for name in EVENTS},
    **{f"api/v1/{name}/<path:external_id>/": Door(READERS) for name in EVENTS},
}
