"""Did anything really change: charts of month values, once more from the rules alone."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from tests.oracle.calculated import inputs, value
from tests.oracle.company import ALL, UNTIERED, Company, Kpi
from tests.oracle.months import Span, last_day, later
from tests.oracle.targets import target
from tests.oracle.thin import thin_months


@dataclass(frozen=True)
class Chart:
    """What is told of the latest point; the side is above or below."""

    centre: Fraction | None = None
    lower: Fraction | None = None
    upper: Fraction | None = None
    rule: str | None = None
    side: str | None = None


def mean(numbers: list[Fraction]) -> Fraction:
    """Their sum by how many there are."""
    return sum(numbers, Fraction(0)) / len(numbers)


def middle(numbers: list[Fraction]) -> Fraction:
    """The median."""
    ordered = sorted(numbers)
    half = len(ordered) // 2
    return ordered[half] if len(ordered) % 2 else (ordered[half - 1] + ordered[half]) / 2


def reach_of(numbers: list[Fraction]) -> Fraction:
    """How far the limits lie from the centre: large moving ranges are left out once."""
    ranges = [abs(numbers[i] - numbers[i - 1]) for i in range(1, len(numbers))]
    usual = mean(ranges)
    return Fraction("2.66") * mean([one for one in ranges if not one > Fraction("3.267") * usual])


def chart(points: list[Fraction]) -> Chart:
    """The chart of some points by the rules, asked of the last of them."""
    if len(points) < 12:
        return Chart()
    latest, base = points[-1], points[:-1][:36]
    centre, reach = mean(base), reach_of(base)
    told = Chart(centre, centre - reach, centre + reach)
    commonest = max(base.count(number) for number in base)
    if commonest * 2 > len(base) or reach == 0:
        return told
    for rule, side in met(points, latest, centre, reach, middle(base)):
        return Chart(told.centre, told.lower, told.upper, rule, side)
    return told


def met(
    points: list[Fraction], latest: Fraction, centre: Fraction, reach: Fraction, median: Fraction
) -> list[tuple[str, str]]:
    """The rules that the latest point meets, the first one first."""
    found = []
    if latest > centre + reach:
        found.append(("outside", "above"))
    if latest < centre - reach:
        found.append(("outside", "below"))
    last_eight = points[-8:]
    if len(last_eight) == 8 and all(point > median for point in last_eight):
        found.append(("shift", "above"))
    if len(last_eight) == 8 and all(point < median for point in last_eight):
        found.append(("shift", "below"))
    far = reach * 2 / 3
    if latest > centre + far and any(point > centre + far for point in points[-3:-1]):
        found.append(("two_of_three", "above"))
    if latest < centre - far and any(point < centre - far for point in points[-3:-1]):
        found.append(("two_of_three", "below"))
    return found


def is_charted(company: Company, kpi: Kpi, month: int) -> bool:
    """Never what looks back over twelve months, nor what is made of it."""
    if kpi.formula:
        return all(is_charted(company, one, month) for one in inputs(company, kpi, as_month(company, month)))
    return kpi.time_method != "ttm"


def as_month(company: Company, month: int) -> Span:
    """A month as a period."""
    return company.calendar.span("month", month)


def steps(company: Company, kpi: Kpi, column: str, month: int) -> list[int]:
    """The months up to this one in which a step lies: set by hand, or a new version of the KPI or of an input."""
    found = [at for code, where, at in company.steps if code == kpi.code and where in (None, column) and at <= month]
    found += [version.from_month for version in kpi.versions[1:] if version.from_month <= month]
    if kpi.formula:
        for one in inputs(company, kpi, as_month(company, month)):
            found += [version.from_month for version in one.versions[1:] if version.from_month <= month]
            found += steps_of_inputs(company, one, month)
    return found


def steps_of_inputs(company: Company, kpi: Kpi, month: int) -> list[int]:
    """Those of what an input is made of itself."""
    if not kpi.formula:
        return []
    found = []
    for one in inputs(company, kpi, as_month(company, month)):
        found += [version.from_month for version in one.versions[1:] if version.from_month <= month]
        found += steps_of_inputs(company, one, month)
    return found


def month_values(company: Company, kpi: Kpi, column: str, month: int, today: date) -> dict[int, Fraction]:
    """The values that exist and are not provisional, from the last step on."""
    begin = max(steps(company, kpi, column, month), default=0)
    months = sorted({fact.month for fact in company.facts} | {row.month for row in company.tier_actuals})
    found = {}
    for at in range_of(months[0], month) if months else []:
        one = value(company, kpi.meant_in(at), column, as_month(company, at), today)
        if at >= begin and one.actual is not None and not one.provisional:
            found[at] = one.actual
    return found


def range_of(first: int, last: int) -> list[int]:
    """All months from one to another."""
    found = []
    while first <= last:
        found.append(first)
        first = later(first, 1)
    return found


def points_of(kpi: Kpi, values: dict[int, Fraction]) -> dict[int, Fraction]:
    """The points: of a seasonal KPI differences from the year before."""
    if not kpi.seasonal:
        return values
    return {at: number - values[later(at, -12)] for at, number in values.items() if later(at, -12) in values}


def found_of(company: Company, kpi: Kpi, column: str, month: int, today: date) -> tuple[str | None, str | None]:
    """The signal and the assurance of a month."""
    kpi = kpi.meant_in(month)
    if column == UNTIERED or last_day(month) >= today or not is_charted(company, kpi, month):
        return None, None
    if company.has_ended(kpi.code, month) or thin_months(company, kpi, column, as_month(company, month), today):
        return None, None
    values = month_values(company, kpi, column, month, today)
    return signal(kpi, values, month), assurance(company, kpi, column, values, month, today)


def signal(kpi: Kpi, values: dict[int, Fraction], month: int) -> str | None:
    """Better or worse by the side of the latest point; changed for a range."""
    points = points_of(kpi, values)
    side = chart(list(points.values())).side if month in points else None
    if side is None or kpi.direction == "range":
        return "changed" if side else None
    return "better" if (side == "above") == (kpi.direction == "higher") else "worse"


def assurance(
    company: Company, kpi: Kpi, column: str, values: dict[int, Fraction], month: int, today: date
) -> str | None:
    """Where actual less target lies by itself, over the last 24 calendar months."""
    gaps = {}
    for at, number in values.items():
        aim = target(company, kpi.meant_in(at), column, as_month(company, at), today)
        if at > later(month, -24) and aim is not None and aim.value is not None:
            gaps[at] = number - aim.value
    if kpi.direction == "range" or len(gaps) < 12 or month not in gaps:
        return None
    good = [gap if kpi.direction == "higher" else -gap for gap in gaps.values()]
    centre, reach = mean(good), reach_of(good)
    if centre - reach >= 0 and good[-1] >= 0:
        return "will_meet"
    return "will_miss" if centre + reach < 0 and good[-1] < 0 else "may_miss"


def all_found(company: Company, month: int, today: date) -> dict[tuple[str, str], tuple[str | None, str | None]]:
    """Those of every KPI and column of a month's matrix; Untiered has none."""
    columns = [tier.code for tier in company.tiers] + [ALL]
    return {
        (kpi.code, column): found_of(company, kpi, column, month, today)
        for kpi in company.kpis_of(month)
        for column in columns
    }
