"""What migrations of a big table cost: how long each takes, and how long it keeps readers and loads waiting.

``DATABASE_URL=… python -m bench.migrations`` on a PostgreSQL that bench/company.py has filled: it changes the table of
facts in every way that a release may, puts it back as it was, and prints a table. For a database of your own only.
"""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import psycopg2
from django.conf import settings

TABLE = "kpis_fact"
READ = f"SELECT sum(numerator) FROM {TABLE} WHERE month = 202506 AND kpi_id = %s AND customer_id < 2000"  # noqa: S608
WRITE = f"UPDATE {TABLE} SET load_id = load_id WHERE month = 202506 AND kpi_id = %s AND customer_id < 200"  # noqa: S608
# Whom PostgreSQL keeps out: ACCESS EXCLUSIVE, SHARE, SHARE UPDATE EXCLUSIVE
ALL, WRITERS, CHANGES_ALONE = "everybody", "loads", "other changes of the table"
# name, whom it keeps out, statements each committed by itself, statements that put it back
Change = tuple[str, str, tuple[str, ...], tuple[str, ...]]
CHANGES: tuple[Change, ...] = (
    ("add a column that may be empty", ALL, ("ADD COLUMN note text",), ("DROP COLUMN note",)),
    ("add a column with a default", ALL, ("ADD COLUMN weight bigint NOT NULL DEFAULT 1",), ()),
    ("take a column away", ALL, ("DROP COLUMN weight",), ()),
    ("add a column whose default differs by row", ALL, ("ADD COLUMN seen timestamptz DEFAULT clock_timestamp()",), ()),
    ("the same taken away", ALL, ("DROP COLUMN seen",), ()),
    ("another type for a column (integer to bigint)", ALL, ("ALTER COLUMN month TYPE bigint",), ()),
    ("and back", ALL, ("ALTER COLUMN month TYPE integer",), ()),
    ("a check, as Django adds it", ALL, ("ADD CONSTRAINT probe CHECK (numerator < 1e17)",), ("DROP CONSTRAINT probe",)),
    ("a check, NOT VALID", ALL, ("ADD CONSTRAINT probe CHECK (numerator < 1e17) NOT VALID",), ()),
    ("the same validated", CHANGES_ALONE, ("VALIDATE CONSTRAINT probe",), ("DROP CONSTRAINT probe",)),
    ("NOT NULL on a column", ALL, ("ALTER COLUMN load_id DROP NOT NULL", "ALTER COLUMN load_id SET NOT NULL"), ()),
    ("an index, as Django adds it", WRITERS, ("CREATE INDEX probe ON {table} (load_id)",), ("DROP INDEX probe",)),
    ("an index, CONCURRENTLY", CHANGES_ALONE, ("CREATE INDEX CONCURRENTLY probe ON {table} (load_id)",), ()),
    ("the same taken away, CONCURRENTLY", CHANGES_ALONE, ("DROP INDEX CONCURRENTLY probe",), ()),
)


@dataclass
class Probe:
    """One who works on the table again and again meanwhile, and notes how long it took at most."""

    statement: str
    kpi: int
    longest: float = 0.0
    over: threading.Event = field(default_factory=threading.Event)

    def work(self) -> None:
        """Until it is over."""
        with connected() as link, link.cursor() as cursor:
            while not self.over.wait(0.005):
                started = time.perf_counter()
                cursor.execute(self.statement, [self.kpi])
                self.longest = max(self.longest, time.perf_counter() - started)


@contextmanager
def connected() -> Iterator[psycopg2.extensions.connection]:
    """A connection that commits each statement."""
    of = settings.DATABASES["default"]
    link = psycopg2.connect(
        user=of["USER"], host=of["HOST"], port=of["PORT"], dbname=of["NAME"], password=of["PASSWORD"]
    )
    link.autocommit = True
    try:
        yield link
    finally:
        link.close()


def watched(work: Callable[[], None]) -> tuple[float, float, float]:
    """Seconds of the work, and the longest that a reader and a writer waited meanwhile."""
    probes = [Probe(READ, 1), Probe(WRITE, 1)]
    threads = [threading.Thread(target=probe.work, daemon=True) for probe in probes]
    for thread in threads:
        thread.start()
    time.sleep(0.5)
    for probe in probes:
        probe.longest = 0.0  # the first one opened a connection
    started = time.perf_counter()
    work()
    took = time.perf_counter() - started
    for probe, thread in zip(probes, threads, strict=True):
        probe.over.set()
        thread.join()
    return took, probes[0].longest, probes[1].longest


def run(statements: tuple[str, ...]) -> None:
    """One statement after the other."""
    with connected() as link, link.cursor() as cursor:
        for statement in statements:
            bare = statement.startswith(("CREATE", "DROP INDEX"))
            cursor.execute(statement.format(table=TABLE) if bare else f"ALTER TABLE {TABLE} {statement}")


def behind_a_long_query() -> tuple[float, float, float]:
    """A change that takes milliseconds, while somebody reads for five seconds: everybody queues behind it."""

    def read() -> None:
        with connected() as link, link.cursor() as cursor:
            cursor.execute(f"SELECT pg_sleep(5) FROM {TABLE} LIMIT 1")  # noqa: S608

    reading = threading.Thread(target=read)
    reading.start()
    time.sleep(0.3)
    found = watched(lambda: run(("ADD COLUMN note text",)))
    reading.join()
    run(("DROP COLUMN note",))
    return found


def line(name: str, lock: str, took: float, reader: float, writer: float) -> str:
    """One line of the table."""
    return f"| {name} | {lock} | {_told(took)} | {_told(reader)} | {_told(writer)} |\n"


def _told(seconds: float) -> str:
    if seconds < 0.001:
        return "< 1 ms"
    return f"{seconds:.1f} s" if seconds >= 1 else f"{seconds * 1000:.0f} ms"


def main() -> None:
    """The table."""
    sys.stdout.write(
        "| change of the facts | keeps out | takes | a reader waits | a load waits |\n|---|---|---|---|---|\n"
    )
    sys.stdout.write(line("(nothing, for comparison)", "", *watched(lambda: time.sleep(3))))
    for name, lock, statements, back in CHANGES:
        sys.stdout.write(line(name, lock, *watched(lambda todo=statements: run(todo))))  # type: ignore[misc]
        run(back)
        sys.stdout.flush()
    sys.stdout.write(line("add a column while somebody reads for 5 s", ALL, *behind_a_long_query()))


if __name__ == "__main__":
    main()
