"""Writes and lookups about the company."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured, ValidationError
from django.db import models, transaction
from django.utils import timezone

from accounts.callers import caller, calling_person, way_in
from accounts.choices import Via
from accounts.models import ApiToken, AuditEntry, Company, User
from accounts.models.people import TOKEN_DAYS
from accounts.rules import tokens as token_rules
from accounts.tokens import PREFIX_LENGTH, digest, new_token


def company() -> Company:
    """The one company. Raises ImproperlyConfigured where the environment contradicts its calendar."""
    return agreed(Company.objects.get(pk=1))


def agreed(found: Company) -> Company:
    """The company that was read, if its calendar is the environment's. Raises ImproperlyConfigured where not."""
    wanted = {
        "fiscal_year_start_month": settings.FISCAL_YEAR_START_MONTH,
        "fiscal_year_named_by": settings.FISCAL_YEAR_NAMED_BY,
    }
    for field, value in wanted.items():
        if value is not None and value != getattr(found, field):
            raise ImproperlyConfigured(
                f"{field.upper()}={value}, but this database was set up with {getattr(found, field)}. "
                "A fiscal calendar cannot change later, for it would relabel history: take the setting out."
            )
    return found


def today_of(found: Company) -> date:
    """The day in a company's time zone."""
    return day_of(found, timezone.now())


def day_of(found: Company, moment: datetime) -> date:
    """The day that it was in a company's time zone at that moment."""
    return moment.astimezone(ZoneInfo(found.time_zone)).date()


def today() -> date:
    """The day in the company's time zone."""
    return today_of(company())


def record(*, by: User | None, verb: str, obj: models.Model, before: Any = None, after: Any = None) -> AuditEntry:
    """Write an audit entry: who did what to which object, with its state before and after.

    By which token or session and from where is known of the request under way (``accounts.callers``).
    """
    entry = _entry(by, verb, obj, before, after)
    entry.save()
    return entry


def record_all(*, by: User | None, verb: str, changes: Iterable[tuple[models.Model, Any, Any]]) -> None:
    """The same for many objects at once: of each the object, its state before and after."""
    AuditEntry.objects.bulk_create((_entry(by, verb, *change) for change in changes), batch_size=500)


def _entry(by: User | None, verb: str, obj: models.Model, before: Any, after: Any) -> AuditEntry:
    return AuditEntry(
        **way_in(),
        by=by,
        verb=verb,
        object_type=obj._meta.label_lower,
        object_id=str(obj.pk),
        object_label=str(obj)[:255],
        before=before,
        after=after,
    )


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
    record(by=by, verb="created", obj=token, after=_token_state(token))
    return token, text


@transaction.atomic
def revoke_token(*, token: ApiToken, by: User | None) -> None:
    """From now on the token is refused; revoked twice it keeps its first moment."""
    before = _token_state(token)
    if ApiToken.objects.filter(pk=token.pk, revoked_at=None).update(revoked_at=timezone.now()):
        token.refresh_from_db()
        record(by=by, verb="revoked", obj=token, before=before, after=_token_state(token))


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


def _token_state(token: ApiToken) -> dict[str, Any]:
    """What the audit shows of a token: never its digest."""
    fields = ("name", "prefix", "scopes", "expires_on", "revoked_at")
    people = {"user": token.user.email, "made_by": token.made_by.email if token.made_by else None}
    return people | {field: getattr(token, field) for field in fields}
