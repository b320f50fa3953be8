"""One cell explained: where its number came from, and how it moved."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from fractions import Fraction

from accounts.company import company, today_of
from core.formatting import Style, month_name, sentence_list
from core.periods import Kind, Month, Period
from customers.choices import TierScope
from customers.models import Tier
from kpis.choices import Absent, CompleteWhen, TimeMethod
from kpis.formulas.values import Components, Goal, Method, Value, counted_parts, pooled, value_of_period
from kpis.models import CompleteMonth, Kpi, Restatement
from kpis.models.versions import VersionBook
from kpis.reading.cells import Actual
from kpis.reading.goals import GoalReader
from kpis.reading.matrix import Cell, MatrixBuilder, builder_of, shown_month
from kpis.reading.targets import TargetBook, TargetRow
from kpis.reading.trends import MonthView, last_months, library_for, month_views
from kpis.rollup.merging import months_behind, window
from kpis.wording import actual_words, how, how_calculated, style_of


@dataclass(frozen=True, slots=True)
class TrendPoint:
    """A month of the trend: its actual and its target, either of which may be missing.

    ``meant`` is the KPI as it meant in that month; ``is_part``: the value misses months that it adds up.
    """

    month: Month
    meant: Kpi
    actual: Fraction | None
    goal: Goal | None
    is_part: bool


@dataclass(frozen=True, slots=True)
class Trend:
    """The last 24 months up to a period's end, or to the last ended month where that is earlier, oldest first.

    ``kpi`` is as it means in the period.
    """

    kpi: Kpi
    points: tuple[TrendPoint, ...]


@dataclass(frozen=True, slots=True)
class InputValue:
    """What a formula takes: a KPI as it means in the period, and its value in the same tier; None: no data."""

    kpi: Kpi
    actual: Actual | None


@dataclass(frozen=True, slots=True)
class CellMonth:
    """A month that is expected of a cell: its value, and what it is made of; None where it has no data.

    ``numerator`` and ``denominator`` are what the KPI counts and divides by; a calculated month has neither.
    ``complete``: a steward's word that all its facts are there.
    """

    month: Month
    value: Fraction | None
    numerator: Fraction | None
    denominator: Fraction | None
    facts: int
    complete: bool


@dataclass(frozen=True, slots=True)
class CellStory:
    """All that the page of one cell tells.

    ``months`` are the period's months with data and their components; ``missing`` those without;
    ``notes`` are sentences on what the number rests on. ``kpi`` is as it means in the period; a calculated
    one has ``inputs`` and no months of its own. ``targets`` are the approved rows that the target is made of.
    ``no_change`` says why no change is shown, after a colon; empty where the previous value is known. What the
    change is made of is read apart (``kpis.reading.changes``), for it goes back to the facts. ``row`` has the KPI's
    cells of all tiers, this one among them.
    """

    kpi: Kpi
    tier: Tier
    period: Period
    to_date: bool
    cell: Cell
    how: str
    notes: tuple[str, ...]
    months: Mapping[Month, Components]
    missing: tuple[Month, ...]
    trend: tuple[TrendPoint, ...]
    inputs: tuple[InputValue, ...] = ()
    targets: tuple[TargetRow, ...] = ()
    no_change: str = ""
    row: tuple[Cell, ...] = ()


def explain_cell(period: Period, kpi: Kpi, tier: Tier, *, today: date | None = None) -> CellStory:
    """Explain a cell as of today. No customer is named: who made the difference is read apart, as its split is."""
    found = company()
    today = today or today_of(found)
    builder = builder_of([kpi], period, today)
    kpi = builder.kpis[0]  # as it means in the period
    cell = builder.cell(kpi, tier)
    story = CellStory(
        *(kpi, tier, period, builder.to_date, cell),
        how="",
        notes=(),
        months={},
        missing=(),
        trend=explain_trend(period, kpi, tier, today=today).points,
        no_change="" if cell.previous is not None else builder.why_no_change(kpi),
        targets=builder.rows_behind(kpi, tier),
        row=builder.row(kpi),
    )
    if kpi.calculated:
        return _with_inputs(story, builder, found.currency)
    return _with_months(story, _shown_period(kpi, period, builder), found.currency)


def _with_months(story: CellStory, shown: Period, currency: str) -> CellStory:
    """The story of a value that is made of facts or of what was entered."""
    kpi, tier, cell = story.kpi, story.tier, story.cell
    months = months_behind(kpi, tier, shown)
    return replace(
        story,
        how=how(kpi.method, _value(kpi, cell, months), months, style_of(kpi, currency)),
        notes=(
            *_notes(kpi, tier, cell, months),
            *_doubts(kpi, cell, months),
            *_corrections(kpi, tier, shown, months, style_of(kpi, currency)),
        ),
        months=months,
        missing=tuple(month for month in window(kpi, shown) if month not in months),
    )


def _with_inputs(story: CellStory, builder: MatrixBuilder, currency: str) -> CellStory:
    """The story of a calculated value: its formula, and what it takes."""
    calculations = builder.calculations
    ids = calculations.inputs.get(story.kpi.pk, ())
    inputs = tuple(
        InputValue(calculations.kpis[pk], builder.current.get((pk, story.tier.pk))) for pk in dict.fromkeys(ids)
    )
    notes = ["Calculated for each tier and period from the values of just that tier and period."]
    if story.cell.months_with_data < story.cell.months_expected:
        notes.append("It has as many months with data as the input that has the fewest.")
    waiting = [one.kpi.name for one in inputs if one.actual and one.actual.provisional]
    if story.cell.provisional:
        notes.append(f"Provisional: months of {sentence_list(waiting)} are still to be marked complete.")
    notes += [f"{thin.words_in(story.kpi)}." for thin in story.cell.thin]
    values = {one.kpi: one.actual.number if one.actual else None for one in inputs}
    words = how_calculated(story.kpi, values, story.cell.actual, currency)
    return replace(story, how=words, notes=tuple(notes), inputs=inputs)


def _shown_period(kpi: Kpi, period: Period, builder: MatrixBuilder) -> Period:
    """The period whose window the value covers: for ttm that of the last ended month."""
    if kpi.time_method != TimeMethod.TTM:
        return period
    return period.calendar.period(Kind.MONTH, builder.end)


def _value(kpi: Kpi, cell: Cell, months: Mapping[Month, Components]) -> Value:
    """The cell's value beside the components of its months."""
    found = value_of_period(kpi.method, months, cell.months_expected)
    customers = int(cell.actual) if cell.actual is not None and _is_count(kpi.method, cell) else 0
    total = found.total
    merged = Components(total.numerator, total.denominator, total.facts, customers, total.entered)
    return Value(cell.actual, merged, cell.months_with_data, cell.months_expected, cell.last_month)


