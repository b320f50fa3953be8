"""Texts that name a row: one form of each, and what two of them differ by that nobody sees."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable
from itertools import islice

from core.texts import why_no_text

EMPTY = "must not be empty"
MISSING = "is missing"
CODE = r"\A[A-Za-z0-9][A-Za-z0-9_.-]*\Z"
NO_CODE = "a code has letters, digits, '.', '_' and '-', and begins with a letter or digit"

_LOOKED_AT = 500_000  # known keys that a hint is worth reading
# Signs for machines, and what breaks lines: they are told from nothing, and no address holds them.
_UNSEEN = {"Cc", "Cf", "Zl", "Zp"}
_AS_A_NUMBER = re.compile(r"[+-]?\d+([.,]\d+)?E[+-]\d+", re.ASCII | re.IGNORECASE)


def key_text(text: str) -> str:
    """A key in its one form (NFC). Raises ValueError for characters that nobody sees, and for ``1.2E+16``."""
    if text.isascii() and text.isprintable():
        if _AS_A_NUMBER.fullmatch(text):
            raise ValueError("was a long number that a spreadsheet shortened; give all of its digits, as text")
        return text
    for character in text:
        if unicodedata.category(character) in _UNSEEN:
            name = unicodedata.name(character, "a line break or another control character").lower()
            raise ValueError(f"has a character that nobody sees ({name}); write it without")
    return unicodedata.normalize("NFC", text)


def why_no_key(text: str, longest: int) -> str:
    """Why a text names no row, to be read after the field's name; empty where it may. Every door asks here."""
    if why := why_no_text(unicodedata.normalize("NFC", text), longest):
        return why
    try:
        key_text(text)
    except ValueError as error:
        return str(error)
    return ""


def why_no_code(text: str, longest: int) -> str:
    """The same of a code, which stands in addresses and formulas."""
    return why_no_key(text, longest) or ("" if re.fullmatch(CODE, text) else NO_CODE)


def folded(text: str) -> str:
    """What two keys have in common that differ by case, accents, kinds of blanks or what nobody sees."""
    if text.isascii():
        return " ".join(text.lower().split())
    letters = unicodedata.normalize("NFKD", text.casefold())
    seen = (one for one in letters if unicodedata.category(one) not in {"Cf", "Mn"})
    return " ".join("".join(seen).split())


class LookAlikes:
    """The known keys by what they look like, for messages about unknown ones; read when the first is asked for."""

    def __init__(self, known: Callable[[], Iterable[str]]) -> None:
        self._known = known
        self._found: dict[str, str] | None = None

    def of(self, unknown: str) -> str:
        """The known key that an unknown one was probably meant to be; empty where none looks like it."""
        if self._found is None:
            self._found = {folded(name): name for name in islice(self._known(), _LOOKED_AT)}
        return self._found.get(folded(unknown), "")


def unknown_words(what: str, known: str = "") -> str:
    """Why a key names nothing, and what it was probably meant to name."""
    if not known:
        return f"unknown {what}"
    return f"unknown {what}; “{known}” differs from it by case, an accent or a character that nobody sees"


def is_none(text: str, what: str) -> str:
    """The same of one of several in a list, where it has to be said which of them."""
    return f"“{text}” is no {what}"


def address_problems(field: str, name: str) -> list[tuple[str, str]]:
    """What is wrong with a name that stands in addresses: in any case it is none of their own words."""
    words = f"“{name}” is a word of the product's own addresses; choose another"
    return [(field, words)] if name.lower() == "bulk" else []
