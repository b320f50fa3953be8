"""Who may enter the pages of people, and of one's own account."""

from __future__ import annotations

from tests.accounts.audiences import ADMINS, PUBLIC, SIGNED_IN, Door

PEOPLE_DOORS: dict[str, Door] = {
    "people/": Door(ADMINS),
    "people/invite/": Door(ADMINS, ADMINS),
    "people/<int:number>/": Door(ADMINS),
    **{f"people/<int:number>/{verb}/": Door(SIGNED_IN, ADMINS) for verb in ("roles", "invite", "revoke", "activate")},
    **{f"people/<int:number>/{verb}/": Door(ADMINS, ADMINS) for verb in ("deactivate", "erase", "texts")},
    "profile/": Door(SIGNED_IN, SIGNED_IN),
    "profile/mail/": Door(SIGNED_IN, SIGNED_IN),
    "profile/sessions/": Door(SIGNED_IN, SIGNED_IN),
    "profile/tokens/": Door(SIGNED_IN, SIGNED_IN),
    "profile/tokens/<int:number>/revoke/": Door(SIGNED_IN, SIGNED_IN),
    "accounts/invitation/<str:token>/": Door(PUBLIC, PUBLIC),
}
