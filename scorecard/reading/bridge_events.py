"""What happened since an edition was signed to what cells are made of, as the record tells it, act by act.

Each act knows what it replaced, so that laid one after the other over what is there today they lead back to what was
there then: facts and actuals from the loads and corrections, memberships and marks from the audit and from files,
merges and changes of KPIs from what they keep.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from itertools import groupby
from typing import Any, NamedTuple

from django.db.models import Q

from accounts.choices import LoadState, Verb
from accounts.models import AuditEntry, Load, LoadChange
from core.numbers import parse_scaled
from core.periods import Month, stored_month
from customers.models import Customer, Tier
from kpis.models import CustomerMerge, Kpi, MergedFact, ReplacedFact, Restatement, TakenBackFact, TierActual
from kpis.services.derived_facts import DERIVED
from scorecard.reading.bridge_definitions import Redefinition, loaded_redefinitions, redefinitions

LOAD, UNDO, DELETION, CORRECTION = "load", "undo", "deletion", "correction"
EVENT = "event"
MOVED, MERGED, MARKED = "tier move", "customers merged", "month marked complete"
_ROW_KINDS = ("tier_memberships", "tier_actuals", "complete_months", "kpis")

FactKey = tuple[int, int, Month]  # customer, KPI, month
ActualKey = tuple[int, int, Month]  # KPI, tier, month
Day = tuple[int, date]  # customer, the first day of a membership


class Held(NamedTuple):
    """A fact or an actual in ten-thousandths; ``load`` wrote it, 0 where that is not asked."""

    numerator: int
    denominator: int
    load: int = 0


class Home(NamedTuple):
    """A membership: of a tier by id, None of no tier."""

    tier: int | None


@dataclass(frozen=True, slots=True)
class Cause:
    """One thing that somebody did. ``by`` is a person's key, None for the command; ``reference`` names the record."""

    at: datetime
    cause: str
    by: int | None
    reference: str


@dataclass(slots=True)
class Before:
    """What was there before an act, of all that it changed; None: nothing was there."""

    facts: dict[FactKey, Held | None] = field(default_factory=dict)
    actuals: dict[ActualKey, Held | None] = field(default_factory=dict)
    homes: dict[Day, Home | None] = field(default_factory=dict)
    marks: dict[tuple[int, Month], bool] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Act:
    """A cause with what it changed. Of a ``load`` of facts, by id, the rows are those that name it."""

    cause: Cause
    before: Before = field(default_factory=Before)
    load: int | None = None
    redefinition: Redefinition | None = None


@dataclass(frozen=True, slots=True)
class Record:
    """All acts since a moment, the earliest first, and what loads of facts had ``replaced``, by load and key."""

    acts: Sequence[Act]
    replaced: Mapping[int, Mapping[FactKey, Held]]
    standing: frozenset[int]


def read_definitions(since: datetime, kpis: Collection[Kpi]) -> list[Act]:
    """How KPIs were changed, the earliest first: two queries."""
    ids = {kpi.code: kpi.pk for kpi in kpis}
    found: list[Act] = []
    for entry in AuditEntry.objects.filter(at__gt=since, object_type="kpis.kpi").order_by("pk"):
        for name, change in redefinitions(entry, ids):
            found.append(_redefined(Cause(entry.at, name, entry.by_id, f"audit {entry.pk}"), change))
    for row, cause, before, after in _of_files(since, ("kpis",)):
        for name, change in loaded_redefinitions(ids.get(row.key, 0), before, after, ids):
            told = Cause(cause.at, name if cause.cause == LOAD else UNDO, cause.by, cause.reference)
            found.append(_redefined(told, change))
    return sorted(found, key=_order)


def _redefined(cause: Cause, change: Redefinition) -> Act:
    return Act(cause, redefinition=change)


def read_record(sources: Collection[int], months: Sequence[Month], since: datetime, kpis: Collection[Kpi]) -> Record:
    """What happened to facts and actuals of these KPIs and months, to memberships and marks. A constant number of
    queries.
    """
    wanted = Q(kpi_id__in=list(sources), month__in=list(months))
    recent = Load.objects.filter(Q(at__gt=since) | Q(undone_at__gt=since), kind__in=("facts", DERIVED))
    loads = {load.pk: load for load in recent}
    standing = {pk for pk, load in loads.items() if load.at > since and load.state == LoadState.APPLIED}
    replaced = _replaced(wanted, standing)
    acts = [
        *_loads(loads, standing, replaced),
        *_taken_back(wanted, loads, since),
        *_merges(wanted, since),
        *_by_hand(wanted, since),
        *_marks_and_moves(since, {kpi.code: kpi.pk for kpi in kpis}),
        *_rows_of_files(since, {kpi.code: kpi.pk for kpi in kpis}, months),
    ]
    return Record(sorted(acts, key=_order), replaced, frozenset(standing))


def _order(act: Act) -> tuple[datetime, str]:
    return act.cause.at, act.cause.cause


# -- facts


