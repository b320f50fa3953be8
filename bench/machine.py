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
    finders: tuple[Callable[[], Path | None], ...] = (servers.find_initdb, servers.find_redis, servers.find_chromium)
    return [_told([str(path), "--version"]) for find in finders if (path := find())]


def _told(command: list[str]) -> str:
    """What a program says of its version, without where it comes from."""
    said = subprocess.run(command, capture_output=True, text=True, check=False).stdout.strip()
    found = re.search(r"^(\w+)\D*(\d+\.\d+(?:\.\d+)?)", said)
    return f"{found[1]} {found[2]}" if found else said
