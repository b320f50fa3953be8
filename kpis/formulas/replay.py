"""Warnings of many customers at many month ends, in arrays. Pure, and exact where a comparison decides.

Customers are told by their place in arrays. Changes are floats with a bound of their error: what lies clearly on one
side of a limit is told by these, what does not is told by fractions. It loads NumPy, so who computes imports it alone.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction

import numpy as np
import numpy.typing as npt

from core.periods import Month, shift
from kpis.formulas.warnings import AHEAD, EARLY, LEAST_FACTS, MILD, QUIET, SEVERE, WINDOW, Tally

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]

_ERROR = 16 * float(np.finfo(np.float64).eps)  # of a change as it is calculated below, relative; 8 would do
_FITS = 2.0**62  # products below it are whole in 64 bits


@dataclass(frozen=True, slots=True)
class Measure:
    """How a change in a KPI is taken. A value is numerators ÷ bases, in the units of the facts as they are stored.

    ``band`` is the near band in that unit, or None, and then ``share`` of the earlier value's size is.
    """

    higher: bool  # is better
    share: Fraction
    band: Fraction | None = None


# Of a month: a row of numerators, one of bases (denominators, or months that count), one of facts, by customer.
MonthRows = Ints


class Windows:
    """The sums of the last three months and of the nine before, moved on month by month."""

    def __init__(self, size: int) -> None:
        self.late: Ints = np.zeros((3, size), dtype=np.int64)
        self.early: Ints = np.zeros((3, size), dtype=np.int64)
        self._months: deque[MonthRows | None] = deque([None] * WINDOW, maxlen=WINDOW)

    def push(self, rows: MonthRows | None) -> None:
        """The next month; None for one without facts."""
        moved, gone = self._months[EARLY], self._months[0]
        self._months.append(rows)
        if rows is not None:
            self.late += rows
        if moved is not None:
            self.late -= moved
            self.early += moved
        if gone is not None:
            self.early -= gone

    @property
    def is_blank(self) -> bool:
        """Whether one of the windows has too few months with facts for anybody."""
        held = [rows is not None for rows in self._months]
        return sum(held[EARLY:]) < LEAST_FACTS or sum(held[:EARLY]) < LEAST_FACTS


class Changes:
    """The changes of those that could be warned in a KPI at a month end, more is worse, in near bands.

    ``at`` are their places, ``sums`` their late numerators and bases and their early ones. ``flat`` have a band of 0.
    """

    def __init__(self, measure: Measure, windows: Windows, there: Flags) -> None:
        late, early = windows.late, windows.early
        able = there & (late[2] >= LEAST_FACTS) & (early[2] >= LEAST_FACTS) & (late[1] > 0) & (early[1] > 0)
        self.measure = measure
        self.at: Ints = np.flatnonzero(able)
        self.sums: Ints = np.vstack([late[:2, self.at], early[:2, self.at]])
        still = measure.share == 0 if measure.band is None else measure.band == 0
        zero = self.sums[2] == 0 if measure.band is None else np.False_
        self.flat: Flags = np.broadcast_to(still | zero, self.at.shape)
        self.worse, slack = self._worse()
        self.change, self.error = self._in_bands(slack)

    def _worse(self) -> tuple[Floats, Floats]:
        """How much worse the late value is, in the facts' unit, and the bound of the error."""
        late, late_base, early, early_base = self.sums
        sign = -1 if self.measure.higher else 1
        size = np.abs(late / late_base) + np.abs(early / early_base)
        fits = np.maximum(np.abs(late * 1.0) * early_base, np.abs(early * 1.0) * late_base) < _FITS
        whole = np.where(fits, late, 0) * early_base - np.where(fits, early, 0) * late_base
        exact = whole / (late_base * 1.0 * early_base)  # off by its own size alone: no change is 0
        worse = sign * np.where(fits, exact, late / late_base - early / early_base)
        return worse, _ERROR * np.where(fits, np.abs(worse), size)

    def _in_bands(self, slack: Floats) -> tuple[Floats, Floats]:
        if self.measure.band is None:
            bands = float(self.measure.share) * np.abs(self.sums[2] / self.sums[3])
        else:
            bands = np.full(self.at.shape, float(self.measure.band))
        bands = np.where(self.flat, 1.0, bands)
        return self.worse / bands, slack / bands + _ERROR * np.abs(self.worse / bands)

    # -- exactly

    def values(self, place: int) -> tuple[Fraction, Fraction]:
        """The early and the late value of one of them, in the facts' unit."""
        late, late_base, early, early_base = (int(number) for number in self.sums[:, place])
        return Fraction(early, early_base), Fraction(late, late_base)

    def exactly(self, places: Ints) -> list[Fraction]:
        """The changes of some of them; of those with a band of 0 the change itself. Equal ones are made once."""
        rows = [tuple(row) for row in self.sums[:, places].T.tolist()]
        made = {row: self._exact(*row) for row in set(rows)}
        return [made[row] for row in rows]

    def _exact(self, late: int, late_base: int, early: int, early_base: int) -> Fraction:
        before, now = Fraction(early, early_base), Fraction(late, late_base)
        worse = before - now if self.measure.higher else now - before
        band = self.measure.share * abs(before) if self.measure.band is None else self.measure.band
        return worse / band if band else worse

    def median(self) -> Fraction:
        """The median of the changes that are a number of bands; 0 of none."""
        change, error = self.change[~self.flat], self.error[~self.flat]
        if not change.size:
            return Fraction(0)
        low, high = (change.size - 1) // 2, change.size // 2
        least = float(np.partition(change - error, low)[low])
        most = float(np.partition(change + error, high)[high])
        if least == most:
            return Fraction(least)
        near = np.flatnonzero(~self.flat)[(change + error >= least) & (change - error <= most)]
        below = int((change + error < least).sum())
        line = sorted(self.exactly(near))
        return (line[low - below] + line[high - below]) / 2

    def above(self, limit: Fraction) -> Flags:
        """Which changes, that are a number of bands, are more than a limit."""
        away = self.change - float(limit)
        unsure = np.flatnonzero(~self.flat & (np.abs(away) <= self.error + _ERROR * abs(float(limit))))
        found: Flags = ~self.flat & (away > 0)
        if unsure.size:
            found[unsure] = [change > limit for change in self.exactly(unsure)]
        return found

    def worse_without_band(self) -> Flags:
        """Which of those with a band of 0 are worse by anything."""
        found: Flags = self.flat & (self.change > 0)
        unsure = np.flatnonzero(self.flat & (np.abs(self.change) <= self.error))
        if unsure.size:
            found[unsure] = [change > 0 for change in self.exactly(unsure)]
        return found


