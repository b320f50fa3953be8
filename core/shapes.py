"""Shapes that every app's API shares: exact numbers, months, periods, and problems."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any, ClassVar

from drf_spectacular.utils import OpenApiResponse, extend_schema_field
from rest_framework import serializers
from rest_framework.relations import MANY_RELATION_KWARGS

from core.fields import KeyField
from core.given import NO_LIST, NOTHING, Given, read_text
from core.keys import LookAlikes, is_none, unknown_words, why_no_code, why_no_key
from core.loading.columns import BOOLEAN, NUMBER, POSITIVE, choice_type, whole_type
from core.loading.columns import DAY as DAY_CELL
from core.loading.columns import MONTH as MONTH_CELL
from core.numbers import from_scaled, parse_scaled, rounded_text
from core.periods import Month, month_code
from core.texts import one_line_end, sentence, why_no_text

MOST_NAMED = 500  # rows that one field of one row may name

_EXACT = {"type": "string", "format": "decimal", "pattern": r"^-?\d+\.\d{4}$", "example": "-65.4400"}
_AS_TEXT = {"type": "string", "format": "decimal", "pattern": r"^[+-]?\d{1,12}(\.\d{1,4})?$"}
_LARGEST = 999_999_999_999
_AS_NUMBER = {"type": "number", "minimum": -_LARGEST, "maximum": _LARGEST}
_GIVEN = {"oneOf": [_AS_TEXT, _AS_NUMBER], "example": "65.44"}


@dataclass(frozen=True, slots=True)
class Bounds:
    """Which numbers a rule takes, and how a text reads that gives one: for the description of the API."""

    pattern: str
    low: float
    high: float = _LARGEST
    example: str = "65.44"

    def hold(self, number: Decimal) -> bool:
        """Whether the rule takes a number."""
        return Decimal(str(self.low)) <= number <= Decimal(self.high)

    @property
    def described(self) -> dict[str, Any]:
        """As the description has it: a text, or a number."""
        number = {"type": "number", "minimum": self.low, "maximum": self.high}
        return {"oneOf": [{**_AS_TEXT, "pattern": self.pattern}, number], "example": self.example}


_NO_LESS = r"-0{1,12}(\.0{1,4})?"  # than nothing, with a sign before it
_TO_100 = r"\+?(0{0,9}100(\.0{1,4})?|0{0,10}\d{1,2}(\.\d{1,4})?)"
NOT_NEGATIVE = Bounds(rf"^(\+?\d{{1,12}}(\.\d{{1,4}})?|{_NO_LESS})$", 0)
ABOVE_ZERO = Bounds(r"^(?=.*[1-9])\+?\d{1,12}(\.\d{1,4})?$", 0.0001)
UP_TO_100 = Bounds(rf"^({_TO_100}|{_NO_LESS})$", 0, 100)
PART_OF_100 = Bounds(rf"^(?=.*[1-9]){_TO_100}$", 0.0001, 100)
FROM_100 = Bounds(r"^\+?(?=0*[1-9]\d{2})\d{1,12}(\.\d{1,4})?$", 100, example="150")

# What is given: years that every door takes.
YEAR = r"(19|20|21)\d{2}"
MONTH = rf"^{YEAR}-(0[1-9]|1[0-2])$"
DAY = rf"^{YEAR}-\d{{2}}-\d{{2}}$"
PERIOD = rf"^{YEAR}(-(Q[1-4]|0[1-9]|1[0-2]))?$"


@extend_schema_field(_EXACT)
class ExactField(serializers.Field[Fraction | Decimal, Any, str, Any]):
    """An exact value as a text with four decimals, rounded half up and never −0; null where there is none."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(read_only=True, allow_null=True, **kwargs)

    def to_representation(self, value: Fraction | Decimal) -> str:
        """``"1234.5600"``."""
        return rounded_text(value)


@extend_schema_field(_GIVEN)
class ExactInput(Given):
    """A number with at most four decimals, given as a text or a number; not below zero where ``negative`` is False.

    ``told`` are bounds that are described here and left to the rule, which tells them with all else that is wrong.
    """

    def __init__(self, *, negative: bool = True, told: Bounds | None = None, **options: Any) -> None:
        super().__init__(**options)
        self.negative, self.cell = negative, NUMBER if negative else POSITIVE
        self.told = told if negative else NOT_NEGATIVE

    def to_internal_value(self, data: Any) -> Decimal:
        """The exact number. Raises ValidationError where it is none, or cannot be kept exactly."""
        return from_scaled(parse_scaled(super().to_internal_value(data)))

    def to_representation(self, value: Decimal) -> str:
        """``"1234.5000"``."""
        return rounded_text(value)


