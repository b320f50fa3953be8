"""Who may enter the addresses of the audit. What somebody did themselves they may give back: test_reverts.py."""

from __future__ import annotations

from tests.accounts.audiences import ADMINS, Door

AUDIT: dict[str, Door] = {
    "audit/": Door(ADMINS),
    "audit/export/<download:form>/": Door(ADMINS),
    "audit/<int:number>/": Door(ADMINS),
    "audit/<int:number>/revert/": Door(ADMINS, ADMINS),
}
