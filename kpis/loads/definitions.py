"""KPIs as a file."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from django.db.models import Q, QuerySet

from accounts.company import company, today
from accounts.loads import Change, LoadJob, RowKind
from accounts.loads.people import PERSON
from accounts.loads.taking import Key
from accounts.models import Department, Load, User
from accounts.rights import Right
from core.loading import Column, Record, Reference
from core.loading.columns import (
    EMAIL,
    MONTH,
    POSITIVE,
    CellType,
    Percent,
    choice_type,
    code_type,
    text_type,
    whole_type,
)
from core.loading.rows import Row
from core.periods import Month, month_of, parse_month, shift
from kpis.choices import (
    LONGEST_TEXT,
    Absent,
    CompleteWhen,
    CustomerMethod,
    Direction,
    Indicator,
    Source,
    TimeMethod,
    Unit,
)
from kpis.formulas.calculated import LONGEST, Dimension, dimension_of
from kpis.loads.lookups import KPI
from kpis.loads.percents import refuse_percents
from kpis.models import Fact, Kpi, Target
from kpis.models.versions import MEANING
from kpis.rules.formula import Shelf, formula_problem, inputs_by_code
from kpis.rules.source import source_problems
from kpis.services.touches import slices_with_data, slices_with_facts, touch_slices
from kpis.services.versions import add_version, refusal_from, take_back_versions

# A change of these would give another meaning to months that people have already read: it is refused.
# A change of direction, methods or formula (kpis.versions.MEANING) is a new version from a month on.
_HISTORY = ("absent", "facts_of", "source")
_METHODS = ("customer_method", "time_method")


def _clean_currency(text: str) -> str:
    if not re.fullmatch(r"[A-Za-z]{3}", text):
        raise ValueError("is no currency code such as EUR")
    return text.upper()


@dataclass
class Library:
    """The KPIs as they will stand once the file is in, and what data they have.

    ``shelf`` holds the dimension of each, and the inputs of those that are calculated.
    """

    facts_of: dict[str, str]
    in_file: set[str]
    stored: dict[str, Kpi]
    currency: str
    positions: dict[str, str] = field(default_factory=dict)
    shelf: Shelf = field(default_factory=Shelf)
    from_months: dict[str, Month | None] = field(default_factory=dict)

    def has_data(self, code: str) -> bool:
        """Whether a stored KPI has facts, its own or those it takes, or tier actuals."""
        return self.stored[code].source_id in self._with_data or self.stored[code].pk in self._with_data

    @cached_property
    def _with_data(self) -> set[int]:
        return {kpi for kpi, _ in slices_with_data([kpi.pk for kpi in self.stored.values()])}

    def has_history(self, code: str) -> bool:
        """Whether a change of meaning would relabel something: data, targets, or earlier versions."""
        kpi = self.stored[code]
        return bool(kpi.versions_from) or self.has_data(code) or Target.objects.filter(kpi=kpi).exists()

    def dependants(self, code: str) -> Iterator[str]:
        """The KPIs that take the facts of this one."""
        return (other for other, source in self.facts_of.items() if source == code)

    def takers(self, code: str) -> Iterator[str]:
        """The KPIs outside the file whose formulas take this one."""
        return (other for other, inputs in self.shelf.formulas.items() if code in inputs and other not in self.in_file)


class Kpis(RowKind):
    """The KPI library; the order of the file is the order of the matrix."""

    name = "kpis"
    title = "KPIs"
    model = Kpi
    row_right = Right.MANAGE_KPIS
    begins_with = {"customer_method": "", "time_method": ""}
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
        Column("customer_method", choice_type(CustomerMethod), blank=True),
        Column("time_method", choice_type(TimeMethod), blank=True),
        Column("near_band", POSITIVE, optional=True, null=True, percent=Percent.TAKEN),
        Column("near_band_abs", POSITIVE, optional=True, null=True, percent=Percent.BY_ROW),
        Column("decimals", whole_type(0, 4), optional=True, default="2"),
        Column("absent", choice_type(Absent), optional=True, default=Absent.MISSING.value),
        Column("facts_of", code_type(60), optional=True, null=True, reference=KPI),
        Column("owner", EMAIL, optional=True, null=True, reference=PERSON),
        Column("customer_criterion", text_type(LONGEST_TEXT), optional=True),
        Column("definition", text_type(LONGEST_TEXT), optional=True),
        Column("position", whole_type(0, 999_999_999), hidden=True),
        Column("formula", text_type(LONGEST), optional=True),
        Column("source", choice_type(Source), optional=True),
        Column("complete_when", choice_type(CompleteWhen), optional=True, default=CompleteWhen.ANY.value),
        Column("from_month", MONTH, optional=True, ignored=True),
    )

    def rows(self) -> QuerySet[Any]:
        """In the order of the matrix, which a file keeps."""
        return Kpi.objects.select_related("department", "facts_of", "owner").in_matrix_order()

    def _take(self, job: LoadJob, rows: list[Row]) -> None:
        own = "is not in percent: give the number itself"
        rows = refuse_percents(job, rows, {unit: own for unit in Unit.values if unit != Unit.PERCENT}, column="unit")
        stored = {kpi.code: kpi for kpi in self.rows()}
        facts_of = {code: kpi.facts_of.code if kpi.facts_of else "" for code, kpi in stored.items()}
        facts_of |= {row.key[0]: row.record.get("facts_of", facts_of.get(row.key[0], "")) for row in rows}
        job.kept = Library(facts_of, {row.key[0] for row in rows}, stored, company().currency)
        self._read_formulas(job.kept, rows)
        _keep_decided(job.kept, rows)
        super()._take(job, rows)

    def _read_formulas(self, library: Library, rows: list[Row]) -> None:
        """What units and formulas the KPIs will have; a formula that cannot be read is refused with its row."""
        given = {row.key[0]: row.record for row in rows}
        units, texts = dict[str, Dimension](), dict[str, str]()
        for code in {**library.stored, **given}:
            before = self.record(library.stored[code]) if code in library.stored else {}
            record = {**before, **given.get(code, {})}
            currency = record.get("currency") or library.currency
            units[code] = dimension_of(record["unit"], currency)
            texts[code] = record.get("formula", "")
        stored = {code: kpi.formula for code, kpi in library.stored.items()}
        library.shelf = Shelf(units, inputs_by_code(texts), inputs_by_code(stored))

    def missing(self, column: Column, texts: set[str], job: LoadJob) -> set[str]:
        """A KPI may take the facts of one that stands in the same file."""
        found = super().missing(column, texts, job)
        return found - job.kept.in_file if column.name == "facts_of" else found

    # -- row errors

    def check(self, job: LoadJob, row: Row, before: Record | None) -> None:
        """The rules that a constraint cannot tell in words, and those that need data."""
        record = {**(before or {}), **row.record}
        self._check_meaning(job, row, record)
        methods = {CustomerMethod.SUM.value, CustomerMethod.DISTINCT.value}
        if record.get("absent") == Absent.ZERO and record.get("customer_method", "") not in methods:
            job.refuse(row, "absent", "silence can mean zero for the customer methods sum and distinct alone")
        if record["unit"] == Unit.PERCENT and not record.get("near_band_abs"):
            job.warn(row, "near_band_abs", "a percent KPI without it calls 10 % of the target near, not 10 points")
        self._check_source(job, row, record.get("facts_of", ""))
        taken = bool(record.get("facts_of"))
        for name, reason in source_problems(
            row.record.get("source", ""), formula=record.get("formula", ""), takes_facts_of=taken
        ):
            job.refuse(row, name, reason)
        if before:
            self._check_history(job, row, before)
            self._check_formulas_over(job, row)

    def _check_source(self, job: LoadJob, row: Row, source: str) -> None:
        code, library = row.key[0], job.kept
        if not source:
            return
        if source == code:
            job.refuse(row, "facts_of", "a KPI cannot take its own facts; leave the cell empty")
        elif source in library.shelf.formulas:
            job.refuse(row, "facts_of", f"{source} is calculated and has no facts")
        elif library.facts_of.get(source):
            job.refuse(
                row, "facts_of", f"{source} takes its facts from {library.facts_of[source]}; one step is allowed"
            )
        elif others := [other for other in library.dependants(code) if other not in library.in_file]:
            job.refuse(row, "facts_of", f"{', '.join(others)} takes its facts from {code}; one step is allowed")
        elif row.record["customer_method"] == CustomerMethod.RATIO and _lacks_denominators(library.stored.get(source)):
            job.refuse(row, "facts_of", f"{source} has facts without a denominator of 0 or more, which a ratio needs")

    def _check_meaning(self, job: LoadJob, row: Row, record: Record) -> None:
        """A KPI has both methods, or a formula that names KPIs, leads nowhere back and adds like things."""
        formula, methods = record.get("formula", ""), [name for name in _METHODS if record.get(name)]
        if not formula:
            for name in set(_METHODS) - set(methods):
                job.refuse(row, name, "must not be empty: only a KPI with a formula has no methods")
            return
        for name in methods:
            job.refuse(row, name, "must be empty: a KPI with a formula has no methods of its own")
        if record.get("facts_of"):
            job.refuse(row, "facts_of", "must be empty: a KPI with a formula has no facts")
        library: Library = job.kept
        if others := [other for other in library.dependants(row.key[0]) if other not in library.in_file]:
            job.refuse(row, "formula", f"{', '.join(others)} takes its facts from {row.key[0]}, which needs its own")
        if problem := formula_problem(row.key[0], formula, library.shelf):
            job.refuse(row, "formula", problem)

    def _check_formulas_over(self, job: LoadJob, row: Row) -> None:
        """Another unit must not make nonsense of a stored formula; those in the file are checked themselves."""
        library: Library = job.kept
        code, stored = row.key[0], library.stored[row.key[0]]
        if library.shelf.units[code] == dimension_of(stored.unit, stored.currency or library.currency):
            return
        for other in library.takers(code):
            formula = library.stored[other].formula
            if problem := formula_problem(other, formula, library.shelf):
                job.refuse(row, "unit", f"{other} is calculated from it: {problem}")

    def _check_history(self, job: LoadJob, row: Row, before: Record) -> None:
        code, library = row.key[0], job.kept
        changed = [name for name in _HISTORY if row.record.get(name, before[name]) != before[name]]
        if changed and library.has_data(code):
            for name in changed:
                job.refuse(row, name, f"{code} has data, and a change from “{before[name]}” would relabel its history")
        if _means_another(before, {**before, **row.record}):
            self._check_version(job, row, library.stored[code])

    def _check_version(self, job: LoadJob, row: Row, kpi: Kpi) -> None:
        """A new version begins after the last one, and a ratio needs facts with denominators from then on."""
        start = _given_month(row) or _this_month()
        if late := refusal_from(kpi, start):
            job.refuse(row, "from_month", late)
        ratio = row.record["customer_method"] == CustomerMethod.RATIO != kpi.customer_method
        if ratio and _lacks_denominators(kpi, shift(start, -11)):
            job.refuse(row, "customer_method", "has facts without a denominator of 0 or more, which a ratio needs")

    # -- what is written

    def changes(self, job: LoadJob, rows: list[Row], before: dict[Key, Record]) -> list[Change]:
        """Rows that differ, their place in the matrix included."""
        job.kept.from_months = {row.key[0]: _given_month(row) for row in rows}
        positions = _positions([row.key[0] for row in rows], job.kept.stored)
        for row in rows:
            row.record["position"] = str(positions[row.key[0]])
        return super().changes(job, rows, before)

    def normal(self, record: Record) -> Record:
        """Money is in the company's currency where the file names none; who has no data of its own has no source."""
        if record["formula"] or record["facts_of"]:
            record = {**record, "source": ""}
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
        if job is not None:
            self._note_versions(job, left)

    def _note_versions(self, job: LoadJob, changes: list[Change]) -> None:
        """A change of meaning stands from a month on where there is something that it would relabel."""
        for change in changes:
            before, after = change.before, change.after
            if before is None or after is None or not _means_another(before, after):
                continue
            kpi, month = job.kept.stored[change.key[0]], job.kept.from_months.get(change.key[0])
            if month or job.kept.has_history(change.key[0]):
                add_version(
                    kpi=kpi,
                    old=_meaning(before),
                    new=_meaning(after),
                    from_month=month or _this_month(),
                    by=job.by,
                    load=job.load,
                )

    def _whole(self, change: Change, obj: Any) -> Change:
        """What the first data decided since is no change by hand, and stays."""
        if obj is not None and obj.source_decided:
            states = ({**state, "source": obj.source} if state else state for state in (change.before, change.after))
            change = Change(change.line, change.key, *states)
        return super()._whole(change, obj)

    def undo(self, load: Load, by: User | None) -> None:
        """The versions that the load began go with it."""
        super().undo(load, by)
        take_back_versions(load)

    def touch(self, changes: list[Change]) -> None:
        """The months of those whose values become others by definition alone."""
        renewed = ("unit", "complete_when")
        codes = {
            c.key[0]
            for c in changes
            if c.after and (c.differs("facts_of") or (c.before and any(c.differs(name) for name in renewed)))
        }
        codes -= {c.key[0] for c in changes if c.before is None and c.after and not c.after["facts_of"]}
        sources = {kpi.source_id for kpi in Kpi.objects.filter(code__in=codes)}
        touch_slices(slices_with_data(sources))


def _keep_decided(library: Library, rows: list[Row]) -> None:
    """An empty cell says nothing of where the data come from: what came first stays."""
    for row in rows:
        code = row.key[0]
        if row.record.get("source") == "" and code in library.stored and library.has_data(code):
            row.record["source"] = library.stored[code].source


def _meaning(record: Record) -> dict[str, str]:
    return {name: record[name] for name in MEANING}


def _means_another(before: Record, after: Record) -> bool:
    return _meaning(before) != _meaning(after)


def _given_month(row: Row) -> Month | None:
    text = row.record.get("from_month", "")
    return parse_month(text) if text else None


def _this_month() -> Month:
    return month_of(today())


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


def _lacks_denominators(source: Kpi | None, since: Month | None = None) -> bool:
    if source is None:
        return False
    bad = Q(denominator=None) | Q(denominator__lt=0)
    slices = slices_with_facts([source.source_id])
    return any(
        Fact.objects.filter(bad, month=month, kpi_id=kpi).exists() for kpi, month in slices if month >= (since or 0)
    )