def _is_count(method: Method, cell: Cell) -> bool:
    return method.customer.counts and (method.time.pools or cell.months_expected == 1)


def _notes(kpi: Kpi, tier: Tier, cell: Cell, months: Mapping[Month, Components]) -> list[str]:
    entered = any(parts.entered for parts in months.values())
    notes = []
    if entered:
        notes.append("The actuals were entered per tier; nobody measures this KPI per customer.")
    elif tier.scope == TierScope.TIER:
        notes.append("Each fact counts in the tier that its customer had on the last day of the fact’s month.")
    elif tier.scope == TierScope.ALL:
        notes.append("Computed from the facts of all customers, with or without a tier, never from the tiers’ values.")
    if kpi.method.customer.counts:
        notes.append("Each customer with a fact above 0 counts once, however many months it has one in.")
    if kpi.facts_of is not None:
        notes.append(f"The facts are those of “{kpi.facts_of.name}”.")
    if kpi.absent == Absent.ZERO and any(not parts.facts for parts in months.values()):
        notes.append("In a month with facts elsewhere, or marked complete, silence here means zero.")
    if len(months) < cell.months_expected:
        notes.append("Months without data are left out; they are not counted as zero.")
    return notes


def _doubts(kpi: Kpi, cell: Cell, months: Mapping[Month, Components]) -> Iterator[str]:
    """Months that are still to be marked complete, and those that look incomplete."""
    if kpi.complete_when == CompleteWhen.MARKED:
        rows = CompleteMonth.objects.filter(kpi__in={kpi.pk, kpi.source_id}, month__in=months)
        marked = set(rows.values_list("month", flat=True))
        if waiting := [month_name(month) for month in months if month not in marked]:
            yield f"Still to be marked complete: {sentence_list(waiting)}."
    for thin in cell.thin:
        yield f"{thin.words}. Where it is all there, a steward marks the month complete."


