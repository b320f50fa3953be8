"""How much a caller may send: looked at by the length that a request names, before a byte of it is kept.

Django would write what a stranger sends to the disk before it asks who it is. What is signed in by a token is
known only later, but the API asks before it reads.
"""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase

from core.problems import refusal

_API = "/api/"
_LONGEST = 18  # digits of a length that anybody could mean
_LENGTHLESS = "Send the length of the body as Content-Length: a body without one is not read here. Nothing was changed."


def limit_bodies(get_response: Callable[[HttpRequest], HttpResponseBase]) -> Callable[[HttpRequest], HttpResponseBase]:
    """Middleware: 413 for a body that is larger than the caller's door takes, 411 for one that names no length."""

    def answered(request: HttpRequest) -> HttpResponseBase:
        length = length_of(request)
        if length is None:
            return refusal(request, HTTPStatus.LENGTH_REQUIRED, _LENGTHLESS)
        if length > settings.BODY_OF_STRANGERS and length > (most := limit_for(request)):
            return refusal(request, HTTPStatus.REQUEST_ENTITY_TOO_LARGE, _too_large(most))
        return get_response(request)

    return answered


def length_of(request: HttpRequest) -> int | None:
    """Bytes of the body; None where it has some and does not say how many, in digits."""
    text = str(request.META.get("CONTENT_LENGTH") or "")
    if "HTTP_TRANSFER_ENCODING" in request.META or (text and not (text.isascii() and text.isdigit())):
        return None
    return int(text or 0) if len(text) <= _LONGEST else 10**_LONGEST


def limit_for(request: HttpRequest) -> int:
    """Bytes that the caller may send to this address."""
    if request.path.startswith(_API) and request.headers.get("Authorization", "").lower().startswith("bearer "):
        return settings.DATA_UPLOAD_MAX_MEMORY_SIZE
    if not request.user.is_authenticated:
        return settings.BODY_OF_STRANGERS
    right, most = settings.BODY_BY_DOOR.get(request.path, ("", 0))
    if right and request.user.has_perm(right):
        return int(most)
    return settings.DATA_UPLOAD_MAX_MEMORY_SIZE


def _too_large(most: int) -> str:
    size = f"{most // 2**20} MB" if most >= 2**20 else f"{most // 2**10} kB"
    return f"This is more than the {size} that can be sent here by you; nothing was read and nothing was changed."
