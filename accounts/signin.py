"""What sign-in throttling knows of a request: whose account, from which machine."""

from __future__ import annotations

from collections.abc import Mapping
from ipaddress import ip_address
from typing import Any

from django.conf import settings
from django.http import HttpRequest


def client_ip(request: HttpRequest) -> str | None:
    """The caller's address.

    Behind ``PROXY_COUNT`` proxies each of which appends to X-Forwarded-For, that many entries from
    the right were written by proxies that we run; what stands further left the caller may have
    made up. Without proxies the header is not looked at. None where there is no address (a socket file).
    """
    direct = _plain_ip(request.META.get("REMOTE_ADDR") or "")
    hops = [hop.strip() for hop in request.headers.get("X-Forwarded-For", "").split(",") if hop.strip()]
    count: int = settings.PROXY_COUNT
    return _plain_ip(hops[-count]) or direct if 0 < count <= len(hops) else direct


def _plain_ip(text: str) -> str | None:
    """An address in its one spelling, without the port that some proxies add; None where it is none."""
    bracketed = text.removeprefix("[").partition("]")[0] if text.startswith("[") else text
    bare = bracketed.partition(":")[0] if bracketed.count(":") == 1 else bracketed
    try:
        found = ip_address(bare.partition("%")[0])
    except ValueError:
        return None
    return str(getattr(found, "ipv4_mapped", None) or found)


def account(request: HttpRequest, credentials: Mapping[str, Any] | None = None) -> str | None:
    """The e-mail address that was typed, in the one spelling that counts failures."""
    source: Mapping[str, Any] = credentials or request.POST
    typed = source.get("username")
    return None if typed is None else str(typed).strip().lower()[:255]


def typed_account(request: HttpRequest) -> str:
    """The account that a refused sign-in was about; empty where it was none."""
    credentials = getattr(request, "axes_credentials", None)
    return (account(request, credentials) or "") if credentials else ""
