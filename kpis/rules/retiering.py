"""By what tiers may be given anew: the terms of a re-tiering, and what is wrong with them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from core.periods import Month, month_of
from core.writes import Problem
from kpis.choices import CutBy, Direction, Source
from kpis.models import Kpi

LONGEST_WINDOW = 36
MOST_ENDS = 12


@dataclass(frozen=True, slots=True)
class Terms:
    """What a re-tiering is made by: the KPI over so many months that end with ``end``, the cuts between the tiers in
    use, and from which day on. ``percent`` and ``ends`` are its hysteresis: None and 0 where there is none.
    """

    kpi: Kpi
    end: Month
    months: int
    by: CutBy
    cuts: tuple[Fraction, ...]
    starts_on: date
    percent: Fraction | None = None
    ends: int = 0


def terms_problems(terms: Terms, kpi: Kpi, tiers: int, today: date) -> list[Problem]:
    """All that is wrong with terms; ``kpi`` is as it means at the window's end, ``tiers`` how many are in use."""
    return [*_of_kpi(kpi), *_of_numbers(terms, today), *_of_cuts(terms, tiers, higher=kpi.direction != Direction.LOWER)]


def _of_kpi(kpi: Kpi) -> Iterator[Problem]:
    if kpi.calculated or kpi.source == Source.TIER_ACTUALS:
        yield "kpi", "has no facts of customers"
    elif kpi.direction == Direction.RANGE:
        yield "kpi", "is good within a range: nobody ranks by it"


def _of_numbers(terms: Terms, today: date) -> Iterator[Problem]:
    if terms.end >= month_of(today):
        yield "end", "has not ended"
    if not 1 <= terms.months <= LONGEST_WINDOW:
        yield "months", f"is no number from 1 to {LONGEST_WINDOW}"
    if terms.percent is not None and terms.percent < 0:
        yield "percent", "is below 0"
    if terms.ends and not 2 <= terms.ends <= MOST_ENDS:
        yield "ends", f"is no number from 2 to {MOST_ENDS}"


def _of_cuts(terms: Terms, tiers: int, *, higher: bool) -> list[Problem]:
    """Each cut lies beyond the one before; the first that is wrong with them."""
    falls = terms.by == CutBy.VALUE and higher
    in_order = list(terms.cuts) == sorted(set(terms.cuts), reverse=falls)
    counts = terms.by != CutBy.VALUE
    wrong = (
        (tiers < 2, "need two tiers in use at least"),
        (len(terms.cuts) != tiers - 1, "are one for each tier in use but the last"),
        (not in_order, f"have to {'fall' if falls else 'rise'} from the best tier on"),
        (counts and any(at <= 0 for at in terms.cuts), "are above 0"),
        (terms.by == CutBy.SHARE and any(at > 100 for at in terms.cuts), "are at most 100 % of the customers"),
        (terms.by == CutBy.NUMBER and any(at % 1 for at in terms.cuts), "are whole customers"),
    )
    return [("cuts", reason) for is_wrong, reason in wrong if is_wrong][:1]
