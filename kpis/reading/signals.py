"""Did anything really change: what the chart of a column says of a month, and how sure its target is.

Assurance is worked out when it is read, as status is, so that an approval needs no rollup.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from math import lcm
from typing import Any

from django.db.models import Aggregate, CharField, Min, OuterRef, Subquery, TextField, Value
from django.db.models.functions import Cast, Concat

from accounts.company import company, today_of
from core.periods import FiscalCalendar, Kind, Month, Period, month_of, months_between, shift
from customers.choices import TierScope
from customers.models import Tier
from kpis.choices import Assurance, Direction, Signal, SignalRule
from kpis.formulas.signals import (
    WINDOW_MONTHS,
    Chart,
    Limits,
    Point,
    assurance_of_whole,
    chart_of,
    points_of,
    rules_of,
    signal_of,
)
from kpis.formulas.values import Goal
from kpis.models import Kpi, KpiVersion, MonthSignal, RolledSlice, Step
from kpis.models.versions import VersionBook
from kpis.reading.goals import GoalReader
from kpis.reading.signal_points import ALWAYS, SignalBook, WindowMonth
from kpis.reading.targets import TargetBook
from kpis.reading.thin_months import ThinMonth
from kpis.reading.trends import library_for

# A month of a window: its value in two whole numbers, and the tiers with a fact, by id or as their row has them.
WindowParts = tuple[Month, int, int, frozenset[int] | str]


@dataclass(frozen=True, slots=True)
class Found:
    """What is said of a column's month: a signal with the rule that found it, and whether it meets its target.

    ``month`` is None where nothing can be said: of a period of which no month has ended.
    """

    month: Month | None = None
    signal: Signal | None = None
    rule: SignalRule | None = None
    assurance: Assurance | None = None


@dataclass(frozen=True, slots=True)
class StepFrom:
    """Where limits are taken anew and why: ``step`` is a steward's, None of a version of the KPI or of an input."""

    month: Month
    reason: str
    step: Step | None = None


@dataclass(frozen=True, slots=True)
class ColumnChart:
    """The chart of a KPI and tier up to a month, and what it says of that month.

    ``points`` begin with the last of the ``steps``; ``rules`` says of each what it met by the limits shown.
    ``limits`` are None with fewer than twelve points, and where the month has no value. ``charted`` is False of a
    KPI that looks back over twelve months, of one made of such, and of customers without a tier. ``thin`` are the
    months that look incomplete: then the month gives no signal.
    """

    kpi: Kpi
    tier: Tier
    month: Month
    charted: bool
    points: tuple[Point, ...] = ()
    rules: tuple[SignalRule | None, ...] = ()
    limits: Limits | None = None
    few_cases: bool = False
    found: Found | None = None
    thin: tuple[ThinMonth, ...] = ()
    steps: tuple[StepFrom, ...] = ()

    @property
    def signal(self) -> Signal | None:
        """Better, worse, changed; None: no signal."""
        return self.found.signal if self.found else None


# -- one column


def read_chart(kpi: Kpi, tier: Tier, month: Month, *, today: date | None = None) -> ColumnChart:
    """The chart of a column up to a month, by a few queries and from stored cells. As of today.

    Of a month that has not ended nothing is said.
    """
    found = company()
    last = min(month, shift(month_of(today or today_of(found)), -1))
    book = read_book([kpi], last)
    return chart_in(book, kpi, tier, month, last, lambda: read_assurances(found.calendar, last, [kpi.pk]))


def chart_in(
    book: SignalBook, kpi: Kpi, tier: Tier, month: Month, last: Month, assurances: Callable[[], Assurances]
) -> ColumnChart:
    """The same of a book that is read; ``last`` is the month, or the last ended one where that is earlier."""
    meaning = book.meaning(kpi, month)
    if tier.scope == TierScope.UNTIERED or not meaning.charted:
        return ColumnChart(meaning.kpi, tier, month, charted=False)
    values = book.values(kpi, tier.pk, last)
    points = points_of(values, seasonal=kpi.seasonal)
    chart = chart_of([one.value for one in points]) if points and points[-1].month == month else Chart()
    thin = _thin(book, meaning.leaves, last)
    rules, said = _rules(points, chart), Found(last)
    if last == month and not thin:
        window = book.windows(kpi, tier, [last], values).get(last)
        assurance = assurances().assurance(meaning.kpi, tier.pk, window) if window else None
        said = Found(last, signal_of(chart, Direction(meaning.kpi.direction)), chart.rule, assurance)
    return ColumnChart(
        *(meaning.kpi, tier, month, True, points, (*rules[:-1], *([said.rule] if rules else []))),
        *(chart.limits, chart.few_cases, said, thin, steps_of(book, kpi, tier, last)),
    )


