"""Who is calling, for records that nobody hands it to: the request under way, as long as it is answered.

Commands and workers answer no request, so that what they write down is 'by command or worker'.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import asdict, dataclass
from typing import Any

from django.http import HttpRequest
from django.utils.crypto import salted_hmac

from accounts.choices import Via
from accounts.models import ApiToken, User
from accounts.signin import client_ip

_request: ContextVar[HttpRequest | None] = ContextVar("request", default=None)


@dataclass(frozen=True, slots=True)
class Caller:
    """The way in, and what there is of token, session (a short hash of its key) and address."""

    via: str
    token_id: int | None = None
    session: str = ""
    address: str | None = None


@contextmanager
def answering(request: HttpRequest) -> Iterator[None]:
    """While this lasts, ``request`` is the one that this thread answers."""
    before = _request.set(request)
    try:
        yield
    finally:
        _request.reset(before)


def caller() -> Caller:
    """Who calls just now."""
    request = _request.get()
    if request is None:
        return Caller(Via.COMMAND)
    token = token_of(request)
    if token is not None:
        return Caller(Via.TOKEN, token_id=token.pk, address=client_ip(request))
    key = getattr(getattr(request, "session", None), "session_key", None)
    return Caller(Via.BROWSER, session=session_hash(key) if key else "", address=client_ip(request))


def way_in() -> dict[str, Any]:
    """The columns of an audit entry that say by which way in it came."""
    return asdict(caller())


def calling_person() -> User | None:
    """The person who is signed in to the request under way; None where there is none."""
    user = getattr(_request.get(), "user", None)
    return user if isinstance(user, User) else None


def device() -> str:
    """The browser and system that call just now, as people call them; empty where none does."""
    request = _request.get()
    said = request.headers.get("User-Agent", "") if request else ""
    browser = next((name for sign, name in _BROWSERS if sign in said), "")
    system = next((name for sign, name in _SYSTEMS if sign in said), "")
    return f"{browser or 'A browser'} on {system}" if system else browser


# What tells one from the other: each also names those after it.
_BROWSERS = (("Edg", "Edge"), ("OPR/", "Opera"), ("Firefox/", "Firefox"), ("Chrom", "Chrome"), ("Safari/", "Safari"))
_SYSTEMS = (
    *(("iPhone", "iPhone"), ("iPad", "iPad"), ("Android", "Android")),
    *(("Windows", "Windows"), ("Mac OS", "Mac"), ("CrOS", "ChromeOS"), ("Linux", "Linux")),
)


def token_of(request: HttpRequest) -> ApiToken | None:
    """The token that a request proved itself with, if any."""
    return getattr(request, "api_token", None)


def session_hash(key: str) -> str:
    """What is kept of a session: 16 digits that tell two apart and open neither."""
    return salted_hmac("accounts.callers.session", key, algorithm="sha256").hexdigest()[:16]
