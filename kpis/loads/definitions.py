"""KPIs as a file."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from django.db.models import Q, QuerySet

from accounts.loads import Change, LoadJob, RowKind
from accounts.loads.jobs import Key
from accounts.loads.people import PERSON
from accounts.models import Department
from accounts.services import company
from core.loading import Column, Record, Reference
from core.loading.columns import (
    EMAIL,
    MONTH,
    POSITIVE,
    CellType,
    choice_type,
    code_type,
    text_type,
    whole_type,
)
from core.loading.rows import Row
from kpis.choices import Absent, CustomerMethod, Direction, Indicator, TimeMethod, Unit
from kpis.loads.lookups import KPI
from kpis.marks import slices_with_data, slices_with_facts, touch_slices
from kpis.models import Fact, Kpi, Target, TierActual

_LONG = 10_000

# A change of these would give another meaning to months that people have already read.
_HISTORY = ("customer_method", "time_method", "direction", "absent", "facts_of")


def _clean_currency(text: str) -> str:
    if not re.fullmatch(r"[A-Za-z]{3}", text):
        raise ValueError("is no currency code such as EUR")
    return text.upper()


@dataclass
class Library:
    """The KPIs as they will stand once the file is in, and what data they have."""

    facts_of: dict[str, str]
    in_file: set[str]
    stored: dict[str, Kpi]
    currency: str
    positions: dict[str, str] = field(default_factory=dict)

    def has_data(self, code: str) -> bool:
        """Whether a stored KPI has facts, its own or those it takes, or tier actuals."""
        return self.stored[code].source_id in self._with_data or self.stored[code].pk in self._with_data

    @cached_property
    def _with_data(self) -> set[int]:
        return {kpi for kpi, _ in slices_with_data([kpi.pk for kpi in self.stored.values()])}

    def dependants(self, code: str) -> Iterator[str]:
        """The KPIs that take the facts of this one."""
        return (other for other, source in self.facts_of.items() if source == code)


class Kpis(RowKind):
    """The KPI library; the order of the file is the order of the matrix."""

    name = "kpis"
    title = "KPIs"
    model = Kpi
    touches_cells = True
    batch = None
    columns = (
        Column("code", code_type(60), key=True),
        Column("name", text_type(200)),
        Column(
            "department",
            code_type(60),
            optional=True,
            null=True,
            reference=Reference(Department, "code", "department"),
        ),
        Column("indicator", choice_type(Indicator)),
        Column("unit", choice_type(Unit)),
        Column("currency", CellType(_clean_currency), optional=True),
        Column("direction", choice_type(Direction)),
        Column("customer_method", choice_type(CustomerMethod)),
        Column("time_method", choice_type(TimeMethod)),
        Column("near_band", POSITIVE, optional=True, null=True),
        Column("near_band_abs", POSITIVE, optional=True, null=True),
        Column("decimals", whole_type(0, 4), optional=True, default="2"),
        Column("absent", choice_type(Absent), optional=True, default=Absent.MISSING.value),
        Column("facts_of", code_type(60), optional=True, null=True, reference=KPI),
        Column("owner", EMAIL, optional=True, null=True, reference=PERSON),
        Column("customer_criterion", text_type(_LONG), optional=True),
        Column("definition", text_type(_LONG), optional=True),
        Column("position", whole_type(0, 999_999_999), hidden=True),
        Column("formula", text_type(_LONG), optional=True, ignored=True),
        Column("from_month", MONTH, optional=True, ignored=True),
    )

    def rows(self) -> QuerySet[Any]:
        """In the order of the matrix, which a file keeps."""
        return Kpi.objects.select_related("department", "facts_of", "owner").in_matrix_order()

    def _take(self, job: LoadJob, rows: list[Row]) -> None:
        stored = {kpi.code: kpi for kpi in self.rows()}
        facts_of = {code: kpi.facts_of.code if kpi.facts_of else "" for code, kpi in stored.items()}
        facts_of |= {row.key[0]: row.record.get("facts_of", facts_of.get(row.key[0], "")) for row in rows}
        job.kept = Library(facts_of, {row.key[0] for row in rows}, stored, company().currency)
        super()._take(job, rows)

    def missing(self, column: Column, texts: set[str], job: LoadJob) -> set[str]:
        """A KPI may take the facts of one that stands in the same file."""
        found = super().missing(column, texts, job)
        return found - job.kept.in_file if column.name == "facts_of" else found

    # -- row errors

    def check(self, job: LoadJob, row: Row, before: Record | None) -> None:
        """The rules that a constraint cannot tell in words, and those that need data."""
        record = {**(before or {}), **row.record}
        if row.record.get("formula"):
            job.refuse(row, "formula", "calculated KPIs come with the KPI library; leave formula empty")
        methods = {CustomerMethod.SUM.value, CustomerMethod.DISTINCT.value}
        if record.get("absent") == Absent.ZERO and record["customer_method"] not in methods:
            job.refuse(row, "absent", "silence can mean zero for the customer methods sum and distinct alone")
        if record["unit"] == Unit.PERCENT and not record.get("near_band_abs"):
            job.warn(row, "near_band_abs", "a percent KPI without it calls 10 % of the target near, not 10 points")
        self._check_source(job, row, record.get("facts_of", ""))
        if before:
            self._check_history(job, row, before)

    def _check_source(self, job: LoadJob, row: Row, source: str) -> None:
        code, library = row.key[0], job.kept
        if not source:
            return
        if source == code:
            job.refuse(row, "facts_of", "a KPI cannot take its own facts; leave the cell empty")
        elif library.facts_of.get(source):
            job.refuse(
                row, "facts_of", f"{source} takes its facts from {library.facts_of[source]}; one step is allowed"
            )
        elif others := [other for other in library.dependants(code) if other not in library.in_file]:
            job.refuse(row, "facts_of", f"{', '.join(others)} takes its facts from {code}; one step is allowed")
        elif row.record["customer_method"] == CustomerMethod.RATIO and _lacks_denominators(library.stored.get(source)):
            job.refuse(row, "facts_of", f"{source} has facts without a denominator of 0 or more, which a ratio needs")

    def _check_history(self, job: LoadJob, row: Row, before: Record) -> None:
        code = row.key[0]
        changed = [name for name in _HISTORY if row.record.get(name, before[name]) != before[name]]
        if changed and job.kept.has_data(code):
            for name in changed:
                job.refuse(row, name, f"{code} has data, and a change from “{before[name]}” would relabel its history")
        elif {"direction", "time_method"} & set(changed) and Target.objects.filter(kpi__code=code).exists():
            job.refuse(row, changed[0], f"{code} has targets that were set for another direction or length of time")

    # -- what is written

    def changes(self, job: LoadJob, rows: list[Row], before: dict[Key, Record]) -> list[Change]:
        """Rows that differ, their place in the matrix included."""
        positions = _positions([row.key[0] for row in rows], job.kept.stored)
        for row in rows:
            row.record["position"] = str(positions[row.key[0]])
        return super().changes(job, rows, before)

    def normal(self, record: Record) -> Record:
        """Money is in the company's currency where the file names none."""
        if record["unit"] == Unit.CURRENCY and not record["currency"]:
            return {**record, "currency": company().currency}
        return record

    def write(self, changes: list[Change], stored: dict[Key, Any], job: LoadJob | None) -> None:
        """Those that own facts before those that take them; where rows go, the other way about."""
        gone = [change for change in changes if change.after is None]
        left = [change for change in changes if change.after is not None]
        for takes in (True, False):
            super().write([c for c in gone if bool(c.before and c.before["facts_of"]) is takes], stored, job)
        for takes in (False, True):
            super().write([c for c in left if bool(c.after and c.after["facts_of"]) is takes], stored, job)

    def touch(self, changes: list[Change]) -> None:
        """The months of those whose values become others by definition alone."""
        codes = {c.key[0] for c in changes if c.after and (c.differs("facts_of") or (c.before and c.differs("unit")))}
        codes -= {c.key[0] for c in changes if c.before is None and c.after and not c.after["facts_of"]}
        sources = {kpi.source_id for kpi in Kpi.objects.filter(code__in=codes)}
        touch_slices(slices_with_data(sources))


