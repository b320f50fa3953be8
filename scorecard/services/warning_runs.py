"""Making the lists of warned customers with their records, where a month has ended or anything they rest on changed.

One row says how things stood when they were last made, and how far who makes them is: so a look that finds nothing new
is a few queries, two workers don't make the same, and what a lost one began is taken over.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime, timedelta
from fractions import Fraction
from time import monotonic
from typing import TYPE_CHECKING, Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from accounts.audit import record
from accounts.choices import Verb
from accounts.company import today
from accounts.models import User
from accounts.rights import Right
from core.periods import Month, shift
from kpis.models import Kpi, SliceTouch
from kpis.models.versions import VersionBook
from kpis.reading.replay import Warned, WarnedMonth, replay_warnings
from kpis.reading.warnings import Looked, how_it_stands, looked_at, unit_of
from scorecard.models import EarlyWarning, WarningLook, WarningRun

if TYPE_CHECKING:
    from kpis.formulas.replay import Reason

LISTED = 12  # months whose lists are made, the newest with facts among them
LOST_AFTER = timedelta(minutes=5)  # without a word from who makes them
_TELL_EVERY = 5.0  # seconds

Told = Callable[[int, int], None]


def make_warnings() -> bool:
    """Make the lists if anything changed since they were made, and nobody does so already; whether it did.

    While facts wait to be rolled up it waits for these. What it read may change meanwhile: then the next look makes
    them again.
    """
    looked = looked_at(today())
    stands = how_it_stands(looked)
    look = WarningLook.objects.get_or_create(pk=1)[0]
    if look.seen == stands or SliceTouch.objects.exists() or not _claim(timezone.now()):
        return False
    found = replay_warnings(looked, _listed(looked), _teller())
    with transaction.atomic():
        _keep(looked, found)
        WarningLook.objects.filter(pk=1).update(seen=stands, beat_at=None, done=0, of=0)
    return True


def make_warnings_anew(*, by: User) -> None:
    """Have the lists made again by the next look, whatever changed. Raises PermissionDenied."""
    if not by.has_perm(Right.LOAD):
        raise PermissionDenied("Who may start a rollup may have warnings made anew.")
    look = WarningLook.objects.get_or_create(pk=1)[0]
    WarningLook.objects.filter(pk=1).update(seen="")
    record(by=by, verb=Verb.CHANGED, obj=look, after={"asked": "warnings anew"})


def _claim(now: datetime) -> bool:
    """Take it up, where nobody does or who did was not heard of."""
    free = Q(beat_at=None) | Q(beat_at__lt=now - LOST_AFTER)
    return bool(WarningLook.objects.filter(free, pk=1).update(beat_at=now, done=0, of=0))


def _teller() -> Told:
    """Writes down how far it is, every few seconds."""
    last = monotonic()

    def tell(done: int, of: int) -> None:
        nonlocal last
        if monotonic() - last >= _TELL_EVERY:
            last = monotonic()
            WarningLook.objects.filter(pk=1).update(beat_at=timezone.now(), done=done, of=of)

    return tell


def _listed(looked: Looked) -> list[Month]:
    return [shift(looked.newest, -back) for back in range(LISTED)] if looked.newest else []


def _keep(looked: Looked, months: Iterable[WarnedMonth]) -> None:
    """Runs as they were found now, in the place of earlier ones. Those of months that are not listed any more stay as
    they were, but for months whose facts are gone.
    """
    writer = _Writer(looked)
    if looked.newest:
        WarningRun.objects.filter(month__gt=looked.newest).delete()
    for found in months:
        run, _ = WarningRun.objects.update_or_create(month=found.month, defaults=writer.run(found))
        run.warnings.all().delete()
        if run.shown:
            EarlyWarning.objects.bulk_create(writer.warnings(run, found), batch_size=500)


class _Writer:
    """What was found, as it is kept."""

    def __init__(self, looked: Looked) -> None:
        self.looked, self.at = looked, timezone.now()
        self.kpis = {kpi.pk: kpi for kpi in looked.kpis}
        self.places = {kpi.pk: place for place, kpi in enumerate(looked.kpis)}
        self.versions = VersionBook.read(looked.kpis)

    def run(self, found: WarnedMonth) -> dict[str, Any]:
        """The columns of a run."""
        told = found.record
        return {
            "at": self.at,
            "warned": told.warned,
            "lost": told.lost,
            "base_numerator": told.base.numerator if told.base is not None else None,
            "base_denominator": told.base.denominator if told.base is not None else None,
            "lead_twice": int(told.lead * 2) if told.lead is not None else None,
            "shown": told.shown,
            "able": found.able,
            "listed": found.listed,
            "value_kpi": self.looked.value,
            "kpis": [kpi.pk for kpi in self.looked.kpis],
        }

    def warnings(self, run: WarningRun, found: WarnedMonth) -> Iterator[EarlyWarning]:
        """The customers, by value at risk; of equal value by the number of reasons, then by age."""
        ranked = sorted(found.warned, key=lambda one: (-(one.value or 0), -len(one.reasons), one.customer))
        for place, one in enumerate(ranked, 1):
            reasons = [self._reason(reason, found.month) for reason in self._in_order(one)]
            yield EarlyWarning(run=run, customer_id=one.customer, place=place, value=one.value, reasons=reasons)

    def _in_order(self, one: Warned) -> list[Reason]:
        return sorted(one.reasons, key=lambda reason: (not reason.severe, self.places[reason.kpi]))

    def _reason(self, reason: Reason, month: Month) -> dict[str, Any]:
        unit = unit_of(self._meant(reason.kpi, month))
        before, now = _text(reason.before * unit), _text(reason.now * unit)
        return {"kpi": reason.kpi, "before": before, "now": now, "severe": reason.severe}

    def _meant(self, kpi: int, month: Month) -> Kpi:
        return self.versions.at(self.kpis[kpi], month)


def _text(value: Fraction) -> str:
    return f"{value.numerator}/{value.denominator}"
