"""What loading a file would do, as plain values that are kept with the job that looked: counts that add up, bad rows,
changes by KPI, how each column was read.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from itertools import chain
from pathlib import Path
from typing import Any

from accounts.loads.effects import Effects
from core.formatting import sentence_list, trimmed
from core.loading import Column, LoadReport, Reading, RowError, Table, open_table
from core.loading.cells import Due, SheetCell, Shown
from core.loading.columns import MONTH
from core.loading.guessing import Guess, known_columns
from core.loading.overview import Overview
from core.loading.table import REMARKS, BadRow
from core.loading.worksheet import hundredfold
from core.numbers import from_scaled
from core.registry import LoadKind
from core.sheets import csv_lines, safe

SHOWN_ERRORS = 200
SHOWN_WARNINGS = 50
_NUMBER = re.compile(r"[+-]?[\d.,]+", re.ASCII)


@dataclass(slots=True)
class Seen:
    """What the dry runs of a file have seen: bad rows by line with their reasons, and of the last one, which was
    without them, the report, the rows and what they change.
    """

    bad: dict[int, list[str]] = field(default_factory=lambda: defaultdict(list))
    first: list[RowError] = field(default_factory=list)
    errors: int = 0
    report: LoadReport | None = None
    overview: Overview = field(default_factory=lambda: Overview(()))
    effects: Effects | None = None

    def take(self, report: LoadReport, overview: Overview, effects: Effects) -> None:
        """One more dry run."""
        self.report, self.overview, self.effects = report, overview, effects
        for error in report.errors:
            self.bad[error.line].append(f"{error.column}: {error.reason}" if error.column else error.reason)
        self.first = sorted([*self.first, *report.errors.first(SHOWN_ERRORS)])[:SHOWN_ERRORS]
        self.errors += report.errors.count


def preview_of(kind: LoadKind, seen: Seen) -> dict[str, Any]:
    """All that the page shows."""
    report, effects = seen.report, seen.effects
    assert report is not None and effects is not None  # noqa: S101, PT018 - there was a run
    return {
        "counts": counts_of(seen),
        "errors": [asdict(error) for error in seen.first],
        "error_count": seen.errors,
        "warnings": [asdict(warning) for warning in report.warnings[:SHOWN_WARNINGS]],
        "warning_count": len(report.warnings),
        "effects": _by_kpi(seen.overview, effects) if report.ok else [],
        "sample": [asdict(change) for change in effects.sample],
        "columns": list(_columns(kind, seen.overview)),
        "largest": _largest(seen.overview),
        "months": months_of(seen.overview),
        "digest": effects.digest if report.ok else "",
    }


def counts_of(seen: Seen) -> dict[str, int]:
    """Six numbers of rows: read is what the five others come to.

    Where rows stand in each other's way so that no part of them could be loaded, all are bad.
    """
    assert seen.report is not None  # noqa: S101 - there was a run
    counts = seen.report.counts
    if not seen.report.ok:
        read = counts.read + len(seen.bad) - len({error.line for error in seen.report.errors})
        return {"read": read, "new": 0, "changed": 0, "unchanged": 0, "blank": 0, "bad": read}
    told = {"new": counts.created, "changed": counts.updated, "unchanged": counts.unchanged, "blank": counts.blank}
    return {"read": counts.read + len(seen.bad), **told, "bad": len(seen.bad)}


def _by_kpi(overview: Overview, effects: Effects) -> list[dict[str, Any]]:
    """Of each KPI of the good rows what becomes of them, named as people know it; empty where the kind has no KPIs."""
    column = overview.by
    if column is None:
        return []
    rows: Counter[str] = Counter()
    for text, number in overview.rows.items():
        rows[_clean(column, text)] += number - overview.blank[text]
    names = _names(column, rows)
    return [
        {
            "name": names.get(code, code),
            "new": effects.new[code],
            "changed": effects.changed[code],
            "unchanged": rows[code] - effects.new[code] - effects.changed[code],
        }
        for code in rows
        if rows[code]
    ]


def _clean(column: Column, text: str) -> str:
    with suppress(ValueError):
        return column.clean(text)
    return text


def _names(column: Column, codes: Counter[str]) -> dict[str, str]:
    if column.reference is None:
        return {}
    found = column.reference.model.objects.filter(**{f"{column.reference.field}__in": list(codes)})
    return dict(found.values_list(column.reference.field, "name"))


def _columns(kind: LoadKind, overview: Overview) -> Iterator[dict[str, str]]:
    """How each column of the file was read; those that say nothing are left out."""
    known = {column.name: column for column in kind.columns if not column.hidden}
    for name in overview.left_out:
        yield {"name": name, "read_as": "", "example": ""}
    for name in overview.header:
        column = known.get(name.strip().lower())
        if column:
            yield {"name": name, "read_as": title_of(column), "example": _example(column, overview)}


def _example(column: Column, overview: Overview) -> str:
    if column.type.due is Due.MONTH and column.key and (months := months_of(overview)):
        return months[0] if months[0] == months[-1] else f"{months[0]} to {months[-1]}"
    return ", ".join(overview.examples.get(column.name, []))


def title_of(column: Column) -> str:
    """A column as people would call it."""
    words = column.name.replace("_", " ")
    return "KPI" if words == "kpi" else words.replace("kpi", "KPI").capitalize() if words != "kpis" else "KPIs"


def _largest(overview: Overview) -> dict[str, Any]:
    """The number furthest from zero as it was understood; empty where there is none."""
    most = overview.largest
    if most is None:
        return {}
    return {"column": most.column, "text": trimmed(from_scaled(most.scaled), 4), "line": most.line, "row": most.row}


def months_of(overview: Overview) -> list[str]:
    """The first and the last month that rows are about; empty where they are about none."""
    found = set[str]()
    for text in overview.months:
        with suppress(ValueError):
            found.add(MONTH.clean(text[:7] if text.endswith("-01") and len(text) == 10 else text))
    return [min(found), max(found)] if found else []


def unfit(names: Sequence[str], match: Guess, kind: LoadKind | None) -> str:
    """In a sentence, why the first line is that of no kind, or not of this one, and what to do."""
    if not any(names):
        return "The file is empty: its first line must name the columns, and rows follow."
    if kind is None:
        return f"It is not clear what the file holds: {match.because}. Say what it is, or correct its first line."
    twice = sorted({name for name in names if names.count(name) > 1})
    wrong = [
        f"{sentence_list(match.lacks)} {'is' if len(match.lacks) == 1 else 'are'} missing" if match.lacks else "",
        f"{_quoted(match.strange)} {'is no column' if len(match.strange) == 1 else 'are no columns'} of it"
        if match.strange
        else "",
        f"{_quoted(twice)} stands there twice" if twice else "",
    ]
    said = ", and ".join(text for text in wrong if text)
    return (
        f"Read as {kind.title.lower()}, its first line does not fit: {said}. Correct the first line, or say that it is "
        f"another kind; {kind.title.lower()} have {', '.join(known_columns(kind))}."
    )


def _quoted(names: Sequence[str]) -> str:
    return sentence_list(f"“{name[:40]}”" for name in names[:6])


def write_bad_rows(path: Path, reading: Reading, seen: Seen, to: Path) -> None:
    """The bad rows as they stand in the file, each behind its line and why it is bad: to be corrected and brought
    again. Nothing where none is bad.
    """
    if not seen.bad:
        return
    with open_table(path, reading) as table, to.open("w", encoding="utf-8-sig", newline="") as file:
        file.writelines(csv_lines(chain([[*REMARKS, *table.header]], _bad(table, seen))))


def _bad(table: Table, seen: Seen) -> Iterator[list[Any]]:
    for line, row in table.rows:
        if line in seen.bad:
            yield [line, "; ".join(seen.bad[line]), *map(_given_back, _cells(row, len(table.left_out)))]


def _cells(row: Sequence[str], remarks: int) -> Sequence[str]:
    return row.raw[remarks:] if isinstance(row, BadRow) else row


def _given_back(cell: str) -> str:
    """A cell as it stood there. A percentage shows its sign, so that nobody takes it for another number, and what a
    spreadsheet would take for a formula is quoted.
    """
    if isinstance(cell, SheetCell):
        return f"{hundredfold(cell)}%" if cell.kind is Shown.PERCENT else cell.shown
    return cell if _NUMBER.fullmatch(cell.strip()) else str(safe(cell))
