"""Reading a workbook, whatever made it: never a wrong number without a word."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from pathlib import Path

import openpyxl
import pytest
import xlsxwriter  # type: ignore[import-untyped]

from core.loading import FileProblem
from customers.models import Customer
from kpis.models import Fact, Kpi, Target, TierActual
from tests.loads.files import Loader, command, contents
from tests.loads.reading import CUSTOMERS, FACTS, bytes_of, loaded, wrong
from tests.loads.workbooks import by_hand, texts, workbook

# -- formulas without a saved value


def test_a_formula_without_a_saved_value_is_a_row_error_that_names_the_cell(books: Loader, tmp_path: Path) -> None:
    rows = [("revenue", "C1", "2026-01", "=100+50"), ("revenue", "C2", "2026-01", 70), ("revenue", "C3", "2026-01", 1)]
    path = workbook(tmp_path / "f.xlsx", FACTS, *rows)
    before = contents()
    found = wrong(loaded("facts", path))
    assert [(line, column) for line, column, _ in found] == [(2, "numerator")]
    assert "cell D2 is a formula without a saved value" in found[0][2]
    assert contents() == before


def test_a_formula_is_refused_in_optional_columns_too(books: Loader, tmp_path: Path) -> None:
    head = ("external_id", "name", "region", "is_key_account", "account_manager")
    path = workbook(tmp_path / "c.xlsx", head, ("C9", "Nine", "=A2", "=TRUE()", '="a"&"@x.io"'))
    found = wrong(loaded("customers", path))
    assert [column for _, column, _ in found] == ["region", "is_key_account", "account_manager"]
    assert not Customer.objects.filter(external_id="C9").exists()


def test_a_formula_with_its_saved_value_is_that_value(books: Loader, tmp_path: Path) -> None:
    path = tmp_path / "f.xlsx"
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, FACTS)
        sheet.write_row(1, 0, ("revenue", "C1", "2026-01"))
        sheet.write_formula(1, 3, "=100+50", None, 150)
    assert loaded("facts", path).counts.created == 1
    assert Fact.objects.get().numerator == 150


def test_a_formula_whose_saved_value_is_an_empty_text_says_nothing(books: Loader, tmp_path: Path) -> None:
    blank = '<row><c t="str"><f>""</f><v></v></c></row>'
    path = by_hand(tmp_path / "c.xlsx", {"D": texts(*CUSTOMERS) + blank + texts("X1", "One")})
    assert loaded("customers", path).counts.created == 1


# -- percentages


def test_a_target_of_a_percent_kpi_is_the_percentage_that_is_shown(books: Loader, tmp_path: Path) -> None:
    head = ("kpi", "tier", "from_month", "per", "value")
    path = workbook(tmp_path / "t.xlsx", head, ("renewal", "T1", "2026-01", "month", 0.92), formats={"E2": "0%"})
    assert loaded("targets", path).ok
    assert Target.objects.get().value == 92


def test_a_percentage_as_a_target_of_money_is_refused(books: Loader, tmp_path: Path) -> None:
    head = ("kpi", "tier", "from_month", "per", "value")
    path = workbook(tmp_path / "t.xlsx", head, ("revenue", "T1", "2026-01", "month", 0.92), formats={"E2": "0.0%"})
    [(line, column, reason)] = wrong(loaded("targets", path))
    assert (line, column) == (2, "value")
    assert "cell E2 is a percentage; revenue is not in percent" in reason


@pytest.mark.parametrize("kind", ["tier_actuals", "facts"])
def test_numerators_of_a_ratio_are_counts_and_no_percentages(books: Loader, tmp_path: Path, kind: str) -> None:
    where = "T1" if kind == "tier_actuals" else "C1"
    head = ("kpi", "tier" if kind == "tier_actuals" else "customer", "month", "numerator", "denominator")
    path = workbook(tmp_path / "a.xlsx", head, ("share", where, "2026-01", 0.43, 1), formats={"D2": "0%"})
    [(line, column, reason)] = wrong(loaded(kind, path))
    assert (line, column) == (2, "numerator")
    assert "cell D2 is a percentage; numerators and denominators of a ratio are counts" in reason


def test_a_denominator_is_never_a_percentage(books: Loader, tmp_path: Path) -> None:
    head = ("kpi", "customer", "month", "numerator", "denominator")
    path = workbook(tmp_path / "a.xlsx", head, ("share", "C1", "2026-01", 1, 1), formats={"E2": "0%"})
    assert [column for _, column, _ in wrong(loaded("facts", path))] == ["denominator"]


def test_numerators_of_a_mean_in_percent_are_the_percentage_that_is_shown(books: Loader, tmp_path: Path) -> None:
    rows = [("satisfied", "C1", "2026-01", 0.855), ("satisfied", "C2", "2026-01", 70), ("csat", "C2", "2026-01", 0.92)]
    path = workbook(tmp_path / "f.xlsx", FACTS, *rows[:2], formats={"D2": "0.0%"})
    assert loaded("facts", path).ok
    assert sorted(Fact.objects.values_list("numerator", flat=True)) == [70, 85.5]
    path = workbook(tmp_path / "g.xlsx", FACTS, rows[2], formats={"D2": "0%"})
    assert "csat is not in percent" in wrong(loaded("facts", path))[0][2]


def test_a_plain_number_of_the_same_digits_is_not_taken_for_a_percentage(books: Loader, tmp_path: Path) -> None:
    rows = [("satisfied", f"C{n}", "2026-01", 0.92) for n in (1, 2, 3)]
    path = workbook(tmp_path / "f.xlsx", FACTS, *rows, formats={"D3": "0%"})
    assert loaded("facts", path).ok
    assert [str(fact.numerator.normalize()) for fact in Fact.objects.order_by("customer")] == ["0.92", "92", "0.92"]


def test_bands_and_progress_are_taken_as_percentages(books: Loader, tmp_path: Path) -> None:
    head = ("code", "name", "indicator", "unit", "direction", "customer_method", "time_method", "near_band")
    rows: list[tuple[object, ...]] = [("a", "A", "leading", "number", "higher", "sum", "sum", 0.05, None)]
    rows.append(("b", "B", "leading", "percent", "higher", "ratio", "pool", None, 0.02))
    formats = {"H2": "0%", "I3": "0%"}
    path = workbook(tmp_path / "k.xlsx", (*head, "near_band_abs"), *rows, formats=formats)
    assert loaded("kpis", path).ok
    assert (Kpi.objects.get(code="a").near_band, Kpi.objects.get(code="b").near_band_abs) == (5, 2)
    wrong_unit = ("c", "C", "leading", "number", "higher", "sum", "sum", None, 0.02)
    path = workbook(tmp_path / "l.xlsx", (*head, "near_band_abs"), wrong_unit, formats={"I2": "0%"})
    assert "cell I2 is a percentage; is not in percent" in wrong(loaded("kpis", path))[0][2]


def test_an_actual_that_is_no_ratio_takes_a_percentage_by_tier(books: Loader, tmp_path: Path) -> None:
    head = ("kpi", "tier", "month", "numerator", "denominator")
    path = workbook(tmp_path / "a.xlsx", head, ("satisfied", "T1", "2026-01", 0.8, 1), formats={"D2": "0%"})
    assert loaded("tier_actuals", path).ok
    assert TierActual.objects.get().numerator == 80


# -- what is shown as another kind of thing


@pytest.mark.parametrize(
    ("value", "code", "shown"),
    [
        (45000, "yyyy-mm-dd", "a date"),
        (0.5, "hh:mm", "a time of day"),
        (0.5, "[h]:mm:ss", "a time of day"),
        (45000, "#,", "a scale or words"),
        (1_250_000, "0.0,,", "a scale or words"),
        (5, '0 "k€"', "a scale or words"),
        (5, "0\\K", "a scale or words"),
        (5, '"none"', "a scale or words"),
        (5, ";;;", "a scale or words"),
        (0.5, "# ?/?", "a scale or words"),
        (5, "[>100]0,\\M;0", "a scale or words"),
        (12, '0"00"', "a scale or words"),
        (-5, "yyyy-mm-dd", "an error"),
        (True, "General", "true or false"),
        (date(2026, 1, 1), "yyyy-mm-dd", "a date"),
    ],
)
def test_what_is_shown_as_another_thing_is_no_number(
    books: Loader, tmp_path: Path, value: object, code: str, shown: str
) -> None:
    path = workbook(tmp_path / "f.xlsx", FACTS, ("revenue", "C1", "2026-01", value), formats={"D2": code})
    [(line, column, reason)] = wrong(loaded("facts", path))
    assert (line, column) == (2, "numerator")
    assert f"cell D2 is {shown}" in reason or shown in reason
    assert not Fact.objects.exists()


@pytest.mark.parametrize(
    ("value", "code", "stored"),
    [
        (1234.5, '#,##0.00 "€"', "1234.5"),
        (1234.5, "[$€-407] #,##0", "1234.5"),
        (-1234.5, "#,##0.00_);(#,##0.00)", "-1234.5"),
        (-1234.5, '_-* #,##0.00 "€"_-;-* #,##0.00 "€"_-;_-* "-"?? "€"_-;_-@_-', "-1234.5"),
        (0, '_-* #,##0_-;-* #,##0_-;_-* "-"??_-;_-@_-', "0"),
        (1200, "0.0E+00", "1200"),
        (0.1 + 0.2, "0.0", "0.3"),
        (1234.5678, "0", "1234.5678"),
        (7, "00000", "7"),
        (7, "+0;-0", "7"),
        (7, "@", "7"),
        (7, '0 "EUR"', "7"),
        (7, "[Red]0;[Blue]-0", "7"),
        (7, "0;0", "7"),
    ],
)
def test_the_stored_number_is_read_in_full(books: Loader, tmp_path: Path, value: float, code: str, stored: str) -> None:
    path = workbook(tmp_path / "f.xlsx", FACTS, ("revenue", "C1", "2026-01", value), formats={"D2": code})
    assert loaded("facts", path).ok, wrong(loaded("facts", path))
    assert f"{Fact.objects.get().numerator.normalize():f}" == stored


def test_an_error_of_the_spreadsheet_is_refused_as_one(books: Loader, tmp_path: Path) -> None:
    row = texts("revenue", "C1", "2026-01").replace("</row>", '<c t="e"><v>#DIV/0!</v></c></row>')
    path = by_hand(tmp_path / "f.xlsx", {"Data": texts(*FACTS) + row})
    [(_, column, reason)] = wrong(loaded("facts", path))
    assert column == "numerator"
    assert "an error of the spreadsheet" in reason


def test_months_and_days_are_read_from_dates(books: Loader, tmp_path: Path) -> None:
    path = workbook(tmp_path / "f.xlsx", FACTS, ("revenue", "C1", date(2026, 1, 1), 5), formats={"C2": "mmm yyyy"})
    assert loaded("facts", path).ok
    rows = [
        ("C1", date(2026, 3, 4)),
        ("C2", datetime(2026, 3, 4, 12, tzinfo=UTC).replace(tzinfo=None)),
        ("C3", time(9)),
    ]
    path = workbook(tmp_path / "m.xlsx", ("customer", "starts_on", "tier"), *((*row, "T2") for row in rows))
    assert [line for line, _, _ in wrong(loaded("tier_memberships", path))] == [3, 4]


def test_days_counted_from_1904_are_the_days_that_are_shown(books: Loader, tmp_path: Path) -> None:
    path = tmp_path / "m.xlsx"
    with xlsxwriter.Workbook(path, {"date_1904": True}) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, ("customer", "starts_on", "tier"))
        sheet.write_row(1, 0, ("C1", "", "T2"))
        sheet.write_datetime(1, 1, date(2026, 3, 4), book.add_format({"num_format": "yyyy-mm-dd"}))
    assert loaded("tier_memberships", path).ok
    assert Customer.objects.get(external_id="C1").memberships.filter(starts_on="2026-03-04").exists()


# -- sheets, Strict Open XML


def test_the_first_visible_sheet_is_read_and_named(books: Loader, tmp_path: Path) -> None:
    rows = {n: texts(*FACTS) + texts("revenue", "C1", "2026-01", str(n)) for n in (1, 999)}
    path = by_hand(tmp_path / "f.xlsx", {"!Old": rows[1], "Facts": rows[999], "Empty": "", "!Later": rows[1]})
    report = loaded("facts", path)
    assert (report.ok, report.sheet, Fact.objects.get().numerator) == (True, "Facts", 999)
    assert "worksheet “Facts”" in command("load", "facts", str(path))[1]


def test_a_second_visible_sheet_with_rows_is_refused_unless_one_is_named(books: Loader, tmp_path: Path) -> None:
    months = {f"2026-0{n}": texts(*FACTS) + texts("revenue", "C1", f"2026-0{n}", str(n)) for n in (1, 2, 3)}
    path = by_hand(tmp_path / "f.xlsx", months)
    with pytest.raises(FileProblem, match=r"2026-02.*2026-03.*--sheet"):
        loaded("facts", path)
    assert command("load", "facts", str(path))[0] == 2
    assert command("load", "facts", str(path), "--sheet", "2026-02")[0] == 0
    assert Fact.objects.get().numerator == 2
    with pytest.raises(FileProblem, match="no worksheet “2026-09”"):
        loaded("facts", path, sheet="2026-09")


def test_a_csv_file_has_no_worksheet(books: Loader, tmp_path: Path) -> None:
    with pytest.raises(FileProblem, match="no worksheet “x”"):
        loaded("customers", bytes_of(tmp_path / "c.csv", "external_id,name\n"), sheet="x")


def test_strict_open_xml_is_read_like_the_usual_one(books: Loader, tmp_path: Path) -> None:
    day = '<row><c t="inlineStr"><is><t>C1</t></is></c><c t="d"><v>2026-05-06T00:00:00</v></c></row>'
    path = by_hand(tmp_path / "m.xlsx", {"Sheet": texts("customer", "starts_on", "tier") + day}, strict=True)
    assert loaded("tier_memberships", path).ok


def test_a_workbook_without_a_worksheet_is_unreadable(books: Loader, tmp_path: Path) -> None:
    path = tmp_path / "f.xlsx"
    book = openpyxl.Workbook()
    book.remove(book.worksheets[0])
    book.create_chartsheet("Chart")
    book.save(path)
    with pytest.raises(FileProblem, match="no worksheet"):
        loaded("facts", path)


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("f.xls", b"<html><body><table><tr><td>kpi</td></tr></table></body></html>", "a web page"),
        ("f.csv", b"\xef\xbb\xbf <!DOCTYPE html>\n<p>Sign in</p>", "a web page"),
        ("f.xml", b'<?xml version="1.0"?><?mso-application progid="Excel.Sheet"?><Workbook/>', "XML spreadsheet"),
        ("f.csv", b"%PDF-1.7\n%\xe2\xe3", "a PDF"),
        ("f.csv", b"{\\rtf1\\ansi kpi}", "a text document"),
        ("f.csv", b'{"kpi": "revenue"}', "a JSON file"),
        ("f.csv", b'[{"kpi": "revenue"}]', "a JSON file"),
        ("f.csv.gz", b"\x1f\x8b\x08\x00", "a packed file"),
        ("f.csv", b"\x89PNG\r\n\x1a\n", "a picture"),
        ("f.csv", b"k\x00p\x00i\x00,\x00c\x00u\x00", "UTF-16"),
        ("f.csv", b"kpi,customer\n\x00\x01\x02", "no text"),
        ("f.xlsx", b"\xd0\xcf\x11\xe0" + b"\0" * 600 + "EncryptedPackage".encode("utf-16-le"), "password"),
        ("f.doc", b"\xd0\xcf\x11\xe0" + b"\0" * 600 + "WordDocument".encode("utf-16-le"), "Word"),
    ],
)
def test_a_file_that_is_something_else_is_named_for_what_it_is(
    books: Loader, tmp_path: Path, name: str, content: bytes, words: str
) -> None:
    with pytest.raises(FileProblem, match=words):
        loaded("facts", bytes_of(tmp_path / name, content))


@pytest.mark.parametrize(
    ("part", "words"),
    [
        ("content.xml", "OpenDocument"),
        ("word/document.xml", "Word"),
        ("xl/workbook.bin", "xlsb"),
        ("ppt/presentation.xml", "a presentation"),
        ("facts.csv", "a ZIP archive"),
    ],
)
def test_an_archive_is_named_for_what_is_in_it(books: Loader, tmp_path: Path, part: str, words: str) -> None:
    import zipfile

    path = tmp_path / "f.xlsx"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(part, "x")
    with pytest.raises(FileProblem, match=words):
        loaded("facts", path)
