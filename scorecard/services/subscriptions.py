"""Following and no more, subscribing and no more: each for oneself, and by one click of a mail without signing in."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.core import signing
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from accounts.audit import record
from accounts.choices import Verb
from accounts.company import today
from accounts.models import ThreadWord, User
from accounts.rights import Right
from core.auditing import state_of
from core.writes import refuse
from scorecard.models import AlertsTold, Follow, Subscription
from scorecard.reading.alerts import Looked
from scorecard.rules.subscriptions import problems, subscription_problems

_SALT = "scorecard.stop"
ALERTS, DIGEST, FOLLOW = "alerts", "digest", "follow"


def require_reader(person: User) -> None:
    """Raises PermissionDenied for who may not be written to: it takes a role that reads and asks."""
    if not person.has_perm(Right.SUBSCRIBE):
        raise PermissionDenied("Your roles do not include following and digests.")


@transaction.atomic
def follow(*, person: User, kind: str, key: str) -> Follow:
    """Tell the person from now on when it really gets worse; once more changes nothing.

    What is worse already is known, so that its recovery is told and it is not. Raises ValidationError where there is
    no such thing.
    """
    require_reader(person)
    refuse(problems({"kind": kind, "key": key}))
    row, new = Follow.objects.get_or_create(person=person, kind=kind, key=key)
    if new:
        told = AlertsTold.objects.select_for_update()
        known, _ = told.get_or_create(person=person, defaults={"word": _newest_word()})
        known.bad = {one.name: one.since for one in Looked([row]).worse(row)} | known.bad
        known.save()
        record(by=person, verb=Verb.FOLLOWED, obj=row, before=None, after=state_of(row))
    return row


def _newest_word() -> int:
    newest = ThreadWord.objects.order_by("-pk").values_list("pk", flat=True).first()
    return newest or 0


@transaction.atomic
def unfollow(*, person: User, kind: str = "", key: str = "") -> int:
    """No mail of it any more; without a kind, of nothing that the person follows. How many were followed."""
    rows = Follow.objects.filter(person=person)
    if kind:
        rows = rows.filter(kind=kind, key=key)
    ended = list(rows)
    for row in ended:
        record(by=person, verb=Verb.FOLLOWS_NO_MORE, obj=row, before=state_of(row), after=None)
    rows.delete()
    return len(ended)


@transaction.atomic
def subscribe(*, person: User, values: Mapping[str, Any]) -> Subscription:
    """Have digests come as the values say, from now on. Raises ValidationError by field."""
    require_reader(person)
    refuse(subscription_problems(values))
    row, new = Subscription.objects.get_or_create(person=person, defaults={"since": today()})
    before = None if new else _state(row)
    if not row.is_on:
        row.ended_at, row.since = None, today()
    for name in ("months", "quarters", "years", "day", "format"):
        setattr(row, name, values[name])
    row.save()
    row.tiers.set(values["tiers"])
    row.departments.set(values["departments"])
    if (after := _state(row)) != before:
        record(by=person, verb=Verb.SUBSCRIBED, obj=row, before=before, after=after)
    return row


@transaction.atomic
def unsubscribe(*, person: User) -> bool:
    """No digest any more; whether there was one."""
    row = Subscription.objects.select_for_update().filter(person=person, ended_at=None).first()
    if row is None:
        return False
    before = _state(row)
    row.ended_at = timezone.now()
    row.save(update_fields=["ended_at"])
    record(by=person, verb=Verb.UNSUBSCRIBED, obj=row, before=before, after=_state(row))
    return True


def _state(row: Subscription) -> dict[str, Any]:
    chosen = {
        "tiers": sorted(row.tiers.values_list("code", flat=True)),
        "departments": sorted(row.departments.values_list("code", flat=True)),
    }
    return state_of(row) | chosen


# -- one click of a mail


def stop_path(what: str, pk: int) -> str:
    """The address that ends all alerts or the digest of a person, or one thing that they follow, by its id."""
    return reverse("mail_stop", args=[signing.dumps([what, pk], salt=_SALT)])


def read_stop(token: str) -> tuple[str, int]:
    """What such an address ends. Raises ValidationError where it is none of ours."""
    try:
        what, pk = signing.loads(token, salt=_SALT)
    except signing.BadSignature as error:
        raise ValidationError("This address is not whole. Sign in, and end it on the page of your mails.") from error
    return str(what), int(pk)


def stop(token: str) -> str:
    """End what the address names, whoever asks; in words what ended. Raises ValidationError for no address of ours."""
    what, pk = read_stop(token)
    if what == FOLLOW:
        row = Follow.objects.select_related("person").filter(pk=pk).first()
        ended = unfollow(person=row.person, kind=row.kind, key=row.key) if row else 0
        return f"You follow {row.get_kind_display().lower()} {row.key} no more." if row and ended else ALREADY
    person = User.objects.get(pk=pk)
    if what == ALERTS:
        return "You follow nothing any more: no alert will come." if unfollow(person=person) else ALREADY
    return "No digest will come any more." if unsubscribe(person=person) else ALREADY


ALREADY = "This had ended already; no such mail will come."
