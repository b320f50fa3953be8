"""Texts as they are kept."""

from __future__ import annotations

import re
from collections.abc import Iterable

from core.formatting import number

CONTROLS = "has control characters"
NO_BOOLEAN, NO_ADDRESS = "is neither true nor false", "is no e-mail address"
NO_OBJECT = "is no object with the fields of a row"
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")


def tidied(text: str) -> str:
    """A text as a person means it: no blanks around it, each line ended alike."""
    return one_line_end(text).strip()


def plain(text: str) -> str:
    """A text as it is kept: no blanks around it, no control characters, each line ended alike.

    So that every database can hold it, and that what is exported is what a file can hold.
    """
    return _CONTROL.sub("", one_line_end(text)).strip()


def controls(text: str) -> bool:
    """Whether a text has control characters, which no file could hold."""
    return bool(_CONTROL.search(text))


_UNKEEPABLE = re.compile("[\x00\ud800-\udfff]")


def unkeepable(text: str) -> str | None:
    """Why no database could keep a text as it is; None where each can."""
    found = _UNKEEPABLE.search(text)
    if found is None:
        return None
    return "Null characters are not allowed." if found[0] == "\x00" else "Half of a character is not allowed."


def one_line_end(text: str) -> str:
    """With each line ended alike, whatever system wrote it."""
    return text.replace("\r\n", "\n").replace("\r", "\n") if "\r" in text else text


def sentence(reason: str) -> str:
    """A reason that is read after a field's name, as it stands beside the field: ``is missing`` is ``Is missing.``"""
    ended = reason if reason.endswith((".", "?", "!")) else f"{reason}."
    return ended[:1].upper() + ended[1:]


def out_of(low: int, high: int) -> str:
    """Why a number, or a text, is no whole number within bounds, to be read after the field's name."""
    return f"is no whole number from {low} to {high}"


def none_of(words: Iterable[str]) -> str:
    """Why a text is none of the words that a field takes, to be read after the field's name."""
    return f"is none of {', '.join(words)}"


def too_long(longest: int) -> str:
    """Why a text of more than that many characters is not kept, to be read after the field's name."""
    return f"has more than {number(longest)} characters"


def why_no_text(text: str, longest: int) -> str:
    """Why a text is not kept, to be read after the field's name; empty where it is. Every door asks here.

    ``longest`` is how many characters it may have, 0 where nobody counts them. What nobody sees is refused rather
    than dropped, so that nothing of a text is lost without a word.
    """
    if longest and len(text) > longest:
        return too_long(longest)
    return CONTROLS if controls(text) else ""
