"""What was typed into a form whose session had ended: it travels in the sign-in page, and is stored nowhere."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import timedelta

from django.core import signing
from django.http import HttpRequest

MOST = 32 * 1024  # bytes of what was typed; more is not kept
LASTS = timedelta(hours=1)
_SALT = "accounts.kept-form"
# Not to be carried about: parts of the names of such fields.
_SECRET = ("password", "token", "secret")
# Signing in itself, the admin's forms, and what programs send.
_NOT_KEPT = ("/accounts/", "/admin/", "/api/")


@dataclass(frozen=True, slots=True)
class KeptForm:
    """A form that was sent too late: where to, and its fields in their order."""

    path: str
    fields: tuple[tuple[str, str], ...]


def keep(request: HttpRequest) -> str:
    """What was sent, signed, to be handed to ``kept_form`` after signing in.

    Empty where nothing was typed, where a file came with it or it is too much, and where it is nobody's form. Whoever
    asks has seen that it was sent from one of our own pages.
    """
    if request.method != "POST" or request.path.startswith(_NOT_KEPT) or request.FILES:
        return ""
    fields = [(name, value) for name, values in request.POST.lists() if _is_kept(name) for value in values]
    if not fields or len(json.dumps(fields).encode()) > MOST:
        return ""
    return signing.dumps([request.get_full_path(), fields], salt=_SALT, compress=True)


def kept_form(text: str) -> KeptForm | None:
    """The form of a text that ``keep`` made; None for another one, or after an hour."""
    try:
        path, fields = signing.loads(text, salt=_SALT, max_age=LASTS)
    except signing.BadSignature:
        return None
    return KeptForm(path, tuple((name, value) for name, value in fields))


def _is_kept(name: str) -> bool:
    return not any(part in name.lower() for part in _SECRET)
