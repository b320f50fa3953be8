"""How often passwords and tokens may be guessed: per account and per address, beside axes' limit of the pair.

Counted in the database, so that all processes count together, and for ``AXES_COOLOFF_TIME``. A guess that is
refused counts no further: whoever is locked is let in again when the counted ones are old enough. So that a
stranger cannot keep a person out, the limit per account does not hold where that person signed in lately.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from ipaddress import IPv6Address, ip_address, ip_network
from typing import Any

from axes.handlers.database import AxesDatabaseHandler
from axes.models import AccessLog
from axes.utils import reset
from django.conf import settings
from django.http import HttpRequest
from django.utils import timezone

from accounts.models import FailedGuess, User
from accounts.signin import account as typed
from accounts.signin import client_ip

KNOWN_FOR = timedelta(days=30)


def network_of(address: str | None) -> str:
    """What counts as one machine: an IPv4 address, an IPv6 network of 64 bits; blank where there is no address."""
    if not address:
        return ""
    found = ip_address(address)
    return str(ip_network((int(found), 64), strict=False)) if isinstance(found, IPv6Address) else str(found)


def note(*, account: str, address: str | None) -> None:
    """Count a guess that failed; those that no longer count go."""
    FailedGuess.objects.filter(at__lt=_since()).delete()
    FailedGuess.objects.create(account=account, network=network_of(address), at=timezone.now())


def too_many(*, account: str, address: str | None) -> bool:
    """Whether no further guess is taken, at this account (blank: at a token) from this address."""
    network = network_of(address)
    recent = FailedGuess.objects.filter(at__gte=_since())
    if network and recent.filter(network=network).count() >= settings.GUESSES_PER_ADDRESS:
        return True
    if not account or recent.filter(account=account).count() < settings.GUESSES_PER_ACCOUNT:
        return False
    return not _known(account, network)


def forget(*, account: str, address: str | None = None) -> None:
    """Count the guesses at an account no longer; with ``address``, those from there alone."""
    guesses = FailedGuess.objects.filter(account=account)
    (guesses.filter(network=network_of(address)) if address else guesses).delete()


def open_account(email: str) -> None:
    """End a lock-out of an account, and count what failed no longer: its person has proved who they are."""
    reset(username=email)
    forget(account=email)


def _since() -> datetime:
    return timezone.now() - settings.AXES_COOLOFF_TIME


def _known(account: str, network: str) -> bool:
    """Whether the person signed in from this network lately."""
    signed_in = AccessLog.objects.filter(username=account, attempt_time__gte=timezone.now() - KNOWN_FOR)
    addresses = signed_in.values_list("ip_address", flat=True).distinct()
    return any(network_of(address) == network for address in addresses)


class GuessHandler(AxesDatabaseHandler):  # type: ignore[misc]
    """What axes asks: its limit per account and address together, and ours."""

    def is_locked(self, request: HttpRequest, credentials: dict[str, Any] | None = None) -> bool:
        """Whether the sign-in is refused unseen."""
        return bool(super().is_locked(request, credentials)) or _refused(request, credentials)

    def user_login_failed(
        self, sender: Any, credentials: dict[str, Any], request: HttpRequest | None = None, **kwargs: Any
    ) -> None:
        """Count a failure, unless it was refused unseen, and refuse at the limit."""
        if request is None or _refused(request, credentials):
            _lock(request, credentials)
            return
        super().user_login_failed(sender, credentials, request, **kwargs)
        note(account=typed(request, credentials) or "", address=client_ip(request))
        if _refused(request, credentials):
            _lock(request, credentials)

    def user_logged_in(self, sender: Any, request: HttpRequest, user: User, **kwargs: Any) -> None:
        """Forget the failures of this person from here."""
        super().user_logged_in(sender, request, user, **kwargs)
        forget(account=user.email, address=client_ip(request))


def _refused(request: HttpRequest, credentials: dict[str, Any] | None) -> bool:
    return too_many(account=typed(request, credentials) or "", address=client_ip(request))


def _lock(request: HttpRequest | None, credentials: dict[str, Any]) -> None:
    """Have axes' middleware answer with 429."""
    if request is not None:
        request.axes_locked_out = True  # type: ignore[attr-defined]
        request.axes_credentials = credentials  # type: ignore[attr-defined]
