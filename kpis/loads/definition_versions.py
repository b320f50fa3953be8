"""The versions of KPIs as a file tells them: several rows of one code are its versions, in order.

One row is a KPI as it is meant today, or from its ``from_month`` on. What stands in a file is laid beside what is
stored; what comes out is the whole story of the KPI, each version in the file's cells.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from copy import copy
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property, partial
from typing import Any

from core.loading import Record
from core.loading.rows import Row
from core.periods import Month, month_code, parse_month
from kpis.formulas.calculated import dimension_of
from kpis.models import Kpi, KpiVersion
from kpis.models.versions import MEANING, VERSIONED
from kpis.rules.formula import Shelf, inputs_by_code
from kpis.rules.kpi import Library, version_problems
from kpis.services.definitions import BAND_IN_OLD_UNIT, has_history
from kpis.services.touches import lacks_base, slices_with_data
from kpis.services.versions import ALWAYS

# A version: from which month on, and the cells that it holds.
Cells = dict[str, str]
FEW = 5  # targets that a warning names


@dataclass(frozen=True, slots=True)
class Story:
    """What a KPI means and meant: at least one version, the first from the beginning on."""

    versions: Mapping[Month, Cells]

    def at(self, month: Month) -> Cells:
        """The cells of the version of a month."""
        return self.versions[max(start for start in self.versions if start <= month)]

    @property
    def latest(self) -> Cells:
        """The cells of the last version."""
        return self.versions[max(self.versions)]

    @property
    def text(self) -> str:
        """As it is kept beside a row that a load changed; empty where the KPI was never changed."""
        if len(self.versions) < 2:
            return ""
        told = [{"from_month": int(month), **cells} for month, cells in sorted(self.versions.items())]
        return json.dumps(told, sort_keys=True)


def story_of(kpi: Kpi, cells: Cells, cells_of: Any) -> Story:
    """The stored story; ``cells_of`` says what a version holds in a file's cells."""
    found = {Month(one.from_month): cells_of(one) for one in kpi.versions.all()}
    return Story(found or {ALWAYS: cells})


def values_in(text: str) -> dict[Month, dict[str, Any]]:
    """The versions that a text holds, as model fields; empty where the KPI was never changed."""
    found = {}
    for one in json.loads(text) if text else ():
        band = one["near_band_abs"]
        values = {name: one.get(name, "") for name in VERSIONED} | {"near_band_abs": Decimal(band) if band else None}
        found[Month(one["from_month"])] = values
    return found


@dataclass(slots=True)
class Told:
    """What the rows of one code say: the main one is the last, the others are earlier versions."""

    rows: Sequence[Row]
    story: Story
    problems: list[tuple[Row, str, str]] = field(default_factory=list)
    begun: dict[Month, Row] = field(default_factory=dict)  # the changes that the file begins

    @property
    def main(self) -> Row:
        """The row that describes the KPI."""
        return self.rows[-1]


@dataclass
class Kept:
    """The KPIs as they will stand once the file is in, and what data they have.

    ``told`` holds what the file says of its KPIs, ``before`` and ``stories`` what each KPI means when, as it is
    stored and as it will be.
    """

    facts_of: dict[str, str]
    in_file: set[str]
    stored: dict[str, Kpi]
    currency: str
    before: dict[str, Story]
    told: dict[str, Told]
    drafts: set[str]
    from_events: set[str]
    positions: dict[str, str] = field(default_factory=dict)
    shelves: dict[Month, Shelf] = field(default_factory=dict)
    libraries: dict[Month, Library] = field(default_factory=dict)

    def has_data(self, code: str) -> bool:
        """Whether a stored KPI has facts, its own or those it takes, or tier actuals."""
        return self.stored[code].source_id in self._with_data or self.stored[code].pk in self._with_data

    @cached_property
    def _with_data(self) -> set[int]:
        return {kpi for kpi, _ in slices_with_data([kpi.pk for kpi in self.stored.values()])}

    @cached_property
    def stories(self) -> dict[str, Story]:
        """What each KPI will have meant when."""
        return self.before | {code: told.story for code, told in self.told.items()}

    @cached_property
    def moments(self) -> list[Month]:
        """The months in which any version begins."""
        return sorted({month for story in self.stories.values() for month in story.versions})

    def shelf(self, month: Month) -> Shelf:
        """The library as it will be meant in a month."""
        if month not in self.shelves:
            cells = {code: story.at(month) for code, story in self.stories.items()}
            units = {code: dimension_of(one["unit"], one["currency"] or self.currency) for code, one in cells.items()}
            now = {code: one["formula"] for code, one in cells.items()}
            then = {code: story.at(month)["formula"] for code, story in self.before.items()}
            self.shelves[month] = Shelf(units, inputs_by_code(now), inputs_by_code(then))
        return self.shelves[month]

    def months_within(self, code: str, start: Month) -> list[Month]:
        """The months in which anything changes while a version of the KPI stands, its own first month included."""
        end = min((month for month in self.stories[code].versions if month > start), default=None)
        return [month for month in self.moments if start <= month and (end is None or month < end)]

    def library(self, month: Month) -> Library:
        """What a KPI stands among in a month; those in the file are checked by themselves."""
        if month not in self.libraries:
            self.libraries[month] = Library(
                shelf=self.shelf(month),
                sources={code: source for code, source in self.facts_of.items() if source},
                names={code: kpi.name for code, kpi in self.stored.items()},
                formulas={code: story.at(month)["formula"] for code, story in self.stories.items()},
                checked=self.in_file,
                drafts=self.drafts,
                from_events=self.from_events,
                lacks_base=lambda code: code in self.stored and lacks_base(self.stored[code].source_id),
            )
        return self.libraries[month]


