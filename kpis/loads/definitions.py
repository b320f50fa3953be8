"""KPIs as a file."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from copy import copy
from decimal import Decimal
from functools import partial
from typing import Any

from django.db.models import QuerySet

from accounts.company import company
from accounts.loads import Change, LoadJob, Refusal, RowKind
from accounts.loads.kind import cell_of
from accounts.loads.people import OWNER
from accounts.loads.taking import Key
from accounts.models import Department, Load, User
from accounts.rights import Right
from accounts.rules.money import clean_currency
from core.formatting import counted, sentence_list
from core.loading import Column, Record, Reference
from core.loading.columns import (
    BOOLEAN,
    EMAIL,
    MONTH,
    POSITIVE,
    CellType,
    Percent,
    choice_type,
    code_in,
    text_in,
    text_type,
    whole_type,
)
from core.loading.rows import Row
from core.periods import Month, month_code, month_of
from kpis.choices import (
    LONGEST_TEXT,
    Absent,
    CompleteWhen,
    CustomerMethod,
    Direction,
    Indicator,
    KpiState,
    Source,
    TimeMethod,
    Unit,
)
from kpis.formulas.calculated import LONGEST
from kpis.loads.definition_versions import (
    FEW,
    Kept,
    Story,
    Told,
    codes_of,
    meant_as,
    month_of_row,
    story_of,
    told_anew,
    told_of,
    values_in,
)
from kpis.loads.lookups import KPI, RULE
from kpis.loads.percents import refuse_percents
from kpis.loads.places import positions_of
from kpis.loads.seasonal import seasonal_refusals, touch_charts
from kpis.models import Kpi, Target
from kpis.models.versions import MEANING
from kpis.reading.turned_verdicts import turned_by_band
from kpis.rules.kpi import DECIMALS, Definition, fixed_problems, kpi_problems, normal_currency, unit_problems
from kpis.services.sources import settle_sources
from kpis.services.touches import slices_with_data, touch_slices
from kpis.services.versions import ALWAYS, set_versions, take_back_versions, undecided_by, withdrawn_by

_LOOKED_AT = (
    *("unit", "currency", "direction", "customer_method", "time_method", "formula", "rule"),
    *("absent", "facts_of", "source", "state"),
)
# Cells of a version that every row has; what else a row lacks of one stays as that version holds it.
_DUE = ("unit", "direction", "customer_method", "time_method")
# Beside the columns of a row: all versions of the KPI, so that a load is compared with them and gives them back.
_VERSIONS = "versions"


class Kpis(RowKind[Kept]):
    """The KPI library; the order of the file is the order of the matrix."""

    name = "kpis"
    title = "KPIs"
    model = Kpi
    row_right = Right.MANAGE_KPIS
    begins_with = {"customer_method": "", "time_method": ""}
    touches_cells = True
    batch = None
    columns = (
        Column("code", code_in(Kpi), key=True),
        Column("name", text_in(Kpi, "name")),
        Column(
            "department",
            code_in(Department),
            optional=True,
            null=True,
            reference=Reference(Department, "code", "department"),
        ),
        Column("indicator", choice_type(Indicator)),
        Column("unit", choice_type(Unit)),
        Column("currency", CellType(clean_currency, longest=3), optional=True),
        Column("direction", choice_type(Direction)),
        Column("customer_method", choice_type(CustomerMethod), blank=True),
        Column("time_method", choice_type(TimeMethod), blank=True),
        Column("near_band", POSITIVE, optional=True, null=True, percent=Percent.TAKEN),
        Column("near_band_abs", POSITIVE, optional=True, null=True, percent=Percent.BY_ROW),
        Column("decimals", whole_type(*DECIMALS), optional=True, default="2"),
        Column("absent", choice_type(Absent), optional=True, default=Absent.MISSING.value),
        Column("facts_of", code_in(Kpi), optional=True, null=True, reference=KPI),
        Column("owner", EMAIL, optional=True, null=True, reference=OWNER),
        Column("customer_criterion", text_type(LONGEST_TEXT), optional=True),
        Column("definition", text_type(LONGEST_TEXT), optional=True),
        Column("position", whole_type(0, 999_999_999), hidden=True),
        Column("formula", text_type(LONGEST), optional=True),
        Column("source", choice_type(Source), optional=True),
        Column("rule", RULE, optional=True),
        Column("complete_when", choice_type(CompleteWhen), optional=True, default=CompleteWhen.ANY.value),
        Column("seasonal", BOOLEAN, optional=True, default="false"),
        Column("from_month", MONTH, optional=True, ignored=True),
        Column("retired_from", MONTH, optional=True, null=True),
        Column("state", choice_type(KpiState), optional=True, default=KpiState.PUBLISHED.value),
    )

    def rows(self) -> QuerySet[Any]:
        """In the order of the matrix, which a file keeps."""
        named = Kpi.objects.select_related("department", "facts_of", "owner")
        return named.prefetch_related("versions").in_matrix_order()

    def record(self, obj: Any) -> Record:
        """A KPI in the file's columns, and beside them its versions."""
        return {**super().record(obj), _VERSIONS: self.story(obj).text}

    def story(self, kpi: Kpi) -> Story:
        """What a stored KPI means and meant."""
        return story_of(kpi, self._meant(kpi), self._meant)

    def _meant(self, version: Any) -> dict[str, str]:
        return meant_as(version, self.columns, cell_of)

    def completed(self, job: LoadJob, rows: list[Row]) -> list[Row]:
        """What a row of a stored KPI lacks of a version stays as the version of its month holds it."""
        stories = {kpi.code: self.story(kpi) for kpi in self.rows().filter(code__in={row.key[0] for row in rows})}
        first = {code for code, number in Counter(row.key[0] for row in rows).items() if number > 1}
        for row in rows:
            if story := stories.get(row.key[0]):
                month = ALWAYS if row.key[0] in first else month_of_row(row) or month_of(job.today)
                held = story.at(month)
                row.record = {**{name: held[name] for name in _DUE}, **row.record}
            first.discard(row.key[0])
        return super().completed(job, rows)

    def take(self, job: LoadJob, rows: list[Row]) -> None:
        """A KPI of several rows is taken by its main one; the others count as its versions."""
        own = "is not in percent: give the number itself"
        rows = refuse_percents(job, rows, {unit: own for unit in Unit.values if unit != Unit.PERCENT}, column="unit")
        super().take(job, rows)
        for one in self.held(job).told.values():
            self._count_versions(job, one, self.held(job).before.get(one.main.key[0]))

    def prepare(self, job: LoadJob, rows: list[Row]) -> Kept:
        """The library as it is, and as the file will leave it."""
        stored = {kpi.code: kpi for kpi in self.rows()}
        before = {code: self.story(kpi) for code, kpi in stored.items()}
        told = self._told(job, rows, stored, before)
        mains = [one.main for one in told.values()]
        facts_of = {code: kpi.facts_of.code if kpi.facts_of else "" for code, kpi in stored.items()}
        facts_of |= {row.key[0]: row.record.get("facts_of", facts_of.get(row.key[0], "")) for row in mains}
        said = partial(codes_of, stored, mains)
        drafts, events = said("state", KpiState.DRAFT), said("source", Source.EVENTS)
        kept = Kept(facts_of, set(told), stored, company().currency, before, told, drafts, events)
        _leave_decided(kept, mains)
        return kept

    def readable(self, job: LoadJob, rows: list[Row]) -> list[Row]:
        """The main row of each KPI."""
        return [one.main for one in self.held(job).told.values()]

    def _told(self, job: LoadJob, rows: list[Row], stored: dict[str, Kpi], before: dict[str, Story]) -> dict[str, Told]:
        """What the file says of each of its KPIs; its main row then holds the cells of the latest version."""
        groups: dict[str, list[Row]] = {}
        for row in rows:
            group = groups.setdefault(row.key[0], [])
            if row.record in (one.record for one in group):
                job.counts.unchanged += 1
            else:
                group.append(row)
        found = {}
        for code, group in groups.items():
            known, day = stored.get(code), month_of(job.today)
            said = told_of(known, before[code], group, day, _in_money) if known else told_anew(group, _in_money)
            said.main.record.update(said.story.latest)
            found[code] = said
        return found

    def _count_versions(self, job: LoadJob, told: Told, before: Story | None) -> None:
        """The rows of earlier versions, each as new, changed or as it was."""
        for row in told.rows[:-1]:
            month = ALWAYS if row is told.rows[0] else month_of_row(row)
            if before is None or month not in before.versions:
                job.counts.created += 1
            elif month is not None and before.versions[month] != told.story.versions[month]:
                job.counts.updated += 1
            else:
                job.counts.unchanged += 1

    def missing(self, column: Column, texts: set[str], job: LoadJob) -> set[str]:
        """A KPI may take the facts of one that stands in the same file."""
        found = super().missing(column, texts, job)
        return found - self.held(job).in_file if column.name == "facts_of" else found

    # -- row errors

    def check(self, job: LoadJob, row: Row, before: Record | None) -> None:
        """The rules of a KPI beside the others, as the whole file will leave them, each of its versions."""
        record, kept = {**(before or {}), **row.record}, self.held(job)
        for version, column, reason in kept.told[row.key[0]].problems:
            job.refuse(version, column, reason)
        new = self.normal({**{column.name: column.default for column in self.kept}, **record})
        said = row.record.get("source", "")  # one that nobody said anew goes with what makes it void
        self._check_meanings(job, row, {**new, "source": said})
        if record["unit"] == Unit.PERCENT and not record.get("near_band_abs"):
            job.warn(row, "near_band_abs", "a percent KPI without it calls 10 % of the target near, not 10 points")
        if before:
            self._check_change(job, row, _definition(before), _definition(new))
            self._warn_of_withdrawn(job, row.key[0])
            self._warn_of_turned(job, row)

    def _check_meanings(self, job: LoadJob, row: Row, new: Record) -> None:
        """Each version that the file writes, in each month from which the others mean something else."""
        kept = self.held(job)
        told, before = kept.told[row.key[0]], kept.before.get(row.key[0])
        rows = {ALWAYS: told.rows[0], **{month_of_row(one) or ALWAYS: one for one in told.rows[1:]}, **told.begun}
        for month, cells in told.story.versions.items():
            kept_as_it_was = before is not None and before.versions.get(month) == cells
            if kept_as_it_was and cells is not told.story.latest:
                continue
            place, version = rows.get(month, told.main), _definition({**new, **cells})
            problems = kpi_problems(version, kept.library(month))
            is_latest = cells is told.story.latest
            job.refuse_all(place, [one for one in problems if is_latest or one[0] in MEANING])
            for moment in () if kept_as_it_was else kept.months_within(row.key[0], month)[1:]:
                found = [one for one in kpi_problems(version, kept.library(moment)) if one[0] == "formula"]
                job.refuse_all(place, [(name, f"{reason} (from {month_code(moment)} on)") for name, reason in found])

    def _check_change(self, job: LoadJob, row: Row, old: Definition, new: Definition) -> None:
        """What of one that is there may change; formulas in the file are checked themselves."""
        kept = self.held(job)
        job.refuse_all(row, fixed_problems(old, new, has_data=kept.has_data(old.code)))
        now, then = kept.stories[old.code], kept.before[old.code]
        for moment in kept.moments:
            otherwise = any(now.at(moment)[name] != then.at(moment)[name] for name in ("unit", "currency"))
            if otherwise and (problems := unit_problems(old.code, kept.library(moment))):
                job.refuse_all(row, problems)
                return

    def _warn_of_withdrawn(self, job: LoadJob, code: str) -> None:
        """Which targets end with the meaning that a change ends: approved ones, and those that nobody has decided."""
        library = self.held(job)
        for month, row in library.told[code].begun.items():
            for what, ending in (("approved", withdrawn_by), ("undecided", undecided_by)):
                if gone := ending(library.stored[code], month):
                    named = sentence_list(f"{one.tier.code} per {one.per} from {_code(one)}" for one in gone[:FEW])
                    more = f" and {len(gone) - FEW} more" if len(gone) > FEW else ""
                    targets = counted(len(gone), f"{what} target")
                    job.warn(row, "from_month", f"withdraws {targets} of the meaning that it ends: {named}{more}")

    def _warn_of_turned(self, job: LoadJob, row: Row) -> None:
        """Which verdicts of ended periods another band turns; of a new version's band none."""
        library = self.held(job)
        stored, told = library.stored[row.key[0]], library.told[row.key[0]]
        new = copy(stored)
        for name in ("near_band", "near_band_abs"):
            text = row.record.get(name)
            if text is not None and (name == "near_band" or not told.begun):
                setattr(new, name, Decimal(text) if text else None)
        if turned := turned_by_band(stored, new, job.today):
            named = sentence_list(f"{one.period.code} {one.tier.code} to {one.after.label}" for one in turned[:FEW])
            more = f" and {len(turned) - FEW} more" if len(turned) > FEW else ""
            words = f"turns {counted(len(turned), 'verdict')} of ended periods: {named}{more}"
            job.warn(row, "near_band_abs" if new.near_band == stored.near_band else "near_band", words)

    # -- what is written

    def changes(self, job: LoadJob, rows: list[Row], before: dict[Key, Record]) -> list[Change]:
        """Rows that differ, their place in the matrix and their versions included."""
        library = self.held(job)
        positions = positions_of([row.key[0] for row in rows], library.stored)
        for row in rows:
            row.record["position"] = str(positions[row.key[0]])
        known = {key: {name: text for name, text in one.items() if name != _VERSIONS} for key, one in before.items()}
        found = {change.key: change for change in super().changes(job, rows, known)}
        changes = []
        for row in rows:
            held, text = before.get(row.key), library.stories[row.key[0]].text
            if row.key in found or held is None or held[_VERSIONS] != text:
                after = found[row.key].after if row.key in found else known[row.key]
                changes.append(Change(row.line, row.key, held, {**(after or {}), _VERSIONS: text}))
        return changes

    def normal(self, record: Record) -> Record:
        """Money is in the company's currency where the file names none; who has no data of its own has no source."""
        source = "" if record["formula"] or record["facts_of"] else record["source"]
        source = Source.EVENTS.value if record["rule"] and not source else source
        return {**_in_money(record), "source": source}

    def write(self, changes: list[Change], stored: dict[Key, Any], job: LoadJob | None) -> None:
        """Those that own facts before those that take them; where rows go, the other way about."""
        gone = [change for change in changes if change.after is None]
        left = [change for change in changes if change.after is not None]
        for takes in (True, False):
            super().write([c for c in gone if bool(c.before and c.before["facts_of"]) is takes], stored, job)
        for takes in (False, True):
            super().write([c for c in left if bool(c.after and c.after["facts_of"]) is takes], stored, job)
        self._write_versions(left, job)

    def _write_versions(self, changes: list[Change], job: LoadJob | None) -> None:
        """What the KPIs mean when, where that becomes another."""
        changed = {change.key[0]: change.after for change in changes if change.after and change.differs(_VERSIONS)}
        for kpi in Kpi.objects.filter(code__in=changed):
            wanted = values_in((changed[kpi.code] or {})[_VERSIONS])
            set_versions(kpi, wanted, by=job.by if job else None, load=job.load if job else None)
        settle_sources(Kpi.objects.filter(code__in=changed).values_list("pk", flat=True))

    def whole(self, change: Change, obj: Any) -> Change:
        """What the first data decided since is no change by hand, and stays."""
        if obj is not None and obj.source_decided:
            states = (_with_source(state, obj.source) for state in (change.before, change.after))
            change = Change(change.line, change.key, *states)
        return super().whole(change, obj)

    def undo(self, load: Load, by: User | None) -> None:
        """The versions that the load began go with it."""
        super().undo(load, by)
        take_back_versions(load)

    def export(self) -> Iterator[Record]:
        """Each KPI in the order of the matrix, a row for each of its versions."""
        for kpi in self.rows().iterator(chunk_size=2_000):
            story, row = self.story(kpi), self.record(kpi)
            for month, cells in sorted(story.versions.items()):
                yield {**row, **cells, "from_month": "" if month == ALWAYS else month_code(month)}

    def refusals(self, by: User, changes: list[Change]) -> Iterable[Refusal]:
        """Which KPIs are seasonal is not for everybody to say who keeps the library."""
        return [*super().refusals(by, changes), *seasonal_refusals(by, changes)]

    def touch(self, changes: list[Change]) -> None:
        """The months of those whose values become others by definition alone."""
        moving = ("facts_of", "retired_from", "complete_when")
        moved = [c for c in changes if any(map(c.differs, moving)) or _redefined(c)]
        codes = {c.key[0] for c in moved if c.after}
        codes -= {c.key[0] for c in changes if c.before is None and c.after and not c.after["facts_of"]}
        sources = {kpi.source_id for kpi in Kpi.objects.filter(code__in=codes)}
        touch_slices(slices_with_data(sources))
        touch_charts(changes, {c.key[0] for c in moved})


