"""Who is there to set the product up."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Q
from django.utils import timezone

from accounts.choices import Role
from accounts.models import SetupLink, User
from accounts.rights import GRANTS, Right
from accounts.tokens import digest
from core.formatting import sentence_list


def has_administrator() -> bool:
    """Whether somebody who can sign in may administer; a superuser may."""
    may = Q(is_superuser=True) | Q(role_grants__role=Role.ADMINISTRATOR)
    return User.objects.filter(may, is_active=True).exists()


def link_holds(token: str) -> bool:
    """Whether this is the one-time link for the first administrator: the newest, not used and not too old."""
    holds = SetupLink.objects.filter(digest=digest(token), ends_at__gt=timezone.now()).exists()
    return holds and not has_administrator()


@dataclass(slots=True)
class Member:
    """Somebody who can sign in: their roles, and whether they ever did."""

    name: str
    signed_in: bool
    is_superuser: bool
    roles: set[str]


class Team:
    """Everybody who has a role here, with their roles, read in one query. Whom a file names has none until then."""

    def __init__(self) -> None:
        people: dict[int, Member] = {}
        may = Q(is_superuser=True) | Q(role_grants__isnull=False)
        rows = User.objects.filter(may, is_active=True).order_by("name", "email", "role_grants__role")
        columns = ("pk", "name", "email", "last_login", "is_superuser", "role_grants__role")
        for pk, name, email, last, root, role in rows.values_list(*columns):
            member = people.setdefault(pk, Member(name or email, last is not None, root, set()))
            member.roles |= {role} if role else set()
        self.members = list(people.values())

    @property
    def absent(self) -> list[str]:
        """Who never signed in."""
        return [member.name for member in self.members if not member.signed_in]

    def having(self, role: str) -> list[str]:
        """Who has a role."""
        return [member.name for member in self.members if role in member.roles]

    def holders(self, right: str) -> list[str]:
        """Who may do something by right; an integrator has none without a token."""
        roles = GRANTS[Right(right)] - {Role.INTEGRATOR}
        return [member.name for member in self.members if member.is_superuser or member.roles & roles]


def role_words(right: str) -> str:
    """The roles that hold a right, in words: ``KPI steward or Administrator``."""
    roles = [role.label for role in Role if role in GRANTS[Right(right)] and role is not Role.INTEGRATOR]
    return sentence_list(roles).replace(" and ", " or ")
