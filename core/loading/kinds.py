"""What a file really is, whatever its name says: those that are no table are named for what they are."""

from __future__ import annotations

import re
import zipfile
from pathlib import Path

from core.loading import limits
from core.loading.table import FileProblem

_ZIP = b"PK\x03\x04"
_END, _END64 = b"PK\x05\x06", b"PK\x06\x07"
_OLD_OFFICE = b"\xd0\xcf\x11\xe0"
_AS_TABLE = "save it as .xlsx or CSV"

# By the first bytes of a file.
_BEGINNINGS: tuple[tuple[bytes, str], ...] = (
    (b"%PDF", "a PDF document"),
    (b"{\\rtf", "a text document (RTF)"),
    (b"\x1f\x8b", "a packed file (gzip)"),
    (b"7z\xbc\xaf", "a packed file (7z)"),
    (b"Rar!", "a packed file (RAR)"),
    (b"BZh", "a packed file (bzip2)"),
    (b"\xfd7zXZ", "a packed file (xz)"),
    (b"PK\x05\x06", "an empty ZIP archive"),
    (b"\x89PNG", "a picture"),
    (b"\xff\xd8\xff", "a picture"),
    (b"GIF8", "a picture"),
    (b"SQLite format 3", "a database"),
    (b"PAR1", "a Parquet file"),
    (b"ID;P", "a SYLK file"),
    (b"MIME-Version", "a saved web page"),
)
# By a part that a ZIP archive has.
_ARCHIVES: tuple[tuple[str, str], ...] = (
    ("xl/workbook.bin", "a binary workbook (.xlsb)"),
    ("word/document.xml", "a Word document"),
    ("ppt/presentation.xml", "a presentation"),
    ("Index/Document.iwa", "a Numbers or Pages document"),
    ("Index.zip", "a Numbers or Pages document"),
    ("content.xml", "an OpenDocument file (.ods)"),
)
_OLD_STREAMS: tuple[tuple[str, str], ...] = (
    ("EncryptedPackage", "protected with a password; save it without one"),
    ("WordDocument", f"an old Word document; {_AS_TABLE}"),
    ("PowerPoint Document", f"an old presentation; {_AS_TABLE}"),
)
_LOOKED_AT = 4_096
_SEARCHED = 2**20


def is_workbook(path: Path) -> bool:
    """Whether a file begins as the workbooks do that are read here."""
    return _start(path).startswith(_ZIP)


def refuse_other_kinds(path: Path) -> None:
    """Raise FileProblem for a file that is no table, saying what it is and what to do."""
    start = _start(path)
    if start.startswith(_OLD_OFFICE):
        raise FileProblem(f"{path.name} is {_old_office(path)}")
    if start.startswith(_ZIP):
        _refuse_archive(path)
        return
    if what := _other(start):
        raise FileProblem(f"{path.name} is {what} and no table; {_AS_TABLE}")
    if path.suffix.lower() in {".xlsx", ".xlsm"} and start:
        raise FileProblem(f"{path.name} is named like an Excel workbook and is none; save it again as .xlsx or CSV")
    if wide := _wide(start):
        raise FileProblem(f"{path.name} is not UTF-8 but {wide}; save it as “CSV UTF-8”")
    if b"\0" in start:
        raise FileProblem(f"{path.name} is no text and no workbook; {_AS_TABLE}")


def _start(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(_LOOKED_AT)
    except OSError as error:
        raise FileProblem(f"{path} cannot be read: {error.strerror or error}") from error


def _other(start: bytes) -> str:
    for beginning, what in _BEGINNINGS:
        if start.startswith(beginning):
            return what
    text = start.removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    if b'progid="excel.sheet"' in text or b"urn:schemas-microsoft-com:office:spreadsheet" in text:
        return "an XML spreadsheet of 2003"
    if re.match(rb"<(!doctype html|html|head|body|table|meta|style|div)", text) or (
        text.startswith(b"<") and b"<html" in text
    ):
        return "a web page (HTML)"
    if text.startswith(b"<"):
        return "an XML file"
    return "a JSON file" if re.match(rb"[\[{]\s*[\"\[{\]}\d]", text) else ""


def _wide(start: bytes) -> str:
    if start.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "UTF-16"
    pairs = start[: len(start) // 2 * 2]
    zeros = max(pairs[::2].count(0), pairs[1::2].count(0))
    return "UTF-16" if pairs and zeros > len(pairs) // 4 else ""


def _old_office(path: Path) -> str:
    """An old Excel file, or one of its kin: their streams' names stand there in UTF-16."""
    names = [(name.encode("utf-16-le"), what) for name, what in _OLD_STREAMS]
    with path.open("rb") as file:
        before = b""
        while block := file.read(_SEARCHED):
            for name, what in names:
                if name in before + block:
                    return what
            before = block[-100:]
    return f"an old Excel file (.xls); {_AS_TABLE}"


def _refuse_archive(path: Path) -> None:
    """A ZIP archive is a workbook where it says what its parts are and has a workbook among them."""
    _refuse_directory(path)
    try:
        with zipfile.ZipFile(path) as archive:
            parts = set(archive.namelist())
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError) as error:
        raise FileProblem(f"{path.name} is not a readable Excel workbook ({error})") from error
    for part, what in _ARCHIVES:
        if part in parts:
            raise FileProblem(f"{path.name} is {what} and no workbook; {_AS_TABLE}")
    if "[Content_Types].xml" not in parts:
        raise FileProblem(f"{path.name} is a ZIP archive and no Excel workbook; unpack it first")


def _refuse_directory(path: Path) -> None:
    """Refuse an archive whose table of contents alone is larger than that of any workbook, before it is read."""
    size = path.stat().st_size
    with path.open("rb") as file:
        file.seek(max(0, size - 2**16 - 100))
        tail = file.read()
    at = tail.rfind(_END)
    directory = int.from_bytes(tail[at + 12 : at + 16], "little") if at >= 0 else 0
    if at >= 0 and tail[max(0, at - 20) : at].startswith(_END64):
        directory = int.from_bytes(tail[max(0, at - 36) : at - 28], "little")
    if directory > limits.MOST_DIRECTORY:
        raise FileProblem(f"{path.name} has a table of contents larger than that of any workbook; {_AS_TABLE}")
