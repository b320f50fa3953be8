"""Did it move its number? As the rail of a finished initiative says it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from django.urls import reverse

from accounts.company import company, today_of
from accounts.models import User
from core.formatting import month_name, sentence_list
from core.periods import month_code, shift
from core.registry import Panel, PanelPlace, Subject
from scorecard.choices import Moved
from scorecard.reading.moved import MONTHS, MovedCell, Movement, moved_numbers

_SHAPES = {Moved.YES: ("●", "status-met"), Moved.NO: ("■", "status-missed")}
_QUIET = ("○", "status-no-target")


@dataclass(frozen=True, slots=True)
class ShownCell:
    """A KPI in a tier with what its chart said, in words, and the cell to look at."""

    name: str
    words: str
    url: str


@dataclass(frozen=True, slots=True)
class MovedPanel:
    """The panel: the answer with its mark and why, what it was asked of, and the tiers that it didn't serve."""

    answer: str
    shape: str
    css_class: str
    why: str
    cells: tuple[ShownCell, ...]
    beside: tuple[ShownCell, ...]


def moved_panel(subject: Subject, reader: User) -> Iterator[Panel]:
    """Beside an initiative that is finished; nothing beside another."""
    found = company()
    for one in moved_numbers(today_of(found), [subject.about.pk]).movements:
        yield Panel(PanelPlace.TIERS, "scorecard/rail_moved.html", show_movement(one), "moved")


def show_movement(one: Movement) -> MovedPanel:
    """The answer in words."""
    shape, css_class = _SHAPES.get(one.answer, _QUIET)
    return MovedPanel(
        *(one.answer.label, shape, css_class, _why(one)),
        cells=tuple(_cell(cell, one) for cell in one.cells),
        beside=tuple(_cell(cell, one) for cell in one.beside),
    )


def _why(one: Movement) -> str:
    first = shift(one.last, 1 - MONTHS)
    months = f"the six months from {month_name(first)} to {month_name(one.last)}"
    if one.answer == Moved.YES:
        return f"Within {months} it really got better{_also(one.beside)}."
    if one.answer == Moved.NO:
        return f"Within {months} nothing that it was for really got better{_also(one.beside)}."
    if one.answer == Moved.TOO_EARLY:
        return f"It is answered in {month_name(shift(one.last, 1))}, when {months} have ended, or once it did."
    if not one.cells:
        return "It names no KPI: there is no number that it was for."
    return "No KPI that it names has a chart that could tell: that takes twelve months, and a direction."


def _also(beside: Iterable[MovedCell]) -> str:
    """Where the same got better without it, which speaks against its doing."""
    names = sentence_list(dict.fromkeys(cell.tier.name for cell in beside if cell.month))
    return f", and so did {names}, which it was not for" if names else ""


def _cell(cell: MovedCell, one: Movement) -> ShownCell:
    """With the month that says it, else the last that was asked, or (too early) that of the finish."""
    waits = one.answer == Moved.TOO_EARLY
    month = cell.month or (shift(one.last, -MONTHS) if waits else one.last)
    address = reverse("cell", args=[month_code(month), cell.kpi.code, cell.tier.code])
    return ShownCell(f"{cell.kpi.name}, {cell.tier.name}", _words(cell, waits=waits), address)


def _words(cell: MovedCell, *, waits: bool) -> str:
    if cell.month:
        return f"really better in {month_name(cell.month)}"
    if waits:
        return "not so far"
    return "not really better" if cell.told else "no chart that could tell"
