"""Points of charts: the month values of KPIs by column, from the last step on.

What a rollup keeps of each month (``kpis.rollup.signals``) and what a page shows of one column are made of these.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from itertools import groupby

from core.periods import Month, first_day, month_code, shift
from customers.choices import TierScope
from customers.models import Tier
from customers.reading.tiers import every_tier
from kpis.choices import CustomerMethod, Direction
from kpis.formulas.signals import LEAST_POINTS, WINDOW_MONTHS
from kpis.models import Kpi, Step
from kpis.models.versions import VersionBook
from kpis.reading.calculations import Calculations
from kpis.reading.cells import Actuals, read_cells
from kpis.reading.thin_months import ThinMonth, thin_months

NEVER = Month(0)
NOBODY: frozenset[int] = frozenset()
ALWAYS = Month(100001)  # where the first version of a KPI begins: no step

Values = dict[Month, Fraction]
_Thin = dict[int, dict[Month, ThinMonth]]


@dataclass(frozen=True)
class WindowMonth:
    """A month that an assurance looks at: its value, and of all customers the tiers that have a fact, by id."""

    month: Month
    value: Fraction
    held: frozenset[int]

    @cached_property
    def entry(self) -> str:
        """As a row of a signal keeps it: ``202310 5/3 12,13``. Windows of many months share it."""
        value = self.value
        number = str(value.numerator) if value.denominator == 1 else f"{value.numerator}/{value.denominator}"
        held = f" {','.join(map(str, sorted(self.held)))}" if self.held else ""
        return f"{self.month} {number}{held}"


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a KPI means in a month, for its chart: ``charted`` unless it looks back over months itself, or an input
    does; ``since`` is where the latest version of it or of an input begins, 0 where there was only one.

    ``behind`` are the ids of all KPIs that its value is made of, itself among them, ``leaves`` of those with data of
    their own.
    """

    kpi: Kpi
    charted: bool
    since: Month
    behind: frozenset[int]
    leaves: frozenset[int]


