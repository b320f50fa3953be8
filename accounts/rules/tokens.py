"""Which tokens may be made: whose, by whom, for what and until when."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import date, timedelta

from accounts.models import User
from accounts.models.people import TOKEN_DAYS
from accounts.rights import DECISIONS, Right

LONGEST_DAYS = 366
Problem = tuple[str, str]  # the field, and what is wrong with it in a sentence


def problems(
    *, user: User, scopes: Collection[str], expires_on: date | None, by: User | None, today: date
) -> list[Problem]:
    """What stands against a new token for ``user`` that ``by`` makes; empty where nothing does.

    ``by`` is None at the command line. Without ``expires_on`` a token ends after ``TOKEN_DAYS``.
    """
    found = [*_of_person(user, by), *_of_scopes(user, scopes, by)]
    return found + ([] if expires_on is None else list(_of_end(expires_on, today)))


def _of_person(user: User, by: User | None) -> Iterator[Problem]:
    if not user.is_active:
        yield "user", "This person’s account is closed, so that a token would be refused."
    if by is None or by.pk == user.pk:
        return
    if not by.has_perm(Right.ADMINISTER):
        yield "user", "Administrators make tokens for others; your roles do not include it."
    elif user.is_superuser and not by.is_superuser:
        yield "user", "A superuser may do everything, so superusers alone make tokens for one. No token was made."


def _of_scopes(user: User, scopes: Collection[str], by: User | None) -> Iterator[Problem]:
    if not scopes or set(scopes) - set(Right):
        yield "scopes", "Choose at least one of the rights as a scope."
    taken = sorted(right.label for right in DECISIONS if right in scopes)
    if taken and (by is None or by.pk != user.pk):
        yield (
            "scopes",
            (
                f"A token that somebody else made takes no decision, so that a person’s word stays theirs: "
                f"leave out {', '.join(taken)}."
            ),
        )


def _of_end(expires_on: date, today: date) -> Iterator[Problem]:
    if expires_on < today:
        yield "expires_on", "The token would have expired already: choose today or a later day."
    if expires_on > today + timedelta(days=LONGEST_DAYS):
        yield (
            "expires_on",
            (
                f"A token lasts a year at most ({TOKEN_DAYS} days unless a day is chosen): "
                f"choose {today + timedelta(days=LONGEST_DAYS)} or an earlier day."
            ),
        )
