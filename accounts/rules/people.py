"""What may be done with a person's account: asked by services, pages and the admin alike."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db.models import Model, Q

from accounts.choices import Role
from accounts.models import Company, User
from core.writes import Problem

# Where a person's address leads once they are erased: a domain that nobody can have (RFC 2606).
ERASED_DOMAIN = "erased.invalid"
NO_WAY_IN = Q(password="") | Q(password__startswith="!")  # noqa: S106
# Of who is to own or look after something: nothing is left with somebody who cannot look after it.
GONE = "names somebody who is deactivated; name somebody who is active"
_FIRST = "Make somebody else one first."
_OTHERS = "A superuser’s account is changed by superusers alone."


def one_at_a_time() -> None:
    """Hold all others who change who administers, until the transaction ends: so that two do not each leave the other.

    Call it first in the transaction, before anybody is read.
    """
    Company.objects.select_for_update().get(pk=1)


def administrators() -> Iterable[User]:
    """Who can sign in and administers: by role, or as a superuser."""
    able = Q(role_grants__role=Role.ADMINISTRATOR) | Q(is_superuser=True)
    return User.objects.filter(able, is_active=True).exclude(NO_WAY_IN).distinct()


def leaves_nobody(person: User) -> bool:
    """Whether nobody could administer any more without this person."""
    return {one.pk for one in administrators()} == {person.pk}


def account_problems(person: User, by: User | None) -> Iterator[Problem]:
    """What stands against ``by`` changing an account at all. None is the operator at the command line."""
    if person.erased_at:
        yield "person", "This person was erased, which is for good."
    if by is not None and person.is_superuser and not by.is_superuser:
        yield "person", _OTHERS


def role_problems(person: User, roles: Collection[str]) -> Iterator[Problem]:
    """What stands against a person having these roles and no others."""
    if set(roles) - set(Role.values):
        yield "roles", "One of these roles is unknown."
    if Role.ADMINISTRATOR not in roles and not person.is_superuser and leaves_nobody(person):
        yield "roles", f"This is the last administrator who can sign in. {_FIRST}"


def leaving_problems(person: User, receiver: User | None, by: User | None, *, holds: bool) -> Iterator[Problem]:
    """What stands against deactivating a person, whose things ``receiver`` takes over; ``holds``: there are any."""
    if not person.is_active:
        yield "person", "This person is deactivated already."
    if by is not None and by.pk == person.pk:
        yield "person", "You cannot deactivate yourself: another administrator does."
    if leaves_nobody(person):
        yield "person", f"This is the last administrator who can sign in. {_FIRST}"
    if holds and receiver is None:
        yield "receiver", "Choose who takes over what is theirs, so that nothing is left without an owner."
    if receiver is not None and (receiver.pk == person.pk or not receiver.is_active or not receiver.roles):
        yield "receiver", "Choose somebody else, who is active and has a role."


def gone_words(emails: Iterable[str]) -> dict[str, str]:
    """Of those of these addresses that are of somebody deactivated, why nothing can be given to them."""
    gone = User.objects.filter(email__in=list(emails), is_active=False).values_list("email", flat=True)
    return dict.fromkeys(gone, GONE)


def gone_problems(row: Model, *fields: str) -> list[Problem]:
    """Those of these fields that newly name somebody deactivated; who was named before may stay."""
    named = {field: getattr(row, field) for field in fields}
    gone = {field: person for field, person in named.items() if person is not None and not person.is_active}
    kept = type(row)._base_manager.filter(pk=row.pk)
    return [(field, GONE) for field, person in gone.items() if not kept.filter(**{field: person}).exists()]


def gone_members(field: str, people: Iterable[User], members: Collection[int] = ()) -> Iterator[Problem]:
    """The same of a list of people: somebody deactivated is not added to it; ``members`` are there already, by id."""
    if any(not person.is_active and person.pk not in members for person in people):
        yield field, GONE


def address_problems(email: str, *, but: User | None = None) -> Iterator[Problem]:
    """What stands against an address as that of a person (``but``: who has it already)."""
    try:
        validate_email(email)
    except ValidationError:
        yield "email", "This is no e-mail address."
        return
    if email.endswith(f"@{ERASED_DOMAIN}"):
        yield "email", "This address stands for somebody who was erased."
    if len(email) > 254:
        yield "email", "This address is too long."
    if but is not None and User.objects.filter(email=email).exclude(pk=but.pk).exists():
        yield "email", "This address is somebody else’s."


def invitation_problems(person: User, by: User | None) -> Iterator[Problem]:
    """What stands against inviting a person who is known already."""
    yield from account_problems(person, by)
    if not person.is_active:
        yield "email", "This person was deactivated: make them active again instead."
    elif person.has_usable_password():
        yield "email", "This person can sign in already."
