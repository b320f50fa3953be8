"""How far the data reach: the one answer to which period is the latest, and what is behind of each KPI."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from django.db.models import F, Max, Q

from accounts.choices import LoadState
from accounts.company import today_of
from accounts.models import Company, LoadChange
from core.periods import FiscalCalendar, Kind, Month, Period, month_code, month_of, shift
from customers.models import Tier
from kpis.choices import CompleteWhen
from kpis.models import CompleteMonth, Fact, Kpi, RolledSlice
from kpis.reading.missing import MONTHS_BACK, MissingMonth, missing_months
from kpis.reading.thin_months import ThinMonth, thin_months


def latest_period(company: Company) -> Period:
    """The period that a page, a mail or a call is of where it names none. One query."""
    return latest_quarter(company.calendar, months_with_data(), today_of(company))


def months_with_data() -> frozenset[Month]:
    """The months in which a KPI has a fact or an actual that counts, as far as they are rolled up.

    What is stored of a retired KPI from then on counts nowhere.
    """
    counted = Q(kpi__retired_from=None) | Q(month__lt=F("kpi__retired_from"))
    return frozenset(RolledSlice.objects.filter(counted, facts__gt=0).values_list("month", flat=True).distinct())


def latest_quarter(calendar: FiscalCalendar, months: Collection[Month], today: date) -> Period:
    """The newest ended quarter in whose last month there are data.

    Where there is none, the quarter of the newest month that has begun and has data, which may be to date;
    without data the running quarter.
    """
    running = calendar.period(Kind.QUARTER, month_of(today))
    ended = [month for month in months if month < running.first]
    whole = [month for month in ended if calendar.period(Kind.QUARTER, month).last == month]
    begun = [month for month in months if month <= month_of(today)]
    return calendar.period(Kind.QUARTER, max(whole or begun, default=running.first))


@dataclass(frozen=True, slots=True)
class KpiFreshness:
    """How far the data of one KPI reach; months are ended ones, newest first.

    ``last`` is the last month with data, ``load`` the latest load that brought some of it: None where nothing is known
    of one, as of what was entered by hand. ``gaps`` are those of the last twelve months without data, which name no
    tier, or without the actuals of tiers that have others; ``unmarked`` those with data that are still to be marked
    complete.
    """

    kpi: Kpi
    last: Month | None
    load: int | None
    gaps: tuple[MissingMonth, ...]
    thin: tuple[ThinMonth, ...]
    unmarked: tuple[Month, ...]

    @property
    def missing(self) -> tuple[Month, ...]:
        """The months of the gaps."""
        return tuple(gap.month for gap in self.gaps)

    @property
    def lacks(self) -> bool:
        """Whether somebody has to look at it."""
        return bool(self.missing or self.thin or self.unmarked or self.last is None)

    @property
    def markable(self) -> tuple[Month, ...]:
        """The months that a steward may want to call complete, newest first: also those whose silence is zero then."""
        silent = self.missing if self.kpi.silence_is_zero else ()
        return tuple(sorted({*self.unmarked, *silent, *(thin.month for thin in self.thin)}, reverse=True))


class _Held:
    """The months with data and with marks, of all KPIs, read once."""

    def __init__(self, today: date) -> None:
        self.running = month_of(today)
        self.months: dict[int, set[Month]] = defaultdict(set)
        rolled = RolledSlice.objects.filter(facts__gt=0, month__lte=self.running)
        for kpi, month in rolled.values_list("kpi_id", "month"):
            self.months[kpi].add(Month(month))
        self.marks = set(CompleteMonth.objects.values_list("kpi_id", "month"))

    def is_marked(self, kpi: Kpi, month: Month) -> bool:
        """Whether it was called complete: a mark holds for the KPIs that take its facts too."""
        return bool(self.marks & {(kpi.pk, month), (kpi.source_id, month)})

    def missing(self, kpi: Kpi) -> tuple[Month, ...]:
        """Of the last twelve ended months, from the first with data on, those without facts anywhere."""
        held = self.months[kpi.source_id]
        ended = (shift(self.running, -back) for back in range(1, MONTHS_BACK + 1))
        lacking = (month for month in ended if held and min(held) < month and month not in held)
        return tuple(m for m in lacking if not (kpi.silence_is_zero and self.is_marked(kpi, m)) and kpi.stands_in(m))

    def unmarked(self, kpi: Kpi) -> tuple[Month, ...]:
        """Ended months with data that are still to be marked; none of a KPI that doesn't ask for it."""
        if kpi.complete_when != CompleteWhen.MARKED:
            return ()
        ended = sorted((month for month in self.months[kpi.source_id] if month < self.running), reverse=True)
        return tuple(month for month in ended if not self.is_marked(kpi, month) and kpi.stands_in(month))


def read_freshness(today: date) -> list[KpiFreshness]:
    """Every KPI in use that has data, its own or another's, in the order of the matrix; as far as they are rolled up.

    The same few queries whatever their number.
    """
    kpis = [
        kpi
        for kpi in Kpi.objects.in_matrix_order().select_related("facts_of")
        if not kpi.calculated and kpi.stands_in(month_of(today))
    ]
    held, by_tier = _Held(today), missing_months(kpis, today)
    last = {kpi.source_id: max(held.months[kpi.source_id], default=None) for kpi in kpis}
    loads = _loads_of({source: month for source, month in last.items() if month is not None})
    back = [shift(held.running, -n) for n in range(1, MONTHS_BACK + 1)]
    thin = thin_months(kpis, back, today)
    return [
        KpiFreshness(
            kpi,
            last[kpi.source_id],
            loads.get(kpi.source_id),
            _gaps(held.missing(kpi), by_tier.get(kpi.pk, ())),
            tuple(reversed(thin.get(kpi.pk, {}).values())),
            held.unmarked(kpi),
        )
        for kpi in kpis
    ]


def _gaps(silent: Iterable[Month], by_tier: Iterable[MissingMonth]) -> tuple[MissingMonth, ...]:
    """Newest first: a month in which nothing is there names no tier, for all of them miss."""
    found = {gap.month: gap for gap in by_tier} | {month: MissingMonth(month, ()) for month in silent}
    return tuple(found[month] for month in sorted(found, reverse=True))


def _loads_of(last: Mapping[int, Month]) -> dict[int, int]:
    """The latest load of each KPI's month, by the loads' own records; else by the facts, which name theirs."""
    codes = dict(Kpi.objects.filter(pk__in=last).values_list("code", "pk"))
    months = {pk: month_code(month) for pk, month in last.items()}
    tiers = list(Tier.objects.values_list("code", flat=True))
    keys = {
        " | ".join([code, *tier, months[pk]]): pk
        for code, pk in codes.items()
        for tier in ([], *([tier] for tier in tiers))
    }
    changes = LoadChange.objects.filter(kind__in=("facts", "tier_actuals"), key__in=keys, load__state=LoadState.APPLIED)
    found = {keys[key]: load for key, load in changes.order_by("load_id").values_list("key", "load_id")}
    any_of = Q(month=0)
    for pk in last.keys() - found.keys():
        any_of |= Q(kpi_id=pk, month=last[pk])
    rows = Fact.objects.filter(any_of, load_id__gt=0).order_by().values_list("kpi_id").annotate(load=Max("load_id"))
    return dict(rows) | found