def _thin(book: SignalBook, leaves: Collection[int], month: Month) -> tuple[ThinMonth, ...]:
    found = book.thin([month])
    return tuple(sorted(one for leaf in leaves for one in found.get(leaf, {}).values()))


def _rules(points: Sequence[Point], chart: Chart) -> list[SignalRule | None]:
    """What each point met by the limits of the chart; none where the rules are not asked."""
    if chart.limits is None or chart.few_cases:
        return [None] * len(points)
    return rules_of([one.value for one in points], chart.limits)


def is_charted(kpi: Kpi, month: Month) -> bool:
    """Whether a KPI has a chart in a month: it looks back over no months itself, nor is it made of one that does."""
    library = library_for(kpi)
    return SignalBook([kpi], library, VersionBook.read(library), ()).meaning(kpi, month).charted


def read_book(kpis: Sequence[Kpi], last: Month) -> SignalBook:
    """What the charts of KPIs are made of, from the first month with data on."""
    library: list[Kpi] = library_for(kpis[0]) if len(kpis) == 1 else list(Kpi.objects.all())
    first = RolledSlice.objects.aggregate(first=Min("month"))["first"]
    months = months_between(Month(first), last) if first and first <= last else ()
    return SignalBook(kpis, library, VersionBook.read(library), months)


def steps_of(book: SignalBook, kpi: Kpi, tier: Tier, month: Month) -> tuple[StepFrom, ...]:
    """All steps of a column up to a month, in order: a steward's go before a version's of the same month."""
    by_hand = [
        StepFrom(Month(one.month), one.reason, one)
        for one in book.steps.get(kpi.pk, ())
        if one.tier_id in {None, tier.pk}
    ]
    behind = book.meaning(kpi, month).behind
    versions = KpiVersion.objects.filter(kpi__in=behind, from_month__gt=ALWAYS, from_month__lte=month)
    rows = versions.order_by("from_month").select_related("kpi") if book.changes else ()
    begun = [StepFrom(Month(one.from_month), _reason(one, kpi)) for one in rows]
    return tuple(sorted((one for one in (*by_hand, *begun) if one.month <= month), key=lambda one: one.month))


def _reason(version: KpiVersion, kpi: Kpi) -> str:
    told = version.reason or "What it means changed"
    return told if version.kpi_id == kpi.pk else f"{version.kpi.name}: {told}"


# -- how sure a target is


