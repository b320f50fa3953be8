"""Month cells → period cells: which months count for a column, and what they add up to."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence

from django.db.models import F, Q

from accounts.company import company, today_of
from core.periods import FiscalCalendar, Kind, Month, Period, months_between, shift
from customers.choices import TierScope
from customers.models import Tier
from kpis.choices import CompleteWhen, TimeMethod
from kpis.formulas.values import Components, Value, total, value_of_period
from kpis.models import CompleteMonth, Kpi, MonthCell, TierActual
from kpis.models.versions import VersionBook
from kpis.rules.actual import newest_month

Months = dict[Month, Components]

# A row of a period cell, in database values.
CELL_COLUMNS = (
    *("kpi_id", "tier_id", "period", "value_numerator", "value_denominator", "numerator", "denominator"),
    *("facts", "customers", "months_with_data", "months_expected", "last_month", "provisional"),
)
CellRow = tuple[object, ...]
_RETIRED = Q(kpi__retired_from__lte=F("month"))


def window(kpi: Kpi, period: Period) -> tuple[Month, ...]:
    """The months expected of a KPI in a period: its own, or the twelve that end with it."""
    if kpi.time_method == TimeMethod.TTM:
        return months_between(shift(period.last, -11), period.last)
    return period.months


def of_one_rule(kpi: Kpi, months: Sequence[Month], versions: VersionBook) -> tuple[Month, ...]:
    """Those of the months in which the KPI derived its facts from events by the rule that it has here."""
    return tuple(month for month in months if versions.at(kpi, month).rule == kpi.rule)


class CellStore:
    """Month cells of some KPIs, read once, by the KPI that owns the facts."""

    def __init__(
        self,
        calendar: FiscalCalendar,
        tiers: Sequence[Tier],
        cells: Mapping[int, Mapping[int, Months]],
        complete: Mapping[int, set[Month]],
        distinct: Mapping[tuple[str, int, int], int],
        entered: Collection[int] = (),
        versions: VersionBook | None = None,
    ) -> None:
        self.calendar = calendar
        self.tiers = tiers
        self.cells = cells
        self.complete = complete
        self.distinct = distinct
        self.versions = versions or VersionBook({})
        self._knows_versions = versions is not None
        self.entered = entered

    @classmethod
    def read(
        cls,
        wanted: Mapping[int, Iterable[Month]],
        distinct: Mapping[tuple[str, int, int], int],
        versions: VersionBook | None = None,
        newest: Month | None = None,
    ) -> CellStore:
        """The month cells of each KPI in the months that are wanted of it; ``entered`` are those with tier actuals.

        Months after ``newest`` (the present one where not given) have not begun, and count nowhere; nor do those
        from which on a KPI is retired.
        """
        found = company()
        newest = newest or newest_month(today_of(found))
        alike: dict[frozenset[Month], list[int]] = defaultdict(list)
        for kpi, months in wanted.items():
            alike[frozenset(months)].append(kpi)
        any_of = Q(pk__in=[])
        for together, kpis in alike.items():
            any_of |= Q(kpi_id__in=kpis, month__in=together)
        cells: dict[int, dict[int, Months]] = defaultdict(lambda: defaultdict(dict))
        fields = ("kpi_id", "tier_id", "month", "numerator", "denominator", "facts", "customers", "entered")
        begun = MonthCell.objects.filter(any_of, month__lte=newest).exclude(_RETIRED).order_by("month")
        for kpi, tier, month, *parts in begun.values_list(*fields):
            cells[kpi][tier][month] = Components(*parts)
        complete: dict[int, set[Month]] = defaultdict(set)
        marks = CompleteMonth.objects.filter(month__lte=newest).exclude(_RETIRED)
        for kpi, month in marks.values_list("kpi_id", "month"):
            complete[kpi].add(month)
        actuals = TierActual.objects.filter(kpi__in=wanted).order_by().values_list("kpi_id", flat=True)
        entered = set(actuals.distinct())
        return cls(found.calendar, list(Tier.objects.all()), cells, complete, distinct, entered, versions)

    def counting(self, kpi: Kpi, months: Sequence[Month]) -> Sequence[Month]:
        """Those of the months that are of the KPI's rule of events: facts of another one are of another measure."""
        if not kpi.rule or kpi.versions_from is None:
            return months
        return of_one_rule(kpi, months, self.versions if self._knows_versions else VersionBook.read([kpi]))

    def silent_months(self, kpi: Kpi) -> set[Month]:
        """Months in which silence means zero: the KPI has a fact anywhere, or a steward marked them.

        None while its version takes means or ratios.
        """
        if not kpi.silence_is_zero:
            return set()
        held = {month for months in self.cells.get(kpi.source_id, {}).values() for month in months}
        return held | self.marked_months(kpi)

    def marked_months(self, kpi: Kpi) -> set[Month]:
        """Months that a steward marked complete: a mark holds for the KPIs that take its facts too."""
        return self.complete.get(kpi.pk, set()) | self.complete.get(kpi.source_id, set())

    def unmarked(self, kpi: Kpi, months: Iterable[Month]) -> set[Month]:
        """Those of the months that are still to be confirmed; none of a KPI that doesn't ask for it."""
        return set(months) - self.marked_months(kpi) if kpi.complete_when == CompleteWhen.MARKED else set()


