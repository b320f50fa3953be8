"""Digests with real processes: killed at any point, two at once; never two of one, and where one is lost it is said."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.processes.company import Installation, founded

pytestmark = [pytest.mark.slow, pytest.mark.django_db]

MODULE = "tests.processes.digesting"
# How many went once somebody looks again, and what the log says then. Of what was with the server nobody can know.
KILLED = {
    "while it is made": (1, "sent"),
    "while it is written": (1, "sent"),
    "before it is handed over": (0, "waiting"),  # taken for a try, which another makes ten minutes later
    "before it is taken": (0, "sending"),
    "once it is taken": (1, "sending"),
}


@pytest.fixture(scope="module")
def installation(tmp_path_factory: pytest.TempPathFactory, django_db_setup: None) -> Iterator[Installation]:
    folder = tmp_path_factory.mktemp("digests")
    with founded(folder, "digests") as made:
        yield made


def sent(installation: Installation) -> list[str]:
    path = Path(installation.environment["VAR_DIR"], "sent.txt")
    return path.read_text().splitlines() if path.exists() else []


@pytest.mark.parametrize("point", list(KILLED))
def test_a_digest_goes_once_though_its_worker_is_killed_and_two_look_again(
    installation: Installation, point: str
) -> None:
    clear = "from accounts.models import OutgoingMail; OutgoingMail.objects.all().delete()"
    installation.run("manage.py", "shell", "--verbosity", "0", "-c", clear)
    Path(installation.environment["VAR_DIR"], "sent.txt").unlink(missing_ok=True)
    installation.run("-m", MODULE, "prepare")
    assert installation.start("-m", MODULE, point).wait(timeout=120) == -9
    both = [installation.start("-m", MODULE) for _ in range(2)]
    assert [one.wait(timeout=120) for one in both] == [0, 0]
    assert (len(sent(installation)), installation.run("-m", MODULE, "states")) == KILLED[point]