def codes_of(stored: Mapping[str, Kpi], rows: Iterable[Row], column: str, word: str) -> set[str]:
    """The codes of KPIs of which a column will say a word, as the rows leave what is stored."""
    said = {code: getattr(kpi, column) for code, kpi in stored.items()}
    said |= {row.key[0]: row.record.get(column) or said.get(row.key[0], "") for row in rows}
    return {code for code, value in said.items() if value == word}


def month_of_row(row: Row) -> Month | None:
    """Its ``from_month``; None where it names none."""
    text = row.record.get("from_month", "")
    return parse_month(text) if text else None


def told_anew(rows: Sequence[Row], normal: Any) -> Told:
    """A KPI that is not there yet: each row a version, the first from the beginning on."""
    months = (month_of_row(row) for row in rows[1:])
    versions = {ALWAYS: _cells({}, rows[0], normal)}
    versions |= {month: _cells({}, row, normal) for month, row in zip(months, rows[1:], strict=True) if month}
    return Told(rows, Story(versions), list(_misplaced(rows)))


def told_of(kpi: Kpi, stored: Story, rows: Sequence[Row], this_month: Month, normal: Any) -> Told:
    """What rows make of a KPI that is there, beside what is stored of it."""
    found = Told(rows, Story(dict(stored.versions)), list(_misplaced(rows)))
    for place, row in enumerate(rows):
        first = place == 0 and len(rows) > 1
        _take_version(found, kpi, row, ALWAYS if first else month_of_row(row), this_month, normal)
    return found


def _take_version(found: Told, kpi: Kpi, row: Row, given: Month | None, this_month: Month, normal: Any) -> None:
    """Lay one row beside the version that it is compared with: that of its month, or of today."""
    versions: Any = found.story.versions
    month = given or this_month
    start = max(one for one in versions if one <= month)
    held, cells = versions[start], _cells(versions[start], row, normal)
    if all(cells[name] == held[name] for name in MEANING):
        versions[start] = cells  # another band stands for the whole version
        return
    if _counts_otherwise(held, cells) and held["near_band_abs"] and "near_band_abs" not in row.record:
        found.problems.append((row, "near_band_abs", BAND_IN_OLD_UNIT[0].lower() + BAND_IN_OLD_UNIT[1:]))
    if not given and len(versions) == 1 and not has_history(kpi):
        versions[ALWAYS] = cells
        return
    problem = _version_problem(kpi, held, cells, month, this_month)
    if problem:
        found.problems.append((row, *problem))
    else:
        versions[month], found.begun[month] = cells, row


def _version_problem(kpi: Kpi, held: Cells, cells: Cells, month: Month, this_month: Month) -> tuple[str, str] | None:
    """Why no other version can begin in the month: the column and the reason."""
    if month == ALWAYS:
        name = next(name for name in MEANING if cells[name] != held[name])
        return name, f"was “{held[name]}” from the beginning, and a change stands from a month on: give from_month"
    before = copy(kpi)
    before.customer_method = held["customer_method"]
    lacks = partial(lacks_base, kpi.source_id)
    return next(iter(version_problems(before, cells["customer_method"], month, this_month, lacks)), None)


def _cells(held: Cells, row: Row, normal: Any) -> Cells:
    """What a version holds by a row; what the file lacks stays as it is held."""
    record: Record = {name: row.record.get(name, held.get(name, "")) for name in VERSIONED}
    if record["unit"] != held.get("unit", record["unit"]) and "currency" not in row.record:
        record["currency"] = ""
    cells: Cells = normal(record)
    return cells


def _counts_otherwise(one: Cells, other: Cells) -> bool:
    return (one["unit"], one["currency"]) != (other["unit"], other["currency"])


def _misplaced(rows: Sequence[Row]) -> Iterable[tuple[Row, str, str]]:
    """Rows of one KPI that are not its versions in order, or say other things beside."""
    last, main = Month(0), rows[-1]
    for place, row in enumerate(rows):
        month = month_of_row(row)
        if place and month is None:
            yield (
                row,
                "from_month",
                f"is missing: line {rows[0].line} is the same KPI, and this row a version of it",
            )
        elif place and month is not None and month <= last:
            yield row, "from_month", f"does not come after {month_code(last)}: versions stand in their order"
        last = month or last
        for name, text in row.record.items():
            if name not in {*VERSIONED, "from_month"} and text != main.record.get(name, text):
                reason = f"differs from line {main.line}: it is no part of a version, and the same in all rows of a KPI"
                yield row, name, reason


def meant_as(version: KpiVersion | Kpi, columns: Iterable[Any], cell_of: Any) -> Cells:
    """What a version, or a KPI that was never changed, holds in a file's cells."""
    return {column.name: cell_of(column, version) for column in columns if column.name in VERSIONED}
