"""What tests of real processes may ask for."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.processes.disk import NoDiskError, small_disk


@pytest.fixture
def disk() -> Iterator[Path]:
    """A small disk of its own."""
    try:
        with small_disk() as made:
            yield made
    except NoDiskError as error:
        pytest.skip(str(error))
