"""Tokens: made, revoked and ended."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta

from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone

from accounts.audit import record
from accounts.callers import caller, calling_person
from accounts.choices import Verb, Via
from accounts.company import company, today
from accounts.models import ApiToken, User
from accounts.models.people import TOKEN_DAYS
from accounts.rules import tokens as token_rules
from accounts.services.outbox import absolute, write_mail
from accounts.tokens import digest, new_api_token
from core.auditing import state_of
from core.formatting import day_name
from core.reader import to_its_reader

WARNED_BEFORE = timedelta(days=7)


@transaction.atomic
def create_token(
    *, user: User, name: str, scopes: Iterable[str], expires_on: date | None, by: User | None
) -> tuple[ApiToken, str]:
    """A new token for a program that acts as ``user``, and its text, which is shown this once.

    It may do what both its scopes and the person's roles allow, up to and including ``expires_on``, which is
    ``TOKEN_DAYS`` from now where none is given. Raises ValidationError with what ``rules.tokens`` has against it.
    """
    chosen, day = sorted(set(scopes)), today()
    found = token_rules.problems(user=user, scopes=chosen, expires_on=expires_on, by=by, today=day)
    if found:
        raise ValidationError({field: [said for name, said in found if name == field] for field, _ in found})
    prefix, text = new_api_token()
    token = ApiToken.objects.create(
        user=user,
        name=name,
        prefix=prefix,
        digest=digest(text),
        scopes=chosen,
        made_by=by,
        expires_on=expires_on or day + timedelta(days=TOKEN_DAYS),
    )
    record(by=by, verb=Verb.CREATED, obj=token, after=state_of(token))
    return token, text


@transaction.atomic
def revoke_token(*, token: ApiToken, by: User | None) -> None:
    """From now on the token is refused; revoked twice it keeps its first moment."""
    before = state_of(token)
    if ApiToken.objects.filter(pk=token.pk, revoked_at=None).update(revoked_at=timezone.now()):
        token.refresh_from_db()
        record(by=by, verb=Verb.REVOKED, obj=token, before=before, after=state_of(token))


def live_tokens(person: User) -> models.QuerySet[ApiToken]:
    """The tokens of a person that are neither revoked nor past their last day."""
    lasting = models.Q(expires_on=None) | models.Q(expires_on__gte=today())
    return ApiToken.objects.filter(lasting, user=person, revoked_at=None)


@transaction.atomic
def revoke_own_token(*, number: int, by: User) -> ApiToken | None:
    """A person revokes a token of their own; None where it is not theirs."""
    token = ApiToken.objects.filter(pk=number, user=by).first()
    if token is not None:
        revoke_token(token=token, by=by)
    return token


def warn_of_ends() -> int:
    """A mail to each person whose token ends within ``WARNED_BEFORE``, once a token; how many were written."""
    day = today()
    ending = ApiToken.objects.filter(
        revoked_at=None, user__is_active=True, expires_on__gte=day, expires_on__lte=day + WARNED_BEFORE
    )
    return sum(_warn(token.user, token) for token in ending.select_related("user"))


@to_its_reader
def _warn(person: User, token: ApiToken) -> bool:
    context = {"person": person, "token": token, "company": company(), "url": absolute(reverse("profile"))}
    mail = write_mail(
        key=f"token-ends:{token.pk}:{token.last_day:%Y-%m-%d}",
        to=person,
        subject=f"The API token “{token.name}” ends on {day_name(token.last_day)}",
        body=render_to_string("mail/token_ends.txt", context),
    )
    return mail is not None


def end_tokens(person: User) -> None:
    """Revoke a person's tokens, for their password is another: who knew the old one may have made or seen them.

    By whoever is signed in; where nobody is, by the person, with the link in a mail; at the command line by nobody.
    """
    by = calling_person() or (None if caller().via == Via.COMMAND else person)
    for token in live_tokens(person).select_related("user", "made_by"):
        revoke_token(token=token, by=by)
