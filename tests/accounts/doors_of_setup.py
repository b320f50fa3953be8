"""Who may enter the addresses of the first run, the set-up and the company."""

from __future__ import annotations

from tests.accounts.audiences import ADMINS, PUBLIC, SIGNED_IN, STEWARDS, Door

SETUP: dict[str, Door] = {
    "accounts/first/<str:token>/": Door(PUBLIC, PUBLIC),
    "setup/": Door(STEWARDS),
    "setup/<str:step>/": Door(STEWARDS, ADMINS),  # the walk's is the company; a steward takes tiers and KPIs
    "setup/end/": Door(SIGNED_IN, ADMINS),
    "company/": Door(ADMINS, ADMINS),
    "company/mail/": Door(SIGNED_IN, ADMINS),
    "company/events/": Door(SIGNED_IN, ADMINS),
    "company/logo/<str:mark>/": Door(PUBLIC),
}
