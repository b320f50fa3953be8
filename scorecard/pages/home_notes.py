"""What home says of its own numbers: whose they are, and what of their changes is only noise."""

from __future__ import annotations

from urllib.parse import urlencode

from django.http import QueryDict
from django.urls import reverse

from core.editions import EditionLine, edition_line
from core.formatting import counted, number, period_name, sentence_list
from core.links import PARAMETER as PERIOD
from scorecard.pages.periods import said_of_edition
from scorecard.reading.home import Home, Turned


def closed_words_of(home: Home) -> str:
    """What the bar says of the period; empty of an open one."""
    latest = home.served.shown or home.served.latest
    return said_of_edition(latest.number, differs=bool(home.differs.cells)) if latest else ""


def line_of(home: Home) -> EditionLine | None:
    """Which edition the numbers are of, and what of them is another by now."""
    found = home.differs
    cells = [counted(found.cells, "cell")] if found.cells else []
    others = [name for name, lines in (("growth", found.growth), ("coverage", found.coverage)) if lines]
    params = QueryDict(urlencode({PERIOD: home.period.code}))
    return edition_line(home.served, sentence_list([*cells, *others]), reverse("home"), params)


def noise_of(home: Home) -> str:
    """What of the changes of colour is only noise; empty where that is not told."""
    found = home.turned
    if found is None or not found.number or not home.has_charts:
        return ""
    return noise_words(found, period_name(home.period.previous))


def noise_words(found: Turned, before: str) -> str:
    """``15 of 23 changes of colour since Quarter 2, 2026; 2 are real, 4 in 12-month totals.``"""
    parts = (
        (found.with_signal, "is real", "are real"),
        (found.trailing, "in a 12-month total", "in 12-month totals"),
        (found.untold, "has too little data to tell", "have too little data to tell"),
    )
    rest = ", ".join(f"{number(count)} {one if count == 1 else many}" for count, one, many in parts if count)
    noise = number(found.noise) if found.noise else "none"
    begin = f"{noise} of {counted(found.number, 'change')} of colour since {before}"
    return f"{begin}; {rest}." if rest else f"{begin}."
