"""Invitations: a person without a way in gets one by a link, which a mail brings or an administrator hands over.

The secret of a link is kept as its hash alone, serves once and for seven days, and a new one ends the old one. Of an
invitation by mail the secret is made in the moment in which the worker sends it, so that the outbox holds none.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from email.utils import parseaddr

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone

from accounts.access import require_administrator
from accounts.audit import record
from accounts.choices import Role, Verb
from accounts.company import company
from accounts.models import Invitation, OutgoingMail, RoleGrant, User
from accounts.models.access import INVITATION_LASTS
from accounts.rules import people as rules
from accounts.services.outbox import absolute, write_mail
from accounts.tokens import digest, new_token
from core.texts import plain
from core.writes import StaleTransition, refuse

LATE = "invitation"  # the first word of the keys of its mails
_FILES = "django.core.mail.backends.filebased.EmailBackend"


@dataclass(frozen=True, slots=True)
class Invited:
    """Who was invited. ``link`` lets them in and is told this once; empty where a mail brings it."""

    person: User
    invitation: Invitation
    link: str = ""


@dataclass(frozen=True, slots=True)
class Refused:
    """An address that was not invited, and why."""

    address: str
    reason: str


def mail_is_set_up() -> bool:
    """Whether mails go to a server; without one they are files on this machine."""
    return str(settings.EMAIL_BACKEND) != _FILES


@transaction.atomic
def invite(
    *, email: str, roles: Collection[str] = (), by: User | None, name: str = "", by_mail: bool | None = None
) -> Invited:
    """Invite somebody by their address, with these roles beside those that they have.

    A new person, or one whom a file made or who did not answer yet: their older link dies. ``by_mail`` None: by mail
    where a server is set up, else by a link to hand over. ``by`` None: the operator. Raises PermissionDenied, and
    ValidationError by field where they can sign in already, were deactivated, or where it is no address.
    """
    rules.one_at_a_time()
    require_administrator(by)
    address = email.strip().lower()
    refuse([*rules.address_problems(address), *([("roles", "One of these roles is unknown.")] if _odd(roles) else [])])
    person = User.objects.select_for_update().filter(email=address).first()
    if person is None:
        person = User.objects.create_user(address, name=plain(name)[:150])
        record(by=by, verb=Verb.CREATED, obj=person)
    refuse(rules.invitation_problems(person, by))
    _add_roles(person, roles, by)
    return _new_invitation(person, by, mail_is_set_up() if by_mail is None else by_mail)


def invite_many(
    *, addresses: str, roles: Collection[str], by: User | None, by_mail: bool | None = None
) -> list[Invited | Refused]:
    """Invite everybody of a pasted list, each for themselves: ``Elif Aydin <elif@…>`` or an address alone, separated
    by commas, semicolons or lines. One that is refused says why and stops no other. Raises PermissionDenied.
    """
    return [_one_of_many(text, roles, by, by_mail) for text in split_addresses(addresses)]


def split_addresses(text: str) -> list[str]:
    """The entries of a pasted list, once each, in its order."""
    parts = (part.strip() for line in text.splitlines() for part in line.replace(";", ",").split(","))
    return list(dict.fromkeys(part for part in parts if part))


def _one_of_many(text: str, roles: Collection[str], by: User | None, by_mail: bool | None) -> Invited | Refused:
    name, address = parseaddr(text)
    try:
        return invite(email=address or text, name=name, roles=roles, by=by, by_mail=by_mail)
    except ValidationError as error:
        return Refused(text, " ".join(error.messages))


@transaction.atomic
def revoke_invitations(person: User, *, by: User | None) -> int:
    """No link of the person's lets anybody in any more, and no mail brings one; how many lived."""
    living = Invitation.objects.filter(person=person, used_at=None, revoked_at=None)
    ended = living.update(revoked_at=timezone.now())
    OutgoingMail.objects.filter(to=person, key__startswith=f"{LATE}:", sent_at=None).delete()
    if ended:
        record(by=by, verb=Verb.REVOKED, obj=person, after={"invitations": ended})
    return ended


def letter(mail: OutgoingMail) -> str:
    """The text with a link, made in the moment in which it is sent; an earlier try's link dies with it.

    Raises StaleTransition where the invitation was revoked or used meanwhile.
    """
    secret, now = new_token(), timezone.now()
    waiting = Invitation.objects.filter(pk=int(mail.key.rpartition(":")[2]), used_at=None, revoked_at=None)
    if not waiting.update(digest=digest(secret), expires_at=now + INVITATION_LASTS):
        raise StaleTransition("The invitation no longer stands.")
    invitation = waiting.select_related("made_by").get()
    context = {"invitation": invitation, "company": company(), "link": _link(secret)}
    return render_to_string("mail/invitation.txt", context)


def invitation_by(secret: str) -> Invitation | None:
    """The invitation of a link; None where it is unknown, used, revoked or too old, or its person has a way in."""
    found = Invitation.objects.select_related("person").filter(digest=digest(secret)).first()
    if found is None or not found.lives or not found.person.is_active or found.person.has_usable_password():
        return None
    return found


@transaction.atomic
def accept(*, invitation: Invitation, name: str, password: str) -> User:
    """The person sets their name and password, and the link is dead. Raises StaleTransition where it was already."""
    person = User.objects.select_for_update().get(pk=invitation.person_id)
    open_ = Invitation.objects.filter(pk=invitation.pk, used_at=None, revoked_at=None, expires_at__gt=timezone.now())
    if person.has_usable_password() or not person.is_active or not open_.update(used_at=timezone.now()):
        raise StaleTransition("This link has been used, was revoked, or is too old.")
    person.name = plain(name)[:150]
    person.set_password(password)
    person.save(update_fields=["name", "password"])
    record(by=person, verb=Verb.TOOK_INVITATION, obj=person)
    revoke_invitations(person, by=person)
    return person


def _new_invitation(person: User, by: User | None, by_mail: bool) -> Invited:
    revoke_invitations(person, by=by)
    secret = "" if by_mail else new_token()
    made = Invitation.objects.create(
        person=person,
        digest=digest(secret) if secret else "",
        by_mail=by_mail,
        made_by=by,
        expires_at=timezone.now() + INVITATION_LASTS,
    )
    record(by=by, verb=Verb.INVITED, obj=person, after={"by_mail": by_mail})
    if by_mail:
        subject = f"Your way into the scorecard of {company().name}"
        write_mail(key=f"{LATE}:{made.pk}", to=person, subject=subject, body="")
    return Invited(person, made, _link(secret) if secret else "")


def _link(secret: str) -> str:
    return absolute(reverse("invitation", args=[secret]))


def _add_roles(person: User, roles: Iterable[str], by: User | None) -> None:
    """Beside those that the person has."""
    before = set(person.roles)
    if new := sorted(set(roles) - before):
        RoleGrant.objects.bulk_create(RoleGrant(user=person, role=role) for role in new)
        after = {"roles": sorted(before | set(new))}
        record(by=by, verb=Verb.GAVE_ROLES, obj=person, before={"roles": sorted(before)}, after=after)
        del person.roles  # what was read before


def _odd(roles: Collection[str]) -> bool:
    return bool(set(roles) - set(Role.values))
