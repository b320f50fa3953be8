"""What a logo may be: a PNG or JPEG of a sensible size, whole, and nothing besides. A drawing that can carry a script
(SVG) is none of them.
"""

from __future__ import annotations

import struct
import zlib
from typing import NamedTuple

from accounts.choices import LogoKind

LARGEST = 256 * 2**10  # bytes
WIDEST = 2_000  # pixels
_PNG = b"\x89PNG\r\n\x1a\n"
_JPEG = b"\xff\xd8\xff"
_END = b"IEND"
# Frames of a JPEG, which say how large it is; the numbers between them mean something else.
_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}


class Picture(NamedTuple):
    """What a file is, and how large in pixels."""

    kind: LogoKind
    width: int
    height: int


class NoPicture(ValueError):
    """The bytes are no picture that is taken; the message says why, to be read after the field's name."""


def picture_of(content: bytes) -> Picture:
    """What a logo is by its bytes, whatever its name says. Raises NoPicture with the reason."""
    if len(content) > LARGEST:
        raise NoPicture(f"is larger than {LARGEST // 2**10} kB")
    try:
        found = _png(content) if content.startswith(_PNG) else _jpeg(content) if content.startswith(_JPEG) else None
    except (struct.error, IndexError) as error:
        raise NoPicture("is not whole") from error
    if found is None:
        raise NoPicture("is neither a PNG nor a JPEG")
    if not (0 < found.width <= WIDEST and 0 < found.height <= WIDEST):
        raise NoPicture(f"is not between 1 and {WIDEST:,} pixels wide and high")
    return found


def _png(content: bytes) -> Picture:
    """Its chunks one after another, each with its checksum, from the head to the end and nothing behind it."""
    at, size = len(_PNG), (0, 0)
    while True:
        length, name = struct.unpack_from(">I4s", content, at)
        (checksum,) = struct.unpack_from(">I", content, at + 8 + length)
        if zlib.crc32(content[at + 4 : at + 8 + length]) != checksum or (size == (0, 0)) != (name == b"IHDR"):
            raise NoPicture("is a damaged PNG")
        if name == b"IHDR":
            size = struct.unpack_from(">II", content, at + 8)
        at += 12 + length
        if name == _END:
            break
    if at != len(content):
        raise NoPicture("has something behind its end")
    return Picture(LogoKind.PNG, *size)


def _jpeg(content: bytes) -> Picture:
    """Its segments up to the frame, which says how large it is; it ends with the mark of its end."""
    if not content.endswith(b"\xff\xd9"):
        raise NoPicture("is not whole")
    at = 2
    while content[at] == 0xFF:
        mark, (length,) = content[at + 1], struct.unpack_from(">H", content, at + 2)
        if mark in _FRAMES:
            height, width = struct.unpack_from(">HH", content, at + 5)
            return Picture(LogoKind.JPEG, width, height)
        at += 2 + length
    raise NoPicture("is a damaged JPEG")
