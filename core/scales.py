"""What large numbers are divided by so that a row of them fits. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

Number = Fraction | Decimal | int


def exact_of(value: Number) -> Fraction:
    """A number as a fraction."""
    # making a fraction of a fraction costs more than all else here, and of a decimal more than of two whole numbers
    if type(value) is Fraction:
        return value
    return Fraction(*value.as_integer_ratio())


@dataclass(frozen=True, slots=True)
class Scale:
    """What a row of large numbers is divided by so that it fits a narrow column.

    ``power`` of ten (0, 3, 6, 9), the ``letter`` before a currency sign and the ``word`` otherwise;
    ``decimals`` are those that are worth showing then, None for the KPI's own.
    """

    power: int = 0
    letter: str = ""
    word: str = ""
    decimals: int | None = None

    def apply(self, value: Number) -> Fraction:
        """The value in this scale, exact."""
        return exact_of(value) / 10**self.power if self.power else exact_of(value)


WHOLE = Scale()
_SCALES = ((9, "bn", "billion"), (6, "M", "million"), (3, "k", "thousand"))


def scale_for(values: Iterable[Number | None]) -> Scale:
    """The scale of a row: the smallest value keeps a digit before the point, the largest at most five.

    Below 100,000 nothing is divided; from 10,000 on decimals are left out.
    """
    sizes = [abs(exact_of(value)) for value in values if value]
    largest, smallest = max(sizes, default=Fraction(0)), min(sizes, default=Fraction(0))
    if largest < 100_000:
        return Scale(decimals=0) if largest >= 10_000 else WHOLE
    fitting = [scale for scale in _SCALES if largest < 10 ** (scale[0] + 5)] or [_SCALES[0]]
    power, letter, word = next((scale for scale in fitting if smallest >= 10 ** scale[0]), fitting[-1])
    shown = largest / 10**power
    return Scale(power, letter, word, 0 if shown >= 1000 else 1 if shown >= 100 else 2)
