"""The stage: a temporary table that a file of facts is copied into before anything is decided."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any, cast

from django.db import DatabaseError, connection, transaction

from kpis.loads import sql
from kpis.loads.reading import StagedRow

_ESCAPES = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})


def on_postgresql() -> bool:
    """Whether COPY is at hand."""
    return connection.vendor == "postgresql"


def null_text() -> str | None:
    """How an empty cell goes into the stage."""
    return "\\N" if on_postgresql() else None


def escaping() -> Callable[[str], str]:
    """How a text goes into the stage."""
    return _escape if on_postgresql() else str


def _escape(text: str) -> str:
    return text.translate(_ESCAPES)


def fill(batches: Iterable[list[StagedRow]]) -> None:
    """Make the stage and copy the rows into it, in bounded memory."""
    drop()
    (_copy if on_postgresql() else _insert)(batches)


def drop() -> None:
    """Take the stage away."""
    execute(sql.DROP_STAGE)


def execute(statement: str, params: Iterable[Any] = ()) -> int:
    """Run a statement; answers the number of rows that it wrote."""
    with connection.cursor() as cursor:
        cursor.execute(statement, list(params))
        return int(cursor.rowcount)


def _copy(batches: Iterable[list[StagedRow]]) -> None:
    pipe = _Pipe(batches)
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
    """Rows as the text that COPY reads, a batch at a time."""

    def __init__(self, batches: Iterable[list[StagedRow]]) -> None:
        self._texts = (_as_text(batch) for batch in batches if batch)
        self.failure: Exception | None = None

    def read(self, size: int = 0) -> str:
        """The next rows; empty at the end."""
        try:
            return next(self._texts, "")
        except Exception as error:
            self.failure = error
            raise


def _as_text(batch: list[StagedRow]) -> str:
    # no None among them: the null of COPY is a text
    return "\n".join(map("\t".join, cast(list[tuple[str, ...]], batch))) + "\n"


def _insert(batches: Iterable[list[StagedRow]]) -> None:
    execute(sql.CREATE_STAGE)
    with connection.cursor() as cursor:
        for batch in batches:
            cursor.executemany(sql.INSERT_STAGE, batch)


def stream(query: str, params: Iterable[Any] = ()) -> Iterator[tuple[Any, ...]]:
    """The rows of a query, read as they are needed; inside a transaction."""
    with connection.chunked_cursor() as cursor:
        cursor.execute(query, list(params))
        while rows := cursor.fetchmany(2_000):
            yield from rows
