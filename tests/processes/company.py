"""A company in a database of its own, for tests that start, stop and kill real processes."""

from __future__ import annotations

import atexit
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psycopg2
from django.db import connection

from tests.migrated import begin

ROOT = Path(__file__).resolve().parents[2]
PERIODS = ("2025-11", "2025-Q4", "2025", "2026-Q1", "2026")


@contextmanager
def database(folder: Path, name: str) -> Iterator[str]:
    """The URL of an empty database of the kind that the tests run on; gone afterwards."""
    if connection.vendor == "sqlite":
        yield f"sqlite:///{folder / name}.sqlite3"
        return
    settings = connection.settings_dict
    server = f"{settings['USER']}@{settings['HOST']}:{settings['PORT']}"
    _on_server(f"CREATE DATABASE {name}_{os.getpid()}")
    try:
        yield f"postgres://{server}/{name}_{os.getpid()}"
    finally:
        _on_server(f"DROP DATABASE {name}_{os.getpid()} WITH (FORCE)")


def _on_server(statement: str) -> None:
    settings = connection.settings_dict
    link = psycopg2.connect(user=settings["USER"], host=settings["HOST"], port=settings["PORT"], dbname="postgres")
    link.autocommit = True
    link.cursor().execute(statement)
    link.close()


def keep(url: str) -> None:
    """Keep a copy of a company that was just set up, for the next one on the same kind of server."""
    if url.startswith("sqlite"):
        folder = tempfile.mkdtemp(prefix="tb-company-")
        atexit.register(shutil.rmtree, folder, ignore_errors=True)
        _kept["sqlite"] = shutil.copy(_file(url), folder)
    elif _server(url) == _server_of_tests():
        name = _kept[_server(url)] = f"kept_{os.getpid()}"
        _on_server(f"CREATE DATABASE {name} TEMPLATE {_name(url)}")
        atexit.register(_on_server, f"DROP DATABASE {name}")


def copied(url: str) -> bool:
    """Whether what is kept was copied into an empty database."""
    if url.startswith("sqlite") and "sqlite" in _kept:
        shutil.copy(_kept["sqlite"], _file(url))
        return True
    if _server(url) in _kept:
        _on_server(f"DROP DATABASE {_name(url)}")
        _on_server(f"CREATE DATABASE {_name(url)} TEMPLATE {_kept[_server(url)]}")
        return True
    return False


_kept: dict[str, str] = {}


def _file(url: str) -> str:
    return url.removeprefix("sqlite:///")


def _server(url: str) -> str:
    return urlsplit(url).netloc.rpartition("@")[2]


def _name(url: str) -> str:
    return urlsplit(url).path.removeprefix("/")


def _server_of_tests() -> str:
    return f"{connection.settings_dict['HOST']}:{connection.settings_dict['PORT']}"


class Installation:
    """One installation: its environment, and its commands as processes."""

    def __init__(self, url: str, folder: Path) -> None:
        kept = {key: value for key, value in os.environ.items() if key not in {"REDIS_URL", "DATABASE_URL"}}
        self.environment = kept | {
            "DATABASE_URL": url,
            "VAR_DIR": str(folder),
            "LOG_LEVEL": "WARNING",
            "DJANGO_SETTINGS_MODULE": "config.settings",
        }

    def run(self, *words: str) -> str:
        """``python`` with these words, to its end; its standard output."""
        done = subprocess.run(
            [sys.executable, *words], cwd=ROOT, env=self.environment, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def start(self, *words: str) -> subprocess.Popen[str]:
        """The same, left running."""
        pipe = subprocess.PIPE
        return subprocess.Popen(
            [sys.executable, *words], cwd=ROOT, env=self.environment, stdin=pipe, stdout=pipe, text=True
        )

    def set_up(self) -> None:
        """Tables, and the facts of tests/processes/seed.py: by the commands, and from then on as a copy of that."""
        url = self.environment["DATABASE_URL"]
        if not copied(url):
            begin(self.environment["DATABASE_URL"])
            self.run("manage.py", "migrate", "-v0")
            self.run("-m", "tests.processes.seed")
            keep(url)

    def matrices(self) -> list[Any]:
        """What ``rollup --json`` prints, but for the moment of the rollup."""
        found = json.loads(self.run("manage.py", "rollup", *PERIODS, "--json"))
        return [{key: value for key, value in matrix.items() if key != "computed_at"} for matrix in found]

    def wait_until_done(self, seconds: float) -> float:
        """Until nothing is marked or under way, in one process; the seconds that it took. Fails after so many."""
        return float(self.run("-m", "tests.processes.seed", "--done", str(seconds)))

    def leftovers(self) -> dict[str, int]:
        """How many marks and staged cells are in the database."""
        found: dict[str, int] = json.loads(self.run("-m", "tests.processes.seed", "--leftovers"))
        return found
