"""How acts changed cells: their values, led back act by act from today to the day on which an edition was signed.

Each part is one act's (of a value that isn't pooled one act's of a month, of a calculated one also of an input): what
the cell said after it less what it said before, so that all parts add up to the difference.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from core.periods import FiscalCalendar, Month, Period
from kpis.choices import CustomerMethod, TimeMethod
from kpis.formulas.values import Value, counted_parts
from kpis.models import Kpi
from kpis.models.versions import VersionBook
from kpis.reading.calculations import Calculations
from kpis.reading.cells import Actual, Actuals
from kpis.rollup.merging import CellStore, period_values, window
from scorecard.reading.bridge_books import Books, Window
from scorecard.reading.bridge_definitions import Defined
from scorecard.reading.bridge_events import Act, Cause

Column = tuple[int, int]  # KPI, tier


@dataclass(frozen=True, slots=True)
class Said:
    """What a cell says: what it is made of (None without a value), its value, and how whole it is."""

    numerator: Fraction | None = None
    denominator: Fraction | None = None
    facts: int = 0
    actual: Fraction | None = None
    months: int = 0
    provisional: bool = False


NOTHING = Said()


@dataclass(frozen=True, slots=True)
class Part:
    """What an act did to a cell: what it said after and before. ``month`` is the one whose data it changed, where the
    value isn't pooled; ``of`` the input by whose change a calculated value is another, with what that said.
    """

    cause: Cause
    after: Said
    before: Said
    month: Month | None = None
    of: tuple[Kpi, Said, Said] | None = None


def counted_window(kpi: Kpi, period: Period, source: Defined) -> Window:
    """The months over which a KPI counts different customers, those left out from which on its facts count nowhere."""
    return kpi.source_id, tuple(month for month in window(kpi, period) if source.counts_in(month))


class Replay:
    """Leads cells back over acts. ``kpis`` are all that the cells are made of, by id."""

    def __init__(self, books: Books, period: Period, kpis: Iterable[int], calendar: FiscalCalendar) -> None:
        self.books, self.period, self.calendar = books, period, calendar
        self.kpis = list(kpis)
        self.parts: dict[Column, list[Part]] = defaultdict(list)
        self._tiers = [tier.pk for tier in books.tiers]
        self._define()
        self._values = {pk: self._measured(pk) for pk in self.meant if not self.meant[pk].calculated}
        self._shown = self._all_shown()
        self.now = dict(self._shown)

    def lead_back(self, acts: Sequence[Act]) -> None:
        """Over all acts, the latest first; the parts of each cell are then told in the order of time."""
        for act in reversed(acts):
            for kpi, month in self.books.undo(act):
                if act.redefinition is not None:
                    self._redefined(act.cause)
                else:
                    self._changed(act.cause, kpi, month)
        for parts in self.parts.values():
            parts.reverse()

    def then(self, column: Column) -> Said:
        """What a cell said before the first of the acts, as they lead back to it."""
        return self._shown.get(column, NOTHING)

    # -- one step back

    def _changed(self, cause: Cause, kpi: int, month: Month | None) -> None:
        """The cells of a KPI's facts: of what isn't pooled month by month, of all else once all months are led back."""
        for pk, meant in self.meant.items():
            if meant.calculated or kpi not in {pk, meant.source_id}:
                continue
            if month is None or not self._pools(meant):
                self._put(cause, pk, self._measured(pk), month)

    def _pools(self, kpi: Kpi) -> bool:
        """Whether the value is one of all facts together, for which it does not matter whose month they are."""
        method = kpi.method
        added = method.time == TimeMethod.SUM and method.customer == CustomerMethod.SUM
        return added or method.time.pools or len(window(kpi, self.period)) == 1

    def _put(self, cause: Cause, pk: int, values: Mapping[int, Value], month: Month | None) -> None:
        """Have a KPI say something else, and after it what is calculated from it."""
        if values == self._values[pk]:
            return
        self._values[pk] = values
        self._tell(cause, month, pk)

    def _redefined(self, cause: Cause) -> None:
        """A KPI was another: what it and those that take its facts or values say is worked out anew."""
        self._define()
        self._values = {pk: self._measured(pk) for pk in self.meant if not self.meant[pk].calculated}
        self._tell(cause, None, None)

    def _tell(self, cause: Cause, month: Month | None, leaf: int | None) -> None:
        """Keep what is another now. ``leaf`` is the KPI that changed, None where KPIs were others."""
        after, before = self._shown, self._all_shown(leaf)
        for column in {*after, *before}:
            pair = after.get(column, NOTHING), before.get(column, NOTHING)
            if pair[0] != pair[1]:
                self.parts[column].append(Part(cause, *pair, month, self._input(column, leaf, after, before)))
        self._shown = before

    def _input(
        self, column: Column, leaf: int | None, after: Mapping[Column, Said], before: Mapping[Column, Said]
    ) -> tuple[Kpi, Said, Said] | None:
        if leaf is None or column[0] == leaf:
            return None
        own = leaf, column[1]
        return self.meant[leaf], after.get(own, NOTHING), before.get(own, NOTHING)

    # -- what cells say

    def _define(self) -> None:
        last = self.period.last
        self.meant = {pk: self.books.defined[pk].meant(last) for pk in self.kpis}
        self._calculations = Calculations.of(self.meant.values())
        self._stands = {pk for pk in self.kpis if self.books.defined[pk].stands_in(last)}

    def _measured(self, pk: int) -> Mapping[int, Value]:
        """The values of a KPI by tier."""
        kpi, cells = self.meant[pk], self.books.cells
        source, defined = self.books.defined[kpi.source_id], self.books.defined[pk]
        counts = self.books.counts.get(counted_window(kpi, self.period, source), {})
        own = {
            tier: {
                month: parts
                for month, parts in months.items()
                if source.counts_in(month) and defined.meant(month).rule == kpi.rule
            }
            for tier, months in cells.get(kpi.source_id, {}).items()
        }
        marks = {
            one.kpi.pk: {month for month in self.books.marks.get(one.kpi.pk, ()) if one.counts_in(month)}
            for one in (self.books.defined[pk], source)
        }
        distinct = {(self.period.code, kpi.source_id, tier): number for tier, number in counts.items()}
        entered = {kpi.source_id} if self.books.is_entered(kpi.source_id) else ()
        versions = VersionBook({})  # of one rule all months are by now
        store = CellStore(self.calendar, self.books.tiers, {kpi.source_id: own}, marks, distinct, entered, versions)
        return period_values(kpi, self.period, store)

    def _all_shown(self, leaf: int | None = None) -> dict[Column, Said]:
        """What every cell says; where one KPI alone is another, that of the rest as it was."""
        taken, told = self.kpis, {*self.kpis}
        if leaf is not None:
            told = {pk for pk in self._stands if leaf in self._calculations.leaves(pk)}
            taken = [one for pk in told for one in self._calculations.leaves(pk)]
        values = {pk: self._values.get(pk, {}) for pk in taken}
        actuals: Actuals = {(pk, tier): Actual.of(one) for pk, of in values.items() for tier, one in of.items()}
        self._calculations.fill(actuals, self._tiers, self.period.kind.length)
        said = {key: self._said(*key, actual) for key, actual in actuals.items() if key[0] in told & self._stands}
        return said | ({key: one for key, one in self._shown.items() if key[0] not in told} if leaf else {})

    def _said(self, pk: int, tier: int, actual: Actual) -> Said:
        above, below = None, None
        value = self._values.get(pk, {}).get(tier)
        if value is not None and value.number is not None:
            above, below = counted_parts(self.meant[pk].method, value.total)
        return Said(above, below, actual.facts, actual.number, actual.months_with_data, actual.provisional)
