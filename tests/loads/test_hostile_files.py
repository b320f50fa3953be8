"""Small files that would cost a machine: each is refused, or done, within two seconds and 500 MB."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.loads.workbooks import Maker, by_hand, texts

SECONDS, MEGABYTES = 2.0, 500
HEAD = texts("external_id", "name")

# VmHWM is of one program alone; the time is that of its process, however busy the machine is. Each file is read by a
# process of its own, which has what this one has imported.
_MEASURED = """
import os, re, sys, time
from pathlib import Path
import django
django.setup()
from core.loading import FileProblem, RowErrors, open_table
from core.loading.rows import header_is_good, read_rows
from core.registry import load_kinds
columns = load_kinds()["customers"].columns

def read(path):
    errors, said = RowErrors(), "read"
    began = time.process_time()
    try:
        with open_table(Path(path)) as table:
            if header_is_good(table, columns, errors):
                sum(1 for row in read_rows(table, columns, errors) if row.whole)
    except FileProblem as error:
        said = str(error)
    if errors:
        said = str(errors.first(1)[0])
    peak = int(re.search(r"VmHWM:\\s+(\\d+)", open("/proc/self/status").read())[1])
    print(time.process_time() - began, peak // 1024, said[:300].replace("\\n", " "), flush=True)

for line in sys.stdin:
    child = os.fork()
    if child == 0:
        read(line.strip())
        os._exit(0)
    if os.waitpid(child, 0)[1]:
        print("0 0 broke off", flush=True)
"""
Read = Callable[[Path], tuple[float, int, str]]


@pytest.fixture(scope="module")
def read(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Read]:
    """Answers the seconds and megabytes that it took to read a file of customers, and what was said."""
    folder = tmp_path_factory.mktemp("reader")
    env = {**os.environ, "DJANGO_SETTINGS_MODULE": "config.settings", "VAR_DIR": str(folder / "var")}
    env["DATABASE_URL"] = f"sqlite:///{folder / 'none.sqlite3'}"
    pipes: dict[str, Any] = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True, "env": env}
    with subprocess.Popen([sys.executable, "-c", _MEASURED], **pipes) as reader:

        def told(path: Path) -> tuple[float, int, str]:
            reader.stdin.write(f"{path}\n")  # type: ignore[union-attr]
            reader.stdin.flush()  # type: ignore[union-attr]
            seconds, megabytes, said = reader.stdout.readline().strip().split(" ", 2)  # type: ignore[union-attr]
            return float(seconds), int(megabytes), said

        yield told
        reader.stdin.close()  # type: ignore[union-attr]


def sheet(content: str, **parts: Any) -> Maker:
    """A workbook of one sheet with a header and this."""
    return lambda path: by_hand(path, {"Data": HEAD + content}, **parts)


def _text(*pieces: str) -> Maker:
    def make(path: Path) -> None:
        with path.open("w") as file:
            file.writelines(pieces)

    return make


def _pieces(*pieces: bytes) -> Maker:
    def make(path: Path) -> None:
        with path.open("wb") as file:
            file.writelines(pieces)

    return make


def lying_size(path: Path) -> None:
    """A worksheet whose entry says that it unpacks to less than it does."""
    by_hand(path, {"Data": HEAD + texts("C1", "x" * 1_000) * 20_000})
    data = path.read_bytes()
    with zipfile.ZipFile(path) as archive:
        size = archive.getinfo("xl/worksheets/sheet1.xml").file_size
    path.write_bytes(data.replace(size.to_bytes(4, "little"), (1_000).to_bytes(4, "little")))


def many_parts(path: Path) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        for number in range(60_000):
            archive.writestr(f"xl/{number}.xml", "")


def many_sheets(number: int, content: str) -> Maker:
    """The first has a header, the others this: each is looked at for rows."""
    return lambda path: by_hand(path, {f"S{n}": content if n else HEAD for n in range(number)})


COSTLY: dict[str, tuple[str, Maker, str]] = {
    "a cell in column ZZZ": ("f.xlsx", sheet('<row r="2"><c r="ZZZ2"><v>1</v></c></row>'), "no wider"),
    "a cell in the last column of a worksheet, in each of 50,000 rows": (
        "f.xlsx",
        sheet("".join(f'<row r="{n}"><c r="XFD{n}" s="0"/></row>' for n in range(2, 50_000))),
        "read",
    ),
    "a cell with content in the last column": ("f.xlsx", sheet('<row r="2"><c r="XFD2"><v>1</v></c></row>'), "16384"),
    "a row of four million cells": ("f.xlsx", sheet("<row>" + "<c><v>1</v></c>" * 4_000_000 + "</row>"), "unpack"),
    "a row of four hundred thousand": ("f.xlsx", sheet("<row>" + "<c><v>1</v></c>" * 400_000 + "</row>"), "no wider"),
    "40,000 names": ("f.xlsx", lambda path: by_hand(path, {"D": texts(*map(str, range(16_000)))}), "16,000 columns"),
    "40,000 names as CSV": ("f.csv", _text(",".join(f"n{n}" for n in range(40_000))), "40,000 cells"),
    "a million columns": ("f.csv", _text("external_id,name\n", "a," * 499_000, "\n"), "499,001 cells"),
    "a line of 300 MB": ("f.csv", _text("external_id,name\n", *["a" * 2**20] * 300), "1,000,000 characters"),
    "a first line of 300 MB": ("f.csv", _text(*["a" * 2**20] * 300), "1,000,000 characters"),
    "a quoted cell of 300 MB": ("f.csv", _text('external_id,name\nC1,"', *["a\n" * 2**19] * 300), "field larger"),
    "a quoted row of many lines": ("f.csv", _text("external_id,name\n", *['"a\n",'] * 2_000_000), "1,000,000 char"),
    "300 MB of one line that is not UTF-8": (
        "f.csv",
        _pieces(b"external_id,name\n\xff", *[b"a" * 2**20] * 300),
        "not UTF-8 (line 2)",
    ),
    "elements in elements": ("f.xlsx", sheet("<row>" * 100_000), "nested"),
    "an attribute of seven million characters": ("f.xlsx", sheet(f'<row x="{"ab" * 3_500_000}"/>'), "tag"),
    "a cell of two million characters": ("f.xlsx", sheet(texts("C1", "x" * 2_000_000)), "32,767 characters"),
    "a number of a million digits": ("f.xlsx", sheet(f"<row><c><v>{'9' * 1_000_000}</v></c></row>"), "32,767"),
    "a million empty rows": ("f.xlsx", sheet("<row/>" * 1_048_000), "read"),
    "rows beyond a worksheet": ("f.xlsx", sheet('<row r="99999999"/>'), "1,048,576"),
    "rows that go back": ("f.xlsx", sheet('<row r="9"/><row r="9"/>'), "comes after"),
    "shared texts that pack too well": ("f.xlsx", sheet("", sharedstrings="<sst>" + "<si/>" * 3_000_000), "unpack"),
    "shared texts without end": ("f.xlsx", sheet("", sharedstrings="<sst>" + "<si/>" * 1_600_000 + "</sst>"), "read"),
    "styles without end": ("f.xlsx", sheet("", styles="<s><cellXfs>" + "<xf/>" * 1_500_000), "no XML"),
    "a size that is a lie": ("f.xlsx", lying_size, "not a readable"),
    "sixty thousand parts": ("f.xlsx", many_parts, "table of contents"),
    "a thousand worksheets": ("f.xlsx", many_sheets(1_000, ""), "255 worksheets"),
    "a hundred worksheets of empty rows": ("f.xlsx", many_sheets(100, "<row/>" * 1_000_000), "unpack"),
    "entities": ("f.xlsx", sheet("", styles='<!DOCTYPE x [<!ENTITY a "b">]><x>&a;</x>'), "document type"),
    "a text that is not there": ("f.xlsx", sheet('<row><c t="s"><v>99</v></c></row>'), "not a readable"),
    "a number of a text that is no number": ("f.xlsx", sheet('<row><c t="s"><v>x</v></c></row>'), "not a readable"),
}


@pytest.mark.slow
@pytest.mark.parametrize("case", COSTLY)
def test_a_small_file_costs_little(tmp_path: Path, read: Read, case: str) -> None:
    name, make, words = COSTLY[case]
    make(tmp_path / name)
    seconds, megabytes, said = read(tmp_path / name)
    (tmp_path / name).unlink()
    assert words in said
    assert seconds < SECONDS
    assert megabytes < MEGABYTES
