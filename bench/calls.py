"""Rows on facts that one client brings over HTTP, 10,000 a call, beside ``load`` with the same files; and on a list."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from http.client import HTTPConnection
from pathlib import Path
from statistics import median
from time import perf_counter

from django.db import connection
from django.test import override_settings

from accounts.choices import Role
from accounts.loads import load_file
from accounts.rights import Right
from accounts.services.tokens import create_token
from bench.company import execute, settle
from bench.loads import HEADER, write_file
from bench.processes import web_server
from bench.sizes import MONTH, NEW_MONTH, Size
from bench.table import Row, against, in_turn, verdict
from core.periods import Month, month_code
from kpis.models import Kpi
from tests import factories

ROWS = 10_000  # as many as a call takes
FILES = 20  # at most
SHARE, PER_SECOND = 0.4, 50_000
LISTED, TIMES, MOST = 50, 200, 3
_MONTHS = tuple(Month(NEW_MONTH + number) for number in range(6))


def rows(size: Size) -> Iterator[Row]:
    """The same files again and again, new each time: by ``load``, as CSV and as JSON over HTTP."""
    with tempfile.TemporaryDirectory(prefix="tierboard-bench-") as folder, web_server() as host:
        files = list(_files(Path(folder), size))
        token = _token()
        load = [_several(partial(_loads, files), size.repetitions)]
        for name, media in (("CSV", "text/csv"), ("JSON", "application/json")):
            bodies = [_body(file, media) for file in files]
            took = _several(partial(_calls, host, token, bodies, media), size.repetitions)
            yield _rate(f"{len(files)} × {ROWS:,} new facts over HTTP as {name}, one client", took, load[0], name)
        _forget()
    yield _listed()


def _files(folder: Path, size: Size) -> Iterator[Path]:
    """CSV files of exactly 10,000 facts each."""
    whole = folder / "whole.csv"
    write_file(whole, _MONTHS, size)
    lines = whole.read_text().splitlines()[1:]
    for number in range(min(FILES, len(lines) // ROWS)):
        file = folder / f"{number}.csv"
        file.write_text("\n".join([",".join(HEADER), *lines[number * ROWS : (number + 1) * ROWS]]) + "\n")
        yield file


def _body(file: Path, media: str) -> bytes:
    if media == "text/csv":
        return file.read_bytes()
    rows = [dict(zip(HEADER, line.split(","), strict=True)) for line in file.read_text().splitlines()[1:]]
    return json.dumps(rows).encode()


def _token() -> str:
    person = factories.person("Caller", Role.INTEGRATOR)
    return create_token(user=person, name="bench", scopes=[Right.LOAD, Right.READ], expires_on=None, by=None)[1]


def _several(work: partial[list[float]], times: int) -> float:
    """Rows a second, each file counted by its median."""
    found = []
    for _ in range(times):
        _forget()
        settle()
        found.append(work())
    return ROWS / median(sorted(second for seconds in found for second in seconds))


def _forget() -> None:
    execute(f"DELETE FROM kpis_fact WHERE month >= {NEW_MONTH}")  # noqa: S608


def _loads(files: Sequence[Path]) -> list[float]:
    return [_timed(partial(load_file, kind="facts", path=file)) for file in files]


def _timed(work: Callable[[], object]) -> float:
    started = perf_counter()
    work()
    return perf_counter() - started


def _calls(host: str, token: str, bodies: Sequence[bytes], media: str) -> list[float]:
    link = HTTPConnection(host, timeout=60)
    headers = {"Authorization": f"Bearer {token}", "Content-Type": media}
    return [_timed(partial(_call, link, body, headers)) for body in bodies]


def _call(link: HTTPConnection, body: bytes, headers: dict[str, str]) -> None:
    link.request("POST", "/api/v1/facts/bulk/", body, headers)
    answer = link.getresponse()
    said = answer.read()
    if answer.status != 200 or json.loads(said)["created"] != ROWS:
        raise RuntimeError(f"{answer.status}: {said[:500]!r}")


def _rate(work: str, rate: float, limit: float, name: str) -> Row:
    """CSV has a goal; on SQLite, which one machine serves, by its share alone."""
    share = rate / limit
    least = PER_SECOND if connection.vendor == "postgresql" else 0
    told = f"{rate:,.0f} rows/s", f"load: {limit:,.0f} rows/s", f"{share:.0%}"
    if name != "CSV":
        return Row(work, *told, "", "")
    goal = f"≥ {SHARE:.0%}" + (f" and ≥ {least:,} rows/s" if least else "")
    return Row(work, *told, goal, verdict(share >= SHARE and rate >= least))


def _listed() -> Row:
    """Fifty facts in a page, beside fifty plain rows by the REST framework alone."""
    client = factories.signed_in(factories.person("Lister", Role.STEWARD))
    kpi = Kpi.objects.filter(facts_of=None).earliest("pk")
    address = f"/api/v1/facts/?kpi={kpi.code}&month={month_code(MONTH)}&page_size={LISTED}"
    with override_settings(ROOT_URLCONF="bench.urls"):
        figure, limit = in_turn([partial(client.get, one) for one in (address, "/bench/rows/")], TIMES)
    return against(f"list of {LISTED} facts, p50, beside a bare list of {LISTED} rows", figure, limit, MOST)
