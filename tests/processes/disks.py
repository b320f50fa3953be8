"""A small disk that can be filled."""

from __future__ import annotations

import errno
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.db import connection

from bench.soak.servers import Postgres
from tests.processes.company import Installation

MEGABYTES = 96
LEFT = 2**20  # bytes that are left


class NoDiskError(Exception):
    """This machine lets us mount none."""


@contextmanager
def small_disk() -> Iterator[Path]:
    """A small disk of its own, in a place that PostgreSQL's user may enter. Raises NoDiskError."""
    base = Path(tempfile.mkdtemp(prefix="tb-", dir="/tmp"))
    base.chmod(0o755)
    folder = base / "disk"
    folder.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={MEGABYTES}m", "tmpfs", folder], capture_output=True, check=False
    )
    if mounted.returncode:
        shutil.rmtree(base)
        raise NoDiskError(mounted.stderr.decode().strip())
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", folder], check=True)
        shutil.rmtree(base)


@contextmanager
def installed(disk: Path, folder: Path) -> Iterator[Installation]:
    """A company whose data lie on that disk, on the database that the tests run on."""
    if connection.vendor == "sqlite":
        yield Installation(f"sqlite:///{disk}/company.sqlite3", disk)
        return
    disk.chmod(0o777)
    server = Postgres(disk / "server", disk.parent / "log")
    server.start()
    try:
        server.create("company")
        yield Installation(server.url("company"), folder / "var")
    finally:
        server.end()


def fill(disk: Path, left: int = LEFT) -> Path:
    """Take all of its room but so much, with a file that is returned. Others may write to the disk meanwhile."""
    ballast = disk / "ballast"
    with open(ballast, "wb", buffering=0) as file:
        try:
            while (room := free(disk) - left) > 0:
                file.write(bytes(min(room, 2**20)))
        except OSError as error:
            if error.errno != errno.ENOSPC:
                raise
    return ballast


def free(disk: Path) -> int:
    """The bytes that anybody may still write."""
    state = os.statvfs(disk)
    return state.f_bavail * state.f_frsize