def _definition(record: Record) -> Definition:
    """What the rules look at of a row that is complete. Bands and decimals are read as their columns read them."""
    texts: dict[str, Any] = {name: record[name] for name in ("code", *_LOOKED_AT)}
    return Definition(**texts)


def _in_money(record: Record) -> Record:
    """Money is in the company's currency where none is named; other units have none."""
    unnamed = record["unit"] == Unit.CURRENCY and not record["currency"]  # the company is asked for these alone
    return {
        **record,
        "currency": normal_currency(record["unit"], record["currency"], company().currency if unnamed else ""),
    }


def _leave_decided(kept: Kept, rows: list[Row]) -> None:
    """An empty cell says nothing of where the data come from: what came first stays."""
    for row in rows:
        code = row.key[0]
        if row.record.get("source") == "" and code in kept.stored and kept.has_data(code):
            del row.record["source"]


def _with_source(state: Record | None, source: str) -> Record | None:
    """A state of a row with the source that its data decided, where it has data of its own."""
    return {**state, "source": source} if state and not (state.get("formula") or state.get("facts_of")) else state


def _redefined(change: Change) -> bool:
    """Whether the KPI means something else in all months; a version marks its own."""
    return bool(change.before) and not change.differs(_VERSIONS) and any(map(change.differs, MEANING))


def _code(target: Target) -> str:
    return month_code(Month(target.from_month))
