"""Actuals that no system delivers: entered per tier and month; a correction keeps the old value and its reason."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction

from accounts.audit import record
from accounts.choices import Verb
from accounts.company import today
from accounts.models import Company, User
from accounts.rights import Right
from core.periods import Month, month_code
from core.registry import cells_touched
from core.texts import plain
from core.writes import Problem, StaleWrite, refuse
from customers.models import Tier
from kpis.access import enterable_by
from kpis.models import CompleteMonth, Kpi, Restatement, TierActual
from kpis.models.versions import VersionBook
from kpis.rules.actual import (
    ActualCells,
    actual_problems,
    correction_problems,
    entry_problem,
    month_problems,
    tier_problems,
)
from kpis.services.sources import settle_sources, takes_facts
from kpis.services.touches import touch_slices

Pair = tuple[Decimal | None, Decimal | None]


@dataclass(frozen=True, slots=True)
class Entry:
    """What a month's actual of a tier should be. A blank numerator is no actual, neither zero nor an error.

    ``seen`` is what the form showed (numerator, denominator), both None for nothing; ``clear`` takes a
    stored actual away, for a blank alone leaves it as it is.
    """

    tier: Tier
    numerator: Decimal | None
    denominator: Decimal | None = None
    reason: str = ""
    seen: Pair = (None, None)
    clear: bool = False


@dataclass(frozen=True, slots=True)
class EntryProblem:
    """What is wrong with one entry, by its tier's code and field."""

    tier: str
    field: str
    reason: str


class ActualsRefused(Exception):
    """Entries that cannot be saved; nothing was. ``problems`` names each."""

    def __init__(self, problems: Sequence[EntryProblem]) -> None:
        super().__init__(f"{len(problems)} entries cannot be saved; nothing was.")
        self.problems = tuple(problems)


@transaction.atomic
def enter_actuals(*, kpi: Kpi, month: Month, entries: Sequence[Entry], by: User) -> int:
    """Save a month's actuals: all of them or none. Answers how many were new or changed.

    What is there already and differs is restated: the old value, the reason and who stay on record.
    Raises PermissionDenied, ActualsRefused, StaleWrite where somebody entered another value meanwhile.
    """
    require_enterer(by, kpi)
    Company.objects.select_for_update().get(pk=1)  # one writer at a time: nobody's value is overwritten unseen
    stored = {row.tier_id: row for row in TierActual.objects.filter(kpi=kpi, month=month)}
    _require_seen(entries, stored)
    if problems := list(_problems(VersionBook.read([kpi]).at(kpi, month), month, entries, stored)):
        raise ActualsRefused(problems)
    changed = sum(_enter(kpi, month, entry, stored.get(entry.tier.pk), by) for entry in entries)
    if changed:
        settle_sources([kpi.pk])
        touch_slices([(kpi.source_id, month)])
        cells_touched(by)
    return changed


@transaction.atomic
def mark_complete(*, kpi: Kpi, month: Month, by: User) -> tuple[CompleteMonth, bool]:
    """A steward's word that the month's facts are all there, and whether it is new: from then on silence means zero.

    Raises PermissionDenied, ValidationError for a month that has not begun.
    """
    if not by.has_perm(Right.MANAGE_KPIS):
        raise PermissionDenied("Stewards mark months complete.")
    refuse(month_problems(month, today()))
    mark, new = CompleteMonth.objects.get_or_create(kpi=kpi, month=month, defaults={"by": by})
    if new:
        record(by=by, verb=Verb.MARKED_COMPLETE, obj=mark, after={"kpi": kpi.code, "month": month_code(month)})
        touch_slices([(kpi.source_id, month)])
        cells_touched(by)
    return mark, new


@transaction.atomic
def unmark_complete(*, mark: CompleteMonth, by: User) -> None:
    """Take that word back: silence in the month is not known again. Taken back twice it is so once."""
    if not by.has_perm(Right.MANAGE_KPIS):
        raise PermissionDenied("Stewards mark months complete.")
    if not CompleteMonth.objects.filter(pk=mark.pk).delete()[0]:
        return
    record(by=by, verb=Verb.UNMARKED_COMPLETE, obj=mark, before={"kpi": mark.kpi.code, "month": month_code(mark.month)})
    touch_slices([(mark.kpi.source_id, mark.month)])
    cells_touched(by)


