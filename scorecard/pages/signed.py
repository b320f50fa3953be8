"""Of a closed period: which edition a page shows, how far the live values are from it, and the way to the other."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.urls import reverse

from core.formatting import counted, short_day
from core.periods import Period
from core.shapes import LIVE
from scorecard.reading.editions import latest_edition
from scorecard.reading.frozen_matrix import SignedMatrix


@dataclass(frozen=True, slots=True)
class ShownEdition:
    """A line in words, and a link to the live values or back to what was signed, with the page's other choices."""

    words: str
    link: str
    url: str


def show_edition(period: Period, signed: SignedMatrix | None, asked: str, params: Any) -> ShownEdition | None:
    """What the page of a matrix says of its edition; None of an open period."""
    if signed is not None:
        row = signed.edition
        live = f"live values differ in {counted(signed.differs, 'cell')}" if signed.differs else "nothing differs since"
        words = f"As signed: edition {row.number} of {short_day(row.closed_at.date())}; {live}."
        return ShownEdition(words, "Show the live values", _address(period, params, LIVE))
    latest = latest_edition(period) if asked == LIVE else None
    if latest is None:
        return None
    words = f"Live values, not what was signed: edition {latest.number} of {short_day(latest.closed_at.date())}."
    return ShownEdition(words, "Show it as signed", _address(period, params, ""))


def _address(period: Period, params: Any, edition: str) -> str:
    query = params.copy()
    query.pop("edition", None)
    if edition:
        query["edition"] = edition
    told = query.urlencode()
    return reverse("matrix", args=[period.code]) + (f"?{told}" if told else "")
