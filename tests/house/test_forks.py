"""What ``make run`` starts as forks of a loaded process: each is as good as a program of its own."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from config.environment import BASE_DIR

pytestmark = pytest.mark.slow

# A parent that is deaf to SIGTERM and has a file open, as a supervisor has, starts the module by the way that is named.
PARENT = """
import os, signal, sys
from config import forks, supervisor
signal.signal(signal.SIGTERM, lambda number, frame: None)
start = {"fork": forks.start, "spawn": supervisor.spawn}[sys.argv[1]]
try:
    made = start([sys.executable, "-m", *sys.argv[2:]])
except forks.InTheForkError as fork:
    forks.run(fork.words)
    sys.exit(0)
first = made.stdout.readline()
if b"stopped" in first:
    os.killpg(made.pid, signal.SIGTERM)
print((first + made.stdout.read()).decode(), made.wait(), made.pid == os.getpid())
"""
SAYS_WHAT_IT_IS = """
import os, signal, sys
print(__name__, sys.argv[1:], os.getsid(0) == os.getpid(), repr(sys.stdin.read()))
print(signal.getsignal(signal.SIGTERM) is signal.SIG_DFL, signal.getsignal(signal.SIGINT) is signal.default_int_handler)
print(signal.pthread_sigmask(signal.SIG_BLOCK, []))
print("to the other stream", file=sys.stderr)
sys.exit(3)
"""
WAITS = "import signal\nprint('to be stopped', flush=True)\nsignal.pause()"
FAILS = "raise ValueError('out of order')"


def started(how: str, folder: Path, module: str) -> str:
    """What the module says and how it ends, where it was started in that way."""
    (folder / "said.py").write_text(module)
    command = [sys.executable, "-c", PARENT, how, "said", "one", "two"]
    path = f"{BASE_DIR}:{folder}"
    done = subprocess.run(
        command, cwd=folder, env={"PYTHONPATH": path}, capture_output=True, text=True, timeout=60, check=True
    )
    return done.stdout


@pytest.mark.parametrize("module", [SAYS_WHAT_IT_IS, WAITS, FAILS], ids=["says", "waits", "fails"])
def test_a_fork_is_what_a_program_of_its_own_would_be(tmp_path: Path, module: str) -> None:
    own = started("spawn", tmp_path, module)
    forked = started("fork", tmp_path, module)
    if module == SAYS_WHAT_IT_IS:
        assert sorted(forked.splitlines()) == sorted(own.splitlines())
        assert "__main__ ['one', 'two'] True ''" in forked
        assert "3 False" in forked
    else:
        assert forked.splitlines()[-2:] == own.splitlines()[-2:]
        assert ("out of order" in forked) == (module == FAILS)
        assert ("-15 False" in forked) == (module == WAITS)
