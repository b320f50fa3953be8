"""Who may enter the pages of people, and of one's own account: (by GET, by POST)."""

from __future__ import annotations

from tests.accounts.audiences import ADMINS, PUBLIC, SIGNED_IN, Audience

PEOPLE_DOORS: dict[str, tuple[Audience, Audience | None]] = {
    "people/": (ADMINS, None),
    "people/invite/": (ADMINS, ADMINS),
    "people/<int:number>/": (ADMINS, None),
    **{f"people/<int:number>/{verb}/": (ADMINS, ADMINS) for verb in ("roles", "invite", "revoke", "activate")},
    **{f"people/<int:number>/{verb}/": (ADMINS, ADMINS) for verb in ("deactivate", "erase", "texts")},
    "profile/": (SIGNED_IN, SIGNED_IN),
    "profile/mail/": (SIGNED_IN, SIGNED_IN),
    "profile/sessions/": (SIGNED_IN, SIGNED_IN),
    "profile/tokens/": (SIGNED_IN, SIGNED_IN),
    "profile/tokens/<int:number>/revoke/": (SIGNED_IN, SIGNED_IN),
    "accounts/invitation/<str:token>/": (PUBLIC, PUBLIC),
}