class SignalBook:
    """What the charts of some KPIs are made of over a span of months, read once: a few queries for all of them.

    Untiered is no column here: its members change.
    """

    def __init__(
        self, kpis: Collection[Kpi], library: Collection[Kpi], versions: VersionBook, months: Sequence[Month]
    ) -> None:
        """``library`` are all KPIs where one of them is or was calculated; else they alone will do."""
        self.kpis, self._library, self._versions, self.months = kpis, library, versions, months
        self.all_tiers = every_tier()
        self.tiers = [tier for tier in self.all_tiers if tier.scope != TierScope.UNTIERED]
        self._own = {tier.pk for tier in self.tiers if tier.scope == TierScope.TIER}
        self._begins = [NEVER, *versions.changes(ALWAYS)]
        self._eras: dict[Month, Calculations] = {}
        self._meanings: dict[tuple[int, Month], Meaning] = {}
        self.steps = _live_steps(kpis)
        self._held: dict[tuple[int, Month], set[int]] = defaultdict(set)
        self._values: dict[tuple[int, int], Values] = defaultdict(dict)
        self._read()

    @property
    def changes(self) -> bool:
        """Whether any of the KPIs ever meant something else."""
        return len(self._begins) > 1

    def meaning(self, kpi: Kpi, month: Month) -> Meaning:
        """What the KPI means in the month."""
        key = kpi.pk, self._era(month)
        if key not in self._meanings:
            self._meanings[key] = self._meaning(kpi, month)
        return self._meanings[key]

    def last_step(self, kpi: Kpi, tier: int, month: Month) -> Month:
        """The latest step of the column up to a month; 0 where there is none."""
        by_hand = (Month(one.month) for one in self.steps.get(kpi.pk, ()) if one.tier_id in {None, tier})
        return max(self.meaning(kpi, month).since, *(one for one in by_hand if one <= month), NEVER)

    def values(self, kpi: Kpi, tier: int, month: Month) -> Values:
        """The values of the column that exist and are not provisional, from its last step up to the month, oldest
        first; none where no chart is drawn of it.
        """
        held = self._values.get((kpi.pk, tier))
        if not (held and self.meaning(kpi, month).charted and kpi.stands_in(month)):
            return {}
        return _span(held, self.last_step(kpi, tier, month), month)

    def stretches(self, kpi: Kpi, tier: int, months: Sequence[Month]) -> Iterator[tuple[list[Month], Values]]:
        """Those of the months that have a value and a chart, by the step that they begin with; and the column's values
        from that step up to the last of them.
        """
        held = self._values.get((kpi.pk, tier), {})
        there = [at for at in months if at in held and self.meaning(kpi, at).charted and kpi.stands_in(at)]
        for first, together in groupby(there, lambda at: self.last_step(kpi, tier, at)):
            found = list(together)
            yield found, _span(held, first, found[-1])

    def windows(
        self, kpi: Kpi, tier: Tier, months: Sequence[Month], values: Values
    ) -> dict[Month, tuple[WindowMonth, ...]]:
        """What an assurance of each month of a stretch looks at, of its ``values``: those of 24 calendar months.

        None of a month with fewer than twelve or without a value, and of ranges.
        """
        at, meant = list(values), self.meaning(kpi, months[0]).kpi
        if len(at) < LEAST_POINTS or meant.direction == Direction.RANGE:
            return {}
        summed = tier.scope == TierScope.ALL and meant.customer_method == CustomerMethod.SUM
        held = {month: self.holders(kpi, month) if summed else NOBODY for month in at}
        seen = [WindowMonth(month, value, held[month]) for month, value in values.items()]
        begins = {month: bisect_left(at, shift(month, 1 - WINDOW_MONTHS)) for month in months if month in values}
        spans = {month: tuple(seen[begin : bisect_right(at, month)]) for month, begin in begins.items()}
        return {month: span for month, span in spans.items() if len(span) >= LEAST_POINTS}

    def thin(self, months: Sequence[Month]) -> _Thin:
        """Those of the months that are thin, or will be when they have ended, by the id of each KPI with data."""
        found: _Thin = defaultdict(dict)
        for _, era in groupby(months, self._era):
            together = list(era)
            leaves = {leaf for kpi in self.kpis for leaf in self.meaning(kpi, together[0]).leaves}
            meant = [self._versions.at(one, together[0]) for one in self._library if one.pk in leaves]
            for pk, thin in thin_months(meant, together, first_day(shift(together[-1], 1))).items():
                found[pk] |= thin
        return found

    def holders(self, kpi: Kpi, month: Month) -> frozenset[int]:
        """The tiers that have a fact of the KPI in a month, by id."""
        return frozenset(self._held.get((kpi.pk, month), ()))

    def _era(self, month: Month) -> Month:
        return self._begins[bisect_right(self._begins, month) - 1]

    def _calculations(self, month: Month) -> Calculations:
        era = self._era(month)
        if era not in self._eras:
            self._eras[era] = Calculations.of(self._versions.at(one, month) for one in self._library)
        return self._eras[era]

    def _meaning(self, kpi: Kpi, month: Month) -> Meaning:
        found = self._calculations(month)
        behind, leaves = found.behind(kpi.pk), found.leaves(kpi.pk)
        charted = bool(leaves) and not any(found.kpis[leaf].method.counts_window for leaf in leaves)
        since = max(found.kpis[one].since for one in behind)
        return Meaning(found.kpis[kpi.pk], charted, since if since > ALWAYS else NEVER, behind, leaves)

    def _read(self) -> None:
        """The values of all months, calculated ones included, and who has facts."""
        wanted = {
            leaf
            for era in dict.fromkeys(map(self._era, self.months))
            for kpi in self.kpis
            if (meaning := self.meaning(kpi, era)).charted
            for leaf in meaning.leaves
        }
        codes = {month_code(month): month for month in self.months}
        stored: dict[Month, Actuals] = defaultdict(dict)
        for code, kpi, tier, actual in read_cells(codes, wanted, [tier.pk for tier in self.tiers]):
            stored[codes[code]][kpi, tier] = actual
        self._keep(stored)

    def _keep(self, stored: Mapping[Month, Actuals]) -> None:
        tiers, asked = [tier.pk for tier in self.tiers], {kpi.pk for kpi in self.kpis}
        for month in sorted(stored):
            self._calculations(month).fill(stored[month], tiers, 1)
            for (kpi, tier), actual in stored[month].items():
                if kpi in asked and actual.facts and tier in self._own:
                    self._held[kpi, month].add(tier)
                if kpi in asked and actual.number is not None and not actual.provisional:
                    self._values[kpi, tier][month] = actual.number


def _span(values: Values, first: Month, last: Month) -> Values:
    """Those of the months from the first to the last, both included."""
    return {at: value for at, value in values.items() if first <= at <= last}


def _live_steps(kpis: Collection[Kpi]) -> dict[int, list[Step]]:
    """The steps of these KPIs that count, in the order of their months."""
    found: dict[int, list[Step]] = defaultdict(list)
    for step in Step.objects.filter(kpi__in=[kpi.pk for kpi in kpis], taken_back_at=None).order_by("month", "pk"):
        found[step.kpi_id].append(step)
    return found
