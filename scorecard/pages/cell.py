"""The page of one cell: its verdict, trend and components as they are written."""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction
from urllib.parse import urlencode

from django.urls import reverse

from core.formatting import (
    Change,
    Style,
    change,
    counted,
    goal,
    month_name,
    months_words,
    number,
    period_name,
    sentence_list,
    short_month,
    target_words,
    trimmed,
)
from core.periods import Month, month_code
from customers.models import Tier
from kpis.choices import CustomerMethod, Direction, Status
from kpis.formulas.values import Components, counted_parts, status
from kpis.models import Kpi
from kpis.reading.explanations import CellStory, InputValue, TrendPoint
from kpis.reading.goals import band_of
from kpis.reading.target_history import history_address
from kpis.reading.targets import TargetRow
from kpis.wording import part_names, style_of
from scorecard.pages.matrix import signed


@dataclass(frozen=True, slots=True)
class ShownPoint:
    """A month of the trend as the table under the chart writes it."""

    month: Month
    name: str
    actual: str
    target: str
    sign: str
    word: str
    status: Status
    in_period: bool


@dataclass(frozen=True, slots=True)
class ShownMonth:
    """What a month of the period is made of. ``url`` leads to its facts; empty for tier actuals."""

    name: str
    numerator: str
    denominator: str
    facts: str
    url: str


@dataclass(frozen=True, slots=True)
class ShownInput:
    """What a formula takes, with the link to its own cell."""

    name: str
    code: str
    value: str
    months: str
    url: str


@dataclass(frozen=True, slots=True)
class ShownAim:
    """A target row that the target is made of, with the link to its history."""

    name: str
    url: str


@dataclass(frozen=True, slots=True)
class ShownStory:
    """All that the page of one cell shows."""

    headline: str
    actual: str
    target: str
    variance: str
    attainment: str
    change: Change | None
    months_words: str
    points: tuple[ShownPoint, ...]
    months: tuple[ShownMonth, ...]
    missing: str
    entered: bool  # by people, per tier
    has_denominator: bool
    counts: str  # what the numerator of a month is called
    divided_by: str  # and its denominator
    inputs: tuple[ShownInput, ...] = ()
    aims: tuple[ShownAim, ...] = ()


def show_story(
    story: CellStory, currency: str, *, may_read_facts: bool = False, beside: Fraction | None = None
) -> ShownStory:
    """A cell's story as its page writes it; ``beside`` is another value that stands on the page and is told apart."""
    cell = story.cell
    bounds = (cell.target, cell.low, cell.high)
    style = style_of(story.kpi, currency).told_apart(cell.actual, (*bounds, beside))
    target = target_words(style, story.kpi.direction, *bounds)
    return ShownStory(
        headline=headline(story, style.full(cell.actual), target),
        actual=style.full(cell.actual),
        target=target,
        variance="" if cell.variance is None else signed(style, cell.variance),
        attainment="" if cell.attainment is None else f"{number(cell.attainment * 100, 1)} %",
        change=change(style, story.kpi.direction, cell.actual, cell.previous),
        months_words=months_words(cell.months_with_data, cell.months_expected)
        + (" confirmed" if cell.provisional else ""),
        points=tuple(_point(story, point, style) for point in reversed(story.trend)),
        months=tuple(_month(story, month, parts, may_read_facts) for month, parts in story.months.items()),
        missing=sentence_list(month_name(month) for month in story.missing),
        entered=any(parts.entered for parts in story.months.values()),
        has_denominator=story.kpi.customer_method == CustomerMethod.RATIO,
        counts=_counts(story.kpi),
        divided_by=part_names(story.kpi)[1],
        inputs=tuple(_input(story, one, currency) for one in story.inputs),
        aims=tuple(_aim(story, row) for row in story.targets),
    )


