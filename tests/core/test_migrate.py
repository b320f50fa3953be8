"""``manage.py migrate``, broken off at any moment, can be run again."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from config.environment import BASE_DIR

# The n-th migration is made, and then the process is gone before another statement reaches the database.
DYING = """
import os, sys
from django.db.migrations.executor import MigrationExecutor
record, seen, last = MigrationExecutor.record_migration, [], int(sys.argv[1])
def dying(self, migration):
    seen.append(1)
    if len(seen) == last:
        os._exit(9)
    record(self, migration)
MigrationExecutor.record_migration = dying
sys.argv = ["manage.py", "migrate", "-v0"]
import manage
manage.main()
"""


@pytest.mark.slow
@pytest.mark.parametrize("point", [1, 4, 12])
def test_who_is_killed_before_a_migration_is_noted_can_run_it_again(tmp_path: Path, point: int) -> None:
    path = tmp_path / "killed.sqlite3"
    env = {"PATH": os.environ["PATH"], "DATABASE_URL": f"sqlite:///{path}", "VAR_DIR": str(tmp_path)}
    killed = subprocess.run([sys.executable, "-c", DYING, str(point)], cwd=BASE_DIR, env=env, check=False)
    assert killed.returncode == 9
    again = [sys.executable, "manage.py", "migrate", "-v0"]
    done = subprocess.run(again, cwd=BASE_DIR, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr.splitlines()[-1]
    assert sqlite3.connect(path).execute("SELECT count(*) FROM django_migrations").fetchone()[0] > point
