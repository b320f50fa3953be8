"""The first administrator: a one-time link that is told to whoever starts the product, and what is made of it.

Each write holds the company's row, so that of many claims, and of claims and new links, one comes after the other.
"""

from __future__ import annotations

from datetime import timedelta

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from accounts.audit import record
from accounts.choices import Role, Verb
from accounts.models import Company, RoleGrant, SetupLink, User
from accounts.reading.setup import has_administrator, link_holds
from accounts.rights import Right
from accounts.services.outbox import absolute
from accounts.tokens import digest, new_token
from core.auditing import state_of
from core.writes import TransitionRefused

LASTS = timedelta(hours=24)
_THERE_IS_ONE = "There is an administrator already, who invites others on the page of people; no link was made."
_DEAD = "This link has been used, is too old, or another was made after it. Nobody was made administrator by it."


@transaction.atomic
def new_setup_link() -> str:
    """A one-time link for the first administrator, as its whole address; the one before it is dead.

    Only a hash of it is kept: it is told here and nowhere else. Raises TransitionRefused where there is one.
    """
    _one_at_a_time()
    if has_administrator():
        raise TransitionRefused(_THERE_IS_ONE)
    SetupLink.objects.all().delete()
    token, now = new_token(), timezone.now()
    link = SetupLink.objects.create(digest=digest(token), made_at=now, ends_at=now + LASTS)
    record(by=None, verb=Verb.MADE_SETUP_LINK, obj=link, after=state_of(link))
    return absolute(reverse("first_administrator", args=[token]))


@transaction.atomic
def claim_setup_link(*, token: str, email: str, name: str, password: str) -> User:
    """Make whoever holds the link the first administrator; the link is dead from then on.

    Raises TransitionRefused where it does not hold, ValidationError where somebody has the address.
    """
    _one_at_a_time()
    if not link_holds(token):
        raise TransitionRefused(_DEAD)
    if User.objects.filter(email=email.strip().lower()).exists():
        raise ValidationError({"email": "There is somebody with this address already: choose another."})
    person = User.objects.create_user(email, password, name=name)
    RoleGrant.objects.create(user=person, role=Role.ADMINISTRATOR)
    SetupLink.objects.all().delete()
    record(by=person, verb=Verb.BECAME_ADMINISTRATOR, obj=person, after={"role": Role.ADMINISTRATOR.value})
    return person


@transaction.atomic
def end_setup(*, by: User) -> None:
    """From now on no administrator is led to the set-up, whatever it lacks. Raises PermissionDenied."""
    if not by.has_perm(Right.ADMINISTER):
        raise PermissionDenied("Administrators end the set-up; your roles do not include it.")
    company = _one_at_a_time()
    if company.setup_ended_at is None:
        company.setup_ended_at = timezone.now()
        company.save(update_fields=["setup_ended_at"])
        record(by=by, verb=Verb.ENDED_SETUP, obj=company, after={"setup_ended_at": company.setup_ended_at})


def _one_at_a_time() -> Company:
    return Company.objects.select_for_update().get(pk=1)
