"""KPIs as a file."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cached_property, partial
from typing import Any

from django.db.models import QuerySet

from accounts.company import company, today
from accounts.loads import Change, LoadJob, RowKind
from accounts.loads.people import PERSON
from accounts.loads.taking import Key
from accounts.models import Department, Load, User
from accounts.rights import Right
from accounts.rules.money import clean_currency
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
from core.periods import Month, month_of, parse_month
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
from kpis.formulas.calculated import LONGEST, dimension_of
from kpis.loads.lookups import KPI
from kpis.loads.percents import refuse_percents
from kpis.models import Kpi, Target
from kpis.models.versions import MEANING
from kpis.rules.formula import Shelf, inputs_by_code
from kpis.rules.kpi import (
    DECIMALS,
    Definition,
    Library,
    fixed_problems,
    has_history,
    kpi_problems,
    normal_currency,
    unit_problems,
    version_problems,
)
from kpis.services.touches import lacks_base, slices_with_data, touch_slices
from kpis.services.versions import add_version, take_back_versions

_LOOKED_AT = ("code", "unit", "currency", "customer_method", "time_method", "formula", "absent", "facts_of", "source")


@dataclass
class _Kept:
    """The KPIs as they will stand once the file is in, and what data they have."""

    library: Library
    stored: dict[str, Kpi]
    currency: str
    from_months: dict[str, Month | None] = field(default_factory=dict)

    def has_data(self, code: str) -> bool:
        """Whether a stored KPI has facts, its own or those it takes, or tier actuals."""
        return self.stored[code].source_id in self._with_data or self.stored[code].pk in self._with_data

    @cached_property
    def _with_data(self) -> set[int]:
        return {kpi for kpi, _ in slices_with_data([kpi.pk for kpi in self.stored.values()])}

    def has_history(self, code: str) -> bool:
        """Whether a change of meaning would relabel something."""
        kpi = self.stored[code]
        has_targets = Target.objects.filter(kpi=kpi).exists()
        return has_history(kpi, has_data=self.has_data(code), has_targets=has_targets)


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
        Column("currency", CellType(clean_currency), optional=True),
        Column("direction", choice_type(Direction)),
        Column("customer_method", choice_type(CustomerMethod), blank=True),
        Column("time_method", choice_type(TimeMethod), blank=True),
        Column("near_band", POSITIVE, optional=True, null=True, percent=Percent.TAKEN),
        Column("near_band_abs", POSITIVE, optional=True, null=True, percent=Percent.BY_ROW),
        Column("decimals", whole_type(*DECIMALS), optional=True, default="2"),
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
        job.kept = _Kept(Library(), stored, company().currency)
        job.kept.library = self._library(job.kept, {row.key[0]: row.record for row in rows})
        _leave_decided(job.kept, rows)
        super()._take(job, rows)

    def _library(self, kept: _Kept, given: dict[str, Record]) -> Library:
        """All KPIs as they will stand; a formula that cannot be read is refused with its row."""
        before = {code: self.record(kpi) for code, kpi in kept.stored.items()}
        records = {code: {**before.get(code, {}), **given.get(code, {})} for code in {**before, **given}}
        dimensions = {
            code: dimension_of(one["unit"], one.get("currency") or kept.currency) for code, one in records.items()
        }
        texts, stored = ({code: one.get("formula", "") for code, one in some.items()} for some in (records, before))
        return Library(
            shelf=Shelf(dimensions, inputs_by_code(texts), inputs_by_code(stored)),
            sources={code: source for code, one in records.items() if (source := one.get("facts_of", ""))},
            names={code: kpi.name for code, kpi in kept.stored.items()},
            formulas=stored,
            checked=set(given),
            lacks_base=lambda code: code in kept.stored and lacks_base(kept.stored[code].source_id),
        )

    def missing(self, column: Column, texts: set[str], job: LoadJob) -> set[str]:
        """A KPI may take the facts of one that stands in the same file."""
        found = super().missing(column, texts, job)
        return found - job.kept.library.checked if column.name == "facts_of" else found

    # -- row errors

    def check(self, job: LoadJob, row: Row, before: Record | None) -> None:
        """The rules of a KPI beside the others, as the whole file will leave them."""
        record, kept = {**(before or {}), **row.record}, job.kept
        new = _definition(self.normal({**{column.name: column.default for column in self.kept}, **record}))
        said = row.record.get("source", "")  # one that nobody said anew goes with what makes it void
        job.refuse_all(row, kpi_problems(replace(new, source=said), kept.library))
        if record["unit"] == Unit.PERCENT and not record.get("near_band_abs"):
            job.warn(row, "near_band_abs", "a percent KPI without it calls 10 % of the target near, not 10 points")
        if before:
            self._check_change(job, row, before, new)

    def _check_change(self, job: LoadJob, row: Row, before: Record, new: Definition) -> None:
        """What of one that is there may change; formulas in the file are checked themselves."""
        kept, kpi = job.kept, job.kept.stored[row.key[0]]
        if kept.library.shelf.units[kpi.code] != dimension_of(kpi.unit, kpi.currency or kept.currency):
            job.refuse_all(row, unit_problems(kpi.code, kept.library))
        job.refuse_all(row, fixed_problems(_definition(before), new, has_data=kept.has_data(kpi.code)))
        if _means_another(before, {**before, **row.record}):
            start, lacks = _given_month(row) or _this_month(), partial(lacks_base, kpi.source_id)
            job.refuse_all(row, version_problems(kpi, new.customer_method, start, _this_month(), lacks))

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
        source = "" if record["formula"] or record["facts_of"] else record["source"]
        currency = normal_currency(record["unit"], record["currency"], company().currency)
        return {**record, "source": source, "currency": currency}

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


def _leave_decided(kept: _Kept, rows: list[Row]) -> None:
    """An empty cell says nothing of where the data come from: what came first stays."""
    for row in rows:
        code = row.key[0]
        if row.record.get("source") == "" and code in kept.stored and kept.has_data(code):
            del row.record["source"]


def _definition(record: Record) -> Definition:
    """What the rules look at of a row that is complete. Bands and decimals are read as their columns read them."""
    texts: dict[str, Any] = {name: record[name] for name in _LOOKED_AT}
    return Definition(**texts)


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
