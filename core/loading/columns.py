"""What a file's columns hold: how a cell is read, refused, kept and written."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import Enum
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db.models import Model

from core.keys import EMPTY, key_text, why_no_code, why_no_key
from core.loading.cells import Due, SheetCell, Shown, text_due
from core.loading.limits import LONGEST_NUMBER
from core.loading.worksheet import hundredfold
from core.numbers import NEGATIVE, parse_scaled, to_text
from core.periods import NO_DAY, NO_MONTH, OUT_OF_RANGE, PeriodError, first_day, month_code, stored_month, year_is_kept
from core.texts import NO_ADDRESS, NO_BOOLEAN, none_of, one_line_end, out_of, too_long, why_no_text

# A day further from today than this is taken in and warned about: a slip of the keyboard is likelier.
YEARS_AHEAD, YEARS_BACK = 5, 20

# A row by column, each cell in its one canonical text: what is compared, recorded and written.
Record = dict[str, str]

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_YES, _NO = {"true", "1", "yes"}, {"false", "0", "no"}


@dataclass(frozen=True, slots=True)
class CellType:
    """How cells of a type are read.

    ``clean`` turns a file's text into the canonical one or raises ValueError saying why not;
    ``value`` turns canonical text into what a model keeps, ``text`` turns it back. ``day`` is the (first) day that a
    canonical text is about, where the type is a date. ``due`` is what a worksheet has to show such a cell as;
    ``longest`` how many characters it may have, of which more are read (``most_read``) where two may become one;
    ``words`` are all that it may say, where that is known.
    """

    clean: Callable[[str], str]
    value: Callable[[str], Any] = str
    text: Callable[[Any], str] = str
    due: Due = Due.TEXT
    longest: int = LONGEST_NUMBER
    accented: bool = False
    day: Callable[[str], date] | None = None
    words: tuple[str, ...] = ()

    @property
    def most_read(self) -> int:
        """Two characters may end a line, and an accent may be one of its own."""
        return 2 * self.longest if self.accented else self.longest

    def read(self, cell: str) -> str:
        """The canonical text of a cell, empty where nothing stands in it. Raises ValueError with the reason."""
        if isinstance(cell, SheetCell):
            return self.clean(text_due(cell, self.due))
        stripped = cell.strip()
        if len(stripped) > self.most_read:
            raise ValueError(too_long(self.longest))
        return self.clean(stripped) if stripped else ""

    @property
    def numeric(self) -> bool:
        """Whether a number is due."""
        return self.due is Due.NUMBER


class Percent(Enum):
    """Whether a worksheet's percentage is taken as the number that is shown: 92 where 0.92 is stored."""

    REFUSED = "refused"
    TAKEN = "taken"
    BY_ROW = "by row"  # whoever knows the row says so, by ``Record`` and ``PercentText``


class PercentText(str):
    """The canonical text of a percentage: 92 of 0.92 shown as 92 %. ``where`` names its cell."""

    where: str


@dataclass(frozen=True, slots=True)
class Reference:
    """The row that a cell names: ``field`` of ``model``; ``what`` says it in words.

    ``create`` makes the rows that are missing from their texts, for people named by e-mail address. ``why`` says of a
    text that names nothing why that is, where it is known; else it answers an empty text. ``refused`` answers those of
    some texts that may not be named anew, with the reason; what is stored may stay.
    """

    model: Any
    field: str
    what: str
    create: Callable[[Iterable[str]], None] | None = None
    why: Callable[[str], str] | None = None
    refused: Callable[[Iterable[str]], Mapping[str, str]] | None = None


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a file.

    ``optional``: a file may lack it (stored values stay). ``blank``: its cells may be empty and
    then take ``default``. ``key``: part of what names a row. ``hidden``: kept beside the row
    without being in any file. ``field`` is the model's name for it, where it differs; ``ignored``
    columns are checked and written, and the row does not keep them.
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
    percent: Percent = Percent.REFUSED

    @property
    def attribute(self) -> str:
        """The model field that keeps it."""
        return self.field or self.name

    def clean(self, text: str) -> str:
        """The canonical text of a cell. Raises ValueError with the reason."""
        if isinstance(text, SheetCell) and text.kind is Shown.PERCENT and self._takes_percent:
            return self._hundredfold(text)
        if found := self.type.read(text):
            return found
        if self.blank or self.optional:
            return self.default
        raise ValueError(EMPTY)

    @property
    def _takes_percent(self) -> bool:
        return self.percent is not Percent.REFUSED and self.type.numeric

    def _hundredfold(self, cell: SheetCell) -> str:
        found = PercentText(self.type.clean(hundredfold(cell)))
        found.where = cell.where
        return found if self.percent is Percent.BY_ROW else str(found)

    def value(self, text: str) -> Any:
        """What the model keeps; None for an empty cell of a column that may be null."""
        return None if not text and self.null else self.type.value(text)

    def text(self, value: Any) -> str:
        """The canonical text of what a model keeps."""
        return "" if value is None else self.type.text(value)


