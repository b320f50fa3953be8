"""What a file's columns hold: how a cell is read, refused, kept and written."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from core.fields import code_validator
from core.loading.files import DayCell
from core.numbers import parse_scaled, to_text
from core.periods import YEARS, PeriodError, first_day, month_code, stored_month, year_is_kept

# A day further from today than this is taken in and warned about: a slip of the keyboard is likelier.
YEARS_AHEAD, YEARS_BACK = 5, 20

# A row by column, each cell in its one canonical text: what is compared, recorded and written.
Record = dict[str, str]

_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_YES, _NO = {"true", "1", "yes"}, {"false", "0", "no"}


@dataclass(frozen=True, slots=True)
class CellType:
    """How cells of a type are read.

    ``clean`` turns a file's text into the canonical one or raises ValueError saying why not;
    ``value`` turns canonical text into what a model keeps, ``text`` turns it back. ``day`` is the (first) day that a
    canonical text is about, where the type is a date.
    """

    clean: Callable[[str], str]
    value: Callable[[str], Any] = str
    text: Callable[[Any], str] = str
    numeric: bool = False
    day: Callable[[str], date] | None = None


@dataclass(frozen=True, slots=True)
class Reference:
    """The row that a cell names: ``field`` of ``model``; ``what`` says it in words.

    ``create`` makes the rows that are missing from their texts, for people named by e-mail address.
    """

    model: Any
    field: str
    what: str
    create: Callable[[Iterable[str]], None] | None = None


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a file.

    ``optional``: a file may lack it (stored values stay). ``blank``: its cells may be empty and
    then take ``default``. ``key``: part of what names a row. ``hidden``: kept beside the row
    without being in any file. ``field`` is the model's name for it, where it differs; ``ignored``
    columns are checked and not kept.
    """

    name: str
    type: CellType
    key: bool = False
    optional: bool = False
    blank: bool = False
    default: str = ""
    field: str = ""
    reference: Reference | None = None
    null: bool = False
    hidden: bool = False
    ignored: bool = False

    @property
    def attribute(self) -> str:
        """The model field that keeps it."""
        return self.field or self.name

    def clean(self, text: str) -> str:
        """The canonical text of a cell. Raises ValueError with the reason."""
        stripped = text if type(text) is DayCell else text.strip()
        if stripped:
            return self.type.clean(stripped)
        if self.blank or self.optional:
            return self.default
        raise ValueError("must not be empty")

    def value(self, text: str) -> Any:
        """What the model keeps; None for an empty cell of a column that may be null."""
        return None if not text and self.null else self.type.value(text)

    def text(self, value: Any) -> str:
        """The canonical text of what a model keeps."""
        return "" if value is None else self.type.text(value)


def text_type(longest: int) -> CellType:
    """Any text of at most that many characters."""

    def clean(text: str) -> str:
        if len(text) > longest:
            raise ValueError(f"has more than {longest} characters")
        if _CONTROL.search(text):
            raise ValueError("has control characters")
        return text

    return CellType(clean)


def code_type(longest: int) -> CellType:
    """A code: letters, digits, ``.``, ``_`` and ``-``."""
    base = text_type(longest)

    def clean(text: str) -> str:
        try:
            code_validator(base.clean(text))
        except ValidationError as error:
            raise ValueError("is no code: letters, digits, . _ and -, beginning with a letter or digit") from error
        return text

    return CellType(clean)


def choice_type(choices: Any) -> CellType:
    """One of the words of a choices enum, whatever its case."""
    words = list(choices.values)

    def clean(text: str) -> str:
        if text.lower() not in words:
            raise ValueError(f"is none of {', '.join(words)}")
        return text.lower()

    return CellType(clean)


def whole_type(low: int, high: int) -> CellType:
    """A whole number within bounds."""

    def clean(text: str) -> str:
        if not re.fullmatch(r"\d{1,9}", text, re.ASCII) or not low <= int(text) <= high:
            raise ValueError(f"is no whole number from {low} to {high}")
        return str(int(text))

    return CellType(clean, int, numeric=True)


def number_type(*, negative: bool = True) -> CellType:
    """A number with at most four decimals, below 10¹² in size."""

    def clean(text: str) -> str:
        scaled = parse_scaled(text)
        if scaled < 0 and not negative:
            raise ValueError("must not be negative")
        return to_text(scaled)

    return CellType(clean, str, lambda value: to_text(int(value.scaleb(4))), numeric=True)


def _clean_month(text: str) -> str:
    if type(text) is DayCell and text.endswith("-01"):
        text = text[:7]
    try:
        month = stored_month(text)
    except PeriodError as error:
        raise ValueError("is no month; a month looks like 2011-09") from error
    if not year_is_kept(month // 100):
        raise ValueError(f"is out of range: {YEARS}")
    return month_code(month)


def _clean_day(text: str) -> str:
    try:
        if not _DAY.fullmatch(text):
            raise ValueError
        day = date.fromisoformat(text)
    except ValueError as error:
        raise ValueError("is no date; a date looks like 2011-09-30") from error
    if not year_is_kept(day.year):
        raise ValueError(f"is out of range: {YEARS}")
    return text


def _clean_boolean(text: str) -> str:
    word = text.lower()
    if word not in _YES | _NO:
        raise ValueError("is neither true nor false")
    return "true" if word in _YES else "false"


def _clean_email(text: str) -> str:
    try:
        validate_email(text)
    except ValidationError as error:
        raise ValueError("is no e-mail address") from error
    return text.lower()


def far_off(day: date, today: date) -> str:
    """What to warn of where a day lies further from today than people usually write; empty where it doesn't."""
    now = today.month, today.day
    if (day.year - YEARS_AHEAD, day.month, day.day) > (today.year, *now):
        return f"lies more than {YEARS_AHEAD} years ahead; look for a mistyped year"
    if (day.year + YEARS_BACK, day.month, day.day) < (today.year, *now):
        return f"lies more than {YEARS_BACK} years back; look for a mistyped year"
    return ""


MONTH = CellType(_clean_month, stored_month, month_code, day=lambda text: first_day(stored_month(text)))
DAY = CellType(_clean_day, date.fromisoformat, lambda day: str(day.isoformat()), day=date.fromisoformat)
BOOLEAN = CellType(_clean_boolean, lambda text: text == "true", lambda value: "true" if value else "false")
EMAIL = CellType(_clean_email)
NUMBER = number_type()
POSITIVE = number_type(negative=False)


def key_columns(columns: Iterable[Column]) -> tuple[Column, ...]:
    """Those that name a row."""
    return tuple(column for column in columns if column.key)
