"""What moves of customers change of periods that have ended: how many cells of how many periods."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from itertools import islice

from django.db import connection

from accounts.company import company
from core.formatting import counted, period_name
from core.periods import FiscalCalendar, Kind, Month, Period, last_day, months_between, shift
from core.registry import Move
from kpis.choices import TimeMethod
from kpis.models import Kpi, RolledSlice
from kpis.models.versions import VersionBook
from kpis.reading.trends import leaves_of
from kpis.rollup.reading import computed_columns, listed

_CREATE = """
    CREATE TEMPORARY TABLE kpis_moved (
        customer_id bigint, first_month integer, last_month integer, tier_before bigint, tier_now bigint
    )
"""
_SLICES = """
    SELECT DISTINCT f.kpi_id, f.month, m.tier_before, m.tier_now
    FROM kpis_fact f
    JOIN kpis_moved m ON m.customer_id = f.customer_id AND f.month BETWEEN m.first_month AND m.last_month
    WHERE f.month IN ({months})
"""
_BATCH = 500

# (KPI that owns the facts, month, tier before, tier now)
Slice = tuple[int, Month, int, int]


def effect_of_moves(moves: Iterable[Move], today: date) -> str:
    """``3 customers move tier in months that have ended: 24 cells in 5 periods that have ended change, the first …``

    Empty where no value of a period that has ended is touched. One query over the facts of the months concerned.
    """
    ended = [move for move in moves if last_day(move.first) < today]
    if not ended:
        return ""
    rolled = RolledSlice.objects.filter(month__gte=min(move.first for move in ended), facts__gt=0).order_by()
    months = [month for month in rolled.values_list("month", flat=True).distinct() if last_day(Month(month)) < today]
    slices = _slices(ended, [Month(month) for month in months]) if months else []
    cells = set(_cells(slices, company().calendar, today))
    if not cells:
        return ""
    periods = {period for _, _, period in cells}
    customers = counted(len({move.customer for move in ended}), "customer")
    verb = "moves" if customers == "1 customer" else "move"
    first = min(periods, key=lambda period: (period.last, period.kind.length))
    return (
        f"{customers} {verb} tier in months that have ended: {counted(len(cells), 'cell')} in "
        f"{counted(len(periods), 'period')} that have ended will show other numbers, from {period_name(first)} on"
    )


def _slices(moves: Sequence[Move], months: Sequence[Month]) -> list[Slice]:
    """The (KPI, month) that have facts of the moved customers, with the tiers that these leave and enter."""
    untiered, _ = computed_columns()
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS kpis_moved")
        cursor.execute(_CREATE)
        rows = (
            f"({listed((one.customer, one.first, one.last, one.before or untiered, one.now or untiered))})"
            for one in moves
        )
        while batch := list(islice(rows, _BATCH)):
            cursor.execute(f"INSERT INTO kpis_moved VALUES {', '.join(batch)}")  # noqa: S608 - whole numbers
        cursor.execute("ANALYZE kpis_moved")
        cursor.execute(_SLICES.format(months=listed(months)))
        found: list[Slice] = cursor.fetchall()
        cursor.execute("DROP TABLE kpis_moved")
    return found


def _cells(slices: Iterable[Slice], calendar: FiscalCalendar, today: date) -> Iterator[tuple[int, int, Period]]:
    """The (KPI, tier, period that has ended) whose facts become others; what is calculated from them too."""
    library, versions = VersionBook.library()
    kpis, leaves = {kpi.pk: kpi for kpi in library}, leaves_of(library)
    behind: dict[int, list[tuple[Kpi, Kpi]]] = defaultdict(list)
    for pk, found in leaves.items():
        for one in found:
            behind[kpis[one].source_id].append((kpis[pk], kpis[one]))
    for source, month, before, now in slices:
        for kpi, leaf in behind[source]:
            trailing = versions.ever(leaf, TimeMethod.TTM)
            for period in _periods(month, calendar, trailing=trailing):
                if not period.is_to_date(today):
                    yield from ((kpi.pk, tier, period) for tier in (before, now))


def _periods(month: Month, calendar: FiscalCalendar, *, trailing: bool) -> Iterator[Period]:
    """The periods whose values a month's facts are part of; of trailing months also those that look back on it."""
    yield from (calendar.period(kind, month) for kind in Kind)
    for later in months_between(shift(month, 1), shift(month, 11)) if trailing else ():
        yield from (period for kind in Kind if (period := calendar.period(kind, later)).last == later)
