"""Which values answer for a period: those of a signed edition, or the live ones. One door for every page and the API.

A closed period answers with its latest edition unless another, or the live values, are asked for. The scorecard says
which editions there are (``register_editions``); an app below it turns a section of the document into what its pages
show.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any
from urllib.parse import urlencode

from django.http import QueryDict

from core.formatting import short_day
from core.periods import Period
from core.shapes import LATEST, LIVE

PARAMETER = "edition"


@dataclass(frozen=True, slots=True)
class Signed:
    """An edition: its number in its period, when it was signed, what reads its document, and the names of those who
    prepared and signed it.
    """

    number: int
    closed_at: datetime
    read: Callable[[], Mapping[str, Any]]
    prepared_by: str
    signed_by: str

    @property
    def people(self) -> str:
        """``prepared by Farah Haddad, signed by Ines Marquardt``."""
        if self.prepared_by == self.signed_by:
            return f"prepared and signed by {self.signed_by}"
        return f"prepared by {self.prepared_by}, signed by {self.signed_by}"


@dataclass(frozen=True)
class Served:
    """What answers for a period. ``shown`` is the edition whose values do, None where the live ones do; ``latest`` is
    the latest of the period, None of an open one.
    """

    period: Period
    shown: Signed | None = None
    latest: Signed | None = None

    @cached_property
    def document(self) -> Mapping[str, Any] | None:
        """What the edition says; None where live values answer."""
        return self.shown.read() if self.shown else None

    @property
    def asked(self) -> dict[str, str]:
        """The parameter by which another page shows the same values; none where they answer by themselves."""
        if self.latest is None or (self.shown and self.shown.number == self.latest.number):
            return {}
        return {PARAMETER: str(self.shown.number) if self.shown else LIVE}

    def section(self, name: str) -> Any:
        """A section of that; None where live values answer."""
        return self.document[name] if self.document else None


_sources: list[Callable[[Period, int | str], Served]] = []


def register_editions(source: Callable[[Period, int | str], Served]) -> None:
    """Have ``source(period, asked)`` say what answers for a period."""
    if source not in _sources:
        _sources.append(source)


def serve(period: Period, asked: int | str = LATEST) -> Served:
    """What answers for a period: the edition of that number, the ``latest`` (also for an empty text), or ``live``.

    Raises LookupError, with a sentence, for a number that the period has no edition of.
    """
    return _sources[-1](period, asked or LATEST) if _sources else Served(period)


# -- what a page says of it


@dataclass(frozen=True, slots=True)
class EditionLine:
    """A line in words, and the way to the live values or back to what was signed."""

    words: str
    link: str
    url: str


def edition_line(served: Served, differs: str, path: str, params: QueryDict) -> EditionLine | None:
    """What a page says of the values that it shows; None of an open period.

    ``differs`` counts in words what the live values say otherwise (``2 cells``), empty where nothing; ``path`` and
    ``params`` are the page's own.
    """
    if served.shown is not None:
        live = f"live values differ in {differs}" if differs else "nothing differs since"
        words = f"As signed: {_named(served.shown)}, {served.shown.people}; {live}."
        return EditionLine(words, "Show the live values", _address(path, params, LIVE))
    if served.latest is None:
        return None
    words = f"Live values, not what was signed: {_named(served.latest)}."
    return EditionLine(words, "Show it as signed", _address(path, params, ""))


def unheld_line(served: Served, holds: str, link: str, url: str) -> EditionLine | None:
    """What a page says whose values no edition has; None of an open period.

    ``holds`` says of the edition what it has instead (``counts customers and does not name them``), ``link`` and
    ``url`` lead there.
    """
    if served.latest is None:
        return None
    return EditionLine(f"Live values: {_named(served.latest)} {holds}.", link, url)


def carrying(url: str, served: Served) -> str:
    """The address of another page, such that it shows the same values."""
    if not served.asked:
        return url
    return f"{url}{'&' if '?' in url else '?'}{urlencode(served.asked)}"


def across_periods(params: QueryDict) -> QueryDict:
    """The parameters of an address that hold for other periods too: the number of an edition is of its own alone."""
    found = params.copy()
    if found.get(PARAMETER) != LIVE:
        found.pop(PARAMETER, None)
    return found


def asked_edition(params: QueryDict) -> str:
    """The edition that an address asks for, as the parameters of another; empty where it asks for none."""
    asked = params.get(PARAMETER, "")
    return urlencode({PARAMETER: asked}) if asked else ""


def _named(signed: Signed) -> str:
    return f"edition {signed.number} of {short_day(signed.closed_at.date())}"


def _address(path: str, params: QueryDict, edition: str) -> str:
    query = params.copy()
    query.pop(PARAMETER, None)
    if edition:
        query[PARAMETER] = edition
    told = query.urlencode()
    return f"{path}?{told}" if told else path
