"""What a workbook is made of: its worksheets, its shared texts, how its cells are shown."""

from __future__ import annotations

import posixpath
import re
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from core.loading import limits
from core.loading.formats import BUILT_IN, NumberFormat, read_format
from core.loading.table import FileProblem
from core.loading.xml import Attributes, BrokenXml, attribute, read_part

# A workbook with a property of this name is a board pack of ours, and is read from that worksheet alone.
PACK_MARK, PACK_SHEET = "Tierboard pack", "Targets"
_STYLES_AT_MOST = 100_000
_ESCAPE = re.compile(r"_x([0-9A-Fa-f]{4})_")
_BROKEN = (zipfile.BadZipFile, zlib.error, ValueError, LookupError, OSError, EOFError, NotImplementedError)


@dataclass(frozen=True, slots=True)
class Sheet:
    """A worksheet: its name, the part that holds it, and whether people see it."""

    name: str
    part: str
    visible: bool


@dataclass(slots=True)
class Workbook:
    """A workbook whose parts were found; the sheets' rows are read by ``core.loading.worksheet``.

    ``is_pack``: it carries the mark of a board pack.
    """

    path: Path
    archive: zipfile.ZipFile
    sheets: list[Sheet] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)
    formats: list[NumberFormat] = field(default_factory=list)
    from_1904: bool = False
    is_pack: bool = False

    def open(self, sheet: Sheet) -> IO[bytes]:
        """The sheet's part, to be read."""
        return self.archive.open(sheet.part)

    def chosen(self, name: str = "") -> Sheet:
        """The sheet of a name, or the first visible one; of a pack that of its targets. Raises FileProblem."""
        name = name or (PACK_SHEET if self.is_pack else "")
        names = ", ".join(f"“{sheet.name}”" for sheet in self.sheets[:20])
        if not self.sheets:
            raise FileProblem(f"{self.path.name} has no worksheet; save the table in a worksheet, or as CSV")
        if name:
            found = [sheet for sheet in self.sheets if sheet.name == name]
            found = found or [sheet for sheet in self.sheets if sheet.name.casefold() == name.strip().casefold()]
            if not found:
                raise FileProblem(f"{self.path.name} has no worksheet “{name}”; it has {names}")
            return found[0]
        visible = [sheet for sheet in self.sheets if sheet.visible]
        if not visible:
            raise FileProblem(f"{self.path.name} has no visible worksheet; show one, or name one of {names}")
        return visible[0]


@contextmanager
def open_workbook(path: Path) -> Iterator[Workbook]:
    """Open a workbook that looks like one and unpacks to what a workbook is. Raises FileProblem."""
    with ExitStack() as opened:
        with unreadable_in_a_sentence(path):
            archive = opened.enter_context(zipfile.ZipFile(path))
            _refuse_bomb(path, archive)
            book = _read(path, archive)
        yield book


@contextmanager
def unreadable_in_a_sentence(path: Path) -> Iterator[None]:
    """Whatever a broken workbook raises while it is read becomes a FileProblem."""
    try:
        yield
    except FileProblem:
        raise
    except KeyError as error:
        raise FileProblem(f"{path.name} is not a readable Excel workbook (a part of it is missing: {error})") from error
    except (BrokenXml, *_BROKEN) as error:
        raise FileProblem(f"{path.name} is not a readable Excel workbook ({error})") from error


def _refuse_bomb(path: Path, archive: zipfile.ZipFile) -> None:
    """Refuse a workbook that would unpack to more than any real one, before anything is unpacked."""
    parts = archive.infolist()
    if any(part.flag_bits & 1 for part in parts):
        raise FileProblem(f"{path.name} is protected with a password; save it without one")
    if any(part.compress_type not in {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED} for part in parts):
        raise FileProblem(f"{path.name} is packed in a way that no spreadsheet uses; save it again as .xlsx or CSV")
    unpacked, packed = sum(part.file_size for part in parts), sum(part.compress_size for part in parts)
    too_much = unpacked > min(limits.MOST_UNPACKED, max(2 * limits.SMALL_PART, limits.BEST_PACKED * packed))
    if too_much or any(map(_is_too_large, parts)):
        raise FileProblem(f"{path.name} would unpack to far more than a worksheet holds; split it, or save it as CSV")


def _is_too_large(part: zipfile.ZipInfo) -> bool:
    if part.file_size <= limits.SMALL_PART:
        return False
    if not part.filename.endswith(".xml"):
        return False  # pictures and the like are never unpacked
    if part.file_size > limits.BEST_PACKED * max(part.compress_size, 1):
        return True
    if part.filename.lower().endswith("sharedstrings.xml"):
        return part.file_size > limits.MOST_SHARED_TEXTS
    return not posixpath.dirname(part.filename).endswith("worksheets")


