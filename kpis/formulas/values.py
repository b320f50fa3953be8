"""The arithmetic of the product: pure, exact, no Django.

Sums of facts are whole ten-thousandths; values are fractions in the KPI's unit. Every rule is
from the product's semantics, and named after it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from core.numbers import SCALE
from core.periods import Month
from kpis.choices import CustomerMethod, Direction, Status, TimeMethod

DEFAULT_NEAR_BAND = Fraction(10)


@dataclass(frozen=True, slots=True)
class Components:
    """What a cell is made of, so that cells merge: sums in ten-thousandths, and counts.

    ``customers`` is the number of different customers with a fact above 0. ``entered`` tells rows
    that were entered per tier from facts of customers.
    """

    numerator: int = 0
    denominator: int = 0
    facts: int = 0
    customers: int = 0
    entered: bool = False

    def __add__(self, other: Components) -> Components:
        return Components(
            self.numerator + other.numerator,
            self.denominator + other.denominator,
            self.facts + other.facts,
            self.customers + other.customers,
            self.entered or other.entered,
        )


@dataclass(frozen=True, slots=True)
class Method:
    """How a KPI's facts become values: over customers, over time, and whether it is a percentage."""

    customer: CustomerMethod
    time: TimeMethod
    percent: bool = False

    @property
    def additive(self) -> bool:
        """Whether a missing month makes the value a part of the whole."""
        return self.time == TimeMethod.SUM or (self.time.pools and self.customer.adds_up)

    @property
    def scales(self) -> bool:
        """Whether a month's number and a quarter's differ by the length alone."""
        return self.time == TimeMethod.SUM or (self.time == TimeMethod.POOL and self.customer == CustomerMethod.SUM)

    @property
    def counts_window(self) -> bool:
        """Whether it looks back over the twelve months that end with the period."""
        return self.time == TimeMethod.TTM

    @property
    def counts_over_months(self) -> bool:
        """Whether it counts different customers over all months at once, which month counts do not tell."""
        return self.customer.counts and self.time.pools

    @property
    def counts_or_sums(self) -> bool:
        """Whether it counts or sums customers: such a number grows until the period has ended."""
        return self.customer.adds_up and self.time != TimeMethod.TTM


@dataclass(frozen=True, slots=True)
class Value:
    """An actual and what it rests on. ``number`` is None where there is no value.

    ``months_with_data`` counts those that are confirmed; ``provisional``: one that isn't counts in the value.
    """

    number: Fraction | None
    total: Components
    months_with_data: int
    months_expected: int
    last_month: Month | None
    provisional: bool = False


def total(parts: Iterable[Components]) -> Components:
    """The components of several cells as though they were one; zeros where there is none."""
    numerator = denominator = facts = customers = 0
    entered = False
    for part in parts:
        numerator += part.numerator
        denominator += part.denominator
        facts += part.facts
        customers += part.customers
        entered = entered or part.entered
    return Components(numerator, denominator, facts, customers, entered)


def pooled(method: Method, parts: Components) -> Fraction | None:
    """The customer method over the facts behind the components; None where nothing can be said.

    sum: Σ numerator. mean: Σ numerator / facts (entered: / Σ denominator, the observations).
    ratio: Σ numerator / Σ denominator, times 100 for a percentage. distinct: customers (entered:
    the number itself).
    """
    if method.customer == CustomerMethod.SUM:
        return Fraction(parts.numerator, SCALE)
    if method.customer == CustomerMethod.DISTINCT:
        return Fraction(parts.numerator, SCALE) if parts.entered else Fraction(parts.customers)
    below = _below(method, parts)
    if below == 0:
        return None
    value = Fraction(parts.numerator, below)
    return value * 100 if method.percent and method.customer == CustomerMethod.RATIO else value


def counted_parts(method: Method, parts: Components) -> tuple[Fraction, Fraction | None]:
    """What a value is made of: its numerator, and what that is divided by (None where it is not divided).

    Of a count of different customers the customers, never the sum of what their facts hold.
    """
    if method.customer == CustomerMethod.DISTINCT and not parts.entered:
        return Fraction(parts.customers), None
    above = Fraction(parts.numerator, SCALE)
    return above, None if method.customer.adds_up else Fraction(_below(method, parts), SCALE)


def _below(method: Method, parts: Components) -> int:
    """What the numerator is divided by, in ten-thousandths; 0 where nothing can be said."""
    if method.customer.adds_up:
        return SCALE
    return parts.facts * SCALE if method.customer == CustomerMethod.MEAN and not parts.entered else parts.denominator


def value_of_period(
    method: Method,
    months: Mapping[Month, Components],
    expected: int,
    customers: int | None = None,
    unmarked: Collection[Month] = (),
) -> Value:
    """The value of a period from its months with data.

    ``months`` holds the components of each month with data, in order; ``expected`` is the number
    of months that the period (for ``ttm`` the window of twelve) has; ``customers`` is the count of
    different customers over all of them, needed for a pooled distinct count alone. ``unmarked`` are
    those of the months that are still to be confirmed: they count in the value and not among the months with data.
    """
    merged = total(months.values())
    if customers is not None:
        merged = Components(merged.numerator, merged.denominator, merged.facts, customers, merged.entered)
    telling = months
    if not method.customer.adds_up:
        telling = {month: parts for month, parts in months.items() if _below(method, parts) != 0}
    number: Fraction | None
    if not months:
        number = None
    elif method.time.pools:
        number = _pooled_over_months(method, merged, expected)
    else:
        number = _combined(method, list(telling.values()))
    last = max(telling, default=None)
    counted = _counted(method, months, telling, last) if number is not None else ()
    provisional = any(month in unmarked for month in counted)
    return Value(number, merged, len(months.keys() - set(unmarked)), expected, last, provisional)


