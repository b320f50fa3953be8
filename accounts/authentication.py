"""How a program proves on whose behalf it calls: ``Authorization: Bearer TOKEN``."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from django.db.models import Q
from django.utils import timezone
from django.utils.crypto import constant_time_compare
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

from accounts.models import ApiToken, User
from accounts.services import today
from accounts.tokens import PREFIX_LENGTH, digest

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
        """The person and the token, None without a bearer token. Raises AuthenticationFailed."""
        scheme, _, token = get_authorization_header(request).decode("latin-1").partition(" ")
        if scheme.lower() != "bearer":
            return None
        found = _live_token(token.strip())
        if found is None:
            raise AuthenticationFailed(_REFUSED)
        _note_use(found)
        found.user.token_scopes = frozenset(found.scopes)
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


def _live_token(token: str) -> ApiToken | None:
    """The token, where it is known, neither expired nor revoked, and its person is active."""
    wanted = digest(token)
    candidates = ApiToken.objects.select_related("user").filter(
        prefix=token[:PREFIX_LENGTH], revoked_at=None, user__is_active=True
    )
    found = next((one for one in candidates if constant_time_compare(one.digest, wanted)), None)
    return None if found is None or (found.expires_on and found.expires_on < today()) else found


def _note_use(token: ApiToken) -> None:
    """Keep when the token was last used, to the minute: a busy program does not write on each call."""
    now = timezone.now()
    stale = Q(last_used_at=None) | Q(last_used_at__lt=now - USE_IS_NOTED_EVERY)
    if token.last_used_at is None or token.last_used_at < now - USE_IS_NOTED_EVERY:
        ApiToken.objects.filter(stale, pk=token.pk).update(last_used_at=now)
