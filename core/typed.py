"""Numbers as people type them or paste them from a spreadsheet: read as a block, and asked about rather than guessed.

``45.000`` is forty-five thousand in one country and forty-five in another. What stands beside it tells which:
``47.500,50`` has its decimals behind a comma. Where nothing tells, ``Ambiguous`` carries both readings.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from decimal import Decimal

from core.numbers import NumberError, from_scaled, no_number, parse_scaled, too_fine, too_large

POINT, COMMA = ".", ","

_SPACES = "\u0020\u00a0\u2009\u202f"
_GROUPS = rf"[{_SPACES}'’{{other}}]"
_WHOLE = r"(?:\d+|[1-9]\d{{0,2}}(?:({groups})\d{{3}})(?:\1\d{{3}})*)"


def _form(sign: str, other: str) -> re.Pattern[str]:
    """Digits in thousands or not, and decimals behind ``sign``; what begins with 0 has no thousands."""
    whole = _WHOLE.format(groups=_GROUPS.format(other=re.escape(other)))
    return re.compile(rf"{whole}(?:{re.escape(sign)}(\d+))?", re.ASCII)


_FORMS = {POINT: _form(POINT, COMMA), COMMA: _form(COMMA, POINT)}
_SEPARATORS = re.compile(rf"[.,{_SPACES}'’]")
_PARENTHESES = re.compile(r"\((.*)\)")
_MINUS = re.compile(r"[-−–]")
# Words and signs beside the digits: ``€``, ``EUR``, ``%``, ``days``, ``k€``.
_BESIDE = re.compile(rf"[{_SPACES}\t]*([^\W\d_]+|[€$£¥%])[{_SPACES}\t]*")


class Ambiguous(NumberError):
    """A text that is one number with a decimal point and another with a decimal comma."""

    def __init__(self, text: str, with_point: Decimal, with_comma: Decimal) -> None:
        self.text, self.with_point, self.with_comma = text, with_point, with_comma
        super().__init__(f"may be {plain(with_point)} or {plain(with_comma)}: say which, or write it without thousands")


def decimal_sign(texts: Iterable[str]) -> str | None:
    """Which sign a block has before its decimals; None where no number of it tells, or where they disagree."""
    readings = [_readings(_parts(text)[1]) for text in texts if POINT in text or COMMA in text]
    told = {next(iter(found)) for found in readings if len(found) == 1}
    return told.pop() if len(told) == 1 else None


def read_typed(text: str, sign: str | None = None, units: Collection[str] = ()) -> Decimal:
    """One number of a block whose decimals stand behind ``sign``; ``units`` are those that may stand beside it.

    ``(3,000)`` and ``3,000-`` are below zero. Raises Ambiguous where both signs give a number and none is known,
    NumberError for what is no number, has more than four decimals, or names another unit; said after the field's name.
    """
    negative, digits, named = _parts(text)
    readings = _readings(digits)
    if not readings:
        raise NumberError(no_number(text.strip()))
    if unknown := [one for one in named if one.lower() not in {unit.lower() for unit in units}]:
        raise NumberError(f"names “{unknown[0][:20]}”, which this field is not in")
    numbers = {one: _number(found, negative) for one, found in readings.items()}
    if len(set(numbers.values())) == 1 or sign in numbers:
        return numbers[sign] if sign in numbers else next(iter(numbers.values()))
    raise Ambiguous(text.strip(), numbers[POINT], numbers[COMMA])


def plain(number: Decimal | None) -> str:
    """A number as the product writes it into a field, which reads one way alone: ``1234.5``, ``1.2340``.

    Empty for None.
    """
    if number is None:
        return ""
    text = f"{number:.4f}".rstrip("0").rstrip(".")
    if POINT not in text:
        return text
    return f"{text}0" if len(set(_readings(text.removeprefix("-")).values())) > 1 else text


def _parts(text: str) -> tuple[bool, str, list[str]]:
    """Whether it is below zero, its digits with their separators, and what is named beside them."""
    named = _BESIDE.findall(text)
    bare = _BESIDE.sub("", text).strip()
    inside = _PARENTHESES.fullmatch(bare)
    if inside:
        return True, inside[1].strip(), named
    digits = _MINUS.sub("", bare, count=1) if bare[:1] in "-−–" or bare[-1:] in "-−–" else bare.removeprefix("+")
    return digits != bare.removeprefix("+"), digits.strip(), named


def _readings(digits: str) -> dict[str, str]:
    """The number that the digits are with each decimal sign, as ``1234.5``; none where they are no number."""
    found = {}
    for sign, form in _FORMS.items():
        if form.fullmatch(digits):
            whole, _, decimals = digits.partition(sign)
            found[sign] = f"{_SEPARATORS.sub('', whole)}.{decimals or 0}"
    return found


def _number(text: str, negative: bool) -> Decimal:
    whole, _, decimals = text.partition(".")
    if len(decimals.rstrip("0")) > 4:
        raise NumberError(too_fine(text))
    if len(whole) > 12:
        raise NumberError(too_large(text))
    scaled = parse_scaled(text)
    return from_scaled(-scaled if negative else scaled)
