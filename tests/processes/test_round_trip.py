"""A company carried over by its files: all exports, loaded into a new database, give the same numbers."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.acceptance.commands import carry_over, installed, matrices

pytestmark = [pytest.mark.slow, pytest.mark.django_db]

PERIODS = ("2025", "2026", "2025-Q1", "2026-Q3", "2026-Q4", "2025-12", "2026-10")


def test_all_exports_of_the_demo_make_the_same_matrices_in_a_new_database(
    tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    here, there = tmp_path_factory.mktemp("here"), tmp_path_factory.mktemp("there")
    with installed(here, "carried_from") as company, installed(there, "carried_to") as other:
        company.run("manage.py", "demo")
        carry_over(company, other, tmp_path)
        assert matrices(other, PERIODS) == matrices(company, PERIODS)
