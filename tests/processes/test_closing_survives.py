"""Closing as real processes: killed in the middle, two who sign at once, a load that comes between."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.processes.closing import POINTS
from tests.processes.company import Installation, founded
from tests.processes.test_rollup_survives import kill

pytestmark = [pytest.mark.slow, pytest.mark.django_db]

UNTOUCHED = "editions 0 names 0 closings 1\n"
CLOSING = ("-m", "tests.processes.closing")


@pytest.fixture
def installation(tmp_path: Path) -> Iterator[Installation]:
    with founded(tmp_path, "closing") as made:
        made.run(*CLOSING, "prepare")
        yield made


def test_whoever_is_killed_while_signing_leaves_no_edition_and_it_can_be_signed_afterwards(
    installation: Installation,
) -> None:
    for point in POINTS:
        dying = installation.start(*CLOSING, "sign", point)
        assert dying.stdout.readline() == UNTOUCHED  # what the one before left
        assert "here\n" in iter(dying.stdout.readline, "")
        kill(dying)
    assert installation.run(*CLOSING, "sign") == UNTOUCHED + "signed\n"
    assert "1 edition" in installation.run("manage.py", "verify_editions")


def test_a_load_between_refuses_the_signature_and_of_two_at_once_one_signs(installation: Installation) -> None:
    installation.run(*CLOSING, "load")
    assert "refused: Not signed: since it was prepared" in installation.run(*CLOSING, "sign")
    installation.run(*CLOSING, "prepare")
    both = [installation.start(*CLOSING, "sign") for _ in range(2)]
    said = sorted(process.communicate(timeout=60)[0].splitlines()[-1].partition(":")[0] for process in both)
    assert said == ["refused", "signed"]
    assert "1 edition" in installation.run("manage.py", "verify_editions")