def _read(path: Path, archive: zipfile.ZipFile) -> Workbook:
    """Follow the relations from the package to the workbook and from there to its parts."""
    book = Workbook(path, archive)
    package = dict(reversed(_relations(archive, "").values()))
    main = package.get("officeDocument", "")
    if not main:
        raise FileProblem(f"{path.name} is not a readable Excel workbook (it names no workbook)")
    related = _relations(archive, main)
    read_part(archive, main, starts=_workbook_starts(book, related))
    parts = set(archive.namelist())
    book.is_pack = package.get("custom-properties") in parts and _is_pack(archive, package["custom-properties"])
    for kind, target in related.values():
        if kind == "sharedStrings" and target in parts:
            book.texts = _shared_texts(archive, target)
        elif kind == "styles" and target in parts:
            book.formats = _formats(archive, target)
    return book


def _is_pack(archive: zipfile.ZipFile, part: str) -> bool:
    """Whether one of the properties that a program gave the workbook is the mark of a board pack."""
    names: set[str] = set()
    read_part(archive, part, starts=lambda element, attributes: names.add(attributes.get("name", "")))
    return PACK_MARK in names


def _relations(archive: zipfile.ZipFile, part: str) -> dict[str, tuple[str, str]]:
    """By id the kind of each relation of a part, and the part that it leads to."""
    folder, name = posixpath.split(part)
    found: dict[str, tuple[str, str]] = {}

    def starts(element: str, attributes: Attributes) -> None:
        if element == "Relationship" and attributes.get("TargetMode") != "External":
            target = attributes.get("Target", "")
            whole = target[1:] if target.startswith("/") else posixpath.normpath(posixpath.join(folder, target))
            found[attributes.get("Id", "")] = attributes.get("Type", "").rpartition("/")[2], whole

    read_part(archive, posixpath.join(folder, "_rels", f"{name}.rels"), starts=starts)
    return found


def _workbook_starts(book: Workbook, related: dict[str, tuple[str, str]]) -> Callable[[str, Attributes], None]:
    def starts(element: str, attributes: Attributes) -> None:
        if element == "workbookPr":
            book.from_1904 = attributes.get("date1904", "") in {"1", "true"}
        elif element == "sheet":
            kind, part = related.get(attribute(attributes, "id"), ("", ""))
            if kind == "worksheet":
                hidden = attributes.get("state", "visible") in {"hidden", "veryHidden"}
                book.sheets.append(Sheet(attributes.get("name", ""), part, not hidden))
                if len(book.sheets) > limits.MOST_SHEETS:
                    raise BrokenXml(f"it has more than {limits.MOST_SHEETS} worksheets")

    return starts


def _shared_texts(archive: zipfile.ZipFile, part: str) -> list[str]:
    """The texts that cells name by their number; how they are pronounced is no part of them."""
    texts: list[str] = []
    reader = TextReader()

    def ends(element: str) -> None:
        reader.ends(element)
        if element == "si":
            texts.append(reader.taken())

    read_part(archive, part, starts=reader.starts, ends=ends, text=reader.text)
    return texts


class TextReader:
    """Gathers the text of one cell from its runs."""

    def __init__(self) -> None:
        self._runs: list[str] = []
        self._inside = self._spoken = False

    def starts(self, element: str, attributes: Attributes) -> None:
        """A run begins, or a pronunciation, whose runs do not count."""
        self._inside = element == "t" and not self._spoken
        self._spoken = self._spoken or element == "rPh"

    def text(self, characters: str) -> None:
        """What stands in a run."""
        if self._inside:
            self._runs.append(characters)

    def ends(self, element: str) -> None:
        """The run is over."""
        self._inside = False
        if element == "rPh":
            self._spoken = False

    def taken(self) -> str:
        """The whole text, and nothing of it is left."""
        text = unescaped("".join(self._runs))
        self._runs.clear()
        return text


def unescaped(text: str) -> str:
    """With ``_xHHHH_`` undone, by which a workbook writes what XML cannot hold."""
    if "_x" not in text:
        return text
    found = _ESCAPE.sub(lambda match: chr(int(match[1], 16)), text)
    return found.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _formats(archive: zipfile.ZipFile, part: str) -> list[NumberFormat]:
    """By the number that a cell gives, how it is shown."""
    codes: dict[str, str] = {}
    styles: list[str] = []
    within: list[str] = []

    def starts(element: str, attributes: Attributes) -> None:
        if element == "numFmt" and "numFmts" in within:
            codes[attributes.get("numFmtId", "")] = attributes.get("formatCode", "General")
        elif element == "xf" and within[-1:] == ["cellXfs"] and len(styles) < _STYLES_AT_MOST:
            styles.append(attributes.get("numFmtId", "0"))
        within.append(element)

    read_part(archive, part, starts=starts, ends=lambda element: within.pop())
    return [read_format(codes.get(one) or _built_in(one)) for one in styles]


def _built_in(number: str) -> str:
    return BUILT_IN.get(int(number), "General") if number.isdigit() and len(number) < 9 else "General"
