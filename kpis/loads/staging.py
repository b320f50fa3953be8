"""The stage: a temporary table that a file of many rows is copied into before anything is decided."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, cast

from django.db import DatabaseError, connection, transaction

# A row as the stage takes it: texts, None only where that is its null.
StagedRow = Sequence[str | None]

_INSERT = "INSERT INTO {name} VALUES ({places})"
_ESCAPES = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})


@dataclass(frozen=True, slots=True)
class Stage:
    """A temporary table by its name and the types of its columns; both are constants of the code."""

    name: str
    columns: tuple[tuple[str, str], ...]

    @property
    def create(self) -> str:
        """Makes it."""
        columns = ", ".join(f'"{name}" {kind}' for name, kind in self.columns)
        return f"CREATE TEMPORARY TABLE {self.name} ({columns})"

    @property
    def insert(self) -> str:
        """Puts a row into it."""
        return _INSERT.format(name=self.name, places=", ".join(["%s"] * len(self.columns)))


FACTS = Stage(
    "kpis_fact_stage",
    (
        ("line", "bigint"),
        ("kpi_id", "bigint"),
        ("month", "integer"),
        ("customer", "text"),
        ("numerator", "bigint"),
        ("denominator", "bigint"),
    ),
)


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


def fill(batches: Iterable[Sequence[StagedRow]], stage: Stage = FACTS) -> None:
    """Make the stage and copy the rows into it, in bounded memory."""
    drop(stage)
    (_copy if on_postgresql() else _insert)(batches, stage)


def drop(stage: Stage = FACTS) -> None:
    """Take the stage away."""
    execute(f"DROP TABLE IF EXISTS {stage.name}")


def execute(statement: str, params: Iterable[Any] = ()) -> int:
    """Run a statement; answers the number of rows that it wrote."""
    with connection.cursor() as cursor:
        cursor.execute(statement, list(params))
        return int(cursor.rowcount)


def _copy(batches: Iterable[Sequence[StagedRow]], stage: Stage) -> None:
    pipe = _Pipe(batches)
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(stage.create)
            with connection.wrap_database_errors:
                cursor.cursor.copy_expert(f"COPY {stage.name} FROM STDIN", pipe, size=2**16)
            cursor.execute(f"ANALYZE {stage.name}")
    except DatabaseError:
        if pipe.failure is None:
            raise
        # the driver tells that reading failed, not why
        raise pipe.failure from None


class _Pipe:
    """Rows as the text that COPY reads, a batch at a time."""

    def __init__(self, batches: Iterable[Sequence[StagedRow]]) -> None:
        self._texts = (_as_text(batch) for batch in batches if batch)
        self.failure: Exception | None = None

    def read(self, size: int = 0) -> str:
        """The next rows; empty at the end."""
        try:
            return next(self._texts, "")
        except Exception as error:
            self.failure = error
            raise


def _as_text(batch: Sequence[StagedRow]) -> str:
    # no None among them: the null of COPY is a text
    return "\n".join(map("\t".join, cast(Sequence[Sequence[str]], batch))) + "\n"


def _insert(batches: Iterable[Sequence[StagedRow]], stage: Stage) -> None:
    execute(stage.create)
    with connection.cursor() as cursor:
        for batch in batches:
            cursor.executemany(stage.insert, batch)


def stream(query: str, params: Iterable[Any] = ()) -> Iterator[tuple[Any, ...]]:
    """The rows of a query, read as they are needed; inside a transaction."""
    with connection.chunked_cursor() as cursor:
        cursor.execute(query, list(params))
        while rows := cursor.fetchmany(2_000):
            yield from rows
