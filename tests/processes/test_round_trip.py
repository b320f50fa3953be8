"""A company carried over by its files: all exports, loaded into a new database, give the same numbers."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.acceptance.commands import carry_over, manage, matrices, migrate
from tests.processes.company import database

pytestmark = [pytest.mark.slow, pytest.mark.django_db]

PERIODS = ("2025", "2026", "2025-Q1", "2026-Q3", "2026-Q4", "2025-12", "2026-10")


def test_all_exports_of_the_demo_make_the_same_matrices_in_a_new_database(tmp_path: Path) -> None:
    with database(tmp_path, "carried_from") as here, database(tmp_path, "carried_to") as there:
        env = {"PATH": os.environ["PATH"], "DATABASE_URL": here, "VAR_DIR": str(tmp_path / "here")}
        other = env | {"DATABASE_URL": there, "VAR_DIR": str(tmp_path / "there")}
        migrate(env)
        manage(env, "demo")
        carry_over(env, other, tmp_path)
        assert matrices(other, PERIODS) == matrices(env, PERIODS)
