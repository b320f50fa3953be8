"""What the figures were measured on."""

from __future__ import annotations

import os
import platform
import re
import sqlite3
import subprocess
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import django

from tests import servers


def described() -> str:
    """One line: cores, memory, date, versions."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    parts = [
        f"{os.cpu_count()} cores ({_processor()}), {memory:.0f} GB",
        datetime.now(UTC).date().isoformat(),
        f"Python {platform.python_version()}",
        f"Django {django.get_version()}",
        f"SQLite {sqlite3.sqlite_version}",
        *_servers(),
        f"commit {_told(['git', 'rev-parse', '--short', 'HEAD'])}",
    ]
    return " · ".join(parts)


def _processor() -> str:
    found = re.search(r"model name\s*: (.+)", Path("/proc/cpuinfo").read_text())
    return found[1] if found else platform.machine()


def _servers() -> list[str]:
    finders: dict[str, Callable[[], Path | None]] = {
        "PostgreSQL": servers.find_initdb,
        "Redis": servers.find_redis,
        "Chromium": servers.find_chromium,
    }
    found = {name: find() for name, find in finders.items()}
    return [f"{name} {_version(str(path))}" if path else f"no {name}" for name, path in found.items()]


def _version(program: str) -> str:
    found = re.search(r"\d+\.\d+(\.\d+)?", _told([program, "--version"]))
    return found[0] if found else "of unknown version"


def _told(command: list[str]) -> str:
    return subprocess.run(command, capture_output=True, text=True, check=False).stdout.strip()
