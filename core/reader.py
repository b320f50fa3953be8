"""How who reads wants numbers and days written: known while a page or a mail is made, asked by formatting alone.

Programs, commands and files are nobody in particular, and get the plain way: ``1,234.5`` and ``31 Dec 2026``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import date
from functools import wraps
from typing import Any, TypeVar


@dataclass(frozen=True, slots=True)
class Formats:
    """A way to write: ``numbers`` is point, comma or space; ``dates`` is words, iso or dots."""

    numbers: str = "point"
    dates: str = "words"


PLAIN = Formats()
NARROW_SPACE = "\u202f"  # which no line breaks at
_SIGNS = {
    "comma": str.maketrans({",": ".", ".": ","}),
    "space": str.maketrans({",": NARROW_SPACE, ".": ","}),
}
# What Plotly is told of the same: the sign before decimals, and the one between thousands.
_SEPARATORS = {"comma": ",.", "space": f",{NARROW_SPACE}"}


class _Reader:
    """Asked for once, and not before something is written."""

    __slots__ = ("ask", "found")

    def __init__(self, ask: Callable[[], Formats]) -> None:
        self.ask = ask
        self.found: Formats | None = None


_reader: ContextVar[_Reader | None] = ContextVar("reader", default=None)


_Answer = TypeVar("_Answer")


@contextmanager
def written_for(ask: Callable[[], Formats]) -> Iterator[None]:
    """While this lasts, numbers and days are written as ``ask`` says; it is asked at the first of them."""
    token = _reader.set(_Reader(ask))
    try:
        yield
    finally:
        _reader.reset(token)


def to_its_reader(tell: Callable[..., _Answer]) -> Callable[..., _Answer]:
    """What is written to the person who is the first argument, in their ``formats``, whoever has it written."""

    @wraps(tell)
    def told(person: Any, *args: Any, **kwargs: Any) -> _Answer:
        with written_for(lambda: person.formats):
            return tell(person, *args, **kwargs)

    return told


def formats() -> Formats:
    """How to write just now."""
    reader = _reader.get()
    if reader is None:
        return PLAIN
    if reader.found is None:
        reader.found = reader.ask()
    return reader.found


def in_signs(text: str) -> str:
    """A number that was written ``1,234.5``, in the reader's signs."""
    signs = _SIGNS.get(formats().numbers)
    return text.translate(signs) if signs else text


def decimal_sign() -> str:
    """What stands before decimals."""
    return "," if formats().numbers in _SIGNS else "."


def separators() -> str:
    """The two signs as Plotly takes them."""
    return _SEPARATORS.get(formats().numbers, ".,")


def day_in_digits(day: date) -> str:
    """``2026-12-31`` or ``31.12.2026``; empty where the reader wants words."""
    dates = formats().dates
    if dates == "words":
        return ""
    return f"{day:%Y-%m-%d}" if dates == "iso" else f"{day:%d.%m.%Y}"
