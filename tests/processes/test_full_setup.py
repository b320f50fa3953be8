"""``make setup`` on a full disk: one sentence, and no environment that passes for a whole one."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.processes.disks import fill
from tests.processes.forks import ROOT

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("left", [0, 100_000, 4_000_000])
def test_an_environment_that_does_not_fit_is_one_sentence(disk: Path, left: int) -> None:
    (disk / "config").mkdir()
    shutil.copy(ROOT / "config" / "install.py", disk / "config")
    shutil.copy(ROOT / "requirements.txt", disk)
    fill(disk, left)
    command = [sys.executable, "-I", "config/install.py", "requirements.txt"]
    ended = subprocess.run(command, cwd=disk, capture_output=True, text=True, check=False)
    assert ended.returncode == 1
    assert "the disk is full. Nothing was started; make room and run make again." in ended.stderr
    assert "Traceback" not in ended.stderr + ended.stdout
    assert len(ended.stderr.splitlines()) == 1
    assert not list((disk / ".venv").glob(".*.sha256"))
