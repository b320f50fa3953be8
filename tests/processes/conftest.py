"""What tests of processes share."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.processes.disks import NoDiskError, small_disk


@pytest.fixture
def disk() -> Iterator[Path]:
    """A small disk of its own."""
    try:
        with small_disk() as folder:
            yield folder
    except NoDiskError as error:
        pytest.skip(f"this machine lets us mount no disk: {error}")
