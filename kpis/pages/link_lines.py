"""What is known of links in one line each: on their list, on a KPI's page, at a poll's short list."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from django.urls import reverse

from core.formatting import month_name
from core.periods import Month
from core.texts import sentence
from customers.models import Tier
from kpis.choices import LinkState
from kpis.formulas.links import LEAST_PAIRS
from kpis.models import Link
from kpis.reading.links import Kept, kept_of, links_of
from kpis.wording import seen_words, strength

UNTESTED = "Not tested yet: a worker does it in a moment."
UNWRITTEN = "Not written down, and so not tested."


@dataclass(frozen=True, slots=True)
class LinkLine:
    """A link and what its last test said, in a sentence; ``state`` is None before the first test.

    ``over`` says until when it was seen, where it is not any more; ``month`` is that of the last test.
    """

    link: Link
    url: str
    state: LinkState | None
    words: str
    over: str
    month: Month | None

    @property
    def as_of(self) -> str:
        """The month in words."""
        return month_name(self.month) if self.month else ""


def lines_of(links: Iterable[Link]) -> list[LinkLine]:
    """A line of each link, in their order. Three queries; none for no links."""
    return _lines(kept_of(links))


def lines_about(kpis: Collection[int]) -> dict[int, list[LinkLine]]:
    """The lines of the links that begin or end with each of these KPIs, by its id; the ids of those without are left
    out. Three queries, one where there are no links, none for no KPIs.
    """
    found: dict[int, list[LinkLine]] = {}
    for line in _lines(links_of(kpis)):
        for kpi in {line.link.leading_id, line.link.trailing_id}.intersection(kpis):
            found.setdefault(kpi, []).append(line)
    return found


def _lines(kept: Collection[Kept]) -> list[LinkLine]:
    names = dict(Tier.objects.values_list("code", "name")) if kept else {}
    return [_line(one, names) for one in kept]


def _line(kept: Kept, names: Mapping[str, str]) -> LinkLine:
    over = f"It was seen until {month_name(kept.seen_until)}, and no longer is." if kept.seen_until else ""
    month = Month(kept.latest.month) if kept.latest else None
    url = reverse("link", args=[kept.link.pk])
    return LinkLine(kept.link, url, kept.state, sentence(_words(kept, names)), over, month)


def _words(kept: Kept, names: Mapping[str, str]) -> str:
    latest, state = kept.latest, kept.state
    if latest is None or state is None:
        return UNTESTED if kept.link.stands else UNWRITTEN
    if latest.best_lag is not None:
        tests = kept.passing
        parts = ([one[name] for one in tests] for name in ("r", "pairs"))
        tiers = [names.get(one["tier"], one["tier"]) for one in tests]
        return seen_words(kept.link, latest.best_lag, tiers, *parts)
    if state == LinkState.NOT_SEEN and latest.least_r is not None:
        return not_seen_words(latest.least_r)
    return short_words(max((one["pairs"] for one in latest.tests), default=0))


def not_seen_words(least: float) -> str:
    """What could have been seen, where nothing was; the state stands beside it."""
    return f"a correlation of {strength(least)} or more could have been seen, in two tiers at once"


def short_words(pairs: int) -> str:
    """Why there was no test."""
    if pairs < LEAST_PAIRS:
        return f"too short, {pairs} of {LEAST_PAIRS} months"
    return "too few changes: more than half of them are the same"
