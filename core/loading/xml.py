"""Reading the parts of a workbook: piece by piece, without entities, and no deeper than a workbook is."""

from __future__ import annotations

import zipfile
from collections.abc import Callable, Iterator
from typing import IO, Any
from xml.parsers import expat

from core.formatting import number
from core.loading.limits import DEEPEST_XML, LONGEST_TAG

_PIECE = 2**16
Attributes = dict[str, str]


class BrokenXml(Exception):
    """A part that is no XML of a workbook; the message says why."""


class Part:
    """One pass over a part of a workbook; names come without their namespace's prefix.

    ``starts`` and ``ends`` are called by the element's name, ``text`` with the characters between.
    """

    def __init__(
        self,
        starts: Callable[[str, Attributes], None],
        ends: Callable[[str], None] | None = None,
        text: Callable[[str], None] | None = None,
    ) -> None:
        self._starts, self._ends = starts, ends
        self._depth = 0
        self._last = 0  # where in the part the last element began or ended
        self._names: dict[str, str] = {}
        self.parser = parser = expat.ParserCreate()
        parser.buffer_text = True
        parser.StartElementHandler = self._started
        parser.EndElementHandler = self._ended
        parser.StartDoctypeDeclHandler = _refuse_doctype
        if text is not None:
            parser.CharacterDataHandler = text

    def _started(self, name: str, attributes: Attributes) -> None:
        self._depth += 1
        if self._depth > DEEPEST_XML:
            raise BrokenXml(f"its elements are nested more than {DEEPEST_XML} deep")
        self._starts(self._names.get(name) or self._local(name), attributes)

    def _ended(self, name: str) -> None:
        self._depth -= 1
        if self._ends is not None:
            self._ends(self._names.get(name) or self._local(name))

    def _local(self, name: str) -> str:
        if len(self._names) > 1_000:
            self._names.clear()
        local = self._names[name] = name.rpartition(":")[2]
        return local

    def pieces(self, file: IO[bytes]) -> Iterator[None]:
        """Parse a part, giving way after each piece of it. Raises BrokenXml."""
        read = 0
        while piece := file.read(_PIECE):
            read += len(piece)
            self._parse(piece, final=False)
            if read - self.parser.CurrentByteIndex > LONGEST_TAG:
                raise BrokenXml(f"one of its tags has more than {number(LONGEST_TAG)} characters")
            yield
        self._parse(b"", final=True)
        yield

    def _parse(self, piece: bytes, *, final: bool) -> None:
        try:
            self.parser.Parse(piece, final)
        except expat.ExpatError as error:
            raise BrokenXml(f"a part of it is no XML: {error}") from error


def read_part(archive: zipfile.ZipFile, name: str, **handlers: Any) -> None:
    """Parse a small part at once. Raises BrokenXml; KeyError where it is not there."""
    with archive.open(name) as file:
        for _ in Part(**handlers).pieces(file):
            pass


def _refuse_doctype(*_: object) -> None:
    raise BrokenXml("it declares a document type, which no spreadsheet writes")


def attribute(attributes: Attributes, local: str) -> str:
    """An attribute of a namespace of its own by its local name; empty where it is not there."""
    return next((value for name, value in attributes.items() if name.endswith(f":{local}")), "")
