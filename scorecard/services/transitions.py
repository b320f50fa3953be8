"""Comparing how cells stand with how they stood, and writing what is another.

Computed by comparing, not from events: whoever compares next finds what a killed worker or a lost message left.
"""

from __future__ import annotations

from datetime import date

from django.db import transaction

from accounts.company import company, today_of
from core.periods import FiscalCalendar, Period
from scorecard.models import Comparison, KeptStates, Transition
from scorecard.reading.transition_causes import Causes, Standing, how_it_stands
from scorecard.reading.transitions import States, differences, looked_at, states_of
from scorecard.services.differing import note_differences


def write_transitions(*, today: date | None = None) -> int:
    """Write what became another verdict, signal or assurance since the last comparison; the number of transitions.

    As of today. Nothing is read but a few marks where nothing can be another; run twice, the second writes nothing.
    """
    found = company()
    day = today or today_of(found)
    if Comparison.objects.filter(pk=1, seen=how_it_stands(day).text).exists():
        return 0
    with transaction.atomic():
        Comparison.objects.get_or_create(pk=1)
        last = Comparison.objects.select_for_update().get(pk=1)  # one after the other, or both would write it
        now = how_it_stands(day)
        if last.seen == now.text:
            return 0
        written = _compare(found.calendar, last, now)
        note_differences(found.calendar, day)
        _note(last, now)
    return written


def _compare(calendar: FiscalCalendar, last: Comparison, now: Standing) -> int:
    """Each period that is looked at is kept as it stands now; those that are looked at no longer go."""
    kept = {row.period: row for row in KeptStates.objects.all()}
    periods, causes = looked_at(calendar, now.day), Causes(last, now)
    KeptStates.objects.exclude(period__in=[period.code for period in periods]).delete()
    made = [one for period in periods for one in _of_period(period, now.day, kept.get(period.code), causes)]
    Transition.objects.bulk_create(made, batch_size=500)
    return len(made)


def _of_period(period: Period, today: date, row: KeptStates | None, causes: Causes) -> list[Transition]:
    """What is another in a period; nothing of one that is seen for the first time."""
    states, kpis = states_of(period, today)
    _keep(period.code, states, row)
    return [
        Transition(
            period=period.code,
            kpi_id=kpi,
            tier_id=tier,
            aspect=aspect,
            before=before,
            after=after,
            cause=causes.of(kpis[kpi], period),
        )
        for kpi, tier, aspect, before, after in differences(row.states if row else {}, states)
    ]


def _keep(code: str, states: States, row: KeptStates | None) -> None:
    if row is None:
        KeptStates.objects.create(period=code, states=states)
    elif row.states != states:
        KeptStates.objects.filter(pk=row.pk).update(states=states)


def _note(last: Comparison, now: Standing) -> None:
    """How far the record was."""
    settled = last.settled if now.owed else now.entry
    Comparison.objects.filter(pk=1).update(seen=now.text, entry=now.entry, settled=settled, run=now.run, day=now.day)
