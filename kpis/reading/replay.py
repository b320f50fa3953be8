"""Who is warned at month ends, why, and what came of the warnings before: the whole replay. For a worker, as it takes
long and loads NumPy; facts are read KPI after KPI, each month of one once, and memory grows with the customers alone.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from core.periods import Month, month_of, months_between, shift
from customers.choices import LifecycleKind
from customers.models import Customer, LifecycleEvent
from customers.reading.growth import ON_THE_BOOK
from kpis.formulas.warnings import AHEAD, QUIET, RECORDED, WINDOW, Record, record_of
from kpis.models import Fact, Kpi
from kpis.reading.warnings import FactReader, Looked, months_of

if TYPE_CHECKING:
    from kpis.formulas.replay import Flags, Ints, Reason, Replay, Step, Values

Tell = Callable[[int, int], None]
_ON = frozenset(ON_THE_BOOK)


@dataclass(frozen=True, slots=True)
class Warned:
    """A customer (by id) who is warned, why, and the value of twelve months, in the facts' unit; None without a KPI."""

    customer: int
    reasons: Sequence[Reason]
    value: int | None


@dataclass(frozen=True, slots=True)
class WarnedMonth:
    """A month's list and the record that it stands beside. ``able`` is how many could be warned, ``listed`` how many
    are; of a list that is not shown ``warned`` is empty.
    """

    month: Month
    record: Record
    able: int
    listed: int
    warned: Sequence[Warned]


def replay_warnings(
    looked: Looked, listed: Sequence[Month], tell: Tell = lambda done, of: None, *, explain_all: bool = False
) -> list[WarnedMonth]:
    """The lists of some months with their records. ``tell`` hears how many months of KPIs were read, of how many;
    ``explain_all``: who is warned and why is read of lists that are not shown as well.

    Empty where nothing is looked at.
    """
    if not listed or not looked.kpis:
        return []
    return _Past(looked, listed, tell).found(explain_all=explain_all)


class _Past:
    """What happened up to the last of the months."""

    def __init__(self, looked: Looked, listed: Sequence[Month], tell: Tell) -> None:
        from kpis.formulas.replay import Replay, Values

        self.looked, self.listed, self.tell = looked, listed, tell
        first = shift(min(listed), -(AHEAD + RECORDED - 1 + QUIET))
        self.ends = months_between(first, max(listed))
        self.months = _begun(months_between(shift(first, 1 - WINDOW), max(listed)))
        self.reader = FactReader(list(Customer.objects.order_by("pk").values_list("pk", flat=True)))
        self.steps = len(self.months) * (len(looked.kpis) + (looked.value is not None))
        self.done = 0
        there, self.left = self._book()
        self.there: Mapping[Month, Flags] = there
        self.replay: Replay = Replay(self.ends, there)
        self.values: Values = Values({}, self.reader.size)

    def found(self, *, explain_all: bool) -> list[WarnedMonth]:
        """All that is asked. Why customers are warned is read for those lists alone that are shown."""
        for same in self.looked.groups:
            self.replay.take(self._stepped(kpi, self.months) for kpi in same)
        if self.looked.value is not None:
            self._read_value(self.looked.value)
        ends = sorted({end for month in self.listed for end in _recorded(month)})
        tallies = {end: self.replay.tally(end, self.left, self._fell(end)) for end in ends}
        records = {month: record_of(tallies[end] for end in _recorded(month)) for month in self.listed}
        self._explain(frozenset(month for month, record in records.items() if record.shown or explain_all))
        return [self._month(month, record) for month, record in records.items()]

    def _explain(self, shown: frozenset[Month]) -> None:
        months = [month for month in self.months if shown and shift(min(shown), 1 - WINDOW) <= month <= max(shown)]
        self.steps += len(months) * len(self.looked.kpis)
        for kpi in self.looked.kpis if months else ():
            self.replay.explain(kpi.pk, self._stepped(kpi, months), shown)

    def _stepped(self, kpi: Kpi, months: Sequence[Month]) -> Iterator[Step]:
        for step in months_of(self.reader, kpi, months, self.there):
            self._step()
            yield step

    def _step(self) -> None:
        self.done += 1
        self.tell(self.done, self.steps)

    def _read_value(self, kpi: Kpi) -> None:
        for month in self.months:
            rows = self.reader.value(kpi, month)
            if rows is not None:
                self.values.months[month] = rows
            self._step()

    def _fell(self, end: Month) -> Flags | None:
        return self.values.fell(end) if self.looked.value is not None else None

    def _month(self, month: Month, record: Record) -> WarnedMonth:
        value = self.values.sum(shift(month, 1 - WINDOW), month) if self.looked.value is not None else None
        warned = [
            Warned(int(self.reader.ids[place]), reasons, None if value is None else int(value[place]))
            for place, reasons in self.replay.reasons(month).items()
        ]
        able, listed = (int(flags.sum()) for flags in (self.replay.able[month], self.replay.warned(month)))
        return WarnedMonth(month, record, able, listed, warned)

    # -- who was there

    def _book(self) -> tuple[dict[Month, Flags], dict[Month, Ints]]:
        """Who was on the book at the end of each month, and who left in each, by their places.

        Without any event a customer is there with a fact in the six months up to that end.
        """
        from kpis.formulas.replay import standing

        months = months_between(min(self.ends[0], self.months[0]), self.ends[-1])
        rows = LifecycleEvent.objects.order_by("on", "pk").values_list("on", "customer_id", "kind")
        events = [(month_of(on), customer, kind) for on, customer, kind in rows.iterator()]
        if not events:
            return self._active(months), {}
        places = self.reader.places(self._array([customer for _, customer, _ in events]))
        left: dict[Month, list[int]] = defaultdict(list)
        for (month, _, kind), place in zip(events, places, strict=True):
            if kind == LifecycleKind.LEFT:
                left[month].append(int(place))
        told = ((month, int(place), kind in _ON) for (month, _, kind), place in zip(events, places, strict=True))
        book = dict(standing(self.reader.size, months, told))
        return book, {month: self._array(gone) for month, gone in left.items()}

    def _active(self, months: Sequence[Month]) -> dict[Month, Flags]:
        active = {month: self.reader.active(month) for month in months_between(shift(months[0], 1 - AHEAD), months[-1])}
        found: dict[Month, Flags] = {}
        for month in months:
            there = active[month].copy()
            for back in range(1, AHEAD):
                there |= active[shift(month, -back)]
            found[month] = there
        return found

    def _array(self, numbers: list[int]) -> Ints:
        import numpy as np

        return np.array(numbers, dtype=np.int64)


def _recorded(month: Month) -> tuple[Month, ...]:
    """The month ends of a month's record: those for which six months have passed since, at most 24."""
    last = shift(month, -AHEAD)
    return months_between(shift(last, 1 - RECORDED), last)


def _begun(months: Sequence[Month]) -> Sequence[Month]:
    """Without those before the first fact; the last one is always there."""
    first = Fact.objects.order_by("month").values_list("month", flat=True).first() or months[-1]
    return [month for month in months if month >= first] or months[-1:]
