"""Exact numbers: read, kept as whole ten-thousandths, shown rounded half up.

SQLite's decimals are floats, so no value that is summed or compared is ever a decimal column:
it is an integer number of ten-thousandths, exact on every database.
"""

from __future__ import annotations

import re
from decimal import Decimal
from fractions import Fraction

SCALE = 10_000
LIMIT = 10**12 * SCALE
NEGATIVE = "must not be negative"

_NUMBER = re.compile(r"([+-]?)(\d+)(?:\.(\d+))?", re.ASCII)


class NumberError(ValueError):
    """A text that is no number that can be kept; the message says why."""


def parse_scaled(text: str) -> int:
    """Read ``-12.5`` as -125000 ten-thousandths.

    Raises NumberError for anything but digits with a ``.`` as the decimal sign, for more than
    four decimals, and for a size of 10¹² or more.
    """
    match = _NUMBER.fullmatch(text.strip())
    if not match:
        raise NumberError(_why_no_number(text))
    sign, whole, decimals = match[1], match[2].lstrip("0") or "0", (match[3] or "").rstrip("0")
    if len(decimals) > 4:
        raise NumberError(too_fine(text))
    if len(whole) > 12:
        raise NumberError(too_large(text))
    value = int(whole) * SCALE + int(decimals.ljust(4, "0"))
    return -value if sign == "-" else value


def no_number(text: str) -> str:
    """Why a text is not taken, to be read after the field's name: it is no number."""
    return f"“{_shown(text)}” is not a number"


def too_fine(text: str) -> str:
    """The same of one that could not be kept exactly."""
    return f"“{_shown(text)}” has more than 4 decimals"


def too_large(text: str) -> str:
    """The same of one that is larger than any that is kept."""
    return f"“{_shown(text)}” is too large: values must be below {LIMIT // SCALE:,}"


def _why_no_number(text: str) -> str:
    if "," in text:
        return f"“{_shown(text)}” has a comma; write numbers with a . for the decimals and nothing between thousands"
    return no_number(text)


def _shown(text: str) -> str:
    """A text in a message: of a long one its beginning."""
    return text if len(text) <= 60 else f"{text[:60]}…"


def from_scaled(scaled: int) -> Decimal:
    """The number as a Decimal with four decimals: 125000 is ``Decimal("12.5000")``."""
    return Decimal(scaled).scaleb(-4)


def to_text(scaled: int) -> str:
    """The shortest exact text of a scaled number: 125000 is ``12.5``."""
    sign = "-" if scaled < 0 else ""
    whole, rest = divmod(abs(scaled), SCALE)
    return f"{sign}{whole}.{rest:04d}".rstrip("0").rstrip(".") if rest else f"{sign}{whole}"


def to_fraction(scaled: int) -> Fraction:
    """The number itself, exact."""
    return Fraction(scaled, SCALE)


def exact(value: Decimal) -> Fraction:
    """A decimal as a fraction: in half the time that ``Fraction`` takes to find out what it was given."""
    return Fraction(*value.as_integer_ratio())


def rounded(value: Fraction, decimals: int = 4) -> Decimal:
    """Round half up (away from zero), with exactly that many decimals and no negative zero."""
    return Decimal(rounded_text(value, decimals))


def rounded_text(value: Fraction | Decimal, decimals: int = 4, *, thousands: str = "", power: int = 0) -> str:
    """The same as a text: ``-1234.5600``; with ``thousands`` as ``","`` ``-1,234.5600``, without decimals ``-1235``.

    With a ``power`` of ten the value is divided by it first.
    """
    above, below = value.as_integer_ratio()
    if power:
        below *= 10**power
    scaled, rest = divmod(abs(above) * 10**decimals, below)
    scaled += 2 * rest >= below
    sign = "-" if above < 0 and scaled else ""
    if not decimals:
        return f"{sign}{scaled:{thousands}}"
    whole, part = divmod(scaled, 10**decimals)
    return f"{sign}{whole:{thousands}}.{part:0{decimals}}"
