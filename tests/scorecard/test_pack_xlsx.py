"""The pack as a workbook: real numbers, opened again by another program, and brought back as drafts of targets."""

from __future__ import annotations

from io import BytesIO, StringIO
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command

from accounts.loads.importing import bring
from accounts.models import User
from core.loading import sheets_of
from core.periods import FiscalCalendar, Period
from kpis.choices import TargetState
from kpis.models import Target
from scorecard.choices import Paper, ReportFormat
from scorecard.reports.composing import compose_pack
from scorecard.reports.making import make_pack
from scorecard.reports.pack import TARGET_COLUMNS
from tests.scorecard.stage import Stage

Q3 = Period.parse("2011-Q3", FiscalCalendar())


@pytest.fixture
def content(stage: Stage, everyone: dict[str, User]) -> bytes:
    return make_pack(Q3, None, everyone["executive"], ReportFormat.XLSX, Paper.A4)[0]


@pytest.fixture
def book(content: bytes) -> Any:
    return openpyxl.load_workbook(BytesIO(content))


def test_the_matrix_holds_the_exact_numbers_with_verdicts_in_words(
    book: Any, stage: Stage, everyone: dict[str, User]
) -> None:
    pack = compose_pack(Q3, None, everyone["executive"])
    header, *lines = book["Matrix"].values
    for row, line in zip(pack.rows, lines, strict=True):
        told = dict(zip(header, line, strict=True))
        assert told["Code"] == row.kpi
        for column, cell in zip(pack.columns, row.cells, strict=True):
            for name in ("actual", "target"):
                exact = getattr(cell, name)
                assert told[f"{column.name} {name}"] == (None if exact is None else pytest.approx(float(exact)))
            assert told[f"{column.name} verdict"] == cell.status.label


def test_numbers_have_the_formats_of_their_units_and_tables_their_heads(book: Any) -> None:
    matrix = book["Matrix"]
    formats = {matrix.cell(row, 2).value: matrix.cell(row, 5).number_format for row in (2, 3)}
    assert formats == {"repeats": '#,##0.0 "%"', "revenue": '#,##0 "€"'}
    for sheet in book.worksheets[1:]:
        assert len(sheet.tables) == 1
        assert sheet.print_title_rows == "$1:$1"
        assert sheet.oddFooter.center.text
    assert matrix.conditional_formatting


def test_nothing_in_it_is_a_formula(stage: Stage, everyone: dict[str, User]) -> None:
    type(stage.revenue).objects.filter(pk=stage.revenue.pk).update(name="=1+1", definition="@cmd")
    content, _ = make_pack(Q3, None, everyone["executive"], ReportFormat.XLSX, Paper.A4)
    for sheet in openpyxl.load_workbook(BytesIO(content)):
        assert not [cell.coordinate for row in sheet.iter_rows() for cell in row if cell.data_type == "f"]


def test_the_same_values_give_the_same_bytes(content: bytes, everyone: dict[str, User]) -> None:
    assert make_pack(Q3, None, everyone["executive"], ReportFormat.XLSX, Paper.A4)[0] == content


def test_the_columns_of_its_targets_are_those_of_the_file(book: Any) -> None:
    from core.registry import load_kinds

    columns = tuple(column.name for column in load_kinds()["targets"].columns)
    assert columns == TARGET_COLUMNS
    assert next(book["Targets"].values) == columns


def test_brought_back_unchanged_it_changes_nothing(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "pack.xlsx"
    path.write_bytes(content)
    said = StringIO()
    call_command("load", "targets", str(path), stdout=said)
    assert "created 0, updated 0, unchanged 4" in said.getvalue()
    assert len(sheets_of(path)) > 1


def test_a_number_changed_in_it_comes_back_as_a_draft_of_who_brings_it(
    book: Any, everyone: dict[str, User], stage: Stage
) -> None:
    sheet = book["Targets"]
    place = TARGET_COLUMNS.index("value") + 1
    sheet.cell(2, place).value = 12.5
    changed = BytesIO()
    book.save(changed)
    job = bring(by=everyone["steward"], file=SimpleUploadedFile("pack.xlsx", changed.getvalue()))
    assert (job.result["kind"], job.result["sheet"]) == ("targets", "Targets")
    assert (job.result["counts"]["read"], job.result["counts"]["unchanged"]) == (4, 3)
    assert not Target.objects.exclude(state=TargetState.APPROVED).exists()  # looked at, not loaded


def test_another_workbook_of_several_sheets_is_still_asked_which(book: Any, tmp_path: Path) -> None:
    for name in list(book.custom_doc_props.names):
        del book.custom_doc_props[name]
    path = tmp_path / "other.xlsx"
    book.save(path)
    with pytest.raises(Exception, match="say which one"):
        call_command("load", "targets", str(path))