def months_behind(kpi: Kpi, tier: Tier, period: Period) -> Months:
    """The months with data behind one cell, with their components, in order; empty without data."""
    expected = window(kpi, period)
    store = CellStore.read({kpi.source_id: expected}, {})
    return months_of(kpi, store, expected).get(tier.pk) or {}


def period_cells(kpi: Kpi, code: str, store: CellStore) -> list[CellRow]:
    """The rows (``CELL_COLUMNS``) of a KPI in a period, one for each tier with data; none where there is none.

    The version of the period's last month says how; one of trailing months has cells of months alone,
    a calculated one none.
    """
    period = Period.stored(code, store.calendar)
    kpi = store.versions.at(kpi, period.last)
    if kpi.calculated or (kpi.time_method == TimeMethod.TTM and period.kind is not Kind.MONTH):
        return []
    return [_cell(kpi, code, tier, value) for tier, value in period_values(kpi, period, store).items()]


def period_values(kpi: Kpi, period: Period, store: CellStore) -> dict[int, Value]:
    """The value of each tier with data, by the methods that the KPI has here."""
    expected, method = window(kpi, period), kpi.method
    columns = months_of(kpi, store, expected)
    return {
        tier.pk: value_of_period(
            method, months, len(expected), _customers(kpi, period, tier, months, store), store.unmarked(kpi, months)
        )
        for tier in store.tiers
        if (months := columns.get(tier.pk))
    }


def months_of(kpi: Kpi, store: CellStore, expected: Sequence[Month]) -> dict[int, Months]:
    """The months with data of each column, in order, those included in which silence means zero."""
    told = {tier: months for tier, months in _columns(kpi, store, expected).items() if months is not None}
    zero = Components(entered=kpi.source_id in store.entered)
    zeros = dict.fromkeys(store.silent_months(kpi).intersection(expected), zero)
    if not zeros:
        return told
    return {tier: dict(sorted((zeros | months).items())) for tier, months in told.items()}


def _columns(kpi: Kpi, store: CellStore, expected: Sequence[Month]) -> dict[int, Months | None]:
    """The months with data of each column. None: nothing can be said of the column."""
    stored, expected = store.cells.get(kpi.source_id, {}), store.counting(kpi, expected)
    columns: dict[int, Months | None] = {}
    for tier in store.tiers:
        months = stored.get(tier.pk, {})
        columns[tier.pk] = {month: months[month] for month in expected if month in months}
    if kpi.source_id in store.entered and any(_entered(months) for months in columns.values() if months):
        _settle_entered(kpi, store, columns)
    return columns


def _settle_entered(kpi: Kpi, store: CellStore, columns: dict[int, Months | None]) -> None:
    """All customers of tier actuals: the rows entered for all where every month with data has one,
    else the tiers' components; of distinct counts none, for customers may be counted twice.
    """
    everyone = next(tier.pk for tier in store.tiers if tier.scope == TierScope.ALL)
    own = columns[everyone] or {}
    rest = {tier: months or {} for tier, months in columns.items() if tier != everyone}
    held = {month for months in rest.values() for month in months}
    if held <= own.keys():
        return
    if kpi.method.customer.counts:
        columns[everyone] = None
        return
    columns[everyone] = {
        month: total(months[month] for months in rest.values() if month in months) for month in sorted(held)
    }


def _customers(kpi: Kpi, period: Period, tier: Tier, months: Months, store: CellStore) -> int | None:
    """Different customers over the period, where that is what the KPI counts and one month is not all."""
    alone = kpi.time_method == TimeMethod.POOL and period.kind is Kind.MONTH
    if not kpi.method.counts_over_months or alone or _entered(months):
        return None
    return store.distinct.get((period.code, kpi.source_id, tier.pk), 0)


def _entered(months: Months) -> bool:
    return any(parts.entered for parts in months.values())


def _cell(kpi: Kpi, code: str, tier: int, value: Value) -> CellRow:
    parts, number = value.total, value.number
    return (
        *(kpi.pk, tier, code),
        *((None, None) if number is None else (str(number.numerator), str(number.denominator))),
        *(str(parts.numerator), str(parts.denominator), parts.facts, parts.customers),
        *(value.months_with_data, value.months_expected, value.last_month, value.provisional),
    )
