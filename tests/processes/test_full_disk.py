"""A disk that fills up during a load: refused in a sentence, nothing changed, and all is well when there is room."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from accounts.models import User
from accounts.services import jobs
from tests.factories import signed_in
from tests.processes.company import Installation
from tests.processes.disks import fill, installed
from tests.processes.forks import ROOT

pytestmark = [pytest.mark.slow, pytest.mark.django_db]

ROWS = 60_000


@pytest.fixture
def installation(disk: Path, tmp_path: Path) -> Iterator[Installation]:
    with installed(disk, tmp_path) as made:
        made.set_up()
        made.run("manage.py", "rollup", "2026-Q1")
        yield made


@pytest.fixture
def facts(tmp_path: Path) -> Path:
    """A file that does not fit."""
    lines = (f"revenue,C{n % 60},{1940 + n // 720}-{n // 60 % 12 + 1:02},{n}.25" for n in range(ROWS))
    path = tmp_path / "facts.csv"
    path.write_text("kpi,customer,month,numerator\n" + "\n".join(lines))
    return path


def load(installation: Installation, path: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "manage.py", "load", "facts", str(path)]
    return subprocess.run(command, cwd=ROOT, env=installation.environment, capture_output=True, text=True, check=False)


def exported(installation: Installation, folder: Path) -> str:
    installation.run("manage.py", "export", "facts", str(folder / "exported.csv"))
    return (folder / "exported.csv").read_text()


def test_a_load_that_does_not_fit_is_refused_whole(
    installation: Installation, disk: Path, facts: Path, tmp_path: Path
) -> None:
    before, matrices = exported(installation, tmp_path), installation.matrices()
    ballast = fill(disk)
    refused = load(installation, facts)
    assert refused.returncode == 2, refused.stderr
    assert "The disk is full." in refused.stderr
    assert "Load the file again" in refused.stderr
    assert "Traceback" not in refused.stderr
    assert exported(installation, tmp_path) == before
    assert installation.matrices() == matrices  # the full disk goes on serving who reads
    ballast.unlink()
    taken = load(installation, facts)
    assert taken.returncode == 0, taken.stderr
    assert f"read {ROWS:,}" in taken.stdout
    assert exported(installation, tmp_path) != before
    installation.matrices()
    assert installation.leftovers() == {"SliceTouch": 0, "TierTouch": 0, "StagedCell": 0}


def test_a_file_brought_by_page_that_does_not_fit_leaves_nothing(disk: Path, stella: User, settings: Any) -> None:
    settings.VAR_DIR = disk
    ballast = fill(disk, left=2**16)
    browser = signed_in(stella)
    browser.raise_request_exception = False
    file = SimpleUploadedFile("facts.csv", b"kpi,customer,month,numerator\n" * 10_000)
    answer = browser.post("/imports/", {"kind": "facts", "file": file})
    assert answer.status_code == 503
    assert "The disk is full" in answer.content.decode()
    assert list(jobs._all_folders().iterdir()) == []
    ballast.unlink()
    file.seek(0)
    assert browser.post("/imports/", {"kind": "facts", "file": file}).status_code == 302
