"""The lines of the library: what each KPI is, how it stands, and what it lacks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from django.urls import reverse

from accounts.models import Company
from core.formatting import Style, goal_in_short, month_name, period_name
from core.periods import Month
from customers.choices import TierScope
from customers.models import Tier
from kpis.choices import Status
from kpis.filters import aimed, measured
from kpis.models import Kpi
from kpis.reading.latest import LatestValues, latest_values
from kpis.wording import style_of

# The drawing of a trend, in its own units: a line keeps a margin for its stroke and its last point.
WIDTH, HEIGHT, _MARGIN = 120, 24, 3


@dataclass(frozen=True, slots=True)
class Shelf:
    """What lines of the library need beside their KPIs, read once: names by code, and ids with a target and data."""

    names: dict[str, str]
    aimed: set[int]
    measured: set[int]

    @classmethod
    def read(cls, everything: list[Kpi]) -> Shelf:
        """Of all KPIs, retired ones included."""
        return cls({kpi.code: kpi.name for kpi in everything}, aimed(), measured(everything))


@dataclass(frozen=True, slots=True)
class Spark:
    """A trend as lines between neighbouring months with a value, each ``x,y x,y``; ``words`` say it.

    ``last`` is where its last value stands; None where there is none.
    """

    lines: tuple[str, ...]
    last: tuple[str, str] | None
    words: str


@dataclass(frozen=True, slots=True)
class TierMark:
    """The verdict of a tier, with the address of its cell."""

    tier: Tier
    status: Status
    url: str


@dataclass(frozen=True, slots=True)
class Line:
    """A KPI of the library. ``gaps`` are what it lacks, in words; ``value`` and ``target`` are of all customers.

    Without a verdict in the latest period ``marks`` is empty.
    """

    kpi: Kpi
    value: str
    target: str
    status: Status
    marks: tuple[TierMark, ...]
    spark: Spark
    gaps: tuple[str, ...]

    @property
    def aimed(self) -> bool:
        """Whether there is a target of all customers to show."""
        return self.status not in {Status.NO_TARGET, Status.NO_DATA}


@dataclass(frozen=True, slots=True)
class Lines:
    """The lines of a page, and the period that they stand in, in words."""

    period: str
    rows: tuple[Line, ...]


def lines_of(company: Company, kpis: Sequence[Kpi], everything: list[Kpi]) -> Lines:
    """The lines of these KPIs in a constant number of queries; ``everything`` are all KPIs."""
    shelf, latest = Shelf.read(everything), latest_values(company, kpis)
    rows = []
    for kpi in kpis:
        found = latest.values[kpi.pk]
        everyone = next(cell for cell in found.cells if cell.tier.scope == TierScope.ALL)
        bounds = (everyone.target, everyone.low, everyone.high)
        shown = [cell.actual for cell in found.cells]
        style = style_of(found.meant, company.currency, shown).told_apart(everyone.actual, bounds)
        rows.append(
            Line(
                kpi=kpi,
                value=style.short(everyone.actual),
                target=goal_in_short(style, found.meant.direction, *bounds),
                status=everyone.status,
                marks=_marks(found, latest.period.code),
                spark=spark_of(found.trend, latest.months, style),
                gaps=_gaps(kpi, shelf),
            )
        )
    return Lines(period_name(latest.period), tuple(rows))


def _marks(found: LatestValues, period: str) -> tuple[TierMark, ...]:
    tiers = [cell for cell in found.cells if cell.tier.scope == TierScope.TIER and cell.status != Status.NO_DATA]
    return tuple(
        TierMark(cell.tier, cell.status, reverse("cell", args=[period, found.meant.code, cell.tier.code]))
        for cell in tiers
    )


def _gaps(kpi: Kpi, shelf: Shelf) -> tuple[str, ...]:
    lacks = {
        "no owner": kpi.owner_id is None,
        "no target": kpi.pk not in shelf.aimed,
        "no data": kpi.pk not in shelf.measured,
    }
    return tuple(word for word, missing in lacks.items() if missing and kpi.retired_from is None)


def spark_of(trend: Sequence[Fraction | None], months: Sequence[Month], style: Style) -> Spark:
    """The trend as it is drawn: from its least to its greatest value over the whole height, gaps left open."""
    known = [value for value in trend if value is not None]
    if not known:
        return Spark((), None, "no values yet")
    places = [None if value is None else _place(number, value, known, len(trend)) for number, value in enumerate(trend)]
    runs: list[list[tuple[str, str]]] = [[]]
    for place in places:
        if place is None:
            runs.append([])
        else:
            runs[-1].append(place)
    lines = tuple(" ".join(f"{x},{y}" for x, y in run) for run in runs if len(run) > 1)
    first, last = (month_name(months[0]), month_name(months[-1]))
    words = f"{first} to {last}: from {style.full(min(known))} to {style.full(max(known))}"
    return Spark(lines, next(place for place in reversed(places) if place), words)


def _place(number: int, value: Fraction, known: Sequence[Fraction], months: int) -> tuple[str, str]:
    """Where a month's value stands: to the right with time, upwards with the value."""
    low, span = min(known), max(known) - min(known)
    share = (value - low) / span if span else Fraction(1, 2)
    across = _MARGIN + Fraction(number, max(months - 1, 1)) * (WIDTH - 2 * _MARGIN)
    down = HEIGHT - _MARGIN - share * (HEIGHT - 2 * _MARGIN)
    return f"{float(across):.1f}", f"{float(down):.1f}"
