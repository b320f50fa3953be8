"""The row on many readers while a rollup runs."""

from __future__ import annotations

import random
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import partial
from http.client import HTTPConnection, HTTPException
from statistics import quantiles

from django.db import connection

from accounts.choices import Role
from accounts.models import User
from bench.company import touch
from bench.processes import web_server, worker
from bench.register import ask
from bench.sizes import MONTH, QUARTER, Size
from bench.table import Row, measured, told, within
from kpis.choices import RunState, Trigger
from kpis.models import Kpi, RollupRun
from kpis.tasks import wake_rollup
from tests import factories

READERS = 50
PAUSE = 2.0  # seconds from one page to the next, on average
CELL_TIMES, CELL_MS = 15, 150


@dataclass
class Reader:
    """A browser: keeps its session, and the tags of what it has seen."""

    host: str
    session: str
    pages: list[str]
    tags: dict[str, str] = field(default_factory=dict)
    times: list[float] = field(default_factory=list)
    unchanged: int = 0
    errors: list[str] = field(default_factory=list)

    def read(self, until: float, chance: random.Random) -> None:
        """Open one page after the other until it is time."""
        time.sleep(chance.uniform(0, PAUSE))
        while time.monotonic() < until:
            started = time.perf_counter()
            try:
                self._open(chance.choice(self.pages))
            except (OSError, HTTPException) as error:
                self.errors.append(repr(error))
            self.times.append(time.perf_counter() - started)
            time.sleep(chance.uniform(0, 2 * PAUSE))

    def _open(self, address: str) -> None:
        """On a connection of its own: the server closes one that is idle for two seconds."""
        link = HTTPConnection(self.host, timeout=30)
        seen = {"If-None-Match": self.tags[address]} if address in self.tags else {}
        always = {"Cookie": f"sessionid={self.session}", "Accept-Encoding": "gzip"}
        link.request("GET", address, headers=always | seen)
        answer = link.getresponse()
        answer.read()
        link.close()
        self.tags[address] = answer.headers.get("ETag", "")
        self.unchanged += answer.status == 304
        if answer.status not in {200, 304}:
            self.errors.append(f"{answer.status} {address}")


def rows(size: Size) -> Iterator[Row]:
    """Matrix, heatmap and JSON, by people who take two seconds for each. How long a cell's page takes,
    which explains itself from the facts, is told by itself.
    """
    sessions = [_session(number) for number in range(READERS)]
    base = f"/matrix/{QUARTER}/"
    pages = [base, f"{base}chart.json", f"/api/v1/matrix/?period={QUARTER}"]
    yield _cell(base)
    with ExitStack() as stack:
        host = stack.enter_context(web_server())
        stack.enter_context(worker("beside"))
        readers = [Reader(host, session, pages) for session in sessions]
        rollups = _read_and_roll_up(readers, size.seconds)
    times = [one for reader in readers for one in reader.times]
    unchanged = sum(reader.unchanged for reader in readers)
    work = f"{READERS} signed-in readers, a page every {PAUSE:g} s each, {size.seconds} s"
    yield told(
        f"{work}: answers, of which unchanged (304); rollups meanwhile", f"{len(times):,}, {unchanged:,}; {rollups}"
    )
    errors = Counter(error for reader in readers for error in reader.errors)
    named = "; ".join(f"{number} × {error}" for error, number in errors.items())
    yield within(f"errors ({named})" if named else "errors", errors.total(), 0, "")
    yield within("p95", quantiles(times, n=20)[-1] * 1000, 300)


def _cell(base: str) -> Row:
    kpi = Kpi.objects.filter(facts_of=None).earliest("pk")
    client = factories.signed_in(User.objects.latest("pk"))
    p50 = measured(partial(ask, client, f"{base}{kpi.code}/T1/"), CELL_TIMES)
    return within("page of one cell, explained from its facts, p50", p50 * 1000, CELL_MS)


def _session(number: int) -> str:
    user = factories.person(f"Reader{number}", Role.EXECUTIVE)
    return str(factories.signed_in(user).cookies["sessionid"].value)


def _read_and_roll_up(readers: list[Reader], duration: int) -> int:
    """Let all read for so long, and roll up a month's facts again and again; returns how often."""
    until, done = time.monotonic() + duration, RollupRun.objects.count()
    threads = [
        threading.Thread(target=reader.read, args=(until, random.Random(number)))  # noqa: S311 - no secret
        for number, reader in enumerate(readers)
    ]
    for thread in threads:
        thread.start()
    while time.monotonic() < until:
        if not RollupRun.objects.filter(state=RunState.RUNNING).exists():
            touch([MONTH])
            wake_rollup.delay(Trigger.COMMAND)
        time.sleep(1)
    for thread in threads:
        thread.join()
    connection.close()
    return RollupRun.objects.count() - done
