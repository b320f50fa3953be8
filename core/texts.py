"""Texts as they are kept."""

from __future__ import annotations

import re

_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")


def plain(text: str) -> str:
    """A text as it is kept: no blanks around it, no control characters, each line ended alike.

    So that every database can hold it, and that what is exported is what a file can hold.
    """
    return _CONTROL.sub("", one_line_end(text)).strip()


def one_line_end(text: str) -> str:
    """With each line ended alike, whatever system wrote it."""
    return text.replace("\r\n", "\n").replace("\r", "\n") if "\r" in text else text
