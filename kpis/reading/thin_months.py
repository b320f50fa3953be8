"""Months in which a KPI has far fewer facts than usual: they look incomplete until a steward says otherwise."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from django.db.models import Exists, ExpressionWrapper, F, IntegerField, OuterRef, QuerySet

from core.formatting import MONTH_NAMES, counted, number
from core.periods import Month, Period, month_of, months_between, shift
from customers.models import Tier
from kpis.choices import TimeMethod
from kpis.models import CompleteMonth, Kpi, RolledSlice, TierActual
from kpis.reading.cells import Actuals

BEFORE = 6  # calendar months that say what is usual
_ENOUGH = 3  # of these, with facts

Counts = Mapping[Month, int]


_ABOUT_BEFORE = 106  # a stored month (yyyymm) less this lies at least six months before it


@dataclass(frozen=True, slots=True, order=True)
class ThinMonth:
    """An ended month of a KPI, by its id and name, with fewer than half of its usual facts over all customers."""

    month: Month
    kpi: int
    facts: int
    usual: Fraction
    name: str

    @property
    def words(self) -> str:
        """``August looks incomplete: 80 facts, usually about 230``."""
        return f"{self.short}: {self.counts}"

    @property
    def counts(self) -> str:
        """``80 facts, usually about 230``."""
        return f"{counted(self.facts, 'fact')}, usually about {number(self.usual)}"

    def words_in(self, kpi: Kpi) -> str:
        """The same in a cell of this KPI; of one that is calculated from it after its name."""
        return self.words if kpi.pk == self.kpi else f"{self.name}: {self.words}"

    @property
    def short(self) -> str:
        """``August looks incomplete``: no value covers more than twelve months, so that the year is known."""
        return f"{MONTH_NAMES[self.month % 100 - 1]} looks incomplete"


def suspects(first: Month, last: Month) -> QuerySet[RolledSlice]:
    """Those of these months that may be thin, to be asked with another query: they have fewer than half of the facts
    of a month of the half-year before, or of one somewhat earlier.
    """
    half = ExpressionWrapper(OuterRef("facts") * 2, output_field=IntegerField())
    since = ExpressionWrapper(OuterRef("month") - _ABOUT_BEFORE, output_field=IntegerField())
    before = RolledSlice.objects.filter(kpi=OuterRef("kpi"), month__lt=OuterRef("month"), month__gte=since)
    return RolledSlice.objects.filter(Exists(before.filter(facts__gt=half)), month__range=(first, last), facts__gt=0)


def usual_facts(counts: Counts, month: Month) -> Fraction | None:
    """The median of the six calendar months before, of those that have facts; None where these are fewer than three."""
    found = [counts[before] for back in range(1, BEFORE + 1) if counts.get(before := shift(month, -back))]
    if len(found) < _ENOUGH:
        return None
    found.sort()
    middle = len(found) // 2
    return Fraction(found[middle] + found[~middle], 2)


def thin_months(
    kpis: Collection[Kpi], months: Collection[Month], today: date, counts: Mapping[int, Counts] | None = None
) -> dict[int, dict[Month, ThinMonth]]:
    """Those of the months that are thin, in order, by the id of each KPI that has one.

    ``kpis`` are as they mean in the period. ``counts`` are the facts by the KPI that owns them and month, those of the
    six months before included; where not given, those that were rolled up. At most two queries. Not asked of
    KPIs that are calculated or entered per tier, nor where silence means zero.
    """
    ended = sorted(month for month in months if month < month_of(today))
    asked = [kpi for kpi in kpis if not (kpi.calculated or kpi.silence_is_zero)]
    if not (ended and asked):
        return {}
    if counts is None:
        counts = _rolled({kpi.source_id for kpi in asked}, shift(ended[0], -BEFORE), ended[-1])
    found = {
        kpi.pk: {
            month: thin
            for month in ended
            if kpi.stands_in(month) and (thin := _thin(kpi, month, counts.get(kpi.source_id, {})))
        }
        for kpi in asked
    }
    return _without_marked(asked, {pk: months for pk, months in found.items() if months})


def _thin(kpi: Kpi, month: Month, counts: Counts) -> ThinMonth | None:
    usual, facts = usual_facts(counts, month), counts.get(month, 0)
    return ThinMonth(month, kpi.pk, facts, usual, kpi.name) if usual is not None and 0 < facts * 2 < usual else None


def _without_marked(kpis: Iterable[Kpi], found: dict[int, dict[Month, ThinMonth]]) -> dict[int, dict[Month, ThinMonth]]:
    """Without months that a steward marked complete, for the KPI or for the one whose facts it takes."""
    months = {month for thin in found.values() for month in thin}
    if not months:
        return {}
    marked = set(CompleteMonth.objects.filter(month__in=months).values_list("kpi_id", "month"))
    owners = {kpi.pk: {kpi.pk, kpi.source_id} for kpi in kpis}
    left = {
        pk: {month: one for month, one in thin.items() if not any((of, month) in marked for of in owners[pk])}
        for pk, thin in found.items()
    }
    return {pk: thin for pk, thin in left.items() if thin}


def _rolled(sources: Iterable[int], first: Month, last: Month) -> dict[int, Counts]:
    """The facts of each KPI and month as they were rolled up; entered rows are none."""
    rows = RolledSlice.objects.filter(kpi__in=sources, month__gte=first, month__lte=last, facts__gt=0)
    rows = rows.exclude(kpi__retired_from__lte=F("month"))  # what is stored of such months counts nowhere
    rows = rows.exclude(kpi__in=TierActual.objects.order_by().values("kpi_id"))
    counts: dict[int, dict[Month, int]] = defaultdict(dict)
    for kpi, month, facts in rows.values_list("kpi_id", "month", "facts"):
        counts[kpi][Month(month)] = facts
    return dict(counts)


class ThinMonths:
    """The thin months of some KPIs, as they mean in a period, in the months that its cells hold."""

    def __init__(self, kpis: Collection[Kpi], period: Period, end: Month, today: date, *, suspected: bool) -> None:
        """``end`` is the month that trailing values end with; nothing is read where no month is ``suspected``."""
        self._methods = {kpi.pk: kpi.method for kpi in kpis}
        self._own, self._window = period.months, months_between(shift(end, -11), end)
        trailing = any(method.counts_window for method in self._methods.values())
        months = {*self._own, *(self._window if trailing else ())}
        asked = suspected and period.first_day <= today
        self._found = thin_months(kpis, months, today) if asked else {}

    def __bool__(self) -> bool:
        """Whether there is any."""
        return bool(self._found)

    def of_cell(self, measured: Iterable[int], tier: Tier, actuals: Actuals) -> tuple[ThinMonth, ...]:
        """Those of a cell, in order: of the measured KPIs that it is made of, by id."""
        return tuple(
            sorted({thin for kpi in measured if kpi in self._found for thin in self._held(kpi, tier, actuals)})
        )

    def _held(self, kpi: int, tier: Tier, actuals: Actuals) -> Iterator[ThinMonth]:
        """Those whose months the cell holds: for ``last`` the one that its value is of."""
        method, thin = self._methods[kpi], self._found[kpi]
        months: Iterable[Month | None] = self._window if method.counts_window else self._own
        if method.time == TimeMethod.LAST:
            actual = actuals.get((kpi, tier.pk))
            months = [actual.last_month if actual else None]
        return (thin[month] for month in months if month in thin)
