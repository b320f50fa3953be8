"""The one writer of tables for spreadsheets, and their downloads: text stays text, numbers stay numbers."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from datetime import date
from fractions import Fraction
from itertools import chain
from pathlib import Path
from typing import Any, TypeVar

from django.http import HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.urls import URLPattern, path, register_converter, reverse
from django.urls.converters import StringConverter

V = TypeVar("V", bound=Callable[..., HttpResponseBase])
Value = str | int | float | date | None
Files = tuple[tuple[str, str], ...]

MARK = "\ufeff"  # by which Excel knows UTF-8
_RISKY = tuple("=+-@\t\r\n")
_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_WIDEST = 60


def safe(value: Value) -> Value:
    """Text that a spreadsheet would take for a formula, quoted; anything else as it is."""
    return f"'{value}" if isinstance(value, str) and value.startswith(_RISKY) else value


def csv_lines(rows: Iterable[Iterable[object]]) -> Iterator[str]:
    """Each row as a line of CSV with its line break, made as it is asked for."""
    return map(csv.writer(_Echo(), lineterminator="\n").writerow, rows)


class _Echo:
    """Gives what is written back."""

    def write(self, text: str) -> str:
        return text


def workbook(file: Path | io.BytesIO, *, lean: bool = False) -> AbstractContextManager[Any]:
    """A workbook that is written to ``file`` at its end: days are days, no text becomes a formula or a link.

    ``lean``: memory does not grow with the rows, which go through a file, one after another.
    """
    import xlsxwriter  # type: ignore[import-untyped]

    plain = {"strings_to_formulas": False, "strings_to_urls": False, "default_date_format": "yyyy-mm-dd"}
    book: AbstractContextManager[Any] = xlsxwriter.Workbook(
        file, plain | {"constant_memory" if lean else "in_memory": True}
    )
    return book


def write_cell(sheet: Any, row: int, column: int, value: object, look: Any = None) -> None:
    """A cell by the type of its value, so that a title such as 007 keeps its zeros; ``look`` is a number's format.

    Nothing is written of None and of an empty text.
    """
    if isinstance(value, bool):
        sheet.write_boolean(row, column, value)
    elif isinstance(value, int | float | Fraction):
        sheet.write_number(row, column, float(value), look)
    elif isinstance(value, date):
        sheet.write_datetime(row, column, value)
    elif value:
        sheet.write_string(row, column, str(value))


def csv_download(
    name: str, header: Sequence[str], rows: Iterable[Sequence[Value]], *, exact: bool = False
) -> HttpResponseBase:
    """The rows as CSV in UTF-8, with the mark by which Excel knows it, streamed.

    ``exact``: as they are, for a file that is loaded again; else what looks like a formula is quoted.
    """
    shown = rows if exact else (map(safe, row) for row in rows)
    lines = chain([MARK], csv_lines(chain([header], shown)))
    answer = StreamingHttpResponse(lines, content_type="text/csv; charset=utf-8")
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    return answer


def xlsx_download(
    name: str, header: Sequence[str], rows: Iterable[Sequence[Value]], *, lean: bool = False
) -> HttpResponse:
    """The rows as a workbook: its head stands still and filters. ``lean`` as of ``workbook``."""
    file = io.BytesIO()
    with workbook(file, lean=lean) as book:
        sheet = book.add_worksheet()
        widths = [len(title) for title in header]
        sheet.write_row(0, 0, header, book.add_format({"bold": True, "text_wrap": True, "valign": "top"}))
        count = 0
        for count, row in enumerate(rows, 1):
            for column, value in enumerate(row):
                write_cell(sheet, count, column, value)
                widths[column] = max(widths[column], min(len(str(value or "")), _WIDEST))
        for column, width in enumerate(widths):
            sheet.set_column(column, column, width + 2)
        sheet.freeze_panes(1, 2)
        sheet.autofilter(0, 0, max(count, 1), len(header) - 1)
    answer = HttpResponse(file.getvalue(), content_type=_XLSX)
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}.xlsx"'
    return answer


# How a list leaves the product, by the end of its address.
DOWNLOADS: dict[str, Callable[[str, Sequence[str], Iterable[Sequence[Value]]], HttpResponseBase]] = {
    "csv": csv_download,
    "xlsx": xlsx_download,
}


class _End(StringConverter):
    """The end of an export's address: the form of its file."""

    regex = "|".join(DOWNLOADS)


register_converter(_End, "download")
_exports: dict[str, list[URLPattern]] = {}


def export(address: str, name: str) -> Callable[[V], V]:
    """Have a view answer beneath a page's address, at ``export/csv/`` and ``export/xlsx/``: it gets the form, by which
    it finds its way in ``DOWNLOADS``. So a new export is nobody else's file.
    """

    def register(view: V) -> V:
        app = view.__module__.partition(".")[0]
        _exports.setdefault(app, []).append(path(f"{address}export/<download:form>/", view, name=name))
        return view

    return register


def files_of(name: str, query: str = "") -> Files:
    """The files of the export of this name, each form with its address, as ``components/files.html`` links them.

    A list shows those of its ``export=`` itself; any other page's view gives them to its template as ``files``, and
    the base of all pages shows them. ``query`` is what the address of the page asks for.
    """
    asked = f"?{query}" if query else ""
    return tuple((form.upper(), f"{reverse(name, args=[form])}{asked}") for form in DOWNLOADS)


def exports_of(app: str) -> list[URLPattern]:
    """The addresses of the exports that the views of an app said, which are imported before."""
    return _exports.get(app, [])
