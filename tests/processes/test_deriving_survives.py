"""A derivation as a real process, killed in the middle: all of it is there afterwards, or nothing."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.processes.company import Installation, founded
from tests.processes.deriving import POINTS
from tests.processes.test_rollup_survives import kill, wait_until_there

pytestmark = [pytest.mark.slow, pytest.mark.django_db]

DERIVING = "tests.processes.deriving"


def told(installation: Installation) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(installation.run("-m", DERIVING, "told"))
    return found


def test_a_derivation_killed_in_the_middle_leaves_nothing_and_is_repeated_whole(tmp_path: Path) -> None:
    with founded(tmp_path, "deriving") as installation:
        installation.run("-m", DERIVING, "happen")
        before = told(installation)
        assert before["facts"] == []
        assert before["marks"] > 0
        for point in POINTS:
            dying = installation.start("-m", DERIVING, "derive", point)
            wait_until_there(dying)
            kill(dying)
            assert told(installation) == before, point
        installation.run("-m", DERIVING, "derive")
        whole = told(installation)
        assert len(whole["facts"]) > 100
        assert whole["marks"] == 0
        assert whole["slices"] > 0
        installation.run("-m", DERIVING, "derive")
        assert told(installation) == whole
