"""How a program proves on whose behalf it calls: ``Authorization: Bearer TOKEN``."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db.models import Q, Subquery
from django.utils import timezone
from django.utils.crypto import constant_time_compare
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.exceptions import AuthenticationFailed, Throttled
from rest_framework.request import Request

from accounts import guessing
from accounts.company import day_in
from accounts.models import ApiToken, Company, User
from accounts.signin import client_ip
from accounts.tokens import digest, prefixes_of

if TYPE_CHECKING:
    from drf_spectacular.openapi import AutoSchema

USE_IS_NOTED_EVERY = timedelta(minutes=1)
_REFUSED = "This token is unknown, has expired or was revoked. Ask an administrator for a new one."


class TokenAuthentication(BaseAuthentication):
    """Signs a call in as the token's person, within the token's scopes.

    A call without a bearer token is left to the session; a bad token is answered with 401 and never
    falls back to it.
    """

    def authenticate(self, request: Request) -> tuple[User, ApiToken] | None:
        """The person and the token, None without a bearer token. Raises AuthenticationFailed or Throttled."""
        scheme, _, token = get_authorization_header(request).decode("latin-1").partition(" ")
        if scheme.lower() != "bearer":
            return None
        found = _token(token.strip())
        if found is None:
            _count_guess(request)
        if found is None or not _lives(found):
            raise AuthenticationFailed(_REFUSED)
        _note_use(found)
        request._request.api_token = found  # type: ignore[attr-defined]
        found.user.token_scopes = found.rights
        return found.user, found

    def authenticate_header(self, request: Request) -> str:
        """What a 401 asks for."""
        return 'Bearer realm="Tierboard"'


class TokenScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """How the API's description shows it."""

    target_class = TokenAuthentication
    name = "bearer"

    def get_security_definition(self, auto_schema: AutoSchema) -> dict[str, str]:
        """A bearer token."""
        return {"type": "http", "scheme": "bearer"}


def _token(token: str) -> ApiToken | None:
    """The token, where it is known, with the company's time zone: what serves it reads the company as it needs it."""
    wanted = digest(token)
    zone = Company.objects.filter(pk=1).values("time_zone")
    known = ApiToken.objects.select_related("user", "made_by").annotate(time_zone=Subquery(zone))
    candidates = known.filter(prefix__in=prefixes_of(token))
    return next((one for one in candidates if constant_time_compare(one.digest, wanted)), None)


def _lives(token: Any) -> bool:  # with the time zone that was read with it
    """Whether a token still serves: neither revoked nor expired, its person active, its maker allowed to make it."""
    usable: bool = token.revoked_at is None and token.user.is_active and not token.oversteps
    return usable and token.last_day >= day_in(token.time_zone, timezone.now())


def _count_guess(request: Request) -> None:
    """An unknown token may be a guess, of which an address has some. Raises Throttled beyond.

    One that is known and over is no guess, and a good one goes on: a program that nobody gave its new token must
    not stop the others on its machine. No token of 32 random bytes is guessed by then.
    """
    address = client_ip(request._request)
    if guessing.too_many(account="", address=address):
        raise Throttled(wait=settings.AXES_COOLOFF_TIME.total_seconds())
    guessing.note(account="", address=address)


def _note_use(token: ApiToken) -> None:
    """Keep when the token was last used, to the minute: a busy program does not write on each call."""
    now = timezone.now()
    stale = Q(last_used_at=None) | Q(last_used_at__lt=now - USE_IS_NOTED_EVERY)
    if token.last_used_at is None or token.last_used_at < now - USE_IS_NOTED_EVERY:
        ApiToken.objects.filter(stale, pk=token.pk).update(last_used_at=now)
