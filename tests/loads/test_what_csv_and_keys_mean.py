"""Reading CSV and keys, and what goes there and back, whatever made the file."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from accounts.loads import export_file
from customers.models import Customer
from kpis.models import Fact
from tests.loads.files import Loader, command
from tests.loads.reading import CUSTOMERS, FACTS, bytes_of, loaded, wrong
from tests.loads.workbooks import by_hand, number, texts, workbook

# -- ids that a spreadsheet changed


def test_a_number_keeps_its_shown_zeros_where_an_id_is_due(books: Loader, tmp_path: Path) -> None:
    path = workbook(tmp_path / "c.xlsx", CUSTOMERS, (123, "A"), (42, "B"), (7, "C"), formats={"A2": "00000"})
    assert loaded("customers", path).ok
    assert {"00123", "42", "7"} <= set(Customer.objects.values_list("external_id", flat=True))


@pytest.mark.parametrize(
    ("value", "code", "words"),
    [
        (12345678901234567, "0", "more than 15 digits"),
        (1.2e16, "General", "more than 15 digits"),
        (date(2026, 3, 1), "yyyy-mm-dd", "a date"),
        (date(2026, 3, 1), "mmm yy", "a date"),
        (True, "General", "true or false"),
        (1.4, "0", "rounded"),
        (120, "0.0E+00", "rounded"),
        (0.5, "0%", "a percentage"),
        ("1.2E+16", "@", "shortened"),
        ("=1+1", "General", "a formula"),
        (5, '"K-"0', "words of its own"),
    ],
)
def test_an_id_that_the_spreadsheet_changed_is_refused(
    books: Loader, tmp_path: Path, value: Any, code: str, words: str
) -> None:
    path = workbook(tmp_path / "c.xlsx", CUSTOMERS, (value, "A"), formats={"A2": code})
    [(line, column, reason)] = wrong(loaded("customers", path))
    assert (line, column) == (2, "external_id")
    assert words in reason


def test_fifteen_digits_are_an_id(books: Loader, tmp_path: Path) -> None:
    assert loaded("customers", workbook(tmp_path / "c.xlsx", CUSTOMERS, (123456789012345, "A"))).ok
    assert Customer.objects.filter(external_id="123456789012345").exists()


# -- look-alikes


def test_accents_of_their_own_name_the_same_customer(books: Loader, tmp_path: Path) -> None:
    books.good("customers", f"external_id,name\n{unicodedata.normalize('NFD', 'CAFÉ-1')},Café")
    assert Customer.objects.filter(external_id="CAFÉ-1").exists()
    for form in ("NFC", "NFD"):
        text = f"kpi,customer,month,numerator\nrevenue,{unicodedata.normalize(form, 'CAFÉ-1')},2026-01,5"
        assert loaded("facts", bytes_of(tmp_path / "f.csv", text)).ok
    assert Fact.objects.count() == 1
    assert Customer.objects.get(external_id=unicodedata.normalize("NFD", "CAFÉ-1")).name == "Café"


@pytest.mark.parametrize("mark", ["\u200b", "\u200e", "\ufeff", "\u00ad", "\u2060"])
def test_a_character_that_nobody_sees_is_refused_in_a_key(books: Loader, mark: str) -> None:
    assert books.bad("customers", f"external_id,name\nC{mark}9,Nine") == [(2, "external_id")]
    assert books.bad("facts", f"kpi,customer,month,numerator\nrevenue,C{mark}1,2026-01,5") == [(2, "customer")]


@pytest.mark.parametrize("typed", ["c1", "Ç1", "C\u00a01"])
def test_an_unknown_key_says_what_it_looks_like(books: Loader, tmp_path: Path, typed: str) -> None:
    if typed == "C\u00a01":
        books.good("customers", "external_id,name\nC 1,Apart")
    known = "C 1" if typed == "C\u00a01" else "C1"
    for kind, head, row in (
        ("facts", "kpi,customer,month,numerator", f"revenue,{typed},2026-01,5"),
        ("tier_memberships", "customer,starts_on,tier", f"{typed},2026-01-01,T1"),
    ):
        [(_, _, reason)] = wrong(loaded(kind, bytes_of(tmp_path / "f.csv", f"{head}\n{row}\n")))
        assert f"unknown customer; “{known}” differs from it by case, an accent" in reason
    path = bytes_of(tmp_path / "f.csv", "kpi,customer,month,numerator\nREVENUE,C1,2026-01,5\n")
    assert "unknown KPI; “revenue” differs" in wrong(loaded("facts", path))[0][2]


# -- CSV and its habits


@pytest.mark.parametrize(
    "text",
    [
        "external_id;name\nX1;Müller\n",
        "external_id\tname\nX1\tMüller\n",
        "sep=;\nexternal_id;name\nX1;Müller\n",
        "sep=|\r\nexternal_id|name\r\nX1|Müller\r\n",
        '\ufeffexternal_id,name\nX1, "Müller"\n',
        'external_id; "name"\n"X1"; "Müller"\n',
        "external_id,name,,\nX1,Müller,,\n,,,\n,,\n",
        ",external_id,,name\n,X1,,Müller\n",
        "\n\n;;\nexternal_id;name;\n\nX1;Müller;\n ; ;\n",
        "external_id,name\rX1,Müller\r",
    ],
)
def test_whatever_wrote_the_csv_its_row_is_read(books: Loader, tmp_path: Path, text: str) -> None:
    report = loaded("customers", bytes_of(tmp_path / "c.csv", text))
    assert (wrong(report), report.counts.created) == ([], 1)
    assert Customer.objects.get(external_id="X1").name == "Müller"


def test_a_nameless_column_with_content_is_named_by_its_number(books: Loader, tmp_path: Path) -> None:
    path = bytes_of(tmp_path / "c.csv", "external_id,,name\nX1,,One\nX2,what?,Two\nX3,,Three,more\n")
    assert [(line, column) for line, column, _ in wrong(loaded("customers", path))] == [
        (3, "column 2"),
        (4, "column 4"),
    ]
    path = workbook(tmp_path / "f.xlsx", (*FACTS, None), ("revenue", "C1", "2026-01", 5, None, "note"))
    assert [(line, column) for line, column, _ in wrong(loaded("facts", path))] == [(2, "column 6")]


def test_a_blank_row_and_a_column_without_content_are_skipped_in_a_workbook(books: Loader, tmp_path: Path) -> None:
    path = workbook(tmp_path / "c.xlsx", ("external_id", None, "name"), (None,), (" ", None, ""), ("X1", None, "One"))
    report = loaded("customers", path)
    assert (wrong(report), report.counts.created) == ([], 1)


@pytest.mark.parametrize("cell", ["45.000", "45,5", "1.045.000,50", "1.045.000", "-3,25", "0.125"])
@pytest.mark.parametrize("divider", [";", "\t"])
def test_a_number_that_may_be_two_is_asked_about_where_no_commas_divide(
    books: Loader, tmp_path: Path, cell: str, divider: str
) -> None:
    text = f"kpi;customer;month;numerator\nrevenue;C1;2026-01;{cell}\n".replace(";", divider)
    [(line, column, reason)] = wrong(loaded("facts", bytes_of(tmp_path / "f.csv", text)))
    assert (line, column) == (2, "numerator")
    assert "--decimal" in reason
    target = f"kpi;tier;from_month;per;value\nrevenue;T1;2026-01;month;{cell}\n".replace(";", divider)
    assert [column for _, column, _ in wrong(loaded("targets", bytes_of(tmp_path / "t.csv", target)))] == ["value"]


@pytest.mark.parametrize(
    ("cell", "decimal", "stored"),
    [
        ("45.000", ",", "45000"),
        ("45.000", ".", "45"),
        ("45,5", ",", "45.5"),
        ("1.045.000,50", ",", "1045000.5"),
        ("-3,25", ",", "-3.25"),
        ("45.5", "", "45.5"),
        ("1234", "", "1234"),
        ("45.00", "", "45"),
    ],
)
def test_the_sign_of_decimals_says_what_is_meant(
    books: Loader, tmp_path: Path, cell: str, decimal: str, stored: str
) -> None:
    path = bytes_of(tmp_path / "f.csv", f"kpi;customer;month;numerator\nrevenue;C1;2026-01;{cell}\n")
    assert command("load", "facts", str(path), "--decimal", decimal)[0] == 0 if decimal else loaded("facts", path).ok
    assert f"{Fact.objects.get().numerator.normalize():f}" == stored


@pytest.mark.parametrize(("cell", "decimal"), [("45.00", ","), ("1.23.456", ","), ("45,5", "."), ("1,000", ".")])
def test_what_does_not_go_with_the_sign_is_refused(books: Loader, tmp_path: Path, cell: str, decimal: str) -> None:
    path = bytes_of(tmp_path / "f.csv", f"kpi;customer;month;numerator\nrevenue;C1;2026-01;{cell}\n")
    assert [column for _, column, _ in wrong(loaded("facts", path, decimal=decimal))] == ["numerator"]


def test_a_workbooks_numbers_have_no_sign_of_decimals(books: Loader, tmp_path: Path) -> None:
    rows = [("revenue", "C1", "2026-01", 45.125), ("revenue", "C2", "2026-01", "45.125")]
    path = workbook(tmp_path / "f.xlsx", FACTS, *rows)
    assert loaded("facts", path, decimal=",").ok
    assert [f"{fact.numerator.normalize():f}" for fact in Fact.objects.order_by("customer")] == ["45.125", "45125"]


# -- round trips

NAMES = [
    "Alt+Enter\r\nname",
    "old\rMac",
    "a_x000D_b",
    "_x0041_",
    "=1+1",
    "'quoted",
    ' "q" ',
    "tab\there",
    "007",
    "1.2E+16",
    "ü",
]


@pytest.mark.parametrize("suffix", [".csv", ".xlsx"])
def test_an_export_loaded_back_changes_nothing(books: Loader, tmp_path: Path, suffix: str) -> None:
    import csv as writer

    with (tmp_path / "c.csv").open("w", newline="") as file:
        writer.writer(file).writerows([CUSTOMERS, *((f"N{n}", name) for n, name in enumerate(NAMES)), ("00123", "z")])
    assert loaded("customers", tmp_path / "c.csv").ok
    assert Customer.objects.get(external_id="N0").name == "Alt+Enter\nname"
    assert Customer.objects.get(external_id="N2").name == "a_x000D_b"
    path = tmp_path / f"out{suffix}"
    export_file(kind="customers", path=path)
    report = loaded("customers", path)
    assert (wrong(report), report.counts.changed) == ([], 0)


def test_what_a_workbook_writes_for_other_characters_is_undone(books: Loader, tmp_path: Path) -> None:
    names: Iterable[str] = ("a_x000D_\nb", "_x005F_x000D_", "_xD83D__xDE00_")
    path = by_hand(
        tmp_path / "c.xlsx", {"D": texts(*CUSTOMERS) + "".join(texts(f"N{n}", x) for n, x in enumerate(names))}
    )
    assert loaded("customers", path).ok
    found = dict(Customer.objects.values_list("external_id", "name"))
    assert [found[f"N{n}"] for n in range(3)] == ["a\nb", "_x000D_", "😀"]


def test_rich_and_spoken_texts_are_the_text_that_is_shown(books: Loader, tmp_path: Path) -> None:
    shared = (
        '<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
        "<si><r><t>Mül</t></r><r><t>ler</t></r><rPh sb='0' eb='1'><t>spoken</t></rPh></si></sst>"
    )
    row = '<row><c t="inlineStr"><is><t>X1</t></is></c><c t="s"><v>0</v></c></row>'
    path = by_hand(tmp_path / "c.xlsx", {"D": texts(*CUSTOMERS) + row}, sharedstrings=shared)
    assert loaded("customers", path).ok
    assert Customer.objects.get(external_id="X1").name == "Müller"


def test_one_limit_for_mentions_so_that_an_export_always_loads(books: Loader) -> None:
    head = "source,department,theme,tier,month,mentions,severity"
    books.good("pain_points", f"{head}\nSurvey,sales,phone,all,2026-01,1000000000,5")
    assert books.bad("pain_points", f"{head}\nSurvey,sales,phone,all,2026-02,2147483648,5") == [(2, "mentions")]


def test_a_number_by_hand_is_read_by_its_format(books: Loader, tmp_path: Path) -> None:
    rows = texts("revenue", "C1", "2026-01").replace("</row>", number("1.5E3", 1) + "</row>")
    path = by_hand(tmp_path / "f.xlsx", {"D": texts(*FACTS) + rows}, formats=["#,##0.00"])
    assert loaded("facts", path).ok
    assert Fact.objects.get().numerator == 1500
