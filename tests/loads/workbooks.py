"""Workbooks written part by part: what no library would write, and what spreadsheets do."""

from __future__ import annotations

import zipfile
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape, quoteattr

import openpyxl

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
STRICT = "http://purl.oclc.org/ooxml/spreadsheetml/main"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_STRICT_OFFICE = "http://purl.oclc.org/ooxml/officeDocument/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"


def workbook(path: Path, *rows: Iterable[object], formats: Mapping[str, str] | None = None) -> Path:
    """A workbook of one sheet, as openpyxl writes it; ``formats`` are number formats by cell."""
    book = openpyxl.Workbook()
    sheet: Any = book.active
    for row in rows:
        sheet.append(list(row))
    for cell, code in (formats or {}).items():
        sheet[cell].number_format = code
    book.save(path)
    return path


def by_hand(
    path: Path, sheets: Mapping[str, str], *, strict: bool = False, formats: Iterable[str] = (), **parts: str
) -> Path:
    """A workbook of sheets by name, each the XML within ``sheetData``; a name with ``!`` before it is hidden.

    ``formats`` are number formats that cells name by ``s="1"`` and so on; ``parts`` replace whole parts by the
    beginning of their names.
    """
    office = _STRICT_OFFICE if strict else _OFFICE
    names = [name.lstrip("!") for name in sheets]
    hidden = ["hidden" if name.startswith("!") else "visible" for name in sheets]
    listed = "".join(
        f'<sheet name={quoteattr(name)} sheetId="{n}" state="{state}" r:id="r{n}"/>'
        for n, (name, state) in enumerate(zip(names, hidden, strict=True), 1)
    )
    links = "".join(
        f'<Relationship Id="r{n}" Type="{office}/worksheet" Target="worksheets/sheet{n}.xml"/>'
        for n in range(1, len(names) + 1)
    )
    links += f'<Relationship Id="s" Type="{office}/sharedStrings" Target="sharedStrings.xml"/>'
    links += f'<Relationship Id="t" Type="{office}/styles" Target="styles.xml"/>'
    main = STRICT if strict else MAIN
    start = f'<Relationship Id="r1" Type="{office}/officeDocument" Target="xl/workbook.xml"/>'
    found = {
        "[Content_Types].xml": "<Types/>",
        "_rels/.rels": f'<Relationships xmlns="{_PACKAGE}">{start}</Relationships>',
        "xl/workbook.xml": f'<workbook xmlns="{main}" xmlns:r="{office}"><sheets>{listed}</sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{_PACKAGE}">{links}</Relationships>',
        "xl/styles.xml": _styles(main, list(formats)),
        "xl/sharedStrings.xml": f'<sst xmlns="{main}"/>',
    }
    for number, content in enumerate(sheets.values(), 1):
        found[f"xl/worksheets/sheet{number}.xml"] = (
            f'<worksheet xmlns="{main}"><sheetData>{content}</sheetData></worksheet>'
        )
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for name, content in found.items():
            archive.writestr(name, next((text for key, text in parts.items() if key in name.lower()), content))
    return path


def _styles(main: str, codes: list[str]) -> str:
    formats = "".join(f'<numFmt numFmtId="{200 + n}" formatCode={quoteattr(code)}/>' for n, code in enumerate(codes))
    used = "".join(f'<xf numFmtId="{number}"/>' for number in [0, *range(200, 200 + len(codes))])
    return f'<styleSheet xmlns="{main}"><numFmts>{formats}</numFmts><cellXfs>{used}</cellXfs></styleSheet>'


def texts(*cells: str) -> str:
    """A row of texts that stand in their cells."""
    inside = "".join(f'<c t="inlineStr"><is><t xml:space="preserve">{escape(cell)}</t></is></c>' for cell in cells)
    return f"<row>{inside}</row>"


def number(value: str, style: int = 0) -> str:
    """A cell with a number."""
    return f'<c s="{style}"><v>{value}</v></c>'


Maker = Callable[[Path], object]