def _positions(codes: list[str], stored: dict[str, Kpi]) -> dict[str, int]:
    """Places in the matrix: those in the file share the places that they had, in the file's order.

    New ones come last. Leading and trailing KPIs are ordered apart, so a place moves only where
    the order that people see does.
    """
    had = {code: stored[code].position for code in codes if code in stored}
    following = max((kpi.position for kpi in stored.values()), default=-1) + 1
    places: dict[str, int] = {}
    for indicator in Indicator.values:
        known = [code for code in codes if code in had and stored[code].indicator == indicator]
        in_order = sorted(known, key=lambda code: (had[code], code))
        free = [had[code] for code in in_order] if known == in_order else _rising([had[code] for code in in_order])
        places |= dict(zip(known, free, strict=True))
    fresh = [code for code in codes if code not in had]
    return places | {code: following + number for number, code in enumerate(fresh)}


def _rising(places: list[int]) -> list[int]:
    rising: list[int] = []
    for place in places:
        rising.append(max(place, rising[-1] + 1) if rising else place)
    return rising


def _lacks_denominators(source: Kpi | None) -> bool:
    if source is None:
        return False
    bad = Q(denominator=None) | Q(denominator__lt=0)
    return any(
        Fact.objects.filter(bad, month=month, kpi_id=kpi).exists() for kpi, month in slices_with_facts([source.pk])
    )


def takes_tier_actuals() -> set[int]:
    """The ids of the KPIs that have tier actuals."""
    return set(TierActual.objects.order_by().values_list("kpi_id", flat=True).distinct())
