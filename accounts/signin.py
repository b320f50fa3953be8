"""What sign-in throttling knows of a request: whose account, from which machine."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.http import HttpRequest


def client_ip(request: HttpRequest) -> str | None:
    """The caller's address.

    Behind ``PROXY_COUNT`` proxies each of which appends to X-Forwarded-For, that many entries from
    the right were written by proxies that we run; what stands further left the caller may have
    made up. Without proxies the header is not looked at.
    """
    direct: str | None = request.META.get("REMOTE_ADDR")
    hops = [hop.strip() for hop in request.headers.get("X-Forwarded-For", "").split(",") if hop.strip()]
    count: int = settings.PROXY_COUNT
    return hops[-count] if 0 < count <= len(hops) else direct


def account(request: HttpRequest, credentials: Mapping[str, Any] | None = None) -> str | None:
    """The e-mail address that was typed, in the one spelling that counts failures."""
    source: Mapping[str, Any] = credentials or request.POST
    typed = source.get("username")
    return None if typed is None else str(typed).strip().lower()[:255]
