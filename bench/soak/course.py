"""The course of a soak: found a company, let everything loose on it, wait for quiet, compare."""

from __future__ import annotations

import json
import random
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from bench.processes import wait_until, wait_until_ready
from bench.soak import report
from bench.soak.files import Files
from bench.soak.leaks import Watch
from bench.soak.loader import Loader
from bench.soak.reading import Reader, Readings
from bench.soak.servers import Postgres, RedisServer
from bench.soak.supervisor import supervised
from bench.soak.trouble import Trouble
from config.environment import BASE_DIR
from tests.run import environment
from tests.servers import free_port

READERS = 8
# A failed rollup is begun again after five minutes, one without a worker is sent again after one.
QUIET_WITHIN = 10 * 60


class Soak:
    """One soak: what it starts, and what it found."""

    def __init__(self, minutes: float, seed: int, folder: Path, postgres: Postgres, redis: RedisServer) -> None:
        self.minutes, self.seed, self.folder = minutes, seed, folder
        self.postgres, self.redis = postgres, redis
        for name in ("files", "logs", "var"):
            (folder / name).mkdir(parents=True, exist_ok=True)
        self.env = environment() | {
            "DATABASE_URL": postgres.url("soak"),
            "REDIS_URL": redis.url,
            "VAR_DIR": str(folder / "var"),
            "LOG_LEVEL": "warning",
            "DJANGO_SETTINGS_MODULE": "config.settings",
        }
        self.readings, self.spared, self.over = Readings(), threading.Event(), threading.Event()
        self.loader = Loader(Files(seed, folder / "files"), self.env, random.Random(seed + 1))  # noqa: S311 - no secret
        self.quiet_after = 0.0
        self.found: dict[str, Any] = {}

    def run(self) -> None:
        """Found the company, soak it, wait until it is quiet, and hold it against a fresh one."""
        self.postgres.create("soak")
        self.people = inside(self.env, "found", str(READERS))
        subprocess.run(
            [sys.executable, "manage.py", "collectstatic", "-v0", "--no-input"], env=self.env, check=True, cwd=BASE_DIR
        )
        self.loader.begin()
        ports = (free_port(), free_port())
        with supervised(self.env, self.folder / "logs", ports) as self.supervisor:
            for port in ports:
                wait_until_ready(port)
            self.watch = Watch(self.supervisor)
            self._soak(ports)
            self._become_quiet()
            self._look()
        self._compare()

    def _soak(self, ports: tuple[int, int]) -> None:
        trouble = random.Random(self.seed + 2)  # noqa: S311 - no secret
        self.trouble = Trouble(self.supervisor, self.postgres, self.redis, self.loader, trouble)
        trouble_over, faster = threading.Event(), max(1.0, 10 / self.minutes)
        beside = [
            threading.Thread(target=work.go_on, args=(self.over,), daemon=True) for work in (self.loader, self.watch)
        ]
        beside += [
            threading.Thread(target=reader.read, args=(self.over,), daemon=True) for reader in self._readers(ports)
        ]
        troubling = threading.Thread(target=self.trouble.go_on, args=(trouble_over, faster), daemon=True)
        self.readings.last_good = time.monotonic()
        for thread in (*beside, troubling):
            thread.start()
        self._pass(self.minutes / 2)
        self._spare()
        self._pass(self.minutes / 2)
        for over, threads in ((trouble_over, [troubling]), (self.over, beside)):
            over.set()
            for thread in threads:
                thread.join()

    def _readers(self, ports: tuple[int, int]) -> list[Reader]:
        return [
            Reader(session, self.people["token"], ports, self.readings, random.Random(self.seed + n), self.spared)  # noqa: S311
            for n, session in enumerate(self.people["sessions"], 10)
        ]

    def _spare(self) -> None:
        """From half-time on one web server and one worker are not killed: what they hold is watched to the end."""
        for name in ("web right", "worker right"):
            self.supervisor.programs[name].spared = True
        time.sleep(10)  # what was killed a moment ago is back
        self.spared.set()

    def _pass(self, minutes: float) -> None:
        """Let time pass, saying each minute how far it is."""
        until = time.monotonic() + minutes * 60
        while time.monotonic() < until:
            time.sleep(max(0.0, min(60.0, until - time.monotonic())))
            sys.stderr.write(f"… {report.so_far(self)}\n")

    def _become_quiet(self) -> None:
        started = time.monotonic()
        wait_until(lambda: not any(inside(self.env, "waiting").values()), QUIET_WITHIN, pause=2)
        self.quiet_after = time.monotonic() - started

    def _look(self) -> None:
        """What is left when all is quiet, while the processes still run."""
        self.watch.look()
        self.growths = self.watch.growths(at_least=min(300, self.minutes * 60 * 0.2))
        self.found = {verb: inside(self.env, verb) for verb in ("waiting", "runs", "connections", "cells")}
        self.files_left = sorted(
            str(path) for path in (self.folder / "var").rglob("*") if path.is_file() and "static" not in path.parts
        )
        self.traces = {
            path.stem: path.read_text(errors="replace").count("Traceback") for path in (self.folder / "logs").iterdir()
        }

    def _compare(self) -> None:
        """A fresh database gets the same files in the same order."""
        self.postgres.create("fresh")
        journal = self.loader.write(self.folder / "journal.json")
        fresh = self.env | {"DATABASE_URL": self.postgres.url("fresh")}
        self.found["fresh"] = inside(fresh, "replay", str(journal))


def inside(env: Mapping[str, str], verb: str, *words: str) -> dict[str, Any]:
    """A verb of bench/soak/inside.py."""
    command = [sys.executable, "-m", "bench.soak.inside", verb, *words]
    done = subprocess.run(command, cwd=BASE_DIR, env=env, stdout=subprocess.PIPE, text=True, check=True)
    found: dict[str, Any] = json.loads(done.stdout)
    return found
