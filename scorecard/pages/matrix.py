"""The cells of the matrix as they are written."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from typing import Any
from urllib.parse import urlencode

from django.urls import get_script_prefix, reverse

from core.formatting import (
    Change,
    Goal,
    Style,
    change,
    counted,
    goal,
    month_name,
    months_words,
    number,
    target_words,
)
from customers.models import Tier
from initiatives.reading.running_initiatives import CellServing
from kpis.choices import Signal, Status
from kpis.models import Kpi
from kpis.reading.matrix import Cell, Matrix
from kpis.wording import rule_words

_FRACTIONS = {(1, 3): "⅓", (2, 3): "⅔"}
UNMET = (Status.NEAR, Status.MISSED)


@dataclass(frozen=True, slots=True)
class Served:
    """How many initiatives serve a cell that is not met: ``2, one late``, ``nothing that runs``; and their list."""

    words: str
    url: str


@dataclass(frozen=True, slots=True)
class ShownCell:
    """A cell as the table and the heatmap write it.

    ``value`` and ``aim`` are without the unit, which the row names; ``aside`` is the change, or the word that stands
    for it; ``share`` marks the months with data where they are others than the row's. ``verdict`` is actual and target
    in words, with units; ``story`` what its narrative says, or that one is asked for. What else is said of the cell at
    length is worked out when asked for.
    """

    cell: Cell
    direction: str
    style: Style
    url: str
    value: str
    aim: str
    change: Change | None
    aside: str
    share: str
    notes: tuple[str, ...]
    look: str
    title: str
    verdict: str
    served: Served | None = None
    story: str = ""

    def __getitem__(self, name: str) -> Any:
        """A field by its name: where a template finds it at once, it does not try three ways for each of thousands."""
        return getattr(self, name)

    @property
    def tier(self) -> Tier:
        """Its column."""
        return self.cell.tier

    @property
    def status(self) -> Status:
        """The verdict."""
        return self.cell.status

    @property
    def pace(self) -> Status | None:
        """How the ended months stand, for a part of a whole."""
        return self.cell.pace

    @property
    def full(self) -> str:
        """The actual with its unit."""
        return self.style.full(self.cell.actual)

    @property
    def target(self) -> str:
        """The target in words, with its unit."""
        return target_words(self.style, self.direction, self.cell.target, self.cell.low, self.cell.high)

    @property
    def moved(self) -> str:
        """The change with its unit, and what it is: ``+0.6 points, worse``; empty where it is withheld."""
        found = self.change
        if found is None or found.judgement == "unchanged":
            return found.judgement if found else ""
        return f"{found.full}, {found.judgement}" if found.judgement else found.full

    @property
    def said(self) -> str:
        """The cell for those who hear it: ``missed: 20.3 %, at most 14 %; up 0.6 points, worse``, and its
        marks in words.
        """
        moved = self.change.words if self.change else ""
        paced = f"pace: {self.pace.label}" if self.pace else ""
        months = self.months if self.is_incomplete else ""
        said = (f"{self.status.label}: {self.verdict}", moved, paced, months, *self.notes, self._beyond)
        return "; ".join(part for part in said if part)

    @property
    def _beyond(self) -> str:
        """What goes beyond the noise, in words: ``really worse, capability gap``."""
        return ", ".join(one.label for one in self.cell.beyond)

    @property
    def signal(self) -> Signal | None:
        """Whether the period's last ended month really changed."""
        return self.cell.signal

    @property
    def signal_words(self) -> str:
        """``September 2026 lies outside the limits``; empty without a signal."""
        cell = self.cell
        return rule_words(cell.rule, cell.signal_month) if cell.rule and cell.signal_month else ""

    @property
    def is_gap(self) -> bool:
        """Whether it is a capability gap."""
        return self.cell.is_gap

    @property
    def is_incomplete(self) -> bool:
        """Whether it has a value of fewer months than it should."""
        return self.cell.actual is not None and self.cell.months_with_data < self.cell.months_expected

    @property
    def variance(self) -> str:
        """Actual less target with its sign; empty where there is none."""
        return "" if self.cell.variance is None else signed(self.style, self.cell.variance)

    @property
    def attainment(self) -> str:
        """How much of the target was attained; empty where that says nothing."""
        return "" if self.cell.attainment is None else f"{number(self.cell.attainment * 100, 1)} %"

    @property
    def months(self) -> str:
        """``2 of 3 months with data``; where they must be marked complete, ``confirmed``."""
        words = months_words(self.cell.months_with_data, self.cell.months_expected)
        return f"{words} {'confirmed' if self.cell.provisional else 'with data'}"

    @property
    def facts(self) -> str:
        """``2,451 facts``."""
        return counted(self.cell.facts, "fact")

    @property
    def data(self) -> str:
        """What it rests on: ``2 of 3 months with data, 401 facts``."""
        return f"{self.months}, {self.facts}"