LATEST, LIVE = "latest", "live"


@extend_schema_field({"type": "string", "pattern": r"^(latest|live|[1-9]\d{0,3})$", "example": "latest"})
class EditionField(serializers.Field[Any, Any, Any, Any]):
    """Which edition of a closed period: a number, ``latest`` (where it was closed, the default) or ``live``."""

    default_error_messages: ClassVar = NOTHING

    def to_internal_value(self, data: Any) -> int | str:
        """The number or the word. Raises ValidationError."""
        if data in (LATEST, LIVE):
            return str(data)
        if not (str(data).isascii() and str(data).isdigit() and 0 < len(str(data)) < 5 and int(data)):
            raise serializers.ValidationError(f"“{str(data)[:60]}” is no edition: write its number, latest or live.")
        return int(data)

    def to_representation(self, value: Any) -> Any:
        """As it was asked."""
        return value


@extend_schema_field({"type": "string", "pattern": r"^\d{4}-\d{2}$", "example": "2011-09"})
class MonthField(Given):
    """A calendar month, ``2011-09``."""

    cell = MONTH_CELL

    def to_representation(self, value: Month) -> str:
        """Its code."""
        return month_code(value)


class WholeField(Given, serializers.IntegerField):
    """A whole number within bounds; ``words`` refuse others, where they help more than the bounds."""

    def __init__(self, low: int, high: int, words: str = "", **options: Any) -> None:
        super().__init__(min_value=low, max_value=high, **options)
        self.cell = whole_type(low, high, words)


class DayField(Given, serializers.DateField):
    """A day that a program gives, in the years that every door takes."""

    cell = DAY_CELL


class ChoiceField(Given, serializers.ChoiceField):
    """One of some words."""

    def __init__(self, choices: Any, **options: Any) -> None:
        super().__init__(choices=choices, **options)
        self.cell = choice_type(self.choices)


class YesNoField(Given, serializers.BooleanField):
    """Yes or no."""

    cell = BOOLEAN


class IdField(WholeField):
    """The id of a row; one that no database could look for is none."""

    def __init__(self, **options: Any) -> None:
        super().__init__(1, 10**18 - 1, "is no id of a row", **options)


CODE = r"^[A-Za-z0-9][A-Za-z0-9_.\-]*$"


class Text(serializers.CharField):
    """A text that is given, refused for the one reason that every door gives."""

    default_error_messages = NOTHING
    why: ClassVar = staticmethod(why_no_text)

    def to_internal_value(self, data: Any) -> str:
        """With each line ended as it is kept, so that it is not counted twice."""
        return one_line_end(super().to_internal_value(read_text(data)))

    def run_validators(self, value: str) -> None:
        """Raises ValidationError with the reason."""
        if reason := self.why(value, self.max_length or 0):
            raise serializers.ValidationError(sentence(reason))


class KeyText(Text):
    """A text that names a row."""

    why: ClassVar = staticmethod(why_no_key)

    def to_internal_value(self, data: Any) -> str:
        """In the one form in which it is kept."""
        return unicodedata.normalize("NFC", super().to_internal_value(data))


class CodeText(KeyText, serializers.RegexField):
    """A code; the description of the API has its letters of the pattern."""

    why: ClassVar = staticmethod(why_no_code)


def code_text(longest: int, **options: Any) -> Any:
    """A code as the API takes it: letters, digits, ``.``, ``_`` and ``-``."""
    return CodeText(CODE, max_length=longest, **options)


def _count(data: Any) -> None:
    if isinstance(data, list) and len(data) > MOST_NAMED:
        raise serializers.ValidationError(f"At most {MOST_NAMED} at once; these are {len(data):,}.")


def _each(data: list[Any], read: Callable[[Any], Any]) -> list[Any]:
    """What a list names. Raises ValidationError for too many, and with all that is wrong with some of them.

    A file has them in one cell: what is wrong is said of the field, and says itself of which of them.
    """
    _count(data)
    found, wrong = [], list[Any]()
    for one in data:
        try:
            found.append(read(one))
        except serializers.ValidationError as error:
            wrong += error.detail
    if wrong:
        raise serializers.ValidationError(list(dict.fromkeys(wrong)))
    return found


