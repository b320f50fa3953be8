"""Temporary tables of whole numbers, from which the database works for itself."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import islice

from django.db.backends.utils import CursorWrapper

_BATCH = 500


def fill(cursor: CursorWrapper, table: str, columns: Sequence[str], rows: Iterable[Sequence[int]]) -> int:
    """Insert rows of whole numbers into a table, some hundred with a statement; answers how many."""
    head = f"INSERT INTO {table} ({', '.join(columns)}) VALUES "  # noqa: S608 - our own names, and whole numbers
    texts, written = (f"({', '.join(str(int(number)) for number in row)})" for row in rows), 0
    while batch := list(islice(texts, _BATCH)):
        cursor.execute(head + ", ".join(batch))
        written += len(batch)
    return written
