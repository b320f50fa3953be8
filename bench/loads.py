"""Rows on loading facts from CSV, beside a raw COPY to a stage and INSERT … ON CONFLICT."""

from __future__ import annotations

import csv
import json
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from statistics import median

from django.db import connection

from bench.company import execute, facts_sql, settle
from bench.sizes import MONTHS, NEW_MONTH, Size
from bench.table import Row, measured, told, verdict, within
from config.environment import BASE_DIR
from core.periods import Month, month_code

_LIMIT_TABLE = """
    CREATE TABLE bench_fact (month integer, kpi_id bigint, customer_id bigint, numerator bigint, denominator bigint,
                             load_id bigint, PRIMARY KEY (month, kpi_id, customer_id))
"""
_STAGE = "CREATE TEMPORARY TABLE bench_stage (kpi text, customer text, month text, numerator text, denominator text)"
_APPLY = """
    INSERT INTO bench_fact
    SELECT CAST(replace(s.month, '-', '') AS integer), k.id, c.id,
           CAST(CAST(s.numerator AS {decimal}) * 10000 AS bigint),
           CAST(CAST(NULLIF(s.denominator, '') AS {decimal}) * 10000 AS bigint), 1
    FROM bench_stage s JOIN kpis_kpi k ON k.code = s.kpi JOIN customers_customer c ON c.external_id = s.customer
    WHERE true
    ON CONFLICT (month, kpi_id, customer_id) DO UPDATE SET
        numerator = excluded.numerator, denominator = excluded.denominator, load_id = excluded.load_id
"""
_AS_FILE = """
    WITH f (month, kpi_id, customer_id, numerator, denominator, load_id) AS ({facts})
    SELECT k.code AS kpi, c.external_id AS customer, '{month}' AS month,
           {numerator} AS numerator, {denominator} AS denominator
    FROM f JOIN kpis_kpi k ON k.id = f.kpi_id JOIN customers_customer c ON c.id = f.customer_id
    ORDER BY k.id, c.id
"""
HEADER = ("kpi", "customer", "month", "numerator", "denominator")
SHARE, NEW_PER_SECOND, MEGABYTES = 0.6, 150_000, 250


def rows(size: Size) -> Iterator[Row]:
    """A month without facts is loaded, changed, and loaded once more."""
    with tempfile.TemporaryDirectory(prefix="tierboard-bench-") as name:
        folder = Path(name)
        first, second = folder / "facts.csv", folder / "changed.csv"
        count = write_file(first, [NEW_MONTH], size)
        write_file(second, [NEW_MONTH], size, more=1)
        yield from _loads(first, second, count, size)
        if size.whole_file:
            yield from _whole(folder / "whole.csv", size)


def write_file(path: Path, months: Sequence[Month], size: Size, more: int = 0) -> int:
    """A CSV file with the facts of these months, each numerator higher by ``more``; returns its rows."""
    count = 0
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(HEADER)
        for month in months:
            with connection.cursor() as cursor:
                cursor.execute(_file_sql(month, size, more))
                while batch := cursor.fetchmany(10_000):
                    writer.writerows(batch)
                    count += len(batch)
    return count


def _file_sql(month: Month, size: Size, more: int) -> str:
    exact = "round(CAST({} AS numeric) / 10000, 4)" if connection.vendor == "postgresql" else "{} / 10000.0"
    numerator, denominator = exact.format("f.numerator") + f" + {more}", exact.format("f.denominator")
    return _AS_FILE.format(
        facts=facts_sql(month, size), month=month_code(month), numerator=numerator, denominator=denominator
    )


def _loads(first: Path, second: Path, count: int, size: Size) -> Iterator[Row]:
    execute("DROP TABLE IF EXISTS bench_fact")
    execute(_LIMIT_TABLE)
    execute(_STAGE)
    forget = partial(execute, f"DELETE FROM kpis_fact WHERE month = {NEW_MONTH}")  # noqa: S608
    empty = partial(execute, "DELETE FROM bench_fact")
    kinds: tuple[tuple[str, Path, Callable[[], object], Callable[[], object], float], ...] = (
        ("new", first, forget, empty, NEW_PER_SECOND),
        ("all changed", second, partial(_load, first), partial(_raw, first), 0),
        ("unchanged", second, _nothing, _nothing, 0),
    )
    for kind, path, prepare, prepare_limit, least in kinds:
        found = _several(path, size.repetitions, prepare)
        limit = measured(partial(_raw, path), size.repetitions, before=partial(_settled, prepare_limit))
        rate, most = count / median(one["seconds"] for one in found), count / limit
        yield _rate(f"load {count:,} facts from CSV, {kind}", rate, most, least)
        megabytes = max(one["megabytes"] for one in found)
        yield within(f"its peak memory, {kind}", megabytes, MEGABYTES, "MB")
    execute("DROP TABLE bench_stage")


def _nothing() -> None:
    """What was loaded last is in place."""


def _settled(prepare: Callable[[], object]) -> None:
    prepare()
    settle()


def _several(path: Path, times: int, prepare: Callable[[], object]) -> list[dict[str, float]]:
    found = []
    for _ in range(times):
        _settled(prepare)
        found.append(_load(path))
    return found


def _rate(work: str, rate: float, limit: float, least: float) -> Row:
    share = rate / limit
    met = share >= SHARE and rate >= least
    goal = f"≥ {SHARE:.0%}" + (f" and ≥ {least:,.0f} rows/s" if least else "")
    return Row(work, f"{rate:,.0f} rows/s", f"{limit:,.0f} rows/s", f"{share:.0%}", goal, verdict(met))


def _load(path: Path) -> dict[str, float]:
    """Load a file in a process of its own: seconds of the load itself, and the process's peak memory."""
    command = [sys.executable, "-m", "bench.loading", str(path)]
    done = subprocess.run(command, cwd=BASE_DIR, stdout=subprocess.PIPE, text=True, check=True)
    found: dict[str, float] = json.loads(done.stdout)
    return found


def _raw(path: Path) -> None:
    """The limit: the file as it is to a stage, and from there by the key."""
    execute("DELETE FROM bench_stage")
    with path.open(encoding="utf-8") as file, connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.copy_expert("COPY bench_stage FROM STDIN WITH (FORMAT csv, HEADER)", file)
            cursor.execute("ANALYZE bench_stage")
        else:
            lines = csv.reader(file)
            next(lines)
            cursor.executemany("INSERT INTO bench_stage VALUES (%s, %s, %s, %s, %s)", list(lines))
        cursor.execute(_APPLY.format(decimal="numeric" if connection.vendor == "postgresql" else "real"))


def _whole(path: Path, size: Size) -> Iterator[Row]:
    """All months in one file, loaded over what is there: nothing changes, and memory must not grow."""
    count = write_file(path, MONTHS, size)
    found = _load(path)
    yield told(f"load {count:,} facts from CSV, unchanged", f"{count / found['seconds']:,.0f} rows/s")
    yield within("its peak memory", found["megabytes"], MEGABYTES, "MB")
    execute("DELETE FROM kpis_fact")
    settle()
    found = _load(path)
    yield told(f"load {count:,} facts from CSV, new", f"{count / found['seconds']:,.0f} rows/s")
    yield within("its peak memory", found["megabytes"], MEGABYTES, "MB")
