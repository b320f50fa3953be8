"""A company in a database of its own, for tests that start, stop and kill real processes."""

from __future__ import annotations

import atexit
import json
import os
import shutil
import sqlite3
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from functools import cached_property
from pathlib import Path
from tempfile import TemporaryFile
from typing import Any
from urllib.parse import urlsplit
from weakref import finalize

import psycopg2
from django.db import connection

from tests.migrated import begin
from tests.processes.forks import Fork, Forks
from tests.servers import find_initdb

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


@contextmanager
def founded(folder: Path, name: str) -> Iterator[Installation]:
    """A company in a database of its own, set up; a test that asks it to be ``set_up`` begins with it anew."""
    with database(folder, name) as url:
        made = Installation(url, folder)
        made.set_up()
        yield made


def keep(url: str) -> None:
    """Keep a copy of a company that was just set up, for the next one on the same kind of server."""
    if url.startswith("sqlite"):
        folder = tempfile.mkdtemp(prefix="tb-company-")
        atexit.register(shutil.rmtree, folder, ignore_errors=True)
        _kept["sqlite"] = f"{folder}/company.sqlite3"
        with closing(sqlite3.connect(_file(url))) as made, closing(sqlite3.connect(_kept["sqlite"])) as copy:
            made.backup(copy)  # with what lies in its log
    elif _server(url) == _server_of_tests():
        name = _kept[_server(url)] = f"kept_{os.getpid()}"
        _on_server(f"CREATE DATABASE {name} TEMPLATE {_name(url)}")
        atexit.register(_on_server, f"DROP DATABASE {name}")


def copied(url: str) -> bool:
    """Whether what is kept was copied into an empty database."""
    if url.startswith("sqlite") and "sqlite" in _kept:
        for ending in ("", "-wal", "-shm"):
            Path(_file(url) + ending).unlink(missing_ok=True)
        shutil.copy(_kept["sqlite"], _file(url))
        return True
    if connection.vendor == "postgresql" and _server(url) not in {"", _server_of_tests()}:
        if _server_of_tests() not in _kept:  # to carry one over takes a tenth of what its migrations would
            with tempfile.TemporaryDirectory() as folder, founded(Path(folder), "origin"):
                pass
        _carry(_kept[_server_of_tests()], url)
        return True
    if _server(url) in _kept:
        _on_server(f"DROP DATABASE {_name(url)} WITH (FORCE)")
        _on_server(f"CREATE DATABASE {_name(url)} TEMPLATE {_kept[_server(url)]}")
        return True
    return False


def _carry(name: str, url: str) -> None:
    """Into an empty database of another server, as it is."""
    initdb, of_tests = find_initdb(), connection.settings_dict
    assert initdb is not None
    source = f"postgres://{of_tests['USER']}@{_server_of_tests()}/{name}"
    dump = subprocess.run([initdb.with_name("pg_dump"), source], capture_output=True, check=True)
    read = [str(initdb.with_name("psql")), "--quiet", "--set", "ON_ERROR_STOP=1", url]
    subprocess.run(read, input=dump.stdout, stdout=subprocess.DEVNULL, check=True)


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
    """One installation: its environment, and its commands as processes, forked from one that has imported it all."""

    def __init__(self, url: str, folder: Path) -> None:
        kept = {key: value for key, value in os.environ.items() if key not in {"REDIS_URL", "DATABASE_URL"}}
        self.environment = kept | {
            "DATABASE_URL": url,
            "VAR_DIR": str(folder),
            "LOG_LEVEL": "WARNING",
            "DJANGO_SETTINGS_MODULE": "config.settings",
        }

    @cached_property
    def _forks(self) -> Forks:
        """With the environment as it is when a command is first asked for."""
        forks = Forks(self.environment)
        finalize(self, forks.end)
        return forks

    def run(self, *words: str) -> str:
        """``python`` with these words, to its end; its standard output."""
        with TemporaryFile("w+b") as output, TemporaryFile("w+b") as errors:
            code = self._forks.start(words, output, errors).wait()
            output.seek(0)
            errors.seek(0)
            said, complained = output.read().decode(), errors.read().decode()
        assert code == 0, said + complained
        return said

    def start(self, *words: str) -> Fork:
        """The same, left running."""
        return self._forks.start(words)

    def set_up(self) -> None:
        """Tables, and the facts of tests/processes/seed.py: by the commands, and from then on as a copy of that,
        whatever has become of the company meanwhile. No message waits.
        """
        url = self.environment["DATABASE_URL"]
        for message in Path(self.environment["VAR_DIR"]).glob("*/queue/*/**/*"):
            if message.is_file():
                message.unlink()
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