@dataclass(frozen=True, slots=True)
class Reason:
    """A KPI in which a customer got worse: its values before and now in the facts' unit. ``severe``: it is enough."""

    kpi: int
    before: Fraction
    now: Fraction
    severe: bool


# A month, what a KPI has of it, and how a change at its end is taken.
Step = tuple[Month, MonthRows | None, Measure | None]


def _worse(changes: Changes) -> tuple[Flags, Flags]:
    """Who got worse by so much that it is enough alone, and who by enough for one of two."""
    middle = changes.median()
    severe = changes.above(middle + SEVERE)
    return severe, changes.above(middle + MILD) | changes.worse_without_band()


@dataclass(slots=True)
class Replay:
    """Who could be warned and was, at the month ends of a span: ``take`` each KPI, then ask. ``there`` says who was on
    the book at each. Why is kept of those ends alone that ``explain`` is asked of, once all KPIs were taken.
    """

    ends: Sequence[Month]
    there: Mapping[Month, Flags]
    able: dict[Month, Flags] = field(default_factory=dict)
    _mild: dict[Month, npt.NDArray[np.uint8]] = field(default_factory=dict)
    _severe: dict[Month, Flags] = field(default_factory=dict)
    _why: dict[Month, dict[int, list[Reason]]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for end in self.ends:
            size = self.there[end].size
            self.able[end], self._severe[end] = np.zeros(size, dtype=np.bool_), np.zeros(size, dtype=np.bool_)
            self._mild[end] = np.zeros(size, dtype=np.uint8)

    def take(self, same: Iterable[Iterable[Step]]) -> None:
        """The months in order of KPIs that take the same facts, which count as one of two."""
        hit: dict[Month, Flags] = {}
        for months in same:
            for end, changes in self._changes(months, frozenset(self.ends)):
                severe, mild = _worse(changes)
                self.able[end][changes.at] = True
                self._severe[end][changes.at[severe]] = True
                hit.setdefault(end, np.zeros_like(self.able[end]))[changes.at[mild]] = True
        for end, flags in hit.items():
            self._mild[end] += flags

    def explain(self, kpi: int, months: Iterable[Step], ends: frozenset[Month]) -> None:
        """The months of a KPI again, from a year before the first of ``ends`` on: why the warned of these are."""
        for end, changes in self._changes(months, ends):
            severe, mild = _worse(changes)
            for number in np.flatnonzero(mild & self.warned(end)[changes.at]):
                before, now = changes.values(int(number))
                reason = Reason(kpi, before, now, bool(severe[number]))
                self._why.setdefault(end, {}).setdefault(int(changes.at[number]), []).append(reason)

    def _changes(self, months: Iterable[Step], ends: frozenset[Month]) -> Iterator[tuple[Month, Changes]]:
        windows: Windows | None = None
        for month, rows, measure in months:
            if windows is None and rows is None:
                continue
            windows = windows or Windows(self.there[self.ends[0]].size)
            windows.push(rows)
            if measure is not None and month in ends and not windows.is_blank:
                changes = Changes(measure, windows, self.there[month])
                if changes.at.size:
                    yield month, changes

    def warned(self, end: Month) -> Flags:
        """Who is warned at a month end."""
        found: Flags = (self._mild[end] >= 2) | self._severe[end]
        return found

    def reasons(self, end: Month) -> dict[int, list[Reason]]:
        """Why each of the warned, by place, is: in the order in which KPIs were explained."""
        return self._why.get(end, {})

    def fresh(self, end: Month) -> Flags:
        """Who is warned at a month end and was not at any of the six before."""
        found: Flags = self.warned(end).copy()
        for back in range(1, QUIET + 1):
            earlier = shift(end, -back)
            if earlier in self.able:
                found &= ~self.warned(earlier)
        return found

    def tally(self, end: Month, left: Mapping[Month, Ints], fell: Flags | None) -> Tally:
        """One month end of the record. ``left`` has the places of who left in each month, ``fell`` who lost half of
        their value after it; None where that is not asked.
        """
        lead: Ints = np.zeros(self.able[end].size, dtype=np.int64)
        for months in range(AHEAD, 0, -1):
            lead[left.get(shift(end, months), np.zeros(0, dtype=np.int64))] = months
        lost = lead > 0 if fell is None else (lead > 0) | fell
        fresh, able = self.fresh(end), self.able[end]
        gone = fresh & lost
        leads = lead[gone & (lead > 0)]
        return Tally(
            int(fresh.sum()), int(gone.sum()), int(able.sum()), int((able & lost).sum()), tuple(map(int, leads))
        )


@dataclass(slots=True)
class Values:
    """What the KPI for value says: sums over months, by customer."""

    months: dict[Month, Ints]
    size: int

    def sum(self, first: Month, last: Month) -> Ints:
        """The sum of a span of months, in the facts' unit."""
        found: Ints = np.zeros(self.size, dtype=np.int64)
        for month, rows in self.months.items():
            if first <= month <= last:
                found += rows
        return found

    def fell(self, end: Month) -> Flags | None:
        """Whose value of the six months after a month end is below half of that of the six up to it, which is above
        0; None where one of the twelve months has no fact of anybody.
        """
        if any(shift(end, by) not in self.months for by in range(1 - AHEAD, AHEAD + 1)):
            return None
        before, after = self.sum(shift(end, 1 - AHEAD), end), self.sum(shift(end, 1), shift(end, AHEAD))
        found: Flags = (before > 0) & (2 * after < before)
        return found


def standing(
    size: int, months: Sequence[Month], events: Iterable[tuple[Month, int, bool]]
) -> Iterator[tuple[Month, Flags]]:
    """On the book at the end of each month; ``events`` are (month, place, on it from then on or not), in order."""
    state: Flags = np.zeros(size, dtype=np.bool_)
    waiting = deque(events)
    for month in months:
        while waiting and waiting[0][0] <= month:
            _, place, on = waiting.popleft()
            state[place] = on
        yield month, state.copy()
