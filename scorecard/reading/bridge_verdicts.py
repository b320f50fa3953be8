"""What changed the verdict or the signal of a cell alone: targets, bands, versions, complete months, steps, seasons.

Such a row has no components and no effect on the value: it is there so that a verdict that was bought by a target is
seen.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from django.db.models import Q

from accounts.choices import LoadState, Verb
from accounts.models import AuditEntry, LoadChange
from core.periods import Period
from customers.choices import TierScope
from customers.models import Tier
from kpis.models import Kpi, KpiVersion, Target
from scorecard.reading.bridge_definitions import BACK, COMPLETE_WHEN, PUBLISHED, RETIRED, VERSION, meaning_begins
from scorecard.reading.bridge_events import UNDO, Cause
from scorecard.reading.editions import DifferingCell

TARGET, BAND, STEP, SEASONAL = "target", "band", "step", "seasonal"
_AIMS = ("target", "low", "high")
_SIGNALS = ("signal", "assurance")
_VERDICTS = ("status", "pace")
_ITSELF = ("tier",)  # another where the matrix has the cell then or now alone
# By what a cell is another where a cause of the kind is told.
_SHOWS: dict[str, tuple[str, ...]] = {
    TARGET: (*_AIMS, "assurance"),
    BAND: _VERDICTS,
    VERSION: (*_AIMS, *_VERDICTS),
    RETIRED: _ITSELF,
    PUBLISHED: _ITSELF,
    STEP: _SIGNALS,
    SEASONAL: _SIGNALS,
    COMPLETE_WHEN: (*_VERDICTS, *_SIGNALS, "provisional", "months_with_data"),
}
_COLUMNS = {
    "near_band": BAND,
    "near_band_abs": BAND,
    "seasonal": SEASONAL,
    "complete_when": COMPLETE_WHEN,
    "retired_from": RETIRED,
    "state": PUBLISHED,
}
_DECIDED = frozenset(
    {
        *(Verb.APPROVED, Verb.TAKEN_BACK, Verb.APPROVED_AGAIN, Verb.WITHDRAWN_BY_CHANGE, Verb.WITHDRAWN_WITH_MEANING),
        Verb.STANDS_AGAIN,
    }
)

Told = tuple[Cause, int | None]  # with the tier, by id, where it is of one column alone


class Verdicts:
    """What was decided since an edition was signed of what cells are held against: three queries."""

    def __init__(self, since: datetime, period: Period, kpis: Mapping[str, Kpi], behind: Mapping[int, frozenset[int]]):
        """``kpis`` by code; ``behind`` says of each by id which a value of it is made of."""
        self._since, self._period, self._kpis, self._behind = since, period, kpis, behind
        self._found: dict[tuple[int, str], list[Told]] = defaultdict(list)
        self._tiers = {tier.code: tier for tier in Tier.objects.all()}
        self._read_entries()
        self._read_files()

    def of(self, one: DifferingCell) -> Iterator[Cause]:
        """The causes by which this cell's verdict or signal is another, in no order."""
        kpi, tier = self._kpis.get(one.kpi), self._tiers.get(one.tier)
        if kpi is None or tier is None:
            return
        for cause, names in _SHOWS.items():
            if all((one.then or {}).get(name) == (one.now or {}).get(name) for name in names):
                continue
            for pk in self._behind[kpi.pk] if cause in {STEP, COMPLETE_WHEN} else (kpi.pk,):
                yield from (told for told, column in self._found[pk, cause] if self._reaches(cause, column, tier))

    def _reaches(self, cause: str, column: int | None, tier: Tier) -> bool:
        """A target of a tier is one of all customers too where these have none of their own."""
        summed = cause == TARGET and tier.scope == TierScope.ALL
        return column is None or column == tier.pk or summed

    # -- read

    def _read_entries(self) -> None:
        asked = Q(object_type__in=["kpis.step", "kpis.target", "kpis.kpi", "kpis.kpiversion"], at__gt=self._since)
        found = list(AuditEntry.objects.filter(asked).order_by("pk"))
        targets = Target.objects.in_bulk({int(one.object_id) for one in found if one.object_type == "kpis.target"})
        bands = {int(one.object_id) for one in found if one.object_type == "kpis.kpiversion"}
        versions = KpiVersion.objects.in_bulk(bands) if bands else {}
        for entry in found:
            if entry.object_type == "kpis.target":
                self._add_target(entry, targets.get(int(entry.object_id)))
            elif entry.object_type == "kpis.step":
                self._add_step(entry)
            elif entry.object_type == "kpis.kpi":
                self._add_columns(int(entry.object_id), entry.before, entry.after, _cause(entry, ""))
            elif (version := versions.get(int(entry.object_id))) and version.from_month <= self._period.last:
                self._found[version.kpi_id, BAND].append((_cause(entry, BAND), None))

    def _add_target(self, entry: AuditEntry, row: Target | None) -> None:
        if row is None or entry.verb not in _DECIDED or row.from_month > self._period.last:
            return
        by, reference = entry.by_id, f"version {row.version}"
        self._found[row.kpi_id, TARGET].append((Cause(entry.at, TARGET, by, reference), row.tier_id))

    def _add_step(self, entry: AuditEntry) -> None:
        state: Any = entry.after or entry.before
        kpi, tier = self._kpis.get(state["kpi"]), self._tiers.get(state["tier"] or "")
        if kpi is not None and entry.verb in {Verb.SET_STEP, Verb.TOOK_BACK_STEP}:
            self._found[kpi.pk, STEP].append((_cause(entry, STEP), tier.pk if tier else None))

    def _add_columns(self, kpi: int, before: Any, after: Any, cause: Cause) -> None:
        """What a KPI's row says otherwise of bands, seasons, complete months and of what it means."""
        if not before or not after:
            return
        differing = {_COLUMNS[name] for name in _COLUMNS if _text(before.get(name)) != _text(after.get(name))}
        for name in differing:
            self._add(kpi, name, cause, BACK if name == RETIRED and not after.get("retired_from") else name)
        begins = meaning_begins(before, after)
        if begins is not None and begins <= self._period.last:
            for name in (VERSION, STEP):  # no target reaches across a version, and no chart does
                self._add(kpi, name, cause, VERSION)

    def _add(self, kpi: int, name: str, cause: Cause, told_as: str) -> None:
        self._found[kpi, name].append((Cause(cause.at, cause.cause or told_as, cause.by, cause.reference), None))

    def _read_files(self) -> None:
        asked = Q(load__at__gt=self._since) | Q(load__undone_at__gt=self._since)
        for row in LoadChange.objects.filter(asked, kind="kpis").select_related("load"):
            load, kpi = row.load, self._kpis.get(row.key)
            if kpi is None:
                continue
            if load.at > self._since and load.state == LoadState.APPLIED:
                self._add_columns(kpi.pk, row.before, row.after, Cause(load.at, "", load.by_id, f"load {load.pk}"))
            elif load.at <= self._since and load.undone_at:
                undone = Cause(load.undone_at, UNDO, load.undone_by_id, f"load {load.pk}")
                self._add_columns(kpi.pk, row.after, row.before, undone)


def _cause(entry: AuditEntry, name: str) -> Cause:
    return Cause(entry.at, name, entry.by_id, f"audit {entry.pk}")


def _text(value: Any) -> str:
    return "" if value is None else str(value).lower()