def share_of(with_data: int, expected: int) -> str:
    """The mark of missing months: ``⅔``, ``11/12``; empty where none is missing."""
    return "" if with_data >= expected else _FRACTIONS.get((with_data, expected), f"{with_data}/{expected}")


def show_served(kpi: Kpi, cell: Cell, serving: CellServing | None, period: str) -> Served | None:
    """How many initiatives serve a cell that is not met, and where they are listed; None for any other cell."""
    if serving is None or cell.status not in UNMET:
        return None
    found = serving.of(kpi.pk, cell.tier)
    return Served(found.words if found.running else "nothing that runs", served_address(kpi, cell.tier, period))


def served_address(kpi: Kpi, tier: Tier, period: str) -> str:
    """The running initiatives that should move a cell; the period is carried on."""
    return f"{_register(get_script_prefix())}?{urlencode({'moves': f'{kpi.code}@{tier.code}', 'period': period})}"


@cache
def _register(prefix: str) -> str:
    """The register's address under the product's own: looked up once, not for each missed cell."""
    return reverse("initiatives")


def show_cell(
    kpi: Kpi,
    cell: Cell,
    matrix: Matrix,
    style: Style,
    url: str,
    usual: tuple[int, int] | None = None,
    served: Served | None = None,
) -> ShownCell:
    """One cell; where two numbers that differ would read the same, with more decimals."""
    style = style.told_apart(cell.actual, (cell.target, cell.low, cell.high))
    moved = change(style, kpi.direction, cell.actual, cell.previous)
    return ShownCell(
        cell=cell,
        direction=kpi.direction,
        style=style,
        url=url,
        value="" if cell.actual is None else style.bare(cell.actual),
        aim=_aim(cell, goal(style, kpi.direction, cell.target, cell.low, cell.high)),
        change=moved,
        aside=_aside(cell, moved),
        share=_own_share(cell, usual),
        notes=tuple(_notes(kpi, cell, matrix)),
        look=f"{cell.status.css_class} gap" if cell.is_gap else cell.status.css_class,
        title=f"{kpi.name}, {cell.tier.name}",
        verdict=_verdict(kpi, cell, style),
        served=served,
    )


def _verdict(kpi: Kpi, cell: Cell, style: Style) -> str:
    """Actual and target in words, after the status: ``20.3 %, at most 14 %``; no more than is there."""
    number = "" if cell.actual is None else style.full(cell.actual)
    if cell.status == Status.NO_TARGET:
        return number
    aim = target_words(style, kpi.direction, cell.target, cell.low, cell.high)
    return f"{number}, {aim}" if number else aim


def _aim(cell: Cell, found: Goal | None) -> str:
    """The target as it stands beside the actual; in words where there is none to hold it against."""
    if found is None:
        return Status.NO_TARGET.label if cell.status == Status.NO_TARGET else ""
    return f"{found.sign} {found.number}".strip()


def _aside(cell: Cell, moved: Change | None) -> str:
    """The change; of a part of a whole without a pace the word for it."""
    if cell.status == Status.PARTIAL:
        return "" if cell.pace else "provisional" if cell.provisional else Status.PARTIAL.label
    return moved.amount if moved else ""


def _own_share(cell: Cell, usual: tuple[int, int] | None) -> str:
    own = (cell.months_with_data, cell.months_expected)
    if cell.actual is None or usual is None or own == usual:
        return ""
    return share_of(*own) or f"{own[0]}/{own[1]}"


def signed(style: Style, value: Fraction) -> str:
    """A difference with its sign and unit: ``+€1,234``; of percentages ``+5.9 points``."""
    text = f"{number(value, style.decimals)} points" if style.unit == "percent" else style.full(value)
    return f"+{text}" if value > 0 else text


def _notes(kpi: Kpi, cell: Cell, matrix: Matrix) -> Iterable[str]:
    """Thin months; what is still to be confirmed; a last value that is older than the period's end."""
    if cell.status == Status.NO_DATA:
        return
    yield from dict.fromkeys(thin.words_in(kpi) for thin in cell.thin)
    if cell.provisional:
        yield f"provisional: {months_words(cell.months_with_data, cell.months_expected)} confirmed"
    elif cell.status == Status.PARTIAL and matrix.to_date:
        yield "to date"
    if cell.last_month and cell.status == Status.PARTIAL and not matrix.to_date and _is_old(cell, matrix):
        yield f"of {month_name(cell.last_month)}"


def _is_old(cell: Cell, matrix: Matrix) -> bool:
    return cell.months_with_data == cell.months_expected and cell.last_month != matrix.period.last
