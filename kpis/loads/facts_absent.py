"""Facts of a call whose rows lack a denominator: each keeps the one that is stored."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from core.loading import Table
from core.loading.objects import ABSENT
from core.loading.rows import header_names
from core.numbers import to_text
from core.periods import Month, PeriodError, month_code, stored_month
from kpis.models import Fact

_FileRow = tuple[int, list[str]]
_Key = tuple[str, str, str]
_AT_ONCE = 500


def with_stored_denominators(table: Table) -> Table:
    """The table with the stored denominator where a row has none; an empty one where no fact is stored.

    All rows are read, for nothing can be asked of the database while they stream into the stage; a call has few.
    """
    names = header_names(table)
    if not table.partial or "denominator" not in names:
        return table
    at = [names.index(name) for name in ("kpi", "customer", "month", "denominator")]
    rows = list(table.rows)
    lacking = [row for row in rows if row[1] and row[1][at[3]] is ABSENT]
    for start in range(0, len(lacking), _AT_ONCE):
        _fill(lacking[start : start + _AT_ONCE], at)
    return replace(table, rows=iter(rows))


def _fill(rows: Sequence[_FileRow], at: Sequence[int]) -> None:
    keys = {line: _key(cells, at) for line, cells in rows}
    stored = dict(_denominators([key for key in keys.values() if key]))
    for line, cells in rows:
        key = keys[line]
        cells[at[3]] = stored.get(key, "") if key else ""


def _key(cells: list[str], at: Sequence[int]) -> _Key | None:
    """KPI, customer and month of a row; None where the month is none, which is told when the row is read."""
    try:
        return cells[at[0]].strip(), cells[at[1]].strip(), month_code(stored_month(cells[at[2]].strip()))
    except PeriodError:
        return None


def _denominators(keys: Sequence[_Key]) -> Iterator[tuple[_Key, str]]:
    found = Fact.objects.filter(
        month__in={stored_month(month) for _, _, month in keys},
        kpi__code__in={kpi for kpi, _, _ in keys},
        customer__external_id__in={customer for _, customer, _ in keys},
    )
    for kpi, customer, month, below in found.values_list("kpi__code", "customer__external_id", "month", "denominator"):
        text = "" if below is None else to_text(int(below.scaleb(4)))
        yield (kpi, customer, month_code(Month(month))), text
