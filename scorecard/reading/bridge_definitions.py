"""What KPIs were when an edition was signed, as the record of their changes leads back to it.

The audit and the loads keep what a KPI was before each change; laid one after the other over what it is today they
give what it was in between.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from copy import copy
from dataclasses import dataclass, field, replace
from typing import Any

from accounts.choices import Verb
from accounts.models import AuditEntry
from core.periods import Month, stored_month
from kpis.loads.definition_versions import values_in
from kpis.models import Kpi
from kpis.models.versions import MEANING
from kpis.reading.signal_points import ALWAYS

VERSION, RETIRED, BACK, PUBLISHED = "KPI version", "KPI retired", "KPI brought back", "KPI published"
COMPLETE_WHEN = "complete_when"

Meaning = Mapping[str, Any]
Versions = Mapping[Month, Meaning]
State = Mapping[str, Any]  # a row as the audit or a load keeps it
# What is looked at of a KPI, by the cause that a change of it is told as.
_LOOKED_AT: dict[str, tuple[str, ...]] = {
    RETIRED: ("retired_from",),
    PUBLISHED: ("state",),
    COMPLETE_WHEN: ("complete_when",),
    VERSION: ("absent", "facts_of", *MEANING),
}
_COLUMNS = tuple(name for names in _LOOKED_AT.values() for name in names)


@dataclass(frozen=True, slots=True)
class Defined:
    """A KPI at a moment: ``values`` of its row, and its versions by month; not ``there`` before it was made."""

    kpi: Kpi
    values: Mapping[str, Any]
    versions: Versions
    there: bool = True

    @classmethod
    def of(cls, kpi: Kpi, versions: Versions) -> Defined:
        """As it is today."""
        values = {name: getattr(kpi, _column(name)) for name in _COLUMNS}
        return cls(kpi, values, versions)

    def meant(self, month: Month) -> Kpi:
        """The KPI as it meant in a month: a copy, never to be saved."""
        meant, values = copy(self.kpi), dict(self.values)
        if self.versions:
            begun = [one for one in self.versions if one <= month]
            values |= self.versions[max(begun) if begun else min(self.versions)]
        for name, value in values.items():
            setattr(meant, _column(name), value)
        return meant

    def stands_in(self, last: Month) -> bool:
        """Whether it is in the matrix of a period with this last month."""
        return self.there and not self.meant(last).is_draft and self.counts_in(last)

    def counts_in(self, month: Month) -> bool:
        """Whether its facts of a month count: it is not retired from then on, or earlier."""
        ends = self.values["retired_from"]
        return ends is None or month < ends

    @property
    def meaning(self) -> dict[str, Any]:
        """What its row says that it means."""
        return {name: self.values[name] for name in MEANING}


def _column(name: str) -> str:
    return "facts_of_id" if name == "facts_of" else name


@dataclass(frozen=True, slots=True)
class Redefinition:
    """What a change of a KPI replaced: columns of its row, ``versions`` all of them where a file did it, else a
    version that it began (``begun``) and one that it replaced or took back (``ended``).
    """

    kpi: int
    values: Mapping[str, Any] = field(default_factory=dict)
    versions: Versions | None = None
    begun: Month | None = None
    ended: tuple[Month, Meaning] | None = None
    made: bool = False

    @property
    def formulas(self) -> frozenset[str]:
        """The formulas that it replaced."""
        ended = [self.ended[1]] if self.ended else []
        meanings = (self.values, *(self.versions or {}).values(), *ended)
        return frozenset(one["formula"] for one in meanings if one.get("formula"))

    def undone(self, now: Defined) -> Defined:
        """The KPI before it."""
        versions = dict(now.versions if self.versions is None else self.versions)
        if self.begun is not None:
            versions.pop(self.begun, None)
            versions = versions if len(versions) > 1 else {}
        if self.ended is not None:
            versions = versions or {ALWAYS: now.meaning}
            versions[self.ended[0]] = self.ended[1]
        return replace(now, values={**now.values, **self.values}, versions=versions, there=now.there and not self.made)


def redefinitions(entry: AuditEntry, ids: Mapping[str, int]) -> Iterator[tuple[str, Redefinition]]:
    """What an entry says of a KPI, by cause; nothing where it says nothing that is looked at. ``ids`` by code."""
    kpi = int(entry.object_id)
    if entry.verb == Verb.CREATED:
        yield PUBLISHED, Redefinition(kpi, made=True)
        return
    before, after = (_read(state, ids) for state in (entry.before, entry.after))
    for cause, values in _differing(before, after):
        if cause == VERSION and entry.verb in {Verb.CHANGED_MEANING, Verb.TOOK_BACK_MEANING}:
            begun, ended = _version(entry, before)
            yield cause, Redefinition(kpi, values, begun=begun, ended=ended)
        else:
            yield cause, Redefinition(kpi, values)


def loaded_redefinitions(
    kpi: int, before: State | None, after: State | None, ids: Mapping[str, int]
) -> Iterator[tuple[str, Redefinition]]:
    """The same of a row of a file, in the file's cells; one without a ``before`` was made by it."""
    if before is None:
        yield PUBLISHED, Redefinition(kpi, made=True)
        return
    told = dict(_differing(_read(before, ids), _read(after, ids)))
    versions = values_in(before.get("versions", ""))
    if versions or values_in((after or {}).get("versions", "")):
        told.setdefault(VERSION, {})
    for cause, values in told.items():
        of = {month: {name: one[name] for name in MEANING} for month, one in versions.items()}
        yield cause, Redefinition(kpi, values, versions=of if cause == VERSION else None)


