"""Which letters the pack's own font has, read from the font: what it lacks would end the making of a PDF."""

from __future__ import annotations

import struct
from functools import cache
from pathlib import Path
from typing import Any

FONTS = Path(__file__).parent / "fonts"
REGULAR = FONTS / "LiberationSans-Regular.ttf"
MISSING = "□"  # what stands for a letter that the font does not have
_BY_SEGMENTS = 4  # the format of a table of letters that every font for Windows has


def printable(value: Any) -> Any:
    """A plain value whose texts hold only letters that can be printed; control characters become blanks."""
    if isinstance(value, str):
        return "".join(_printed(letter) for letter in value)
    if isinstance(value, dict):
        return {name: printable(one) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return [printable(one) for one in value]
    return value


def _printed(letter: str) -> str:
    if letter.isspace() or not letter.isprintable():
        return letter if letter == "\n" else " "
    return letter if ord(letter) in letters() else MISSING


@cache
def letters() -> frozenset[int]:
    """The code points of the font, by its table of segments."""
    content = REGULAR.read_bytes()
    table = _table(content, b"cmap")
    (count,) = struct.unpack_from(">H", content, table + 2)
    for place in range(count):
        platform, _, offset = struct.unpack_from(">HHL", content, table + 4 + 8 * place)
        (form,) = struct.unpack_from(">H", content, table + offset)
        if platform in {0, 3} and form == _BY_SEGMENTS:
            return frozenset(_segments(content, table + offset))
    raise ValueError(f"{REGULAR.name} has no table of letters that can be read")


def _table(content: bytes, name: bytes) -> int:
    (count,) = struct.unpack_from(">H", content, 4)
    for place in range(count):
        tag, _, offset, _ = struct.unpack_from(">4sLLL", content, 12 + 16 * place)
        if tag == name:
            return int(offset)
    raise ValueError(f"{REGULAR.name} has no table {name.decode()}")


def _segments(content: bytes, at: int) -> list[int]:
    """The letters of each segment whose glyph is not the missing one."""
    (double,) = struct.unpack_from(">H", content, at + 6)
    number = double // 2
    ends, starts, deltas, offsets = (
        struct.unpack_from(f">{number}H", content, at + 14 + shift)
        for shift in (0, double + 2, 2 * double + 2, 3 * double + 2)
    )
    found = []
    for place, (start, end, delta, offset) in enumerate(zip(starts, ends, deltas, offsets, strict=True)):
        for letter in range(start, min(end, 0xFFFE) + 1):
            glyph = letter
            if offset:
                where = at + 14 + 3 * double + 2 + 2 * place + offset + 2 * (letter - start)
                (glyph,) = struct.unpack_from(">H", content, where)
            if glyph and (glyph + delta) % 0x10000:
                found.append(letter)
    return found
