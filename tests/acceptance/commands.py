"""Running management commands as a company does, on a database of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psycopg2

from config.environment import BASE_DIR
from tests.migrated import begin

_OF_THE_MACHINE = {"PATH", "DATABASE_URL", "VAR_DIR", "PYTHONPATH", "HOME", "TMPDIR"}


def manage(env: dict[str, str], *arguments: str) -> str:
    """Run a management command; what it prints."""
    call = [sys.executable, "manage.py", *arguments]
    ended = subprocess.run(call, cwd=BASE_DIR, env=env, capture_output=True, text=True, timeout=600, check=False)
    assert ended.returncode == 0, ended.stderr + ended.stdout
    return ended.stdout


def migrate(env: dict[str, str]) -> None:
    """Make the tables of an empty database, from what the migrations made before where that is kept.

    What is kept was made with no setting but where it is: a company that sets its year has its own migrations run.
    """
    if env.keys() <= _OF_THE_MACHINE:
        begin(env["DATABASE_URL"])
    manage(env, "migrate", "--verbosity", "0")


def load(env: dict[str, str], kind: str, path: Path, *options: str) -> Any:
    """Load a file; the counts of the command's JSON."""
    return json.loads(manage(env, "load", kind, str(path), "--format", "json", *options))


# In the order in which one may be loaded after the other.
KINDS = (
    *("business_units", "departments", "tiers", "customers", "tier_memberships", "lifecycle_events", "kpis", "facts"),
    *("complete_months", "tier_actuals", "targets", "initiatives", "milestones", "status_updates", "pain_points"),
    "links",
)
_APPROVER = "boss@another.example"
_CREATE = f"from accounts.models import User; User.objects.create_superuser(email='{_APPROVER}', password='x')"


def carry_over(env: dict[str, str], other: dict[str, str], folder: Path) -> None:
    """Export all kinds of an installation, and load them into another whose database is empty."""
    migrate(other)
    manage(other, "shell", "--verbosity", "0", "-c", _CREATE)
    for kind in KINDS:
        path = folder / f"{kind}.csv"
        manage(env, "export", kind, str(path))
        load(other, kind, path, *(["--approved-by", _APPROVER] if kind == "targets" else []))


def matrices(env: dict[str, str], periods: Iterable[str]) -> str:
    """The matrices of periods as text, but for when they were computed."""
    found = json.loads(manage(env, "rollup", *periods, "--json"))
    return json.dumps([{name: part for name, part in one.items() if name != "computed_at"} for one in found])


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
