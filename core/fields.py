"""Column types: a month, a whole number of any size, a number with four exact decimals."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, ClassVar, TypeVar

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import MaxLengthValidator, RegexValidator
from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models.query_utils import DeferredAttribute

from core.keys import CODE, EMPTY, NO_CODE, folded, why_no_code, why_no_key
from core.numbers import NumberError, from_scaled, parse_scaled, to_text
from core.periods import OUT_OF_RANGE, Month, year_is_kept
from core.texts import none_of, one_line_end, sentence, why_no_text

code_validator = RegexValidator(CODE, sentence(NO_CODE))


def day_is_kept(day: date) -> None:
    """Raises ValidationError for a day that nobody means: outside the years that every door takes."""
    if not year_is_kept(day.year):
        raise ValidationError(sentence(OUT_OF_RANGE), code="year")


_Set_contra = TypeVar("_Set_contra", contravariant=True)
_Get_co = TypeVar("_Get_co", covariant=True)


class MonthField(models.IntegerField[_Set_contra, _Get_co]):
    """A calendar month as ``yyyymm``; its table checks it with ``month_is_valid``."""

    _pyi_private_set_type: int
    _pyi_private_get_type: Month

    def formfield(self, **kwargs: Any) -> Any:
        """A whole number such as 201109."""
        return super().formfield(**{"help_text": "Year and month, such as 201109", **kwargs})


def month_is_valid(name: str, field: str = "month") -> models.CheckConstraint:
    """The constraint that a month column holds a month."""
    valid = models.Q(**{f"{field}__gte": 100001}) & models.Q(**{f"{field}__lte": 999912})
    return models.CheckConstraint(condition=valid, name=name)


@dataclass(frozen=True)
class WordsValidator:
    """Refuses a text for the one reason that files tell too, whatever it is: words, a key or a code."""

    why: Callable[[str, int], str]
    longest: int

    def __call__(self, text: str) -> None:
        """Raises ValidationError with the reason as a sentence."""
        if reason := self.why(text, self.longest):
            raise ValidationError(sentence(reason))


class WordsFormField(forms.CharField):
    """A text as a person writes it; ``why`` says what is wrong with it, in the words of every door."""

    default_error_messages: ClassVar = {"required": sentence(EMPTY)}

    def __init__(
        self, *, max_length: int | None = None, why: Callable[[str, int], str] = why_no_text, **options: Any
    ) -> None:
        super().__init__(max_length=max_length, **options)
        self.validators = [WordsValidator(why, max_length or 0)]

    def to_python(self, value: Any) -> str | None:
        """With each line ended as it is kept, so that it is not counted twice."""
        text = super().to_python(value)
        return one_line_end(text) if isinstance(text, str) else text


class ExactFormField(forms.DecimalField):
    """A number with at most four decimals, as a person writes it."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**{"max_digits": 16, "decimal_places": 4, **options})

    def to_python(self, value: Any) -> Decimal | None:  # type: ignore[override]  # as of the framework's own
        """The exact number, None where the field is empty. Raises ValidationError with the reason of every door."""
        if value in self.empty_values:
            return None
        try:
            return from_scaled(parse_scaled(f"{value:f}" if isinstance(value, Decimal) else str(value)))
        except NumberError as error:
            raise ValidationError(sentence(str(error))) from error

    def prepare_value(self, value: Any) -> Any:
        """As a person would write it: 1.5, not 1.5000."""
        return to_text(int(value.scaleb(4))) if isinstance(value, Decimal) and value.is_finite() else value


class _Told(models.Field[_Set_contra, _Get_co]):
    """A column of texts that are refused in the words of every door; to migrations it is the framework's own."""

    why: ClassVar[Any] = staticmethod(why_no_text)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.error_messages = {**self.error_messages, "blank": sentence(EMPTY), "null": sentence(EMPTY)}
        if self.choices:
            self.error_messages["invalid_choice"] = sentence(none_of(str(word) for word, _ in self.flatchoices))
        limits = [one.limit_value for one in self.validators if isinstance(one, MaxLengthValidator)]
        self.validators = [WordsValidator(self.why, self.max_length or min(limits, default=0))]

    def formfield(self, **kwargs: Any) -> Any:
        """Refused in the words of every door."""
        return super().formfield(**{"form_class": WordsFormField, "why": self.why, **kwargs})

    def deconstruct(self) -> Any:
        """As the text column that it is for the database."""
        name, _, args, kwargs = super().deconstruct()
        plain = models.CharField if isinstance(self, models.CharField) else models.TextField
        return name, f"django.db.models.{plain.__name__}", args, kwargs


class LineField(_Told[_Set_contra, _Get_co], models.CharField[_Set_contra, _Get_co]):
    """A short text: a name, a title."""

    _pyi_private_set_type: str
    _pyi_private_get_type: str


class WordsField(_Told[_Set_contra, _Get_co], models.TextField[_Set_contra, _Get_co]):
    """A text of many words: a note, a description."""

    _pyi_private_set_type: str
    _pyi_private_get_type: str


class KeyField(LineField[_Set_contra, _Get_co]):
    """A text that names a row: kept and looked for in one form of its accents, without characters that nobody sees."""

    _pyi_private_set_type: str
    _pyi_private_get_type: str
    why: ClassVar = staticmethod(why_no_key)

    def to_python(self, value: Any) -> Any:
        """The text in its one form."""
        return self.get_prep_value(super().to_python(value))

    def get_prep_value(self, value: Any) -> Any:
        """In its one form, so that it is found however it was typed."""
        return unicodedata.normalize("NFC", value) if isinstance(value, str) else value


