"""Events of a call whose rows lack fields: each keeps what is stored."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Protocol

from accounts.loads.kind import path_of
from core.loading import Column, Table
from core.loading.objects import ABSENT
from core.loading.rows import header_names
from kpis.models import Event

_FileRow = tuple[int, list[str]]
_AT_ONCE = 500


class _Kind(Protocol):
    @property
    def model(self) -> type[Event]: ...
    @property
    def columns(self) -> Sequence[Column]: ...


def with_stored_cells(table: Table, kind: _Kind) -> Table:
    """The table with the stored cells where a row has none; what no row is stored of stays absent.

    All rows are read, for nothing can be asked of the database while they stream into the stage; a call has few.
    """
    if not table.partial:
        return table
    rows = list(table.rows)
    lacking = [row for row in rows if any(cell is ABSENT for cell in row[1])]
    for start in range(0, len(lacking), _AT_ONCE):
        _fill(lacking[start : start + _AT_ONCE], header_names(table), kind)
    return replace(table, rows=iter(rows))


def _fill(rows: Sequence[_FileRow], names: Sequence[str], kind: _Kind) -> None:
    at = names.index("id")
    ids = {cells[at].strip() for _, cells in rows}
    paths = map(path_of, kind.columns)
    found = kind.model._default_manager.filter(external_id__in=ids).values_list(*paths)
    stored = {row[0]: dict(zip((column.name for column in kind.columns), row, strict=True)) for row in found}
    by_name = {column.name: column for column in kind.columns}
    for _, cells in rows:
        kept = stored.get(cells[at].strip())
        for number, name in enumerate(names):
            if kept is not None and cells[number] is ABSENT:
                cells[number] = by_name[name].text(kept[name])
