"""JSON with one spelling for each value (RFC 8785), so that a digest of its bytes is a digest of what it says."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from hashlib import sha256
from typing import Any

# The whole numbers that every reader of JSON understands alike.
LARGEST = 2**53 - 1


class NotCanonical(ValueError):
    """A value that has no canonical form here; the message says which."""


def canonical(value: Any) -> bytes:
    """The bytes of a value of JSON: members in the order of their names' UTF-16, no blanks, UTF-8.

    Numbers with decimals are written as texts by whoever makes the value: a float, a whole number beyond ±(2⁵³ − 1),
    half of a surrogate pair and a name that is no text raise NotCanonical.
    """
    try:
        return json.dumps(_ordered(value), ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode()
    except UnicodeEncodeError as error:
        raise NotCanonical("half of a surrogate pair is no text") from error


def digest_of(value: Any) -> str:
    """The SHA-256 of a value's canonical bytes, in 64 hexadecimal digits."""
    return sha256(canonical(value)).hexdigest()


def _ordered(value: Any) -> Any:
    """The same with each object's members in their order, or NotCanonical."""
    if isinstance(value, dict):
        return {name: _ordered(value[name]) for name in sorted(value, key=_utf16)}
    if isinstance(value, list | tuple):
        return [_ordered(one) for one in value]
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, str):
        return str(value)
    if isinstance(value, int) and abs(value) <= LARGEST:
        return int(value)
    raise NotCanonical(f"{value!r} is no value of JSON that all readers understand alike")


def _utf16(name: Any) -> bytes:
    if not isinstance(name, str):
        raise NotCanonical(f"{name!r} is no name of a member")
    return name.encode("utf-16-be", "surrogatepass")


def pointer(*path: str | int) -> str:
    """The JSON pointer (RFC 6901) of a path: ``/matrix/rows/3``; the whole is empty."""
    return "".join(f"/{str(step).replace('~', '~0').replace('/', '~1')}" for step in path)


def at_pointer(document: Any, found: str) -> Any:
    """What stands at a pointer. Raises LookupError where nothing does."""
    for step in found.split("/")[1:]:
        name = step.replace("~1", "/").replace("~0", "~")
        try:
            document = document[int(name)] if isinstance(document, list) else document[name]
        except (TypeError, ValueError) as error:
            raise LookupError(found) from error
    return document


def digests(document: Mapping[str, Any], pointers: Iterable[str]) -> dict[str, str]:
    """The digest of what stands at each pointer, by pointer."""
    return {found: digest_of(at_pointer(document, found)) for found in pointers}
