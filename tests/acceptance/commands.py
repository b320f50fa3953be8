"""Running management commands as a company does, on a database of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psycopg2

from config.environment import BASE_DIR


def manage(env: dict[str, str], *arguments: str) -> str:
    """Run a management command; what it prints."""
    call = [sys.executable, "manage.py", *arguments]
    ended = subprocess.run(call, cwd=BASE_DIR, env=env, capture_output=True, text=True, timeout=600, check=False)
    assert ended.returncode == 0, ended.stderr + ended.stdout
    return ended.stdout


def load(env: dict[str, str], kind: str, path: Path, *options: str) -> Any:
    """Load a file; the counts of the command's JSON."""
    return json.loads(manage(env, "load", kind, str(path), "--format", "json", *options))


@contextmanager
def database(folder: Path, name: str) -> Iterator[str]:
    """The address of an empty database of the kind that this pass is about."""
    server = os.environ.get("DATABASE_URL", "")
    if not server:
        yield f"sqlite:///{folder / name}.sqlite3"
        return
    client = psycopg2.connect(server)
    client.autocommit = True
    with client.cursor() as cursor:
        cursor.execute(f"CREATE DATABASE {name}")
        yield urlsplit(server)._replace(path=f"/{name}").geturl()
        cursor.execute(f"DROP DATABASE {name} WITH (FORCE)")
    client.close()