def _counted(
    method: Method, months: Collection[Month], telling: Collection[Month], last: Month | None
) -> Collection[Month]:
    """The months that count in a value: all of them, those that have a value of their own, or the last of these."""
    if method.time.pools:
        return months
    return [last] if method.time == TimeMethod.LAST and last else telling


def _pooled_over_months(method: Method, merged: Components, expected: int) -> Fraction | None:
    """Entered distinct counts cannot be pooled: who was counted twice is not known."""
    if method.customer.counts and merged.entered and expected > 1:
        return None
    return pooled(method, merged)


def _combined(method: Method, months: Sequence[Components]) -> Fraction | None:
    if not months:
        return None
    if method.time == TimeMethod.LAST:
        return pooled(method, months[-1])
    if method.customer == CustomerMethod.SUM:
        added = Fraction(sum(parts.numerator for parts in months), SCALE)
    else:
        added = sum((pooled(method, parts) or Fraction(0) for parts in months), Fraction(0))
    return added / len(months) if method.time == TimeMethod.MEAN else added


@dataclass(frozen=True, slots=True)
class Goal:
    """A target: one value, or a range with both bounds."""

    value: Fraction | None = None
    low: Fraction | None = None
    high: Fraction | None = None

    def __add__(self, other: Goal) -> Goal:
        return Goal(*(_plus(a, b) for a, b in zip(self.parts, other.parts, strict=True)))

    def share(self, divisor: int) -> Goal:
        """The n-th part of it, both bounds of a range."""
        if divisor == 1:
            return self
        return Goal(*(None if part is None else part / divisor for part in self.parts))

    def fits(self, direction: str) -> bool:
        """Whether it can be held against a value: both bounds for a range, else one number."""
        if direction == Direction.RANGE:
            return self.low is not None and self.high is not None
        return self.value is not None

    @property
    def parts(self) -> tuple[Fraction | None, Fraction | None, Fraction | None]:
        """Value, low and high."""
        return self.value, self.low, self.high


def _plus(a: Fraction | None, b: Fraction | None) -> Fraction | None:
    return None if a is None or b is None else a + b


@dataclass(frozen=True, slots=True)
class Band:
    """How far from a target is still near: in the KPI's unit where given, else in percent of it."""

    percent: Fraction = DEFAULT_NEAR_BAND
    absolute: Fraction | None = None

    def around(self, bound: Fraction) -> Fraction:
        """The distance from this bound that is still near."""
        return self.absolute if self.absolute is not None else abs(bound) * self.percent / 100


def status(actual: Fraction, goal: Goal, direction: Direction, band: Band) -> Status:
    """Met, near or missed, by distance from the target: zero and negative targets work too.

    Exactly on the target is met; exactly the band away is near. For a range the nearer bound counts.
    """
    if goal.value is not None and (actual >= goal.value if direction == Direction.HIGHER else actual <= goal.value):
        return Status.MET  # most are, and need no arithmetic
    bound, distance = _shortfall(actual, goal, direction)
    if distance <= 0:
        return Status.MET
    return Status.NEAR if distance <= band.around(bound) else Status.MISSED


Distance = tuple[int, Fraction]


def bands_away(actual: Fraction, goal: Goal, direction: str, band: Band) -> Distance:
    """How many near bands a value is from its target, to be compared: (0, 0) where it is met, (0, 1) at the edge of
    near; (1, 0), more than all others, where it is not met and the band is 0.
    """
    bound, short = _shortfall(actual, goal, Direction(direction))
    if short <= 0:
        return 0, Fraction(0)
    around = band.around(bound)
    return (0, short / around) if around else (1, Fraction(0))


def _shortfall(actual: Fraction, goal: Goal, direction: Direction) -> tuple[Fraction, Fraction]:
    """The bound that is missed, and by how much; 0 or less where it is met."""
    if goal.value is not None:
        short = goal.value - actual if direction == Direction.HIGHER else actual - goal.value
        return goal.value, short
    if goal.low is None or goal.high is None:
        raise ValueError("a goal has a value or both bounds")
    return max((goal.low, goal.low - actual), (goal.high, actual - goal.high), key=lambda pair: pair[1])


def variance(actual: Fraction | None, goal: Goal | None) -> Fraction | None:
    """Actual less target; None for ranges and where either is missing."""
    return None if actual is None or goal is None or goal.value is None else actual - goal.value


def attainment(actual: Fraction | None, goal: Goal | None, direction: Direction) -> Fraction | None:
    """Actual / target (target / actual where lower is better), only where both are above 0."""
    if actual is None or goal is None or goal.value is None or actual <= 0 or goal.value <= 0:
        return None
    return actual / goal.value if direction == Direction.HIGHER else goal.value / actual
