"""Workbooks that are invented: what is read is what LibreOffice shows, within half of its last digit, or is refused.

A few workbooks of some hundred cells in the tests; ``HYPOTHESIS_PROFILE=deep`` tries many more, other ones each time.
"""

from __future__ import annotations

import csv
import os
import re
import subprocess
import tempfile
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter  # type: ignore[import-untyped]
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from core.loading import open_table
from core.loading.cells import Due, SheetCell, Shown, text_due
from core.loading.worksheet import hundredfold
from core.numbers import parse_scaled, to_text
from tests import servers

pytestmark = [pytest.mark.slow, pytest.mark.spreadsheet]

DEEP = os.environ.get("HYPOTHESIS_PROFILE") == "deep"
FORMATS = (
    *(
        "General",
        "0",
        "0.0",
        "0.00",
        "#,##0",
        "#,##0.00",
        "00000",
        "000",
        "0%",
        "0.00%",
        "0.00E+00",
        "@",
        "00.0",
        "000,000",
    ),
    *('#,##0.00 "€"', '"€" 0', "[$€-407] #,##0.00", "#,##0_);(#,##0)", "[Red]0;[Blue]-0", "+0.0;-0.0;0", "0;-0;-"),
    *(
        "#,",
        "0.0,,",
        '0 "k€"',
        "0\\K",
        '0 "Mio"',
        '"none"',
        ";;;",
        "0;;",
        "# ?/?",
        "[>100]0,\\M;0",
        '0"00"',
        '0"%"',
        "-0",
    ),
    *(
        "yyyy-mm-dd",
        "dd.mm.yyyy",
        "d/m/yy",
        "mmm yyyy",
        "hh:mm",
        "[h]:mm",
        "yyyy-mm-dd hh:mm",
        '"K-"0',
        "0.0%;[Red]-0.0%",
    ),
)
NUMBERS = st.one_of(
    st.integers(-(10**6), 10**6),
    st.integers(0, 10**17),
    st.decimals(-(10**6), 10**6, places=4).map(float),
    st.floats(-1e12, 1e12, allow_nan=False),
    st.sampled_from([0, 0.1 + 0.2, 0.005, 1e-7, 0.92, 45000, 45000.5, 999999.995, 1e15, 1.2e16, -45000, 60, 61]),
)
TEXTS = st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs", "Co", "Cn")), min_size=1, max_size=12)
CELLS = st.one_of(st.tuples(NUMBERS, st.sampled_from(FORMATS)), st.tuples(st.booleans(), st.just("General")))
ROWS = st.lists(st.one_of(CELLS, st.tuples(TEXTS, st.just("General"))), min_size=60, max_size=60)


@dataclass(frozen=True, slots=True)
class Sheets:
    """The sheets before the one with the cells, all of them hidden, and those after it without rows."""

    hidden_before: int
    empty_after: int


def write(path: Path, rows: list[tuple[Any, str]], sheets: Sheets) -> None:
    """A workbook whose sheet ``Cells`` has a header and one cell a row, in its second column."""
    with xlsxwriter.Workbook(path, {"strings_to_numbers": False, "strings_to_formulas": False}) as book:
        for number in range(sheets.hidden_before):
            book.add_worksheet(f"Old {number}").hide()
        sheet = book.add_worksheet("Cells")
        sheet.activate()
        sheet.set_first_sheet()
        sheet.set_column(1, 1, 40)
        sheet.write_row(0, 0, ("key", "cell"))
        for line, (value, code) in enumerate(rows, 1):
            sheet.write_string(line, 0, "k")
            sheet.write(line, 1, value, book.add_format({"num_format": code}))
        for number in range(sheets.empty_after):
            book.add_worksheet(f"Empty {number}")


def shown(path: Path) -> list[str]:
    """The text of each cell as LibreOffice shows it."""
    profile = Path(tempfile.gettempdir(), f"tierboard-soffice-{os.getpid()}")
    to = "csv:Text - txt - csv (StarCalc):44,34,76,1,,1033,true,true,false,false,false,-1"
    command = [str(servers.find_soffice()), f"-env:UserInstallation=file://{profile}", "--headless", "--convert-to", to]
    subprocess.run([*command, "--outdir", str(path.parent), str(path)], check=True, capture_output=True, timeout=180)
    with (path.parent / f"{path.stem}-Cells.csv").open(encoding="utf-8", newline="") as file:
        return [row[1] for row in list(csv.reader(file))[1:]]


def number_in(text: str) -> tuple[Decimal, Decimal] | None:
    """The number that a text shows, and half of its last digit; None where it shows none."""
    plain = re.sub(r"[€\s,+]|EUR", "", text.replace("\u2212", "-"))
    if plain.startswith("(") and plain.endswith(")"):
        plain = f"-{plain[1:-1]}"
    plain = "0" if plain == "-" else plain.removesuffix("%")
    match = re.fullmatch(r"-?\d+(?:\.(\d+))?(?:E(-?\d+))?", plain)
    if match is None:
        return None
    last = Decimal(1).scaleb(int(match[2] or 0) - len(match[1] or ""))
    return Decimal(plain), last / 2


def agrees(cell: str, text: str) -> bool:
    """Whether a cell is refused wherever it is due, or is what is shown."""
    if not isinstance(cell, SheetCell):
        return cell == text
    if cell.kind is Shown.DATE:
        year, month, day = cell.split("-")
        return text in {str(cell), f"{day}.{month}.{year}", f"{int(day)}/{int(month)}/{year[2:]}"} or year in text
    if cell.kind is Shown.BOOLEAN:
        return str(cell) == text
    taken = _number(cell)
    return taken is None or (_close(taken, text) and (cell.kind is not Shown.NUMBER or _as_an_id(cell, text)))


def _number(cell: SheetCell) -> str | None:
    """What is kept of it where a number is due; None where it is refused."""
    try:
        return to_text(parse_scaled(hundredfold(cell) if cell.kind is Shown.PERCENT else text_due(cell, Due.NUMBER)))
    except ValueError:
        return None


def _close(taken: str, text: str) -> bool:
    found = number_in(text)
    # a spreadsheet keeps 15 digits and rounds them to even or away from zero as it likes
    return found is not None and abs(Decimal(taken) - found[0]) <= found[1] * Decimal("1.0000001") + Decimal("1e-15")


def _as_an_id(cell: SheetCell, text: str) -> bool:
    """The zeros that are shown are kept, and no others are made."""
    digits = re.sub(r"[^0-9]", "", text.partition(".")[0])
    mine = re.sub(r"[^0-9]", "", cell.shown.partition(".")[0])
    return "E" in text or len(digits) == len(mine) or digits in {"", mine.lstrip("0")}


@given(ROWS, st.builds(Sheets, st.integers(0, 2), st.integers(0, 2)))
@settings(
    max_examples=60 if DEEP else 4,
    derandomize=not DEEP,
    deadline=None,
    database=None,
    suppress_health_check=list(HealthCheck),
    phases=tuple(Phase) if DEEP else (Phase.generate,),
)
def test_what_is_read_is_what_is_shown_or_refused(rows: list[tuple[Any, str]], sheets: Sheets) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "book.xlsx")
        write(path, rows, sheets)
        texts = shown(path)
        with open_table(path) as table:
            assert table.sheet == "Cells"
            found = {line: row[1] for line, row in table.rows if len(row) == 2}
    for line, (given_cell, text) in enumerate(zip(rows, texts, strict=True), 2):
        cell = found.get(line, "")
        assert agrees(cell, text) or (not cell.strip() and not text.strip()), (given_cell, cell, text)
