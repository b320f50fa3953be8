"""The register as a board: what runs by schedule status, the gravest column first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from core.formatting import Style
from initiatives.choices import ScheduleStatus
from initiatives.formulas import GRAVITY
from initiatives.pages.register import ShownRow, show_rows
from initiatives.reading.names import Names
from initiatives.reading.standings import Standing

MOST = 40  # cards of a column; the list has the others
FIRST = 3  # of them stand open on a phone


@dataclass(frozen=True, slots=True)
class BoardColumn:
    """Those of one status; ``total`` counts those that are not on the page too."""

    status: ScheduleStatus
    total: int
    cards: tuple[ShownRow, ...]

    @property
    def first(self) -> tuple[ShownRow, ...]:
        """Those that a phone shows at once."""
        return self.cards[:FIRST]

    @property
    def rest(self) -> tuple[ShownRow, ...]:
        """Those that a phone folds."""
        return self.cards[FIRST:]

    @property
    def left_out(self) -> int:
        """How many the list alone shows."""
        return self.total - len(self.cards)


def build_board(standings: Sequence[Standing], names: Names, currency: str) -> tuple[BoardColumn, ...]:
    """A column per status, empty ones included, each in the order of the list."""
    money = Style("currency", currency, 0)
    return tuple(_column(status, standings, names, money) for status in GRAVITY)


def _column(status: ScheduleStatus, standings: Sequence[Standing], names: Names, money: Style) -> BoardColumn:
    found = [one for one in standings if one.status == status]
    return BoardColumn(status, len(found), show_rows(found[:MOST], names, money))
