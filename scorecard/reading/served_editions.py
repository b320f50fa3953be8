"""Which edition answers: that which is asked for, else the latest of a closed period, else what is live."""

from __future__ import annotations

from datetime import date
from functools import partial
from typing import Any

from core.editions import Served, Signed
from core.periods import Period
from core.shapes import LATEST, LIVE
from kpis.reading.matrix import build_matrix
from scorecard.models import Edition
from scorecard.reading.editions import document_of, edition_of, frozen_matrix, latest_edition, state_of_period
from scorecard.reading.matrix_json import matrix_json


def serve_edition(period: Period, asked: int | str) -> Served:
    """What answers for a period: the edition of a number, the latest of a closed period, or the live values.

    Raises LookupError for a number that the period has no edition of.
    """
    latest = latest_edition(period)
    told = _signed(latest) if latest else None
    if asked == LIVE or (asked == LATEST and latest is None):
        return Served(period, None, told)
    number = int(asked) if str(asked).isdecimal() and len(str(asked)) < 6 else None
    found = latest if asked == LATEST else edition_of(period, number) if number is not None else None
    if found is None:
        raise LookupError(no_edition(period, asked))
    return Served(period, _signed(found), told)


def _signed(edition: Edition) -> Signed:
    people = str(edition.prepared_by), str(edition.signed_by)
    return Signed(edition.number, edition.closed_at, partial(document_of, edition), *people)


def matrix_of(period: Period, edition: int | str, today: date) -> dict[str, Any]:
    """The matrix of an edition by its number, of the latest, or the live one, ready for JSON; ``state`` says whether
    the live values differ from the latest edition.

    Raises LookupError for a number that the period has no edition of.
    """
    state, latest = state_of_period(period, today)
    if edition == LIVE or latest is None:
        return matrix_json(build_matrix(period, today=today), state=state)
    asked = latest if edition == LATEST else edition_of(period, int(edition))
    if asked is None:
        raise LookupError(no_edition(period, edition))
    return frozen_matrix(asked, state)


def cell_of_edition(period: Period, kpi: str, tier: str) -> dict[str, Any] | None:
    """A cell of the period's latest edition in the shape of the API's, by codes; None without one."""
    latest = latest_edition(period)
    rows = frozen_matrix(latest, "")["rows"] if latest else ()
    cells = (cell for row in rows if row["kpi"] == kpi for cell in row["cells"])
    return next((cell for cell in cells if cell["tier"] == tier), None)


def no_edition(period: Period, edition: int | str) -> str:
    """Why there is no such edition."""
    if latest_edition(period) is None:
        return f"Period {period.code} has no edition {edition}: it has not been closed."
    return f"Period {period.code} has no edition {edition}."
