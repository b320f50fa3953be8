"""Why verdicts became others between two looks at them: what the record says happened meanwhile."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property

from django.db.models import Max, Sum

from accounts.choices import Verb
from accounts.models import AuditEntry, Company
from core.periods import Period
from kpis.choices import RunState
from kpis.models import Kpi, KpiVersion, RollupRun, Target
from kpis.rollup.runs import is_owed
from kpis.rules.actual import newest_month
from kpis.rules.formula import inputs_of
from scorecard.choices import Cause
from scorecard.models import Comparison

# What a verdict can rest on beside facts, by its label in the record.
_KINDS = (
    *("kpis.kpi", "kpis.kpiversion", "kpis.target", "kpis.step", "kpis.completemonth"),
    *("customers.tier", "accounts.load", "accounts.company"),
)
_NEWEST = 50  # so many are added up: one that was drawn early and committed late changes the sum too
_CAUSES: dict[str, Cause] = {
    Verb.APPROVED: Cause.APPROVAL,
    Verb.TAKEN_BACK: Cause.TAKEN_BACK,
    Verb.APPROVED_AGAIN: Cause.TAKEN_BACK,
    Verb.CHANGED_MEANING: Cause.VERSION,
    Verb.TOOK_BACK_MEANING: Cause.VERSION,
    Verb.WITHDRAWN_BY_CHANGE: Cause.VERSION,
    Verb.WITHDRAWN_WITH_MEANING: Cause.VERSION,
    Verb.STANDS_AGAIN: Cause.VERSION,
    Verb.CHANGED_BAND: Cause.BAND,
    Verb.SET_STEP: Cause.STEP,
    Verb.TOOK_BACK_STEP: Cause.STEP,
    Verb.MARKED_COMPLETE: Cause.COMPLETE,
    Verb.UNMARKED_COMPLETE: Cause.COMPLETE,
}
# What changes cells or charts by way of a rollup.
_BY_ROLLUP = frozenset({Cause.STEP, Cause.SEASONAL, Cause.VERSION, Cause.COMPLETE})


@dataclass(frozen=True, slots=True)
class Standing:
    """How far the record is: ``text`` is another whenever a verdict can be; ``owed``: a rollup is still to come."""

    text: str
    entry: int
    run: int
    day: date
    owed: bool


def how_it_stands(today: date) -> Standing:
    """As of now, in a few short queries."""
    kinds = AuditEntry.objects.filter(object_type__in=_KINDS).order_by("-pk").values("pk")[:_NEWEST]
    entries = AuditEntry.objects.filter(pk__in=list(kinds.values_list("pk", flat=True)))
    told = entries.aggregate(newest=Max("pk"), total=Sum("pk"))
    ended = RollupRun.objects.filter(finished_at__isnull=False).order_by("-pk").values_list("pk", flat=True)[:_NEWEST]
    runs = list(ended)
    finished = RollupRun.objects.aggregate(last=Max("finished_at"))["last"]
    company = Company.objects.get(pk=1)
    year = company.fiscal_year_start_month, company.fiscal_year_named_by
    owed = is_owed(newest_month(today)) or RollupRun.objects.filter(state=RunState.RUNNING).exists()
    text = f"{told['total']} {sum(runs)} {finished} {today} {year} {owed}"
    return Standing(text, told["newest"] or 0, max(runs, default=0), today, owed)


class Causes:
    """What happened since the last comparison, KPI by KPI; read once, where something is another."""

    def __init__(self, last: Comparison, now: Standing) -> None:
        self._last, self._now = last, now

    @cached_property
    def _found(self) -> dict[str, Cause]:
        """By the KPI's code; under an empty one what names no KPI."""
        since = min(self._last.entry, self._last.settled)
        found = AuditEntry.objects.filter(object_type__in=_KINDS, pk__gt=since).order_by("pk")
        entries = [(entry, cause) for entry in found.iterator() if (cause := self._counting(entry))]
        codes = _codes_behind([entry for entry, _ in entries])
        return {_code(entry, codes): cause for entry, cause in entries}

    def of(self, kpi: Kpi, period: Period) -> Cause:
        """The likeliest: that the period ended meanwhile, what was written of the KPI or what it is made of, new
        data, a file, the day.
        """
        day = self._last.day
        if day is not None and day <= period.last_day < self._now.day:
            return Cause.DAY
        own = (found for code in (kpi.code, *_sources(kpi)) if (found := self._found.get(code)))
        rolled = Cause.ROLLUP if self._now.run > self._last.run else None
        passed = Cause.DAY if day is not None and day != self._now.day else None
        return next(own, None) or rolled or self._found.get("") or passed or Cause.OTHER

    def _counting(self, entry: AuditEntry) -> Cause | None:
        """What an entry may have caused since; one that was there at the last look can have done so by a rollup."""
        cause = cause_of(entry)
        return cause if entry.pk > self._last.entry or cause in _BY_ROLLUP else None


def cause_of(entry: AuditEntry) -> Cause | None:
    """What an entry may have caused; None where it can be nothing."""
    if entry.object_type == "accounts.load":
        return Cause.LOAD
    if entry.object_type == "kpis.kpi" and entry.verb == Verb.CHANGED:
        if _differs(entry, "seasonal"):
            return Cause.SEASONAL
        return Cause.BAND if _differs(entry, "near_band", "near_band_abs") else None
    return _CAUSES.get(entry.verb)


def _differs(entry: AuditEntry, *names: str) -> bool:
    before, after = entry.before or {}, entry.after or {}
    return any(before.get(name) != after.get(name) for name in names)


def _code(entry: AuditEntry, codes: Mapping[tuple[str, str], str]) -> str:
    """The KPI that an entry is about, by its code; empty where it names none."""
    name = "code" if entry.object_type == "kpis.kpi" else "kpi"
    told = (entry.after or {}).get(name) or (entry.before or {}).get(name)
    return str(told or codes.get((entry.object_type, entry.object_id), ""))


def _codes_behind(entries: Sequence[AuditEntry]) -> dict[tuple[str, str], str]:
    """The KPIs of rows whose entries do not name them: a query for each of two kinds."""
    found: dict[tuple[str, str], str] = {}
    for kind, model in (("kpis.target", Target), ("kpis.kpiversion", KpiVersion)):
        ids = {entry.object_id for entry in entries if entry.object_type == kind and not _code(entry, {})}
        rows = model.objects.filter(pk__in=ids).values_list("pk", "kpi__code") if ids else ()
        found |= {(kind, str(pk)): code for pk, code in rows}
    return found


def _sources(kpi: Kpi) -> Iterator[str]:
    """What a KPI takes its facts or values from."""
    if kpi.facts_of is not None:
        yield kpi.facts_of.code
    yield from sorted(inputs_of(kpi.formula))
