"""Signed-in readers, who hold every answer to what was promised."""

from __future__ import annotations

import json
import random
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException, HTTPResponse

from bench.soak.files import PERIODS, TIERS
from tests.servers import LOCAL

PATIENCE = 60  # seconds after which an answer counts as never given
# Pages and resources that loads and rollups leave alone, or touch now and then.
QUIET = (
    *("/kpis/", "/targets/?year=2025", "/approvals/", "/my/", "/polls/", "/initiatives/", "/coverage/"),
    *("/api/v1/kpis/", "/api/v1/targets/?kpi=revenue", "/api/v1/tier-actuals/", "/api/v1/initiatives/"),
)
CSRF = "0123456789abcdefghijABCDEFGHIJ01"


@dataclass
class Readings:
    """What all readers saw."""

    statuses: Counter[str] = field(default_factory=Counter)
    times: list[float] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    last_good: float = field(default_factory=time.monotonic)
    longest_gap: float = 0.0

    def note_good(self, seconds: float) -> None:
        """An answer with content."""
        now = time.monotonic()
        self.times.append(seconds)
        self.longest_gap, self.last_good = max(self.longest_gap, now - self.last_good), now


@dataclass
class Reader:
    """One person with a browser, or a program with a token; ``ports`` are those of both web servers."""

    session: str
    token: str
    ports: tuple[int, int]
    readings: Readings
    chance: random.Random
    spared: threading.Event

    def read(self, over: threading.Event) -> None:
        """One thing after the other until it is over."""
        while not over.wait(self.chance.uniform(0.3, 1.5)):
            port = self.chance.choice(self.ports)
            method, address = self._address()
            started = time.perf_counter()
            try:
                self._ask(port, method, address, started)
            except TimeoutError:
                self.readings.wrong.append(f"no answer for {PATIENCE} s: {method} {address}")
            except (OSError, HTTPException) as error:
                self._note_cut_off(port, error)

    def _address(self) -> tuple[str, str]:
        period = self.chance.choice(PERIODS)
        tier = self.chance.choice([*TIERS, "all"])
        kpi = self.chance.choice(["revenue", "rate", "active", "revenue_ttm", "per_visit", "order_value"])
        addresses = {
            ("GET", f"/matrix/{period}/"): 5,
            ("GET", f"/matrix/{period}/chart.json"): 2,
            ("GET", f"/api/v1/matrix/?period={period}"): 5,
            ("GET", f"/matrix/{period}/{kpi}/{tier}/"): 3,
            ("GET", f"/facts/?kpi={kpi}&month=2025-03"): 1,
            ("GET", f"/kpis/{kpi}/"): 1,
            ("GET", self.chance.choice(QUIET)): 2,
            ("GET", "/rollups/"): 1,
            ("GET", "/imports/"): 1,
            ("POST", "/rollups/now/"): 1,
        }
        return self.chance.choices(list(addresses), list(addresses.values()))[0]

    def _ask(self, port: int, method: str, address: str, started: float) -> None:
        link = HTTPConnection(LOCAL, port, timeout=PATIENCE)
        headers = {"Cookie": f"sessionid={self.session}; csrftoken={CSRF}", "X-CSRFToken": CSRF}
        if address.startswith("/api/") and self.chance.random() < 0.5:
            headers = {"Authorization": f"Bearer {self.token}"}
        link.request(method, address, headers=headers)
        answer = link.getresponse()
        body = answer.read().decode()
        link.close()
        self.readings.statuses[str(answer.status)] += 1
        fault = fault_of(answer, body, method, address)
        if fault:
            self.readings.wrong.append(f"{answer.status} {method} {address}: {fault}")
        if answer.status == 200:
            self.readings.note_good(time.perf_counter() - started)

    def _note_cut_off(self, port: int, error: Exception) -> None:
        """A killed web server cuts its readers off; one that nobody kills must not."""
        self.readings.statuses["cut off by a kill"] += 1
        if self.spared.is_set() and port == self.ports[1]:
            self.readings.wrong.append(f"cut off by a server that was not killed: {error!r}")


def fault_of(answer: HTTPResponse, body: str, method: str, address: str) -> str:
    """What is wrong with an answer; empty where it is as promised."""
    api = address.startswith("/api/")
    if answer.status == 503:
        return _fault_of_outage(answer, body, api=api)
    if method == "POST":
        return "" if answer.status == 302 and answer.headers["Location"] == "/rollups/" else body[:200]
    if answer.status != 200:
        return f"{answer.headers.get('Location', '')} {body[:200]}"
    if api or address.endswith(".json"):
        return "" if isinstance(json.loads(body), dict) else "no object"
    return "" if "</html>" in body else "half a page"


def _fault_of_outage(answer: HTTPResponse, body: str, *, api: bool) -> str:
    """A clean 503 says when to come back, and what is away."""
    if not answer.headers.get("Retry-After", "").isdigit():
        return "no Retry-After"
    if api:
        as_problem = answer.headers["Content-Type"] == "application/problem+json"
        return "" if as_problem and json.loads(body)["detail"] else "no problem details"
    said = "Tierboard is not available just now" in body and "</html>" in body
    return "" if said and "Traceback" not in body else "no page that says what happened"