def text_type(longest: int) -> CellType:
    """Any text of at most that many characters."""

    def clean(text: str) -> str:
        text = one_line_end(text)
        if why := why_no_text(text, longest):
            raise ValueError(why)
        return text

    return CellType(clean, longest=longest, accented=True)


def key_type(longest: int) -> CellType:
    """A text that names something: in one form of its accents, without characters that nobody sees."""

    def clean(text: str) -> str:
        if why := why_no_key(one_line_end(text), longest):
            raise ValueError(why)
        return key_text(one_line_end(text))

    return CellType(clean, longest=longest, accented=True)


def code_type(longest: int) -> CellType:
    """A code: letters, digits, ``.``, ``_`` and ``-``."""

    def clean(text: str) -> str:
        if why := why_no_code(text, longest):
            raise ValueError(why)
        return text

    return CellType(clean, longest=longest)


def text_in(model: type[Model], field: str) -> CellType:
    """A text as long as a column of a model holds."""
    return text_type(_longest(model, field))


def key_in(model: type[Model], field: str) -> CellType:
    """The same of one that names something."""
    return key_type(_longest(model, field))


def code_in(model: type[Model]) -> CellType:
    """A code of a model's rows."""
    return code_type(_longest(model, "code"))


def _longest(model: type[Model], field: str) -> int:
    return int(model._meta.get_field(field).max_length)  # type: ignore[union-attr,arg-type]  # of a text column


def choice_type(choices: Iterable[Any]) -> CellType:
    """One of some words, such as those of a choices enum, whatever its case."""
    words = [str(word) for word in choices]

    def clean(text: str) -> str:
        if text.lower() not in words:
            raise ValueError(none_of(words))
        return text.lower()

    return CellType(clean, words=tuple(words))


def whole_type(low: int, high: int, words: str = "") -> CellType:
    """A whole number within bounds; ``words`` refuse others, where they help more than the bounds."""

    def clean(text: str) -> str:
        if not re.fullmatch(r"\d{1,10}", text, re.ASCII) or not low <= int(text) <= high:
            raise ValueError(words or out_of(low, high))
        return str(int(text))

    return CellType(clean, int, due=Due.NUMBER)


def number_type(*, negative: bool = True) -> CellType:
    """A number with at most four decimals, below 10¹² in size."""

    def clean(text: str) -> str:
        scaled = parse_scaled(text)
        if scaled < 0 and not negative:
            raise ValueError(NEGATIVE)
        return to_text(scaled)

    return CellType(clean, str, lambda value: to_text(int(value.scaleb(4))), Due.NUMBER)


def _clean_month(text: str) -> str:
    try:
        month = stored_month(text)
    except PeriodError as error:
        raise ValueError(NO_MONTH) from error
    if not year_is_kept(month // 100):
        raise ValueError(OUT_OF_RANGE)
    return month_code(month)


def _clean_day(text: str) -> str:
    try:
        if not _DAY.fullmatch(text):
            raise ValueError
        day = date.fromisoformat(text)
    except ValueError as error:
        raise ValueError(NO_DAY) from error
    if not year_is_kept(day.year):
        raise ValueError(OUT_OF_RANGE)
    return text


def _clean_boolean(text: str) -> str:
    word = text.lower()
    if word not in _YES | _NO:
        raise ValueError(NO_BOOLEAN)
    return "true" if word in _YES else "false"


def _clean_email(text: str) -> str:
    try:
        validate_email(text)
    except ValidationError as error:
        raise ValueError(NO_ADDRESS) from error
    return text.lower()


def far_off(day: date, today: date) -> str:
    """What to warn of where a day lies further from today than people usually write; empty where it doesn't."""
    now = today.month, today.day
    if (day.year - YEARS_AHEAD, day.month, day.day) > (today.year, *now):
        return f"lies more than {YEARS_AHEAD} years ahead; look for a mistyped year"
    if (day.year + YEARS_BACK, day.month, day.day) < (today.year, *now):
        return f"lies more than {YEARS_BACK} years back; look for a mistyped year"
    return ""


MONTH = CellType(_clean_month, stored_month, month_code, day=lambda text: first_day(stored_month(text)), due=Due.MONTH)
DAY = CellType(_clean_day, date.fromisoformat, lambda day: str(day.isoformat()), Due.DATE, day=date.fromisoformat)
BOOLEAN = CellType(
    _clean_boolean, lambda text: text == "true", lambda value: "true" if value else "false", due=Due.BOOLEAN
)
EMAIL = CellType(_clean_email, longest=254)
NUMBER = number_type()
POSITIVE = number_type(negative=False)
