"""The commands: what they print and the status that they end with."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from accounts.models import Load, User
from kpis.models import Fact
from tests.loads.conftest import FILES
from tests.loads.files import Loader, command, json_of, write


def test_load_prints_what_became_of_the_rows(load: Loader, tmp_path: Path) -> None:
    path = str(write(tmp_path / "t.csv", FILES["tiers"]))
    assert command("load", "tiers", path, "--dry-run") == (
        0,
        "tiers, would be: read 2, created 2, updated 0, unchanged 0, blank 0\n",
    )
    status, said = command("load", "tiers", path)
    assert status == 0
    assert said.endswith(": read 2, created 2, updated 0, unchanged 0, blank 0\n")


def test_load_prints_every_bad_row_and_ends_with_1(load: Loader, tmp_path: Path) -> None:
    status, said = command("load", "tiers", str(write(tmp_path / "t.csv", "code,name,rank\nT1,Platinum,best")))
    assert status == 1
    assert "line 2, rank, “best”: is no whole number from 0 to 30000" in said
    assert "nothing was changed" in said


def test_load_as_json_holds_counts_and_errors(filled: Loader, tmp_path: Path) -> None:
    path = write(tmp_path / "f.csv", "kpi,customer,month,numerator\nrevenue,C9,2011-13,x\nrevenue,C1,2011-01,5")
    status, answer = json_of("load", "facts", str(path))
    assert status == 1
    assert answer["load"] is None
    assert answer["read"] == 2
    assert answer["error_count"] == 2
    assert answer["errors"][0] == {
        "line": 2,
        "column": "month",
        "value": "2011-13",
        "reason": "is no month; a month looks like 2011-09",
    }


def test_an_export_says_how_many_rows_it_wrote(filled: Loader, tmp_path: Path) -> None:
    assert command("export", "tiers", str(tmp_path / "t.csv")) == (
        0,
        f"tiers: 2 rows written to {tmp_path / 't.csv'}\n",
    )
    assert command("export", "tiers", str(tmp_path))[0] == 2
    assert command("export", "tiers", str(tmp_path / "nowhere" / "t.csv"))[0] == 2


def test_undo_load_takes_back_once(load: Loader) -> None:
    found = load.good("tiers", FILES["tiers"])
    assert command("undo_load", str(found.pk))[0] == 0
    status, said = command("undo_load", str(found.pk))
    assert (status, "has been taken back before" in said) == (1, True)
    assert command("undo_load", "999999")[0] == 2


def test_an_approver_has_to_exist_and_be_allowed(filled: Loader, stella: User, tmp_path: Path) -> None:
    path = str(write(tmp_path / "t.csv", FILES["targets"]))
    loads = Load.objects.count()
    assert command("load", "targets", path, "--approved-by", "nobody@tierboard.example")[0] == 2
    status, said = command("load", "targets", path, "--approved-by", stella.email)
    assert (status, "may not approve" in said) == (2, True)
    assert command("load", "tiers", path, "--approved-by", stella.email)[0] == 2
    assert Load.objects.count() == loads


def test_check_facts_proves_that_none_dangles(filled: Loader) -> None:
    assert command("check_facts") == (0, "6 facts, none dangles.\n")


def test_check_facts_finds_one_that_does(filled: Loader) -> None:
    Fact.objects.filter(kpi__code="claims").update(customer_id=999_999)
    status, said = command("check_facts")
    assert status == 1
    assert "customer 999999" in said


CANNOT_BEGIN = {
    "load planets x.csv": "invalid choice",
    "load tiers": "required",
    "load tiers x.csv": "has not been migrated",
    "export tiers x.csv": "has not been migrated",
    "undo_load 1": "has not been migrated",
}
# One program, for each takes seconds to begin: what it ends with, and what it says.
_CALLED = """
import contextlib, io, json, sys
import manage
for line in sys.argv[1:]:
    said, status = io.StringIO(), 0
    with contextlib.redirect_stderr(said):
        try:
            sys.argv = ["manage.py", *line.split()]
            manage.main()
        except SystemExit as end:
            status = end.code
    print(json.dumps([status, said.getvalue()]))
"""


@pytest.mark.slow
def test_a_command_that_cannot_begin_ends_with_2_and_one_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path / 'new.sqlite3'}")
    monkeypatch.setenv("VAR_DIR", str(tmp_path))
    arguments = [sys.executable, "-c", _CALLED, *CANNOT_BEGIN]
    done = subprocess.run(arguments, capture_output=True, text=True, check=True)
    told = [json.loads(line) for line in done.stdout.splitlines()]
    for (status, said), (line, words) in zip(told, CANNOT_BEGIN.items(), strict=True):
        assert status == 2, line
        assert words in said, line
        assert "Traceback" not in said, line
