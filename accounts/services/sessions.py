"""The browsers in which somebody is signed in, and ending them."""

from __future__ import annotations

from collections.abc import Iterator

from django.contrib.auth import HASH_SESSION_KEY
from django.contrib.sessions.models import Session
from django.db import transaction
from django.utils import timezone
from django.utils.crypto import constant_time_compare

from accounts.audit import record
from accounts.callers import session_hash
from accounts.choices import Verb
from accounts.models import PersonSession, User


def live_sessions(person: User) -> Iterator[PersonSession]:
    """Where the person is signed in, the latest heard of first; what a new password or time has ended is left out."""
    rows = list(PersonSession.objects.filter(person=person))
    lasting = Session.objects.filter(pk__in=[row.pk for row in rows], expire_date__gt=timezone.now())
    kept = {one.session_key: one.get_decoded().get(HASH_SESSION_KEY, "") for one in lasting}
    hashes = [person.get_session_auth_hash(), *person.get_session_auth_fallback_hash()]
    for row in rows:
        if any(constant_time_compare(kept.get(row.pk, ""), one) for one in hashes):
            yield row


@transaction.atomic
def end_sessions(person: User, *, but: str | None = None) -> int:
    """Sign a person out everywhere, or everywhere ``but`` in one browser; how many sessions that were."""
    keys = PersonSession.objects.filter(person=person).exclude(pk=but or "").values_list("pk", flat=True)
    ended, _ = Session.objects.filter(pk__in=list(keys)).delete()
    PersonSession.objects.filter(person=person).exclude(pk=but or "").delete()
    return ended


@transaction.atomic
def end_other_sessions(*, person: User, here: str) -> int:
    """The person signs themselves out of every browser but the one that asks; how many that were."""
    ended = end_sessions(person, but=here)
    record(by=person, verb=Verb.ENDED_SESSIONS, obj=person, after={"ended": ended})
    return ended


@transaction.atomic
def end_session(*, person: User, named: str) -> int:
    """The person signs themselves out of one browser, which the page names by its hash; how many that were."""
    rows = [row for row in PersonSession.objects.filter(person=person) if session_hash(row.pk) == named]
    ended, _ = Session.objects.filter(pk__in=[row.pk for row in rows]).delete()
    PersonSession.objects.filter(pk__in=[row.pk for row in rows]).delete()
    record(by=person, verb=Verb.ENDED_SESSIONS, obj=person, after={"ended": ended})
    return ended


def forget_ended() -> None:
    """Forget what is noted of sessions that are over."""
    PersonSession.objects.exclude(pk__in=Session.objects.filter(expire_date__gt=timezone.now()).values("pk")).delete()