class _FewRows(serializers.ManyRelatedField):
    """Several rows by name. Each is looked up, so that there is a limit."""

    default_error_messages = NO_LIST

    def to_internal_value(self, data: Any) -> Any:
        """The rows. Raises ValidationError for too many, and for each that is unknown."""
        if not isinstance(data, list):
            self.fail("not_a_list", input_type=type(data).__name__)
        return _each(data, self.child_relation.run_validation)


class FewField(serializers.ListField):
    """Several values of a kind. Each may be looked up, so that they are counted first."""

    default_error_messages = NO_LIST

    def to_internal_value(self, data: Any) -> Any:
        """The values. Raises ValidationError for too many, and for each that is wrong."""
        _count(data)
        return super().to_internal_value(data)


class NamesField(FewField):
    """Several texts that name something, each of which says itself what is wrong with it."""

    def to_internal_value(self, data: Any) -> Any:
        """The values. Raises ValidationError for too many, and with all that is wrong."""
        if not isinstance(data, list):
            self.fail("not_a_list", input_type=type(data).__name__)
        return _each(data, self.child.run_validation)


class NamedRow(serializers.SlugRelatedField[Any]):
    """A row by the name that people know it by; several where ``many`` says so, not any number.

    A key that is none, or nothing's, is refused for the reason that files give.
    """

    default_error_messages = NOTHING
    _alike: LookAlikes | None = None

    def to_internal_value(self, data: Any) -> Any:
        """The row. Raises ValidationError for what is no text, and for a name that nothing has."""
        data = read_text(data)
        rows: Any = self.get_queryset()
        column = rows.model._meta.get_field(self.slug_field)
        if isinstance(column, KeyField):
            return self._by_key(rows, column, data.strip())
        return super().to_internal_value(data)

    def why_unknown(self, text: str) -> str:
        """Why a key names nothing, where more is known of it; else empty."""
        return ""

    def _by_key(self, rows: Any, column: KeyField[Any, Any], text: str) -> Any:
        why = column.why(text, column.max_length or 0)
        row = None if why else rows.filter(**{column.name: text}).first()
        if row is None:
            what = str(rows.model._meta.verbose_name)
            if isinstance(self.parent, _FewRows):
                why = is_none(text, what)
            why = why or self.why_unknown(text) or unknown_words(what, self._meant(rows, text))
            raise serializers.ValidationError(sentence(why))
        return row

    def _meant(self, rows: Any, text: str) -> str:
        self._alike = self._alike or LookAlikes(rows.values_list(self.slug_field, flat=True).iterator)
        return self._alike.of(text)

    @classmethod
    def many_init(cls, *args: Any, **options: Any) -> Any:
        """The field of several."""
        few = {name: value for name, value in options.items() if name in MANY_RELATION_KWARGS}
        return _FewRows(child_relation=cls(*args, **options), **few)


class ProblemErrorSerializer(serializers.Serializer[Any]):
    """What is wrong with one field."""

    field = serializers.CharField(allow_null=True)
    detail = serializers.CharField()


class ProblemSerializer(serializers.Serializer[Any]):
    """Problem details, RFC 9457."""

    type = serializers.CharField()
    title = serializers.CharField()
    status = serializers.IntegerField()
    detail = serializers.CharField()
    errors = ProblemErrorSerializer(many=True, required=False)  # type: ignore[assignment]


_WORDS = {
    400: "The body cannot be read; nothing was changed",
    401: "No valid token or session",
    403: "The person or the token may not",
    404: "There is no such thing, or no such page of it",
    409: "It was changed meanwhile, or it cannot go there from where it is; nothing was changed",
    412: "If-Match names another revision than the present one; nothing was changed",
    413: "The body is larger, or has more rows, than is taken here; nothing was changed",
    415: "The body is of a type that is not read here; nothing was changed",
    422: "A value is missing or wrong; nothing was changed",
    429: "Too many calls; Retry-After says in how many seconds to come back",
}

# What answers an API view may give beside the good one, by what it is asked: read, or write.
Answers = dict[tuple[int, str], OpenApiResponse]


def problems(*codes: int) -> Answers:
    """The description of problems by their status, for a view's schema."""
    return {(code, "application/problem+json"): OpenApiResponse(ProblemSerializer, _WORDS[code]) for code in codes}


READING = problems(401, 403, 404, 422, 429)
READING_ONE = problems(401, 403, 404, 429)
WRITING = problems(400, 401, 403, 404, 409, 412, 413, 415, 422, 429)
