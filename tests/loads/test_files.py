"""Files that are no tables, or not the right ones: refused in a sentence, and nothing changed."""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from datetime import date
from pathlib import Path

import openpyxl
import pytest

from accounts.loads import load_file
from core.loading import FileProblem
from tests.loads.files import Loader, command, contents, json_of


def zip_bomb(path: Path) -> None:
    """A workbook of some kilobytes whose worksheet would unpack to gigabytes."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        with archive.open("xl/worksheets/sheet1.xml", "w", force_zip64=True) as sheet:
            for _ in range(64):
                sheet.write(b"0" * 2**20)


def shared_text_bomb(path: Path) -> None:
    """A workbook whose shared texts, which are read into memory, are huge."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        with archive.open("xl/sharedStrings.xml", "w") as texts:
            for _ in range(120):
                texts.write(b" " * 2**20)


def entity_bomb(path: Path) -> None:
    """A workbook whose worksheet says a few entities, each ten of the one before."""
    book = openpyxl.Workbook()
    book.save(path)
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    entities = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 10))
    bomb = f'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY e0 "ha">{entities}]><worksheet>&e9;</worksheet>'
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in parts.items():
            archive.writestr(name, bomb if name == "xl/worksheets/sheet1.xml" else content)


UNREADABLE: dict[str, tuple[str, Callable[[Path], object], str]] = {
    "missing": ("tiers.csv", lambda path: None, "cannot be read"),
    "a folder": ("tiers.csv", lambda path: path.mkdir(), "cannot be read"),
    "Latin-1": ("tiers.csv", lambda path: path.write_bytes(b"code,name,rank\nT1,Pl\xe4tinum,1\n"), "line 2"),
    "UTF-16": ("tiers.csv", lambda path: path.write_bytes("code,name,rank\n".encode("utf-16")), "UTF-16"),
    "old Excel": ("tiers.xls", lambda path: path.write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"), "old Excel"),
    "renamed .xls": ("tiers.xlsx", lambda path: path.write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"), "old Excel"),
    ".xls as CSV": ("tiers.csv", lambda path: path.write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"), "old Excel"),
    "CSV as .xlsx": ("tiers.xlsx", lambda path: path.write_text("code,name,rank\n"), "is none"),
    "broken zip": ("tiers.xlsx", lambda path: path.write_bytes(b"PK\x03\x04 and no more"), "not a readable"),
    "zip bomb": ("tiers.xlsx", zip_bomb, "unpack"),
    "shared texts": ("tiers.xlsx", shared_text_bomb, "unpack"),
    "entities": ("tiers.xlsx", entity_bomb, "not a readable"),
    "open quote": ("tiers.csv", lambda path: path.write_text('code,name,rank\nT1,"Plat,1\n'), "line 2"),
}


@pytest.mark.parametrize("case", UNREADABLE)
def test_an_unreadable_file_is_refused_in_a_sentence(load: Loader, tmp_path: Path, case: str) -> None:
    name, make, words = UNREADABLE[case]
    make(tmp_path / name)
    before = contents()
    with pytest.raises(FileProblem, match=words):
        load_file(kind="tiers", path=tmp_path / name)
    status, said = command("load", "tiers", str(tmp_path / name))
    assert status == 2
    assert words in said
    assert contents() == before


def test_facts_that_turn_unreadable_half_way_change_nothing(filled: Loader) -> None:
    path = filled.folder / "facts.csv"
    rows = b"".join(b"revenue,C1,20%02d-01,5\n" % year for year in range(12, 99)) * 200
    path.write_bytes(b"kpi,customer,month,numerator\n" + rows + b"revenue,C\xff,2011-01,5\n")
    before = contents()
    with pytest.raises(FileProblem, match="line 17402"):
        load_file(kind="facts", path=path)
    assert contents() == before


@pytest.mark.parametrize(
    ("text", "errors"),
    [
        ("", [(1, "")]),
        ("\n\n", [(1, "")]),
        ("code,name", [(1, "rank")]),
        ("name", [(1, "code"), (1, "rank")]),
        ("code,name,rank,colour", [(1, "colour")]),
        ("code,name,rank,name", [(1, "name")]),
    ],
)
def test_wrong_columns_are_told_as_errors_of_the_first_line(
    load: Loader, tmp_path: Path, text: str, errors: list[tuple[int, str]]
) -> None:
    path = tmp_path / "tiers.csv"
    path.write_text(text)
    before = contents()
    status, answer = json_of("load", "tiers", str(path))
    assert status == 1
    assert [(error["line"], error["column"]) for error in answer["errors"]] == errors
    assert contents() == before


def test_a_file_of_a_header_alone_says_nothing(load: Loader) -> None:
    report = load("tiers", "code,name,rank")
    assert report.ok
    assert report.counts.read == 0


def test_a_bad_row_names_the_line_that_it_begins_on(load: Loader, tmp_path: Path) -> None:
    path = tmp_path / "tiers.csv"
    path.write_text('code,name,rank\n\nT1,"Plat\ninum",1\nT2,Gold,x\n')
    report = load_file(kind="tiers", path=path)
    assert [error.line for error in report.errors] == [5]


def workbook(path: Path, *rows: tuple[object, ...]) -> Path:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    for row in rows:
        sheet.append(list(row))
    book.save(path)
    return path


def test_a_workbook_gives_numbers_dates_and_truth_as_a_file_would(filled: Loader, tmp_path: Path) -> None:
    facts = workbook(
        tmp_path / "facts.xlsx",
        ("kpi", "customer", "month", "numerator", "denominator", None),
        ("revenue", "C1", "2012-01", 0.1 + 0.2, None, None),
        (None, None, None, None, None, None),
        ("revenue", "C1", date(2012, 2, 1), 12, None, None),
    )
    assert load_file(kind="facts", path=facts).counts.created == 2
    found = {row["month"]: row["numerator"] for row in filled.exported("facts")}
    assert (found["2012-01"], found["2012-02"]) == ("0.3", "12")
    moves = workbook(tmp_path / "moves.xlsx", ("customer", "starts_on", "tier"), ("C1", date(2012, 1, 31), "T2"))
    assert load_file(kind="tier_memberships", path=moves).counts.created == 1
    people = workbook(tmp_path / "c.xlsx", ("external_id", "name", "is_key_account"), ("C1", "Account 1", False))
    assert load_file(kind="customers", path=people).counts.updated == 1


def test_a_day_that_begins_no_month_is_no_month(filled: Loader, tmp_path: Path) -> None:
    path = workbook(
        tmp_path / "f.xlsx", ("kpi", "customer", "month", "numerator"), ("claims", "C1", date(2012, 2, 3), 1)
    )
    assert [(error.line, error.column) for error in load_file(kind="facts", path=path).errors] == [(2, "month")]


def test_an_export_to_a_workbook_keeps_every_digit_and_no_formula(filled: Loader, tmp_path: Path) -> None:
    filled.good(
        "facts", "kpi,customer,month,numerator\nrevenue,C1,2012-01,999999999999.9999\nrevenue,C2,2012-01,0.0001"
    )
    filled.good("customers", "external_id,name\nC9,=1+1")
    sheet = openpyxl.load_workbook(filled.export("customers", ".xlsx")).worksheets[0]
    assert "=1+1" in {cell.value for row in sheet.iter_rows() for cell in row if cell.data_type == "s"}
    assert load_file(kind="facts", path=filled.export("facts", ".xlsx")).counts.changed == 0
