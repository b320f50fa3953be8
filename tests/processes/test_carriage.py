"""The file channel between processes: nothing is lost, nothing comes twice, whoever is killed."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.processes.carriage import READERS, WRITERS, Carriage

pytestmark = pytest.mark.slow


def test_nothing_is_lost_and_nothing_comes_twice_while_readers_are_killed(tmp_path: Path) -> None:
    carriage = Carriage(tmp_path, messages=4_000)
    carriage.run()
    assert carriage.kills >= 2
    assert carriage.lost() == set()
    assert carriage.twice() == set()
    assert carriage.codes == [0] * (WRITERS + READERS)
    assert list((tmp_path / "queue" / "broken").iterdir()) == []