def require_enterer(by: User, kpi: Kpi) -> None:
    """Raises PermissionDenied where the person may not enter this KPI's actuals."""
    if kpi.calculated:
        raise PermissionDenied("This KPI is calculated from others: nobody enters its actuals.")
    if not enterable_by(by, Kpi.objects.filter(pk=kpi.pk)).exists():
        raise PermissionDenied("These actuals are not yours to enter: the KPI's owner and stewards do that.")


def takes_entries(kpi: Kpi) -> bool:
    """Whether the KPI's actuals can be entered per tier: it is not calculated, and has no facts of customers."""
    return not entry_problem(kpi, has_facts=takes_facts(kpi))


def _problems(
    kpi: Kpi, month: Month, entries: Sequence[Entry], stored: Mapping[int, TierActual]
) -> Iterator[EntryProblem]:
    """What is wrong with entries by the rules of tier actuals; what concerns all of them is said once."""
    day, measured, said = today(), takes_facts(kpi), set[Problem]()
    for entry in entries:
        before = stored.get(entry.tier.pk)
        for problem in [*_of_entry(kpi, month, entry, day, measured=measured), *_of_reason(entry, before)]:
            everywhere = problem[0] in {"kpi", "month"}
            if problem not in said:
                yield EntryProblem("" if everywhere else entry.tier.code, *problem)
            said |= {problem} if everywhere else set()


def _of_entry(kpi: Kpi, month: Month, entry: Entry, day: date, *, measured: bool) -> list[Problem]:
    """A blank is no actual: what got where none belongs may be taken away."""
    if entry.numerator is None:
        return tier_problems(entry.tier.code, month)
    cells = ActualCells(entry.tier.code, month, entry.numerator, entry.denominator, entry.tier.retired_from)
    return actual_problems(kpi, cells, day, has_facts=measured)


def _of_reason(entry: Entry, before: TierActual | None) -> list[Problem]:
    return correction_problems(plain(entry.reason), corrects=before is not None and _differs(before, entry))


def _pair(row: TierActual | None) -> Pair:
    return (row.numerator, row.denominator) if row else (None, None)


def _differs(before: TierActual | None, entry: Entry) -> bool:
    """Whether the entry says something else than what is stored; a blank says nothing."""
    if entry.numerator is None:
        return before is not None and entry.clear
    return _pair(before) != (entry.numerator, entry.denominator)


def _require_seen(entries: Sequence[Entry], stored: Mapping[int, TierActual]) -> None:
    """Raises StaleWrite where another value than the one shown would be replaced."""
    for entry in entries:
        before = stored.get(entry.tier.pk)
        if _differs(before, entry) and _pair(before) != entry.seen:
            raise StaleWrite(f"Somebody entered another value for {entry.tier} meanwhile. Nothing of yours was kept.")


def _enter(kpi: Kpi, month: Month, entry: Entry, before: TierActual | None, by: User) -> bool:
    if not _differs(before, entry):
        return False
    old, new = _pair(before), (None, None) if entry.numerator is None else (entry.numerator, entry.denominator)
    row = before or TierActual(kpi=kpi, tier=entry.tier, month=month)
    if entry.numerator is None:
        TierActual.objects.filter(pk=row.pk).delete()
    else:
        row.numerator, row.denominator = entry.numerator, entry.denominator
        row.save()
    if before is not None:
        Restatement.objects.create(
            kpi=kpi,
            tier=entry.tier,
            month=month,
            old_numerator=old[0],
            old_denominator=old[1],
            numerator=new[0],
            denominator=new[1],
            reason=plain(entry.reason),
            by=by,
        )
    _record(row, old, new, entry, by)
    return True


def _record(row: TierActual, old: Pair, new: Pair, entry: Entry, by: User) -> None:
    after = _said(new)
    reason = {"reason": why} if (why := plain(entry.reason)) else {}
    verb = Verb.ENTERED if old[0] is None else Verb.RESTATED
    record(by=by, verb=verb, obj=row, before=_said(old), after=(after or {}) | reason)


def _said(pair: Pair) -> dict[str, Any] | None:
    """A value as the audit shows it; None where there is none."""
    numerator, denominator = ("" if part is None else str(part) for part in pair)
    return {"numerator": numerator, "denominator": denominator} if numerator else None
