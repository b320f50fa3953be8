"""What can be asked about of the register: an initiative, the pain of a department's theme, a moment of truth."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from urllib.parse import urlencode

from django.urls import reverse

from accounts.access import can_answer
from accounts.models import Department, User
from accounts.reading.people import with_roles
from accounts.rights import Right
from core.periods import Period
from core.registry import Subject
from initiatives.models import Initiative, Moment

INITIATIVE, THEME, MOMENT = "initiative", "theme", "moment"


@dataclass(frozen=True, slots=True)
class AskedTheme:
    """The pain of a department; ``theme`` is empty where it is of all of them. ``period`` is that of the page, None
    where it has none.
    """

    department: Department
    theme: str
    period: Period | None = None


def resolve_initiatives(keys: Collection[str], reader: User) -> Iterator[Subject]:
    """The initiatives of these codes: two queries, and one for roles. None names a customer that it should not."""
    rows = list(Initiative.objects.filter(code__in=keys).select_related("owner", "deputy", "department"))
    rows_team = Initiative.team.through.objects.filter(initiative__in=rows).values_list("initiative_id", "user_id")
    team: dict[int, set[int]] = {}
    for initiative, user in rows_team:
        team.setdefault(initiative, set()).add(user)
    with_roles(person for row in rows for person in (row.owner, row.deputy))  # type: ignore[misc]
    return (initiative_subject(row, team.get(row.pk, set())) for row in rows)


def initiative_subject(row: Initiative, team: Collection[int] | None = None) -> Subject:
    """An initiative: asked of its owner, or of the deputy where the owner cannot answer; its team answers too."""
    owner: User | None = row.owner  # type: ignore[assignment]
    deputy: User | None = row.deputy  # type: ignore[assignment]
    with_roles([owner, deputy])
    asked = next((person for person in (owner, deputy) if can_answer(person)), None)
    team = row.team.values_list("pk", flat=True) if team is None else team
    return Subject(
        *(INITIATIVE, row.code, row.title, reverse("initiative", args=[row.code]), row),
        asked=asked,
        role="owns it" if asked and asked == owner else f"stands in for {owner or 'an owner'}",
        nobody=_nobody(owner),
        answering=frozenset({*team, *([deputy.pk] if deputy else [])}),
        takers=Right.EDIT_INITIATIVES,
        place=row.department.name,
    )


def _nobody(owner: User | None) -> str:
    who = f"{owner} owns it and has no way to sign in" if owner else "Nobody owns it"
    return f"{who}: a steward may answer, or name another owner under Edit."


def theme_key(department: Department, theme: str) -> str:
    """``sales/waiting for a quote``; ``sales`` for all that its customers told."""
    return f"{department.code}/{theme}" if theme else department.code


def resolve_themes(keys: Collection[str], reader: User) -> Iterator[Subject]:
    """The themes of these keys, whose departments are there: one query."""
    parts = [key.partition("/") for key in keys]
    found = {one.code: one for one in Department.objects.filter(code__in={code for code, _, _ in parts})}
    return (theme_subject(AskedTheme(found[code], theme)) for code, _, theme in parts if code in found)


def theme_subject(about: AskedTheme) -> Subject:
    """The pain of a department, or of one of its themes: nobody owns it, so that stewards take what is asked."""
    department, theme = about.department, about.theme
    title = f"{department.name}: {theme}" if theme else f"Pain of {department.name}"
    query = {"department": department.code, **({"theme": theme} if theme else {})}
    return Subject(
        *(THEME, theme_key(department, theme), title, f"{reverse('pain_points')}?{urlencode(query)}", about),
        nobody="Nobody owns a pain: a steward may answer what is asked, and whoever starts an initiative owns that.",
        takers=Right.EDIT_INITIATIVES,
        place=department.name,
    )


def resolve_moments(keys: Collection[str], reader: User) -> Iterator[Subject]:
    """The moments of these codes: one query."""
    return (moment_subject(row) for row in Moment.objects.filter(code__in=keys))


def moment_subject(row: Moment) -> Subject:
    """A moment of truth: nobody owns it, so that stewards take what is asked."""
    return Subject(
        *(MOMENT, row.code, row.name, reverse("moment", args=[row.code]), row),
        nobody="Nobody owns a moment of truth: a steward may answer what is asked.",
        takers=Right.MANAGE_LINKS,
    )
