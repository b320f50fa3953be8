"""Writes many cells at once: several times quicker than through model instances, and the same rows."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import islice
from typing import Any

from django.db import connection, models

_ROWS = 2_000  # of at most 16 columns: SQLite takes 32,766 parameters


def insert_rows(model: type[models.Model], columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> int:
    """Insert rows of database values; returns how many. Whole numbers of any size are given as text."""
    head = f"INSERT INTO {model._meta.db_table} ({', '.join(columns)}) VALUES "  # noqa: S608 - our own names
    slots, remaining, written = f"({', '.join(['%s'] * len(columns))})", iter(rows), 0
    with connection.cursor() as cursor:
        while batch := list(islice(remaining, _ROWS)):
            cursor.execute(head + ", ".join([slots] * len(batch)), [value for row in batch for value in row])
            written += len(batch)
    return written
