"""What stands behind the numbers of a period, so that an edition can say it: which version of its meaning each KPI had,
who entered or loaded the months of each cell, who finished an initiative, and who agreed that one was stopped.

People stand in it by key alone. What was taken back counts for nobody.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from accounts.choices import LoadState, Role, Verb
from accounts.models import AuditEntry, LoadChange, RoleGrant
from core.periods import Month, Period, month_code, months_between, shift
from customers.choices import TierScope
from customers.models import LifecycleEvent
from initiatives.choices import Stage, Tracked
from initiatives.models import Initiative, TrackedChange
from kpis.formulas.calculated import read_formula
from kpis.models import Kpi, TierActual
from kpis.models.versions import VersionBook
from kpis.reading.weights import set_of_month, shares_of
from kpis.rollup.merging import window
from scorecard.models import StopApproval

_BY_FILE = ("facts", "tier_actuals")
_STOPPED = frozenset({Stage.CANCELLED.value, Stage.ON_HOLD.value})
_BEGINNING = Month(100001)
EVERYBODY = ""  # the column of facts: whoever loads them enters every tier's


def read_evidence(period: Period, kpis: Iterable[Kpi]) -> dict[str, Any]:
    """What stands behind a matrix of these KPIs, as they mean in the period, and behind its growth.

    ``versions`` has the first month of each KPI's version by code (None: the first one), ``cells`` who entered what:
    KPI, tier (None: all of them, by facts) and people by key; ``growth`` who entered or loaded lifecycle events;
    ``weighed`` the KPIs that the composite is made of.
    """
    shown = list(kpis)
    entered = _Entered(period, shown)
    return {
        "versions": versions_of(shown, period),
        "cells": [
            {"kpi": kpi, "tier": tier or None, "by": _keys(people)} for (kpi, tier), people in entered.cells().items()
        ],
        "growth": _keys(_of_growth(period)),
        "weighed": sorted(shares_of(set_of_month(period.last))),
    }


def versions_of(kpis: Iterable[Kpi], period: Period) -> dict[str, str | None]:
    """The first month of the version that each KPI has in a period, by its code; None where it is the first."""
    shown = list(kpis)
    stored = list(Kpi.objects.filter(pk__in=[kpi.pk for kpi in shown]))  # as they are, not as they mean in a period
    book = VersionBook.read(stored)
    return {
        kpi.code: None if book.same(kpi, _BEGINNING, period.last) else month_code(book.at(kpi, period.last).since)
        for kpi in stored
    }


def _keys(people: Collection[int]) -> list[dict[str, int]]:
    return [{"person": one} for one in sorted(people)]


class _Entered:
    """Who entered the months of KPIs: by file or call, and by hand."""

    def __init__(self, period: Period, kpis: list[Kpi]) -> None:
        self.kpis = kpis
        self.months = {kpi.code: {month_code(month) for month in _months(kpi, period)} for kpi in kpis}
        self.known = {kpi.pk: kpi for kpi in Kpi.objects.all()}
        self.codes = {kpi.code: kpi for kpi in self.known.values()}
        self.found: dict[tuple[str, str, str], set[int]] = defaultdict(set)  # by KPI, tier and month
        self._read_files()
        self._read_hands()

    def _read_files(self) -> None:
        codes = {code for months in self.months.values() for code in months}
        rows = LoadChange.objects.filter(kind__in=_BY_FILE, load__state=LoadState.APPLIED, load__by__isnull=False)
        for key, by in rows.order_by().values_list("key", "load__by").distinct().iterator(chunk_size=2_000):
            kpi, *tier, month = (part.strip() for part in key.split(" | "))
            if month in codes:
                self.found[kpi, tier[0] if tier else EVERYBODY, month].add(by)

    def _read_hands(self) -> None:
        label = TierActual._meta.label_lower
        verbs = (Verb.ENTERED, Verb.RESTATED)
        rows = AuditEntry.objects.filter(object_type=label, verb__in=verbs, by__isnull=False).order_by()
        by: dict[str, set[int]] = defaultdict(set)
        for pk, person in rows.values_list("object_id", "by").distinct().iterator(chunk_size=2_000):
            by[pk].add(person)
        if not by:
            return
        sources = {code for kpi in self.kpis for code in self._behind(kpi, set())}
        actuals = TierActual.objects.filter(kpi__code__in=sources).select_related("kpi", "tier")
        for row in actuals:
            if people := by.get(str(row.pk)):
                self.found[row.kpi.code, row.tier.code, month_code(Month(row.month))] |= people

    def cells(self) -> dict[tuple[str, str], set[int]]:
        """The people of each KPI and tier, with those of its inputs; nobody where nobody is known."""
        cells: dict[tuple[str, str], set[int]] = defaultdict(set)
        for kpi in self.kpis:
            for source in self._behind(kpi, set()):
                for (code, tier, month), people in self.found.items():
                    if code == source and month in self.months[kpi.code]:
                        cells[kpi.code, tier] |= people
        return dict(cells)

    def _behind(self, kpi: Kpi, seen: set[str]) -> set[str]:
        """The KPIs by code whose facts and actuals it is made of."""
        if kpi.code in seen:
            return set()
        seen.add(kpi.code)
        if not kpi.calculated:
            return {self.known[kpi.source_id].code}
        inputs = (self.codes[code] for code in read_formula(kpi.formula).inputs if code in self.codes)
        return {code for one in inputs for code in self._behind(one, seen)}


def _months(kpi: Kpi, period: Period) -> tuple[Month, ...]:
    """The months that a value of the period may be made of; of a calculated one also those that an input looks back."""
    if kpi.calculated:
        return (*months_between(shift(period.last, -11), period.last), *period.months)
    return window(kpi, period)


def _of_growth(period: Period) -> set[int]:
    """Who loaded lifecycle events of the period, or wrote them by hand."""
    codes = {month_code(month) for month in period.months}
    rows = LoadChange.objects.filter(kind="lifecycle_events", load__state=LoadState.APPLIED, load__by__isnull=False)
    loaded = rows.order_by().values_list("key", "load__by").iterator(chunk_size=2_000)
    found = {by for key, by in loaded if key.rpartition(" | ")[2][:7] in codes}
    events = LifecycleEvent.objects.filter(on__gte=period.first_day, on__lte=period.last_day)
    label, ids = LifecycleEvent._meta.label_lower, {str(pk) for pk in events.values_list("pk", flat=True)}
    entries = AuditEntry.objects.filter(object_type=label, by__isnull=False).order_by()
    return found | {by for pk, by in entries.values_list("object_id", "by").distinct() if pk in ids}


# -- initiatives


@dataclass(frozen=True, slots=True)
class Ending:
    """Who finished an initiative, and since when it has been cancelled or on hold with an executive's word, whose."""

    finished_by: int | None = None
    stopped_on: date | None = None
    stopped_by: int | None = None