def _corrections(
    kpi: Kpi, tier: Tier, shown: Period, months: Mapping[Month, Components], style: Style
) -> Iterator[str]:
    """What was corrected of actuals that people entered, the latest first; no query where they are of facts."""
    if months and not any(parts.entered for parts in months.values()):
        return
    rows = Restatement.objects.filter(kpi=kpi.source_id, tier=tier, month__in=window(kpi, shown))
    for row in rows.select_related("by"):
        old = actual_words(kpi, row.old_numerator, row.old_denominator, style) or "nothing"
        new = actual_words(kpi, row.numerator, row.denominator, style) or "nothing"
        who = f", {row.by}" if row.by else ""
        yield f"{month_name(Month(row.month))} was corrected: {old} became {new} (“{row.reason}”{who})."


def explain_trend(period: Period, kpi: Kpi, tier: Tier, *, today: date | None = None) -> Trend:
    """A cell's trend alone, from stored cells: none of its facts is read. As of today."""
    months = last_months(shown_month(period, today or today_of(company())))
    tiers = list(Tier.objects.all())
    library = library_for(kpi)
    versions = VersionBook.read(library)
    views = month_views([kpi], months, library, versions, [one.pk for one in tiers])
    reader = GoalReader(TargetBook.read(period.calendar, months[0], months[-1], [kpi.pk]), tiers)
    points = tuple(_point(kpi, tier, month, view, reader, period) for month, view in views.items())
    return Trend(versions.at(kpi, period.last), points)


def _point(kpi: Kpi, tier: Tier, month: Month, view: MonthView, reader: GoalReader, period: Period) -> TrendPoint:
    meant, one = view.meant[kpi.pk], period.calendar.period(Kind.MONTH, month)
    held = {of for (pk, of), actual in view.actuals.items() if pk == kpi.pk and actual.facts}
    actual = view.actuals.get((kpi.pk, tier.pk))
    goal = reader.of_period(meant, meant.method, one, month, held)[tier.pk]
    number = actual.number if actual else None
    return TrendPoint(month, meant, number, goal, is_part=view.is_part(kpi.pk, tier.pk))


def explain_months(period: Period, kpi: Kpi, tier: Tier, *, today: date | None = None) -> tuple[CellMonth, ...]:
    """The months expected of a cell in order, with or without data. As of today.

    ``kpi`` is as it means in the period. A calculated value has the months of the period, each by its own values.
    """
    end = shown_month(period, today or today_of(company()))
    shown = period.calendar.period(Kind.MONTH, end) if kpi.method.counts_window else period
    if kpi.calculated:
        return _calculated_months(kpi, tier, shown.months)
    months = months_behind(kpi, tier, shown)
    marked = CompleteMonth.objects.filter(kpi__in={kpi.pk, kpi.source_id}, month__in=window(kpi, shown))
    complete = set(marked.values_list("month", flat=True))
    return tuple(_cell_month(kpi, month, months.get(month), month in complete) for month in window(kpi, shown))


def _cell_month(kpi: Kpi, month: Month, parts: Components | None, complete: bool) -> CellMonth:
    if parts is None:
        return CellMonth(month, None, None, None, 0, complete)
    return CellMonth(month, pooled(kpi.method, parts), *counted_parts(kpi.method, parts), parts.facts, complete)


def _calculated_months(kpi: Kpi, tier: Tier, months: Sequence[Month]) -> tuple[CellMonth, ...]:
    library = library_for(kpi)
    tiers = list(Tier.objects.values_list("pk", flat=True))
    views = month_views([kpi], months, library, VersionBook.read(library), tiers)
    found = {month: view.actuals.get((kpi.pk, tier.pk)) for month, view in views.items()}
    return tuple(
        CellMonth(month, one.number if one else None, None, None, one.facts if one else 0, complete=False)
        for month, one in found.items()
    )
