"""``manage.py migrate``, broken off at any moment, can be run again."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from config.environment import BASE_DIR

# A migration whose indexes are left for its end is made, and then the process is gone before it is noted.
DYING = """
import os, sys
from django.db.migrations.executor import MigrationExecutor
record = MigrationExecutor.record_migration
def dying(self, migration):
    if migration.app_label == "admin":
        os._exit(9)
    record(self, migration)
MigrationExecutor.record_migration = dying
import manage
manage.main()
"""
WORDS = ["migrate", "-v0", "admin", "0001"]


@pytest.mark.slow
def test_who_is_killed_before_a_migration_is_noted_can_run_it_again(tmp_path: Path) -> None:
    env = {"PATH": os.environ["PATH"], "DATABASE_URL": f"sqlite:///{tmp_path}/killed.sqlite3", "VAR_DIR": str(tmp_path)}
    killed = subprocess.run([sys.executable, "-c", DYING, *WORDS], cwd=BASE_DIR, env=env, check=False)
    assert killed.returncode == 9
    again = [sys.executable, "manage.py", *WORDS]
    done = subprocess.run(again, cwd=BASE_DIR, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr.splitlines()[-1]
