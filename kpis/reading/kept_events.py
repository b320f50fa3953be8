"""From which day on events are taken, where older ones may have been purged."""

from __future__ import annotations

from datetime import date

from core.periods import first_day
from kpis.choices import EventKind, Source
from kpis.formulas.events import RuleName, rule_in
from kpis.models import EventKeeping, Kpi
from kpis.models.versions import VersionBook
from kpis.reading.deriving import kept_from

# The rules of which a month needs events of months before it, and of which kind.
_LOOKS_BACK = {RuleName.REPEAT_CONTACTS: EventKind.CONTACTS, RuleName.DSO: EventKind.INVOICES}


def taken_from(kind: EventKind) -> date | None:
    """The first day of which events of the kind are taken; None: whatever the day, for none was ever purged.

    No month before the purge is derived again, nor one that by a KPI's present rule needs an event of before.
    """
    gone = EventKeeping.objects.values_list("gone_before", flat=True).first()
    if gone is None:
        return None
    kpis = list(Kpi.objects.filter(source=Source.EVENTS))
    book = VersionBook.read(kpis)
    rules = [rule for kpi in kpis if (rule := rule_in(book.all_of(kpi)[-1].rule))]
    return max([gone, *(first_day(kept_from(rule, gone)) for rule in rules if _LOOKS_BACK.get(rule.name) == kind)])
