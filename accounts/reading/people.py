"""People with what the rights table needs of them, however many there are."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from django.db.models import Case, Exists, OuterRef, QuerySet, Value, When
from django.db.models.functions import Lower

from accounts.choices import WayIn
from accounts.models import Invitation, RoleGrant, User
from accounts.rights import GRANTS, Right
from accounts.rules.people import NO_WAY_IN
from core.formatting import sentence_list


def with_ways_in() -> QuerySet[User]:
    """Everybody with ``way_in``, one of ``WayIn``; by name, then address."""
    invited = Exists(Invitation.objects.filter(person=OuterRef("pk")))
    way = Case(
        When(is_active=False, then=Value(WayIn.DEACTIVATED.value)),
        When(~NO_WAY_IN, then=Value(WayIn.ACTIVE.value)),
        When(invited, then=Value(WayIn.INVITED.value)),
        default=Value(WayIn.NAMED.value),
    )
    return User.objects.annotate(way_in=way, shown=Lower(Case(When(name="", then="email"), default="name"))).order_by(
        "shown", "email"
    )


def with_roles(people: Iterable[User | None]) -> None:
    """Give these people their roles, read in one query (none where there is nobody)."""
    found = [person for person in people if person is not None and "roles" not in vars(person)]
    roles: dict[int, set[str]] = defaultdict(set)
    if found:
        grants = RoleGrant.objects.filter(user__in={person.pk for person in found})
        for user, role in grants.values_list("user", "role"):
            roles[user].add(role)
    for person in found:
        person.roles = frozenset(roles[person.pk])


def who_can_act() -> list[User]:
    """Everybody who may be given something to do: they have a role, and a way in. By name; one query."""
    rows = User.objects.filter(is_active=True, role_grants__isnull=False).distinct()
    return sorted(rows, key=lambda person: str(person).casefold())


def deciders_besides(user: User) -> str:
    """Who decides on what the person proposed, three at most: ``Fay or Frieda``; empty where nobody else may."""
    finance = User.objects.filter(is_active=True, role_grants__role__in=GRANTS[Right.APPROVE_TARGETS])
    names = [str(one) for one in finance.exclude(pk=user.pk).distinct().order_by("pk")[:3]]
    return sentence_list(names).replace(" and ", " or ")