def headline(story: CellStory, actual: str, target: str) -> str:
    """``Gold missed its target: 14.8 %, at most 8 %.`` One sentence for each status."""
    tier, words = story.tier.name, period_name(story.period)
    if story.cell.provisional and story.cell.status == Status.PARTIAL:
        return f"{tier}: {actual}, provisionally, {target}. There is a verdict once all months are marked complete."
    their = "their" if story.tier.code == "all" else "its"
    sentences = {
        Status.MET: f"{tier} met {their} target: {actual}, {target}.",
        Status.NEAR: f"{tier} came near {their} target: {actual}, {target}.",
        Status.MISSED: f"{tier} missed {their} target: {actual}, {target}.",
        Status.PARTIAL: f"{tier}: {actual} so far, {target} for the whole. A part is not held against a whole.",
        Status.NO_TARGET: f"{tier}: {actual}. No target has been approved for {words}.",
        Status.NO_DATA: f"{tier}: there are no data for {words}.",
    }
    return sentences[Status(story.cell.status)]


def judged(point: TrendPoint) -> Status:
    """The status of a month of the trend, by what the KPI meant in it; all of its months have ended."""
    if point.actual is None:
        return Status.NO_DATA
    if point.goal is None:
        return Status.NO_TARGET
    if point.is_part:
        return Status.PARTIAL
    return status(point.actual, point.goal, Direction(point.meant.direction), band_of(point.meant))


def goal_parts(point: TrendPoint) -> tuple[Fraction | None, Fraction | None, Fraction | None]:
    """Target, low and high of a month of the trend."""
    return point.goal.parts if point.goal else (None, None, None)


def _point(story: CellStory, point: TrendPoint, style: Style) -> ShownPoint:
    parts = goal_parts(point)
    style = replace(style, unit=point.meant.unit, currency=point.meant.currency or style.currency)
    direction = point.meant.direction
    words = target_words(style, direction, *parts) if point.goal else "–"
    aim = goal(style, direction, *parts)
    word = aim.word if aim else ""
    return ShownPoint(
        month=point.month,
        name=short_month(point.month),
        actual=style.full(point.actual),
        target=words.removeprefix(word).strip(),
        sign=aim.sign if aim else "",
        word=word,
        status=judged(point),
        in_period=point.month in story.period.months,
    )


def _month(story: CellStory, month: Month, parts: Components, may_read_facts: bool) -> ShownMonth:
    above, below = counted_parts(story.kpi.method, parts)
    return ShownMonth(
        name=month_name(month),
        numerator=trimmed(above, 4),
        denominator=trimmed(below, 4),
        facts=counted(parts.facts, "entry", "entries") if parts.entered else counted(parts.facts, "fact"),
        url=facts_address(story.kpi, story.tier, month) if may_read_facts and not parts.entered and parts.facts else "",
    )


def _counts(kpi: Kpi) -> str:
    """What the numerator of a month is called: by its name where it is divided, else by what it counts."""
    if kpi.customer_method == CustomerMethod.RATIO:
        return part_names(kpi)[0]
    return "Customers" if kpi.customer_method == CustomerMethod.DISTINCT else "Sum"


def _input(story: CellStory, one: InputValue, currency: str) -> ShownInput:
    return ShownInput(
        name=one.kpi.name,
        code=one.kpi.code,
        value=style_of(one.kpi, currency).full(one.actual.number if one.actual else None),
        months=months_words(one.actual.months_with_data, one.actual.months_expected) if one.actual else "no data",
        url=reverse("cell", args=[story.period.code, one.kpi.code, story.tier.code]),
    )


def _aim(story: CellStory, row: TargetRow) -> ShownAim:
    """``month from Jul 2026``: which row it is."""
    url = history_address(story.kpi, story.tier, row.per, row.from_month)
    return ShownAim(f"{row.per} from {short_month(row.from_month)}", url)


def facts_address(kpi: Kpi, tier: Tier, month: Month) -> str:
    """The page with the facts of a KPI in a tier and month."""
    query = urlencode({"kpi": kpi.code, "tier": tier.code, "month": month_code(month)})
    return f"{reverse('facts')}?{query}"
