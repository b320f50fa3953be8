"""Writes many cells at once: several times quicker than through model instances, and the same rows."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from io import StringIO
from itertools import islice
from typing import Any

from django.db import connection, models

_ROWS = 2_000  # of at most 16 columns: SQLite takes 32,766 parameters


def insert_rows(model: type[models.Model], columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> int:
    """Insert rows of numbers, codes and truth values as the database has them; returns how many.

    Whole numbers of any size are given as text. No text may hold a tab, a backslash or a new line.
    """
    table, remaining, written = model._meta.db_table, iter(rows), 0
    insert = _copy if connection.vendor == "postgresql" else _insert
    while batch := list(islice(remaining, _ROWS)):
        insert(table, columns, batch)
        written += len(batch)
    return written


def _copy(table: str, columns: Sequence[str], rows: list[Sequence[Any]]) -> None:
    """A sixth of the time that PostgreSQL takes to read and plan the same rows as VALUES."""
    lines = ["\t".join(["\\N" if value is None else str(value) for value in row]) + "\n" for row in rows]
    with connection.cursor() as cursor, connection.wrap_database_errors:
        cursor.cursor.copy_from(StringIO("".join(lines)), table, columns=columns)


def _insert(table: str, columns: Sequence[str], rows: list[Sequence[Any]]) -> None:
    head = f"INSERT INTO {table} ({', '.join(columns)}) VALUES "  # noqa: S608 - our own names
    slots = f"({', '.join(['%s'] * len(columns))})"
    with connection.cursor() as cursor:
        cursor.execute(head + ", ".join([slots] * len(rows)), [value for row in rows for value in row])
