"""The identity of growth, looked at after each rollup; what is found is kept, told and never in anybody's way."""

from __future__ import annotations

import logging
from datetime import date

from django.db import transaction
from django.db.models import Max

from accounts.audit import record
from accounts.choices import Verb
from accounts.company import today
from accounts.models import AuditEntry
from core.auditing import state_of
from customers.models import GrowthBreach, GrowthCheck, LifecycleEvent, TierMembership
from customers.reading.growth_check import Breach, breaches_in_words, growth_breaches

logger = logging.getLogger(__name__)

_RECORDED = ("customers.lifecycleevent", "customers.tiermembership", "accounts.load")


def check_growth() -> None:
    """Keep what does not add up as of today, and log each that is new; nothing where all is as it was at the last
    look. Raises nothing: a rollup has been published.
    """
    try:
        with transaction.atomic():
            day = today()
            stands = _how_it_stands(day)
            if GrowthCheck.objects.filter(seen=stands).exists():
                return
            found = set(growth_breaches(day))
            new = found - _settle(found)
            GrowthCheck.objects.update_or_create(pk=1, defaults={"seen": stands})
        for words in breaches_in_words(sorted(new, key=lambda one: (one.month, one.tier or 0))):
            logger.error("Customer growth does not add up in %s", words)
    except Exception:
        logger.exception("Whether customer growth adds up could not be looked at; the next rollup does")


def _how_it_stands(day: date) -> str:
    """What changes with any change of events and memberships: the newest of them, what was recorded last, the day."""
    newest = [model.objects.aggregate(last=Max("pk"))["last"] for model in (LifecycleEvent, TierMembership)]
    told = AuditEntry.objects.filter(object_type__in=_RECORDED).aggregate(last=Max("pk"))["last"]
    return f"{newest} {told} {day}"


def _settle(found: set[Breach]) -> set[Breach]:
    """What is no more goes, what is new is kept, each with an audit entry; answers with what was known before."""
    known = {Breach(row.month, row.tier_id, row.too_many): row for row in GrowthBreach.objects.all()}
    for breach, row in known.items():
        if breach not in found:
            record(by=None, verb=Verb.DELETED, obj=row, before=state_of(row))
            row.delete()
    for one in found - known.keys():
        row = GrowthBreach.objects.create(month=one.month, tier_id=one.tier, too_many=one.too_many)
        record(by=None, verb=Verb.CREATED, obj=row, after=state_of(row))
    return set(known)
