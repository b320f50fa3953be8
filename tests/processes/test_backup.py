"""Back up and restore as docs/operations.md says: the same rows, the same cells, while loads go on."""

from __future__ import annotations

import json
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from django.db import connection

from tests.processes.company import Installation, database
from tests.processes.forks import ROOT, Fork
from tests.servers import find_initdb

pytestmark = [pytest.mark.slow, pytest.mark.django_db]

MANUAL = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
COUNTS = """
import json
from django.apps import apps
print(json.dumps({model._meta.label: model._base_manager.count() for model in apps.get_models()}))
"""
TARGET = """
from tests import factories
from customers.models import Tier
from kpis.models import Kpi
factories.target(Kpi.objects.get(code="revenue"), Tier.objects.get(code="T1"), 202601, 500)
"""


@pytest.fixture
def databases(tmp_path: Path) -> Iterator[tuple[str, str]]:
    """The URL of the company's database, and of an empty one."""
    with ExitStack() as stack:
        yield stack.enter_context(database(tmp_path, "company")), stack.enter_context(database(tmp_path, "restored"))


@pytest.fixture
def company(databases: tuple[str, str], tmp_path: Path) -> Installation:
    """A company with an approved target, which a trigger keeps from being written."""
    made = Installation(databases[0], tmp_path / "company")
    made.set_up()
    made.run("manage.py", "shell", "-v0", "-c", TARGET)
    made.matrices()
    return made


def in_the_manual(heading: str) -> list[list[str]]:
    """The commands of the manual's section on backing this database up."""
    section = MANUAL.split(heading)[1].split("\n#")[0]
    block = re.search(r"\n\n((?:    .+\n)+)", section)
    assert block, heading
    return [shlex.split(line) for line in block[1].replace("\\\n", "").splitlines()]


def do(commands: list[list[str]], names: dict[str, str], folder: Path) -> None:
    """Run the manual's commands, with our names in place of its own."""
    initdb = find_initdb()
    for words in commands:
        program = [sys.executable] if words[0].endswith("python") else [words[0]]
        if words[0].startswith("pg_"):
            assert initdb is not None
            program = [str(shutil.which(words[0]) or initdb.with_name(words[0]))]
        done = subprocess.run(
            [*program, *(names.get(word, word) for word in words[1:])], cwd=folder, capture_output=True, check=False
        )
        assert done.returncode == 0, (words, done.stderr.decode())


def back_up_and_restore(company: Installation, url: str, folder: Path, meanwhile: Fork | None) -> Installation:
    """By the manual's words; the company as restored."""
    if connection.vendor == "sqlite":
        path, copy = company.environment["DATABASE_URL"].removeprefix("sqlite:///"), url.removeprefix("sqlite:///")
        commands = in_the_manual("### SQLite")
        do(commands, {"var/embedded/tierboard.sqlite3": path, "backup.sqlite3": copy}, folder)
    else:
        commands = in_the_manual("### PostgreSQL")
        do(commands, {"$DATABASE_URL": company.environment["DATABASE_URL"], "$EMPTY_DATABASE_URL": url}, folder)
    if meanwhile is not None:
        meanwhile.communicate()
    return Installation(url, folder / "restored")


def counts(installation: Installation) -> dict[str, int]:
    found: dict[str, int] = json.loads(installation.run("manage.py", "shell", "-v0", "-c", COUNTS))
    return found


def test_a_restored_company_has_the_same_rows_and_cells(
    company: Installation, databases: tuple[str, str], tmp_path: Path
) -> None:
    before, matrices = counts(company), company.matrices()
    restored = back_up_and_restore(company, databases[1], tmp_path, None)
    assert counts(restored) == before
    assert restored.matrices() == matrices
    restored.run("manage.py", "check_facts")
    restored.run("manage.py", "migrate", "-v0")
    restored.run("-m", "tests.processes.seed", "--correct")  # it goes on working
    assert restored.matrices() != matrices


def test_a_backup_during_a_load_has_all_of_it_or_nothing(
    company: Installation, databases: tuple[str, str], tmp_path: Path
) -> None:
    rows = 40_000
    lines = (f"revenue,C{n % 60},{1960 + n // 720}-{n // 60 % 12 + 1:02},{n}.25" for n in range(rows))
    (tmp_path / "facts.csv").write_text("kpi,customer,month,numerator\n" + "\n".join(lines))
    before = counts(company)["kpis.Fact"]
    loading = company.start("manage.py", "load", "facts", str(tmp_path / "facts.csv"))
    restored = back_up_and_restore(company, databases[1], tmp_path, loading)
    assert loading.returncode == 0
    assert counts(company)["kpis.Fact"] == before + rows
    assert counts(restored)["kpis.Fact"] in {before, before + rows}
    restored.run("manage.py", "check_facts")
    assert restored.leftovers()["SliceTouch"] in {0, -(-rows // 60)}
