"""Tokens: made, revoked and ended."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta

from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.utils import timezone

from accounts.audit import record
from accounts.callers import caller, calling_person
from accounts.choices import Verb, Via
from accounts.company import today
from accounts.models import ApiToken, User
from accounts.models.people import TOKEN_DAYS
from accounts.rules import tokens as token_rules
from accounts.tokens import PREFIX_LENGTH, digest, new_token
from core.auditing import state_of


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
    text = new_token()
    token = ApiToken.objects.create(
        user=user,
        name=name,
        prefix=text[:PREFIX_LENGTH],
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


def end_tokens(person: User) -> None:
    """Revoke a person's tokens, for their password is another: who knew the old one may have made or seen them.

    By whoever is signed in; where nobody is, by the person, with the link in a mail; at the command line by nobody.
    """
    by = calling_person() or (None if caller().via == Via.COMMAND else person)
    for token in live_tokens(person).select_related("user", "made_by"):
        revoke_token(token=token, by=by)