class Assurances:
    """How sure targets are of being met: what was measured in the months of a window, against what was agreed to."""

    def __init__(self, calendar: FiscalCalendar, reader: GoalReader) -> None:
        self._calendar, self._reader = calendar, reader
        self._periods: dict[Month, Period] = {}

    def assurance(self, kpi: Kpi, tier: int, window: Sequence[WindowMonth]) -> Assurance | None:
        """Of a KPI as it means in the last month of the window; None where fewer than twelve months have a target,
        or that month has none.
        """
        parts = [(one.month, *one.value.as_integer_ratio(), one.held) for one in window]
        return self._of_parts(kpi, tier, parts)

    def assurance_of_text(self, kpi: Kpi, tier: int, text: str) -> Assurance | None:
        """The same of a window as its row keeps it, of which a matrix has hundreds: in whole numbers."""
        if kpi.direction == Direction.RANGE or self._reader.promises_nothing(kpi, tier):
            return None
        return self._of_parts(kpi, tier, window_in(text))

    def _of_parts(self, kpi: Kpi, tier: int, parts: Sequence[WindowParts]) -> Assurance | None:
        """Of months as numerator, denominator and tiers with a fact: all gaps go over one denominator."""
        months = [month for month, *_ in parts]
        goals = self._reader.monthly(kpi, tier, months) if parts else []
        found = [
            (month, above, below, *goal.value.as_integer_ratio())
            for (month, above, below, held), known in zip(parts, goals, strict=True)
            if (goal := known or self._goal(kpi, tier, month, held)) is not None and goal.value is not None
        ]
        if not found or found[-1][0] != months[-1]:
            return None
        scale = lcm(*{part for _, _, below, _, under in found for part in (below, under)})
        gaps = [above * (scale // below) - aim * (scale // under) for _, above, below, aim, under in found]
        return assurance_of_whole(gaps, Direction(kpi.direction))

    def _goal(self, kpi: Kpi, tier: int, month: Month, held: frozenset[int] | str) -> Goal | None:
        tiers = frozenset(map(int, held.split(","))) if held and isinstance(held, str) else held or ()
        return self._reader.of_column(kpi, tier, kpi.method, self._month(month), tiers)

    def _month(self, month: Month) -> Period:
        if month not in self._periods:
            self._periods[month] = self._calendar.period(Kind.MONTH, month)
        return self._periods[month]


def read_assurances(calendar: FiscalCalendar, last: Month, kpis: Collection[int] | None = None) -> Assurances:
    """What assurances of a month need, in two queries; of all KPIs where not said of which, by id."""
    first = shift(last, 1 - WINDOW_MONTHS)
    return Assurances(calendar, GoalReader(TargetBook.read(calendar, first, last, kpis), list(Tier.objects.all())))


# -- what rollups keep


class Together(Aggregate):
    """Texts of several rows in one, ``|`` between them."""

    function = "STRING_AGG"
    template = "%(function)s(%(expressions)s, '|')"
    output_field = TextField()

    def as_sqlite(self, compiler: Any, connection: Any) -> Any:  # type: ignore[override]
        """By the name that SQLite has for it."""
        return self.as_sql(compiler, connection, function="GROUP_CONCAT")


def signals_of_tier(month: Month | None, kpis: Collection[int] | None = None) -> Subquery:
    """What rollups found of a month in a tier, of all KPIs where not said of which: asked with the tiers themselves,
    for a matrix takes no query more for it.
    """
    rows = MonthSignal.objects.filter(month=month or 0, tier=OuterRef("pk")).order_by()
    rows = rows if kpis is None else rows.filter(kpi__in=kpis)
    between = Value(":")
    columns = (Cast("kpi_id", CharField()), between, "signal", between, "rule", between, "window")
    text = Concat(*columns, output_field=TextField())
    return Subquery(rows.values(one=Value(1)).annotate(told=Together(text)).values("told"))


class MonthSignals:
    """What rollups found of a month, by KPI and tier; assurances are worked out as they are asked for."""

    def __init__(self, month: Month | None, told: Iterable[tuple[int, str | None]]) -> None:
        """``month`` None: of a period of which no month has ended nothing is said. ``told`` is ``signals_of_tier`` by
        the tier's id.
        """
        self.month = month
        self._rows: dict[tuple[int, int], Sequence[str]] = {}
        for tier, text in told:
            for row in (text or "").split("|") if text else ():
                kpi, *said = row.split(":")
                self._rows[int(kpi), tier] = said
        self.looks_back = any(window for _, _, window in self._rows.values())

    @property
    def charted(self) -> frozenset[tuple[int, int]]:
        """The columns, by the ids of KPI and tier, that have a chart in the month, whatever it says."""
        return frozenset(self._rows)

    def of_column(self, kpi: Kpi, tier: int, assurances: Assurances, *, provisional: bool) -> Found:
        """What is said of a column, ``kpi`` as it means in the month; of a provisional value no signal."""
        row = self._rows.get((kpi.pk, tier))
        if row is None:
            return Found(self.month)
        signal, rule, window = row
        assurance = assurances.assurance_of_text(kpi, tier, window) if window else None
        if provisional or not signal:
            return Found(self.month, assurance=assurance)
        return Found(self.month, Signal(signal), SignalRule(rule), assurance)


def window_text(window: Iterable[WindowMonth]) -> str:
    """A window as its row keeps it: ``202309 5/3;202310 7 12,13``."""
    return ";".join([one.entry for one in window])


def window_in(text: str) -> list[WindowParts]:
    """The window that a row keeps."""
    return [_month_in(entry) for entry in text.split(";")]


def _month_in(entry: str) -> WindowParts:
    month, _, rest = entry.partition(" ")
    value, _, held = rest.partition(" ")
    above, _, below = value.partition("/")
    return Month(int(month)), int(above), int(below or 1), held
