"""``make run`` on a full disk: one sentence, nothing half, and the next start is as good as a first one."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.contrib.staticfiles.finders import get_finders

from config.filequeue import FileQueues
from core.outages import FULL, outage_of
from tests.processes.disks import fill
from tests.processes.forks import ROOT
from tests.servers import free_port

pytestmark = pytest.mark.slow

# It meets the end of the room when it writes its key, its tables (by several names), its styles.
LEFT = [0, 4_096, 65_536, 500_000, 6_000_000]


def start(disk: Path, *words: str) -> subprocess.CompletedProcess[str]:
    env = {"PATH": os.environ["PATH"], "VAR_DIR": str(disk / "var"), "PORT": str(free_port()), "DEMO": "0"}
    command = [sys.executable, *(words or ("-m", "config.run"))]
    return subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, timeout=300, check=False)


def prepare(disk: Path) -> None:
    """All of the start but for the servers."""
    done = start(disk, "-c", "from config import run; run.prepare()")
    assert done.returncode == 0, done.stderr


def test_a_start_on_a_full_disk_is_one_sentence_and_can_be_repeated(disk: Path) -> None:
    for left in LEFT:
        ballast = fill(disk, left)
        ended = start(disk)
        ballast.unlink()
        assert ended.returncode == 1, left
        assert ended.stderr.startswith("Tierboard cannot start: The disk is full ("), (left, ended.stderr)
        assert str(disk / "var") in ended.stderr
        assert len(ended.stderr.splitlines()) == 1
    prepare(disk)
    for finder in get_finders():
        for path, storage in finder.list([]):
            copied = disk / "var" / "static" / path
            assert copied.read_bytes() == Path(storage.path(path)).read_bytes()


def test_a_key_that_a_full_disk_left_empty_is_made_again(tmp_path: Path) -> None:
    words = ("-c", "from config import settings")  # any command reads them first
    assert start(tmp_path, *words).returncode == 0
    key = tmp_path / "var" / "embedded" / "secret_key"
    first = key.read_text()
    key.write_text("")
    assert start(tmp_path, *words).returncode == 0
    assert len(key.read_text()) == len(first)
    assert key.stat().st_mode & 0o077 == 0


def test_a_message_that_does_not_fit_is_refused_and_leaves_nothing(disk: Path) -> None:
    queues = FileQueues(disk / "queue")
    queues.put("q", b"before")
    for left in (0, 4_096):
        ballast = fill(disk, left)
        with pytest.raises(OSError, match="No space left") as caught:
            queues.put("q", b"x" * 100_000)
        assert outage_of(caught.value) is FULL
        assert [path.read_bytes() for path in (disk / "queue").rglob("*") if path.is_file()] == [b"before"]
        ballast.unlink()
    queues.put("q", b"after")
    claimed = [queues.claim("q"), queues.claim("q")]
    assert [found.body for found in claimed if found] == [b"before", b"after"]