class CodeField(KeyField[_Set_contra, _Get_co]):
    """The code of a row: letters, digits, ``.``, ``_`` and ``-``."""

    _pyi_private_set_type: str
    _pyi_private_get_type: str
    why: ClassVar = staticmethod(why_no_code)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"validators": [code_validator], **kwargs})  # as migrations know it


class _Derived(DeferredAttribute):
    """A folded text is that of another column, whatever was read or set."""

    def __get__(self, instance: Any, cls: Any = None) -> Any:
        if instance is None:
            return self
        field: Any = self.field
        return folded(str(getattr(instance, field.of)))[: field.max_length]

    def __set__(self, instance: Any, value: Any) -> None:
        instance.__dict__[self.field.attname] = value  # else the row would count as read in part


class FoldedField(models.CharField[str, str]):
    """What another text column (``of``) looks like without case and accents, for searches; written with its row.

    Compared letter by letter on every database, so that an index finds how it begins. A statement that changes the
    other column alone (``update``, ``bulk_update``) has to name this one too.
    """

    descriptor_class = _Derived

    def __init__(self, *args: Any, of: str, **kwargs: Any) -> None:
        self.of = of
        super().__init__(*args, **{"max_length": 255, "editable": False, "blank": True, "db_default": "", **kwargs})

    def deconstruct(self) -> Any:
        """With the column that it follows."""
        name, path, args, kwargs = super().deconstruct()
        return name, path, args, {**kwargs, "of": self.of}

    def db_parameters(self, connection: BaseDatabaseWrapper) -> Any:
        """By letters, not by a language's rules; SQLite does so of itself."""
        letters = {"collation": "C"} if connection.vendor == "postgresql" else {}
        return {**super().db_parameters(connection), **letters}


@FoldedField.register_lookup
class Begins(models.Lookup[str]):
    """How a folded text begins: a span of its index."""

    lookup_name = "begins"

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, tuple[Any, ...]]:
        """From the text itself to the last that begins so."""
        column, found = self.process_lhs(compiler, connection)
        return f"({column} >= %s AND {column} < %s)", (*found, self.rhs, *found, f"{self.rhs}\U0010ffff")


@FoldedField.register_lookup
class Holds(models.Lookup[str]):
    """What stands anywhere in a folded text; quicker than LIKE, which would fold it again."""

    lookup_name = "holds"

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, tuple[Any, ...]]:
        """By the database's own search in a text."""
        column, found = self.process_lhs(compiler, connection)
        place = "strpos" if connection.vendor == "postgresql" else "instr"
        return f"{place}({column}, %s) > 0", (*found, self.rhs)


class WideIntegerField(models.Field[_Set_contra, _Get_co]):
    """A whole number of any size: ``numeric`` on PostgreSQL, decimal digits as text on SQLite.

    Sums of facts outgrow 64 bits, and SQLite would turn them into floats. For keeping and
    reading only: it does not sort or compare in SQL.
    """

    _pyi_private_set_type: int
    _pyi_private_get_type: int

    def db_type(self, connection: BaseDatabaseWrapper) -> str:
        """The column's type on this database."""
        return "numeric" if connection.vendor == "postgresql" else "text"

    def from_db_value(self, value: Any, expression: Any, connection: BaseDatabaseWrapper) -> int | None:
        """Back to a whole number."""
        return None if value is None else int(value)

    def to_python(self, value: Any) -> int | None:
        """From a fixture or a form."""
        return None if value in (None, "") else int(value)

    def get_db_prep_value(self, value: Any, connection: BaseDatabaseWrapper, prepared: bool = False) -> str | None:
        """As text, which both databases take whole."""
        return None if value is None else str(value)


class ExactDecimalField(models.BigIntegerField[_Set_contra, _Get_co]):
    """A number with at most four decimals, kept as a whole number of ten-thousandths.

    In Python it is a Decimal; in SQL a bigint that sums and compares exactly on every database.
    """

    _pyi_private_set_type: Decimal | int | str  # type: ignore[assignment]
    _pyi_private_get_type: Decimal  # type: ignore[assignment]

    def db_type(self, connection: BaseDatabaseWrapper) -> str:
        """Eight bytes."""
        return "bigint"

    def from_db_value(self, value: Any, expression: Any, connection: BaseDatabaseWrapper) -> Decimal | None:
        """Back from ten-thousandths."""
        return None if value is None else from_scaled(int(value))

    def to_python(self, value: Any) -> Decimal | None:
        """From a form, a fixture or code."""
        if value in (None, ""):
            return None
        try:
            return from_scaled(parse_scaled(f"{value:f}" if isinstance(value, Decimal) else str(value)))
        except NumberError as error:
            raise ValidationError(str(error)) from error

    def get_prep_value(self, value: Any) -> int | None:
        """To ten-thousandths. Raises ValidationError for what cannot be kept exactly."""
        exact = self.to_python(value)
        return None if exact is None else int(exact.scaleb(4))

    def get_db_prep_value(self, value: Any, connection: BaseDatabaseWrapper, prepared: bool = False) -> int | None:
        """The same on every database."""
        return value if prepared else self.get_prep_value(value)

    def value_to_string(self, obj: models.Model) -> str:
        """For fixtures."""
        value = self.value_from_object(obj)
        return "" if value is None else str(value)

    def formfield(self, **kwargs: Any) -> Any:
        """A number with up to four decimals."""
        return models.Field.formfield(self, **{"form_class": ExactFormField, **kwargs})


def followers(model: type[models.Model], names: Collection[str]) -> list[str]:
    """The folded columns that follow some of a model's columns."""
    folding = (field for field in model._meta.concrete_fields if isinstance(field, FoldedField))
    return [field.name for field in folding if field.of in names]
