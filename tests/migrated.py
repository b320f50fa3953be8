"""What the migrations make of an empty database, made once and copied for as long as they are the same.

A run of tests asks for it in each of its processes, and so does the next run; the migrations alone take seconds. On
SQLite the copy is a file under ``var/``, on PostgreSQL a database beside those of the tests. What a migration is made
of (itself, what it imports of the product, all of ``core``) gives the copy its name, so an old one is never taken.
"""

from __future__ import annotations

import fcntl
import hashlib
import re
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import django
import psycopg2
from django.db import connection

ROOT = Path(__file__).resolve().parent.parent
COPIES = ROOT / "var" / "test-databases"
_IMPORTED = re.compile(r"^(?:from|import) ((?:accounts|customers|kpis|initiatives|scorecard)[\w.]*)", re.MULTILINE)


def migrated_once(migrate: Callable[..., Any]) -> Callable[..., Any]:
    """``migrate`` as the tests' own databases are made by it: from the copy, where there is one."""

    def handle(command: Any, *args: Any, **options: Any) -> Any:
        if options.get("app_label") or not is_new():
            return migrate(command, *args, **options)
        with alone(connection.vendor):
            copy = _Database() if connection.vendor == "postgresql" else file()
            if copy.exists():
                copy.read()
                return None
            made = migrate(command, *args, **options)
            copy.write()
            return made

    return handle


def is_new() -> bool:
    """Whether this is the database of a run of tests, with nothing in it."""
    name = str(connection.settings_dict["NAME"])
    of_tests = name.startswith("test_") if connection.vendor == "postgresql" else "tierboard-test-" in name
    return of_tests and not connection.introspection.table_names()


@cache
def mark() -> str:
    """What tells these migrations from others."""
    seen = hashlib.sha256(django.get_version().encode())
    for path in sorted(_sources()):
        seen.update(str(path.relative_to(ROOT)).encode() + path.read_bytes())
    return seen.hexdigest()[:16]


def _sources() -> set[Path]:
    found = {*ROOT.glob("*/migrations/*.py"), *ROOT.glob("core/**/*.py")}
    names = {name for path in found for name in _IMPORTED.findall(path.read_text())}
    modules = (ROOT / name.replace(".", "/") for name in names)
    return found | {
        path for module in modules for path in (module.with_suffix(".py"), *module.glob("*.py")) if path.exists()
    }


@contextmanager
def alone(name: str) -> Iterator[None]:
    """One process makes a copy, the others that want it wait."""
    COPIES.mkdir(parents=True, exist_ok=True)
    with (COPIES / f"lock-{name}").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


class File:
    """A copy on SQLite, in a folder of its kind: it takes the place of older ones of that kind."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def exists(self) -> bool:
        """Whether it was made."""
        return self.path.exists()

    def write(self) -> None:
        """Make it of the database as it is."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        for old in self.path.parent.glob("*.sqlite3"):
            old.unlink()
        part = self.path.with_suffix(".part")
        part.unlink(missing_ok=True)
        target = sqlite3.connect(part)
        connection.connection.backup(target)
        target.close()
        part.rename(self.path)

    def read(self) -> None:
        """Let the database be as it was."""
        connection.ensure_connection()
        source = sqlite3.connect(self.path)
        source.backup(connection.connection)
        source.close()


def file() -> File:
    """SQLite's copy of what the migrations make."""
    return File(COPIES / f"{mark()}.sqlite3")


class _Database:
    """PostgreSQL's copy; nobody may be connected to what is copied."""

    def __init__(self) -> None:
        self.name, self.of_tests = f"migrated_{mark()}", str(connection.settings_dict["NAME"])

    def exists(self) -> bool:
        with connection._nodb_cursor() as cursor:
            cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", [self.name])
            return cursor.fetchone() is not None

    def write(self) -> None:
        self._say(f"CREATE DATABASE {self.name} TEMPLATE {self.of_tests}")

    def read(self) -> None:
        self._say(f"DROP DATABASE {self.of_tests}", f"CREATE DATABASE {self.of_tests} TEMPLATE {self.name}")

    def _say(self, *commands: str) -> None:
        connection.close()
        with connection._nodb_cursor() as cursor:
            for command in commands:
                cursor.execute(command)


def begin(url: str) -> bool:
    """Whether an empty database of an installation was begun from the copy; ``migrate`` finds nothing to do then."""
    copy = file().path
    if url.startswith("sqlite"):
        target = Path(url.removeprefix("sqlite:///"))
        if copy.exists() and not target.exists():
            shutil.copyfile(copy, target)
            return True
        return False
    found = urlsplit(url)
    server = {"host": found.hostname, "port": found.port, "user": found.username}
    with closing(psycopg2.connect(**server, dbname="postgres")) as link:
        link.autocommit = True
        with link.cursor() as cursor:
            cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", [f"migrated_{mark()}"])
            if cursor.fetchone() is None:
                return False
            name = found.path.removeprefix("/")
            cursor.execute(f"DROP DATABASE {name}")
            cursor.execute(f"CREATE DATABASE {name} TEMPLATE migrated_{mark()}")
    return True
