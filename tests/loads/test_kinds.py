"""Every kind of file: loaded, loaded again, written out, loaded from there, taken back."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from accounts.choices import LoadState
from accounts.loads import confidential_kinds, load_file, undo_load
from accounts.models import AuditEntry, Load, LoadChange, User
from core.registry import load_kinds
from tests.loads.conftest import FILES
from tests.loads.files import Loader, contents

KINDS = list(FILES)
# What a load leaves behind even where it was taken back, besides marks for the rollup and people.
TRACES = {"Load", "LoadChange", "AuditEntry", "SliceTouch", "TierTouch", "EventTouch"}


def rows(load: Loader) -> dict[str, list[dict[str, str]]]:
    """Every kind as an export has it; facts stand in the order of their key, which is of ids."""
    found = {kind: load.exported(kind) for kind in KINDS}
    return found | {"facts": sorted(found["facts"], key=lambda row: tuple(row.values()))}


def without_traces() -> dict[str, Any]:
    return {name: found for name, found in contents().items() if name not in TRACES}


def test_each_kind_that_is_known_is_tried_here() -> None:
    """But for those that some people alone may load (tests/scorecard/test_incentives.py)."""
    assert sorted(set(load_kinds()) - confidential_kinds()) == sorted(KINDS)


@pytest.mark.parametrize("kind", KINDS)
def test_loading_twice_changes_nothing(filled: Loader, kind: str) -> None:
    before = without_traces()
    report = filled(kind, FILES[kind])
    assert report.ok
    assert (report.counts.created, report.counts.updated) == (0, 0)
    assert without_traces() == before


@pytest.mark.parametrize("suffix", [".csv", ".xlsx"])
@pytest.mark.parametrize("kind", KINDS)
def test_loading_an_export_changes_nothing(filled: Loader, kind: str, suffix: str) -> None:
    before = without_traces()
    path = filled.export(kind, suffix)
    report = load_file(kind=kind, path=path)
    assert report.ok, report.errors.first(5)
    assert (report.counts.created, report.counts.updated, report.counts.blank) == (0, 0, 0)
    assert report.counts.read == report.counts.unchanged > 0
    assert without_traces() == before


def test_an_export_founds_the_same_company_again(filled: Loader, tmp_path: Path) -> None:
    before = rows(filled)
    files = {kind: filled.export(kind) for kind in KINDS}
    for load in Load.objects.order_by("-pk"):
        undo_load(load=load)
    (tmp_path / "emptied").mkdir()
    assert not any(rows(Loader(tmp_path / "emptied")).values())
    for kind, path in files.items():
        assert load_file(kind=kind, path=path).ok
    assert rows(filled) == before


@pytest.mark.parametrize("ready", KINDS, indirect=True)
def test_a_load_taken_back_leaves_nothing(load: Loader, ready: str) -> None:
    before = without_traces()
    undo_load(load=load.good(ready, FILES[ready]))
    assert without_traces() == before


@pytest.mark.parametrize("kind", KINDS)
def test_a_dry_run_counts_and_changes_nothing(filled: Loader, load: Loader, kind: str) -> None:
    before = contents()
    report = load(kind, FILES[kind], dry_run=True)
    assert report.ok
    assert report.load is None
    assert report.counts.read > 0
    assert contents() == before


def test_a_load_says_who_when_and_what(load: Loader, stella: User) -> None:
    found = load.good("tiers", FILES["tiers"], by=stella)
    assert (found.by, found.state, found.read, found.created) == (stella, LoadState.APPLIED, 2, 2)
    assert len(found.sha256) == 64
    entry = AuditEntry.objects.get(verb="loaded")
    assert (entry.by, entry.object_id) == (stella, str(found.pk))
    undo_load(load=found, by=stella)
    found.refresh_from_db()
    assert (found.undone_by, found.state) == (stella, LoadState.UNDONE)
    assert AuditEntry.objects.filter(verb="taken back", by=stella).count() == 1


def test_each_changed_row_is_kept_before_and_after(filled: Loader) -> None:
    found = filled.good("tiers", "code,name,rank\nT1,Diamond,1\nT2,Gold,2\nT3,Silver,3")
    assert (found.created, found.updated, found.unchanged) == (1, 1, 1)
    changes = {change.key: (change.before, change.after) for change in LoadChange.objects.filter(load=found)}
    row = {"code": "T1", "rank": "1", "retired_from": ""}
    assert changes == {
        "T1": (row | {"name": "Platinum"}, row | {"name": "Diamond"}),
        "T3": (None, {"code": "T3", "name": "Silver", "rank": "3", "retired_from": ""}),
    }


def test_a_column_that_the_file_lacks_leaves_stored_values_alone(filled: Loader) -> None:
    filled.good("customers", "external_id,name\nC1,Renamed")
    row = filled.exported("customers")[1]
    assert row == {
        "external_id": "C1",
        "name": "Renamed",
        "business_unit": "europe",
        "region": "Iceland",
        "is_key_account": "true",
        "account_manager": "omar@tierboard.example",
    }


def test_an_empty_cell_takes_the_default(filled: Loader) -> None:
    filled.good("customers", "external_id,name,business_unit,region,is_key_account,account_manager\nC1,Account 1,,,,")
    row = filled.exported("customers")[1]
    assert (row["business_unit"], row["region"], row["is_key_account"], row["account_manager"]) == ("", "", "false", "")


def test_columns_stand_in_any_order_with_or_without_a_byte_order_mark(load: Loader, tmp_path: Path) -> None:
    path = tmp_path / "tiers.csv"
    path.write_bytes("\ufeffrank,code,name\r\n1,T1,Plätinum\r\n".encode())
    assert load_file(kind="tiers", path=path).counts.created == 1
    assert load.exported("tiers") == [{"code": "T1", "name": "Plätinum", "rank": "1", "retired_from": ""}]


def test_a_person_in_a_file_who_is_unknown_cannot_sign_in(filled: Loader) -> None:
    person = User.objects.get(email="omar@tierboard.example")
    assert not person.has_usable_password()
    assert not person.roles
