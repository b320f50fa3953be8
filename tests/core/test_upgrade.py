"""An installation of the release before, with data, is upgraded: what becomes of its rows."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from tests.core.old_release import PEOPLE
from tests.processes.company import Installation

pytestmark = pytest.mark.slow
INES, OMAR = PEOPLE


@pytest.fixture
def url(db: None, tmp_path: Path) -> Iterator[str]:
    """The address of an empty database of the kind that the tests run on."""
    if connection.vendor != "postgresql":
        yield f"sqlite:///{tmp_path}/old.sqlite3"
        return
    name = f"{connection.settings_dict['NAME']}_upgraded"
    with connection._nodb_cursor() as cursor:
        cursor.execute(f"DROP DATABASE IF EXISTS {name}")
        cursor.execute(f"CREATE DATABASE {name}")
    yield f"{os.environ['DATABASE_URL'].rpartition('/')[0]}/{name}"
    with connection._nodb_cursor() as cursor:
        cursor.execute(f"DROP DATABASE {name}")


def test_rows_of_the_release_before_are_kept_and_completed(url: str, tmp_path: Path) -> None:
    installation = Installation(url, tmp_path)
    installation.run("-m", "tests.core.old_release", "fill")
    installation.run("manage.py", "migrate", "-v0")
    found: dict[str, Any] = json.loads(installation.run("-m", "tests.core.old_release", "tell"))
    today = datetime.now(UTC).date()
    assert found == {
        "people": [[one, "point", "words", True, None] for one in PEOPLE],
        "sessions": [["lasting", INES]],
        "entries": [["loaded", None, None]],
        "frozen": True,
        "mails": [["Asked", ""]],
        "threads": [["lights", INES, "open"]],
        "views": [[7, INES, "initiatives", "Late", "status=late", True]],
        "one may close": False,
        "tiers": [["T1", None], ["T9", today.year * 100 + today.month]],
        "customers": [["ACME-1", "acme-1", "muller & sohne", None]],
        "memberships": [["2025-01-01", "T9"], ["2025-06-01", "T1"], ["2025-09-01", None]],
        "events": [["2025-01-01", "joined", "", None]],
        "kpis": [["revenue", False, ""]],
        "facts": [[202501, "12.0000"]],
        "targets": [["approved", "10.0000", OMAR]],
        "signals owed": [["revenue", 100001]],
        "runs": [["person", []]],
        "value": [[1, None, None, None]],
    }
    back = json.loads(installation.run("-m", "tests.core.old_release", "go_back"))
    assert back == {"views": [[7, INES, "Late", "status=late", True]]}