class Endings:
    """How initiatives ended up to a day, by id: four queries, and one for executives where something stopped."""

    def __init__(self, day: date) -> None:
        changes = TrackedChange.objects.filter(what=Tracked.STAGE, on__lte=day).order_by("on", "pk")
        self._last = {row.initiative_id: row for row in changes.select_related("load")}
        self._agreed = {row.initiative_id: row for row in StopApproval.objects.filter(on__lte=day)}
        loaded = Initiative.objects.filter(load__by__isnull=False)
        self._loaders: dict[int, int] = dict(loaded.values_list("pk", "load__by"))
        self._executives = set(
            RoleGrant.objects.filter(role=Role.EXECUTIVE).values_list("user", flat=True)
            if any(row.after in _STOPPED for row in self._last.values())
            else ()
        )

    def of(self, pk: int) -> Ending:
        """Of one of them: one that a file brought as it is has been ended by who loaded it."""
        last = self._last.get(pk)
        if last is None:
            return Ending(finished_by=self._loaders.get(pk))
        by = last.by_id or (last.load.by_id if last.load else None)
        if last.after == Stage.DONE:
            return Ending(finished_by=by)
        if last.after not in _STOPPED:
            return Ending()
        if by in self._executives:
            return Ending(stopped_on=last.on, stopped_by=by)
        agreed = self._agreed.get(pk)  # the latest; an earlier stop that was agreed to says nothing of this one
        if agreed is not None and agreed.on >= last.on:
            return Ending(stopped_on=agreed.on, stopped_by=agreed.by_id)
        return Ending()


def entered_for(evidence: Mapping[str, Any], kpis: Collection[str], tier: str) -> set[int]:
    """Who entered what cells of KPIs in a tier are made of, by an edition's evidence."""
    everybody = tier == TierScope.ALL.value
    return {
        one["person"]
        for cell in evidence.get("cells", ())
        if cell["kpi"] in kpis and (everybody or cell["tier"] in {None, tier})
        for one in cell["by"]
    }
