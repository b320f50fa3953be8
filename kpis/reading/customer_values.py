"""What a KPI says of each customer over a window of months, by its own methods.

As of one customer there is one fact a month, most methods are sums over its facts, which the database adds; what is not
is made of the facts themselves, by the arithmetic of a cell.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fractions import Fraction
from itertools import groupby
from typing import Any

from core.numbers import SCALE
from core.periods import Month, months_between, shift
from kpis.choices import CustomerMethod, TimeMethod
from kpis.formulas.values import Components, Method, value_of_period
from kpis.models import CompleteMonth, Kpi
from kpis.reading.fact_months import slices_with_facts
from kpis.rollup.reading import listed, planned_for_many_rows

Values = dict[int, Fraction | None]

_SUMS = """
    SELECT f.customer_id, {columns}
    FROM kpis_fact f WHERE f.kpi_id = {kpi} AND f.month IN ({months})
    GROUP BY f.customer_id
"""
_COLUMNS = (
    "SUM(f.numerator) FILTER ({within}), SUM(f.denominator) FILTER ({within}), COUNT(*) FILTER ({within}), "
    "COUNT(*) FILTER ({within} AND f.numerator > 0)"
)
_LAST = """
    SELECT customer_id, numerator, denominator, month FROM (
        SELECT f.customer_id, f.numerator, f.denominator, f.month,
               ROW_NUMBER() OVER (PARTITION BY f.customer_id ORDER BY f.month DESC) AS nth
        FROM kpis_fact f WHERE f.kpi_id = {kpi} AND f.month IN ({months}) {telling}
    ) AS latest WHERE nth = 1
"""
_ROWS = """
    SELECT f.customer_id, f.month, f.numerator, f.denominator
    FROM kpis_fact f WHERE f.kpi_id = {kpi} AND f.month IN ({months}) ORDER BY f.customer_id, f.month
"""


def window_of(kpi: Kpi, end: Month, months: int) -> tuple[Month, ...]:
    """The months of a window: so many that end with a month; the twelve of a KPI of trailing twelve months."""
    length = 12 if kpi.time_method == TimeMethod.TTM else months
    return months_between(shift(end, 1 - length), end)


def read_values(kpi: Kpi, windows: Sequence[Sequence[Month]]) -> list[Values]:
    """The value of each customer over each window, in the KPI's unit; None where facts give none, and no entry
    without a fact. ``kpi`` is as it means at the window's end. Where silence means zero, ask ``silent_value`` for the
    others.
    """
    months = [[month for month in window if _counts(kpi, month)] for window in windows]
    if _adds_up(kpi.method):
        return _summed(kpi, months)
    one = _latest if kpi.time_method == TimeMethod.LAST else _one_by_one
    return [one(kpi, window) if window else {} for window in months]


def silent_value(kpi: Kpi, window: Sequence[Month]) -> Fraction | None:
    """The value of a customer without a fact: zero where silence means zero and the KPI was measured, else none."""
    return Fraction(0) if kpi.silence_is_zero and silent_months(kpi, window) else None


def silent_months(kpi: Kpi, window: Iterable[Month]) -> set[Month]:
    """The months of a window in which silence means zero: in which the KPI has a fact, or that were marked."""
    held = {month for _, month in slices_with_facts([kpi.source_id])}
    marks = CompleteMonth.objects.filter(kpi__in={kpi.pk, kpi.source_id}).values_list("month", flat=True)
    return {month for month in window if month in held or month in set(marks)}


def _counts(kpi: Kpi, month: Month) -> bool:
    """Whether what is stored of a month counts, of the KPI and of the one whose facts it takes."""
    return kpi.stands_in(month) and (kpi.facts_of is None or kpi.facts_of.stands_in(month))


def _adds_up(method: Method) -> bool:
    """Whether sums over a customer's facts say it: all but the last month, and rates month by month."""
    if method.time == TimeMethod.LAST:
        return False
    return method.time.pools or method.customer != CustomerMethod.RATIO


def _summed(kpi: Kpi, windows: Sequence[Sequence[Month]]) -> list[Values]:
    """All windows in one reading of the facts."""
    months = sorted({month for window in windows for month in window})
    if not months:
        return [{} for _ in windows]
    columns = ", ".join(_COLUMNS.format(within=f"WHERE f.month IN ({listed(window) or 0})") for window in windows)
    rows = _rows(_SUMS.format(columns=columns, kpi=int(kpi.source_id), months=listed(months)))
    zeros = [len(silent_months(kpi, window)) if kpi.silence_is_zero else 0 for window in windows]
    found: list[Values] = [{} for _ in windows]
    method = kpi.method
    for customer, *sums in rows:
        for place, values in enumerate(found):
            above, below, facts, active = sums[4 * place : 4 * place + 4]
            if facts:
                values[customer] = _value(method, above, below, facts, active, zeros[place])
    return found


def _value(method: Method, above: int, below: int | None, facts: int, active: int, zeros: int) -> Fraction | None:
    """The value of a customer from sums over its facts; ``zeros`` are the months that count where silence is zero."""
    if method.customer == CustomerMethod.RATIO:
        hundred = 100 if method.percent else 1
        return Fraction(int(above) * hundred, int(below)) if below else None
    if method.customer == CustomerMethod.DISTINCT:
        number = Fraction(min(active, 1) if method.time.pools else active)
    else:
        number = Fraction(int(above), SCALE)
    averaged = method.time == TimeMethod.MEAN or (method.customer == CustomerMethod.MEAN and method.time.pools)
    return number / (zeros or facts) if averaged else number


def _latest(kpi: Kpi, window: Sequence[Month]) -> Values:
    """The value of each customer's last month that has one; the last of all where silence means zero."""
    telling = "AND f.denominator <> 0" if kpi.customer_method == CustomerMethod.RATIO else ""
    rows = _rows(_LAST.format(kpi=int(kpi.source_id), months=listed(window), telling=telling))
    last = max(silent_months(kpi, window), default=0) if kpi.silence_is_zero else 0
    found: Values = {}
    for customer, above, below, month in rows:
        own = {Month(month): _components(above, below)} if month >= last else {Month(last): Components()}
        found[customer] = value_of_period(kpi.method, own, len(window)).number
    if telling:
        every = _rows(_SUMS.format(columns="COUNT(*)", kpi=int(kpi.source_id), months=listed(window)))
        return dict.fromkeys(customer for customer, _ in every) | found
    return found


def _one_by_one(kpi: Kpi, window: Sequence[Month]) -> Values:
    """Rates month by month."""
    rows = _rows(_ROWS.format(kpi=int(kpi.source_id), months=listed(window)))
    found: Values = {}
    for customer, own in groupby(rows, key=lambda row: row[0]):
        months = {Month(month): _components(above, below) for _, month, above, below in own}
        found[customer] = value_of_period(kpi.method, months, len(window)).number
    return found


def _components(above: int, below: int | None) -> Components:
    return Components(int(above), int(below or 0), 1, int(above > 0))


def _rows(query: str) -> list[tuple[Any, ...]]:
    with planned_for_many_rows() as cursor:
        cursor.execute(query)
        found: list[tuple[Any, ...]] = cursor.fetchall()
    return found