def _replaced(wanted: Q, standing: Collection[int]) -> dict[int, dict[FactKey, Held]]:
    found: dict[int, dict[FactKey, Held]] = {}
    rows = ReplacedFact.objects.filter(wanted, load_id__in=standing) if standing else ()
    for row in rows:
        held = _held(row.numerator, row.denominator, row.replaced_load_id)
        found.setdefault(row.load_id, {})[row.customer_id, row.kpi_id, Month(row.month)] = held
    return found


def _loads(
    loads: Mapping[int, Load], standing: Collection[int], replaced: Mapping[int, Mapping[FactKey, Held]]
) -> Iterator[Act]:
    """What loads since then wrote or took away; one that was taken back since did nothing. What it corrected comes
    before what it added. What was derived from events came, changed and went by one act.
    """
    for pk in standing:
        load = loads[pk]
        if load.kind == DERIVED:
            causes: tuple[str, ...] = (EVENT,)
        else:
            causes = (DELETION,) if load.removed else (CORRECTION, LOAD) if replaced.get(pk) else (LOAD,)
        for cause in causes:
            yield Act(Cause(load.at, cause, load.by_id, f"load {pk}"), load=pk)


def _taken_back(wanted: Q, loads: Mapping[int, Load], since: datetime) -> Iterator[Act]:
    """What was taken back since of loads that stood then; a deletion that was taken back had left nothing."""
    undone = {pk for pk, load in loads.items() if load.at <= since and load.undone_at is not None}
    acts = {pk: Act(Cause(_undone_at(loads[pk]), UNDO, loads[pk].undone_by_id, f"load {pk}")) for pk in undone}
    for row in TakenBackFact.objects.filter(wanted, load_id__in=undone) if undone else ():
        was = None if loads[row.load_id].removed else _held(row.numerator, row.denominator, row.load_id)
        acts[row.load_id].before.facts[row.customer_id, row.kpi_id, Month(row.month)] = was
    yield from acts.values()


def _undone_at(load: Load) -> datetime:
    return load.undone_at or load.at


def _held(numerator: Decimal, denominator: Decimal | None, load: int = 0) -> Held:
    return Held(_scaled(numerator), _scaled(denominator), load)


def _scaled(number: Decimal | str | None) -> int:
    return parse_scaled(str(number)) if number not in {None, ""} else 0


# -- customers that were merged


def _merges(wanted: Q, since: datetime) -> Iterator[Act]:
    """Merges that stand since, and those of before that were taken back since."""
    standing = Q(at__gt=since, undone_at=None) | Q(at__lte=since, undone_at__gt=since)
    merges = list(CustomerMerge.objects.filter(standing))
    if not merges:
        return
    rows: dict[int, list[MergedFact]] = {}
    for row in MergedFact.objects.filter(wanted, merge_id__in=[merge.pk for merge in merges]):
        rows.setdefault(row.merge_id, []).append(row)
    for merge in merges:
        yield _merged(merge, rows.get(merge.pk, ()))


def _merged(merge: CustomerMerge, rows: Iterable[MergedFact]) -> Act:
    back = merge.undone_at is not None
    facts: dict[FactKey, Held | None] = {}
    for row in rows:
        kept, gone = ((one, row.kpi_id, Month(row.month)) for one in (merge.kept_id, merge.gone_id))
        became = _held(row.numerator, row.denominator, row.load_id)
        own = row.kept_numerator
        was = None if own is None else _held(own, row.kept_denominator, row.kept_load_id or 0)
        facts[kept] = became if back else was
        facts[gone] = None if back else _held(row.gone_numerator, row.gone_denominator, row.gone_load_id)
    told = merge.parts.get("memberships") or {"before": (), "after": ()}
    then, now = (told["after"], told["before"]) if back else (told["before"], told["after"])
    homes: dict[Day, Home | None] = {_day(row): None for row in now}
    homes |= {_day(row): Home(int(row["tier_id"]) if row["tier_id"] is not None else None) for row in then}
    by, at = (merge.undone_by_id, merge.undone_at) if back else (merge.by_id, merge.at)
    return Act(Cause(at or merge.at, MERGED, by, f"merge {merge.pk}"), Before(facts, homes=homes))


def _day(row: Mapping[str, Any]) -> Day:
    return int(row["customer_id"]), date.fromisoformat(row["starts_on"])


# -- actuals that people entered


def _by_hand(wanted: Q, since: datetime) -> Iterator[Act]:
    """Actuals entered for the first time and corrected by hand, each in its own column; of a correction that took the
    actual away the entry alone would not say which it was.
    """
    kinds = (Verb.ENTERED, Verb.RESTATED)
    entries = AuditEntry.objects.filter(at__gt=since, object_type="kpis.tieractual", verb__in=kinds).order_by("pk")
    found = list(entries)
    if not found:
        return
    corrected = Restatement.objects.filter(at__gt=since, load=None).order_by("pk")
    places = {row.pk: _place(row) for row in TierActual.objects.filter(wanted)}
    again = [entry for entry in found if entry.verb == Verb.RESTATED]  # one of each for one of the other
    for entry, row in zip(again, corrected, strict=False):
        places[int(entry.object_id)] = _place(row)
    for entry in found:
        key = places.get(int(entry.object_id))
        if key is not None:
            cause = CORRECTION if entry.verb == Verb.RESTATED else LOAD
            yield Act(
                Cause(entry.at, cause, entry.by_id, f"audit {entry.pk}"), Before(actuals={key: _cell(entry.before)})
            )


