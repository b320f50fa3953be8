"""Private folders and files, each whole or not there."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path


def private(folder: Path) -> None:
    """Make it where it is missing, and keep others out of it. Raises OSError."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if folder.stat().st_mode & 0o077:
        with suppress(PermissionError):  # another user's, who lets us in
            folder.chmod(0o700)


def write_whole(path: Path, data: bytes) -> None:
    """A new private file with just this in it, or OSError and no file."""
    number = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with open(number, "wb", buffering=0) as file:
            while data:
                data = data[file.write(data) :]
    except OSError:
        path.unlink(missing_ok=True)
        raise


def replace_whole(path: Path, data: bytes) -> None:
    """The same where there may be one already: readers see the old or the new, and OSError leaves the old."""
    beside = path.with_name(f"{path.name}.{os.getpid()}")
    beside.unlink(missing_ok=True)  # of a process of that number that was killed
    write_whole(beside, data)
    beside.replace(path)
