"""The stage: a temporary table that a file of facts is copied into before anything is decided."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any

from django.db import DatabaseError, connection, transaction

from kpis.loads import sql
from kpis.loads.reading import StagedRow

_BATCH = 5_000
_ESCAPES = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})


def on_postgresql() -> bool:
    """Whether COPY is at hand."""
    return connection.vendor == "postgresql"


def null_text() -> str | None:
    """How an empty cell goes into the stage."""
    return "\\N" if on_postgresql() else None


def escape(text: str) -> str:
    """How a text goes into the stage."""
    return text.translate(_ESCAPES) if on_postgresql() else text


def fill(rows: Iterable[StagedRow]) -> None:
    """Make the stage and copy the rows into it, in bounded memory."""
    drop()
    (_copy if on_postgresql() else _insert)(rows)


def drop() -> None:
    """Take the stage away."""
    execute(sql.DROP_STAGE)


def execute(statement: str, params: Iterable[Any] = ()) -> int:
    """Run a statement; answers the number of rows that it wrote."""
    with connection.cursor() as cursor:
        cursor.execute(statement, list(params))
        return int(cursor.rowcount)


def _copy(rows: Iterable[StagedRow]) -> None:
    pipe = _Pipe(rows)
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(sql.CREATE_STAGE)
            with connection.wrap_database_errors:
                cursor.cursor.copy_expert(sql.COPY_STAGE, pipe, size=2**16)
            cursor.execute(sql.ANALYZE_STAGE)
    except DatabaseError:
        if pipe.failure is None:
            raise
        # the driver tells that reading failed, not why
        raise pipe.failure from None


class _Pipe:
    """Rows as the text that COPY reads, some thousand at a time."""

    def __init__(self, rows: Iterable[StagedRow]) -> None:
        self._lines = (f"{line}\t{k}\t{m}\t{c}\t{n}\t{d}\n" for line, k, m, c, n, d in rows)
        self.failure: Exception | None = None

    def read(self, size: int = 0) -> str:
        """The next rows; empty at the end."""
        try:
            return "".join(islice(self._lines, 1_000))
        except Exception as error:
            self.failure = error
            raise


def _insert(rows: Iterable[StagedRow]) -> None:
    execute(sql.CREATE_STAGE)
    source = iter(rows)
    with connection.cursor() as cursor:
        while batch := list(islice(source, _BATCH)):
            cursor.executemany(sql.INSERT_STAGE, batch)


def stream(query: str, params: Iterable[Any] = ()) -> Iterator[tuple[Any, ...]]:
    """The rows of a query, read as they are needed; inside a transaction."""
    with connection.chunked_cursor() as cursor:
        cursor.execute(query, list(params))
        while rows := cursor.fetchmany(2_000):
            yield from rows