def _place(row: TierActual | Restatement) -> ActualKey:
    return row.kpi_id, row.tier_id, Month(row.month)


def _cell(state: Mapping[str, Any] | None) -> Held | None:
    """An actual as an entry or a file keeps it."""
    if not state or not state.get("numerator"):
        return None
    return Held(_scaled(state["numerator"]), _scaled(state.get("denominator")))


# -- memberships and marks by hand


def _marks_and_moves(since: datetime, ids: Mapping[str, int]) -> Iterator[Act]:
    """What one act of one person did to memberships is one row, and so is each mark."""
    kinds = ("customers.tiermembership", "kpis.completemonth")
    found = list(AuditEntry.objects.filter(at__gt=since, object_type__in=kinds).order_by("pk"))
    tiers = dict(Tier.objects.values_list("code", "pk")) if found else {}
    for (number, kind), together in groupby(found, key=lambda entry: (entry.act or entry.pk, entry.object_type)):
        entries, before = list(together), Before()
        for entry in entries:
            if kind == kinds[0]:
                before.homes |= _homes_before(entry, tiers, before.homes)
            else:
                before.marks |= _mark_before(entry, ids)
        first, cause = entries[0], MOVED if kind == kinds[0] else MARKED
        yield Act(Cause(first.at, cause, first.by_id, f"audit {number}"), before)


def _homes_before(entry: AuditEntry, tiers: Mapping[str, int], known: Mapping[Day, Home | None]) -> Mapping[Day, Any]:
    """The membership as it was; what an earlier entry of the act says was before it."""
    state: Any = entry.before or entry.after
    day = int(state["customer"]["customer"]), date.fromisoformat(str(state["starts_on"])[:10])
    was = Home(tiers.get(entry.before["tier"] or "")) if entry.before else None
    return {} if day in known else {day: was}


def _mark_before(entry: AuditEntry, ids: Mapping[str, int]) -> Mapping[tuple[int, Month], bool]:
    state: Any = entry.after or entry.before
    return {(ids.get(state["kpi"], 0), stored_month(state["month"])): entry.verb == Verb.UNMARKED_COMPLETE}


# -- rows of files


def _of_files(since: datetime, kinds: Sequence[str]) -> Iterator[tuple[LoadChange, Cause, Any, Any]]:
    """What loads since then changed of rows, before and after, and what was taken back since of earlier ones."""
    rows = LoadChange.objects.filter(Q(load__at__gt=since) | Q(load__undone_at__gt=since), kind__in=kinds)
    for row in rows.select_related("load").order_by("pk"):
        load = row.load
        if load.at > since and load.state == LoadState.APPLIED:
            yield row, Cause(load.at, LOAD, load.by_id, f"load {load.pk}"), row.before, row.after
        elif load.at <= since:
            yield row, Cause(_undone_at(load), UNDO, load.undone_by_id, f"load {load.pk}"), row.after, row.before


def _rows_of_files(since: datetime, ids: Mapping[str, int], months: Sequence[Month]) -> Iterator[Act]:
    """Of each load what it did to memberships, actuals and marks: four queries."""
    found = list(_of_files(since, _ROW_KINDS[:3]))
    if not found:
        return
    tiers = dict(Tier.objects.values_list("code", "pk"))
    codes = {(after or before)["customer"] for row, _, before, after in found if row.kind == _ROW_KINDS[0]}
    customers = dict(Customer.everyone.filter(external_id__in=codes).values_list("external_id", "pk"))
    acts: dict[Cause, Act] = {}
    for row, cause, before, after in found:
        told = after or before
        named = Cause(cause.at, _named(row.kind, cause.cause, before), cause.by, cause.reference)
        act = acts.setdefault(named, Act(named))
        if row.kind == "tier_memberships":
            was = Home(tiers.get(before["tier"] or "")) if before else None
            act.before.homes[customers.get(told["customer"], 0), date.fromisoformat(told["starts_on"])] = was
            continue
        place, month = ids.get(told["kpi"], 0), stored_month(told["month"])
        if row.kind == "complete_months":
            act.before.marks[place, month] = before is not None
        elif month in months:
            act.before.actuals[place, tiers.get(told["tier"], 0), month] = _cell(before)
    yield from acts.values()


def _named(kind: str, cause: str, before: Any) -> str:
    if kind == "tier_memberships":
        return MOVED
    if kind == "complete_months":
        return MARKED
    return CORRECTION if cause == LOAD and before is not None else cause
