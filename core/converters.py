"""Keys of other systems within addresses: whatever they hold, each has one address, and none is another page's.

A key that other systems gave may hold a slash, be ``..``, or be called as a page is. What an address cannot carry is
written as ``~`` and two hexadecimal digits for each byte.
"""

from __future__ import annotations

import re

_ESCAPED = re.compile(r"~([0-9A-Fa-f]{2})")
_UNSAFE = re.compile(r"[/~\\]")


def escaped(text: str) -> str:
    """Each character as the bytes that it is: ``~2F`` for a slash."""
    return "".join(f"~{byte:02X}" for byte in text.encode())


class KeyConverter:
    """A part of a path that is a key; ``words`` are the pages that stand beside it."""

    regex = r"[^/]+"
    words: frozenset[str] = frozenset()

    def to_python(self, value: str) -> str:
        """The key. Raises ValueError, which is a 404, where the part stands for none."""
        raw = b"".join(
            bytes([int(part, 16)]) if number % 2 else part.encode() for number, part in enumerate(_ESCAPED.split(value))
        )
        return raw.decode()

    def to_url(self, value: str) -> str:
        """The part of the path."""
        text = _UNSAFE.sub(lambda found: escaped(found[0]), str(value))
        return escaped(text[:1]) + text[1:] if text in self.words or text in {".", ".."} else text
