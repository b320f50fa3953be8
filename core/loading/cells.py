"""Cells of a worksheet that are more than their text: numbers and what they are shown as, dates, errors."""

from __future__ import annotations

from enum import Enum


class Shown(Enum):
    """What a worksheet shows a cell as. The value says it in a message."""

    NUMBER = "a number"
    UNQUOTED = "a number without quotation marks"
    PERCENT = "a percentage"
    LONG = "a number of more than 15 digits, of which a spreadsheet keeps 15"
    ROUNDED = "a number that is shown rounded"
    OTHERWISE = "a number shown in a format with a scale or words of its own"
    DATE = "a date"
    TIME = "a time of day"
    BOOLEAN = "true or false"
    NESTED = "a list or an object"
    ERROR = "an error of the spreadsheet"
    FORMULA = "a formula without a saved value"


class SheetCell(str):
    """A cell's text with what it is shown as.

    Of a number the text is the stored number in full, of a date its ISO form. ``shown`` is the text with the
    leading zeros of its format, ``where`` its name in the worksheet, such as ``D7``. It equals no plain text: a
    look-up of a text that was seen before must not find a percentage.
    """

    kind: Shown
    shown: str
    where: str

    def __new__(cls, text: str, kind: Shown, where: str, shown: str = "") -> SheetCell:
        """The text of a cell and what it is."""
        cell = super().__new__(cls, text)
        cell.kind, cell.where, cell.shown = kind, where, shown or text
        return cell

    def __eq__(self, other: object) -> bool:
        return isinstance(other, SheetCell) and (str(self), self.kind, self.shown) == (
            str(other),
            other.kind,
            other.shown,
        )

    def __hash__(self) -> int:
        return hash((str(self), self.kind, self.shown))


class Due(Enum):
    """What a column is made of."""

    TEXT = "text"
    NUMBER = "a number"
    DATE = "a date"
    MONTH = "a month"
    BOOLEAN = "true or false"


_TAKEN: dict[Due, frozenset[Shown]] = {
    Due.TEXT: frozenset({Shown.NUMBER}),
    Due.NUMBER: frozenset({Shown.NUMBER, Shown.LONG, Shown.ROUNDED}),
    Due.DATE: frozenset({Shown.DATE}),
    Due.MONTH: frozenset({Shown.DATE}),
    Due.BOOLEAN: frozenset({Shown.BOOLEAN, Shown.NUMBER}),
}
_HELP = {
    Shown.FORMULA: "open the workbook in the spreadsheet and save it, so that its values are kept",
    Shown.PERCENT: "give the number itself",
    Shown.UNQUOTED: "a text is due",
    Shown.NESTED: "one value is due; in a column of a file several are one text, joined by ;",
    Shown.ERROR: "mend the formula",
    Shown.DATE: "the spreadsheet made it of something else; format the column as text and write it anew",
    Shown.LONG: "format the column as text and write it anew",
    Shown.ROUNDED: "format the column as text and write it anew",
}


def text_due(cell: SheetCell, due: Due) -> str:
    """The cell's text where that kind of thing is due. Raises ValueError, naming the cell, where it is another."""
    if cell.kind not in _TAKEN[due]:
        raise ValueError(refusal(cell))
    if due is Due.TEXT:
        return cell.shown
    # a month is the month whose first day stands there
    return cell[:7] if due is Due.MONTH and cell.endswith("-01") else str(cell)


def refusal(cell: SheetCell, instead: str = "") -> str:
    """Why a cell is not taken, naming it."""
    where = f"cell {cell.where} is" if cell.where else "is"
    return f"{where} {cell.kind.value}; {instead or _HELP.get(cell.kind, 'write it as it is meant')}"
