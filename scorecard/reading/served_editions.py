"""Which edition answers: that which is asked for, else the latest of a closed period, else what is live."""

from __future__ import annotations

from datetime import date
from typing import Any

from core.periods import Period
from core.shapes import LATEST, LIVE
from kpis.reading.matrix import build_matrix
from scorecard.reading.editions import document_of, edition_of, frozen_matrix, latest_edition, state_of_period
from scorecard.reading.matrix_json import matrix_json


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


def section_of(period: Period, edition: int | str, name: str) -> Any:
    """A section of an edition's document; None where the live one is asked for, or nothing was closed."""
    if edition == LIVE:
        return None
    found = latest_edition(period) if edition == LATEST else edition_of(period, int(edition))
    return document_of(found)[name] if found else None


def no_edition(period: Period, edition: int | str) -> str:
    """Why there is no such edition."""
    if latest_edition(period) is None:
        return f"Period {period.code} has no edition {edition}: it has not been closed."
    return f"Period {period.code} has no edition {edition}."