def meaning_begins(before: State, after: State) -> Month | None:
    """From which month on a KPI means something else by a change; None where it means what it meant.

    A file tells all versions, the audit the last one alone, and from when on that is.
    """
    was, now = _story(before), _story(after)
    differing = [month for month in {*was, *now} if _at(was, month) != _at(now, month)]
    if not differing:
        return None
    begun = (_month(state.get("versions_from")) for state in (before, after))
    return max([min(differing), *(month for month in begun if month is not None)])


def _story(state: State) -> dict[Month, list[str]]:
    versions: Versions = values_in(state.get("versions", ""))
    versions = versions or {ALWAYS: state}
    return {month: [str(one.get(name) or "") for name in MEANING] for month, one in versions.items()}


def _at(story: Mapping[Month, list[str]], month: Month) -> list[str]:
    return story[max(one for one in story if one <= month)]


def _version(entry: AuditEntry, before: State) -> tuple[Month | None, tuple[Month, Meaning] | None]:
    """The version that a change of meaning began, and the one that it replaced or took back."""
    was, now = (_month((state or {}).get("versions_from")) for state in (entry.before, entry.after))
    meaning = {name: before[name] for name in MEANING if name in before}
    if entry.verb == Verb.TOOK_BACK_MEANING:
        return None, (was, meaning) if was else None
    if was == now:
        return None, (now, meaning) if now else None
    return now, None


def _differing(before: State, after: State) -> Iterator[tuple[str, dict[str, Any]]]:
    """The columns that are others, as they were, by cause."""
    for cause, names in _LOOKED_AT.items():
        found = {name: before[name] for name in names if name in before and before[name] != after.get(name)}
        if found:
            yield (BACK if cause == RETIRED and after.get("retired_from") is None else cause), found


def _read(state: State | None, ids: Mapping[str, int]) -> dict[str, Any]:
    """What is looked at of a row that the audit or a load kept, as its columns hold it."""
    found = {name: state[name] for name in _COLUMNS if name in state} if state else {}
    if "facts_of" in found:
        found["facts_of"] = ids.get(found["facts_of"] or "")
    if "retired_from" in found:
        found["retired_from"] = _month(found["retired_from"])
    return found


def _month(text: str | None) -> Month | None:
    return stored_month(text) if text else None
