"""Month cells → signals: what the chart of each KPI and tier says of each month, after their cells are written.

A chart looks at all months before, so a touched month has those of the KPI from it on worked out again, and those of
the KPIs that are calculated from it. A month that has not ended has its row too, which shows once it has.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence

from django.db.models import Min

from core.periods import Month, months_between
from customers.models import Tier
from kpis.choices import Direction
from kpis.formulas.signals import Chart, charts_along, points_of, signal_of
from kpis.models import Kpi, MonthSignal, RolledSlice
from kpis.models.versions import VersionBook
from kpis.reading.signal_points import SignalBook, Values
from kpis.reading.signals import window_text
from kpis.rollup.writing import insert_rows
from kpis.rules.formula import inputs_of

_COLUMNS = ("kpi_id", "tier_id", "month", "signal", "rule", "window")
_LATEST = Month(999912)

Firsts = dict[int, Month]
Row = tuple[object, ...]


def publish_signals(touched: Mapping[int, Month], newest: Month) -> None:
    """Work out the signals of each KPI from its first touched month on; ``newest`` is the last month that has begun.

    ``touched`` are ids of KPIs whose cells or charts changed; those that take their facts or values follow.
    """
    if not touched:
        return
    library, versions = VersionBook.library()
    firsts = _with_dependants(touched, library, versions)
    for month in set(firsts.values()):
        together = [kpi for kpi, since in firsts.items() if since == month]
        MonthSignal.objects.filter(month__gte=month, kpi_id__in=together).delete()
    first = RolledSlice.objects.aggregate(first=Min("month"))["first"]
    if first is not None and first <= newest:
        asked = [kpi for kpi in library if firsts.get(kpi.pk, _LATEST) <= newest]
        book = SignalBook(asked, library, versions, months_between(Month(first), newest))
        insert_rows(MonthSignal, _COLUMNS, _rows(book, firsts))


def _with_dependants(touched: Mapping[int, Month], library: Collection[Kpi], versions: VersionBook) -> Firsts:
    """With the KPIs that take a touched one's facts, or its values by a formula of any version, however deep."""
    firsts = dict(touched)
    for kpi in library:
        if kpi.source_id in touched:
            firsts[kpi.pk] = min(touched[kpi.source_id], firsts.get(kpi.pk, _LATEST))
    takes = _inputs(library, versions)
    waiting = list(firsts)
    while waiting:
        changed = waiting.pop()
        for taker in takes.get(changed, ()):
            if firsts[changed] < firsts.get(taker, _LATEST):
                firsts[taker] = firsts[changed]
                waiting.append(taker)
    return firsts


def _inputs(library: Collection[Kpi], versions: VersionBook) -> dict[int, set[int]]:
    """The KPIs that take each one's values, by id."""
    ids = {kpi.code: kpi.pk for kpi in library}
    takes: dict[int, set[int]] = {}
    for kpi in library:
        for code in {code for meant in versions.all_of(kpi) for code in inputs_of(meant.formula)}:
            takes.setdefault(ids.get(code, 0), set()).add(kpi.pk)
    return takes


def _rows(book: SignalBook, firsts: Firsts) -> Iterator[Row]:
    """The rows of each column from its first touched month on, of months of which something can be said."""
    earliest = min(firsts.values(), default=_LATEST)
    thin = book.thin([month for month in book.months if month >= earliest])
    for kpi in book.kpis:
        touched = [month for month in book.months if month >= firsts[kpi.pk]]
        whole = [at for at in touched if not any(at in thin.get(leaf, ()) for leaf in book.meaning(kpi, at).leaves)]
        for tier in book.tiers:
            for months, values in book.stretches(kpi, tier.pk, whole):
                yield from _said(book, kpi, tier, months, values)


def _said(book: SignalBook, kpi: Kpi, tier: Tier, months: Sequence[Month], values: Values) -> Iterator[Row]:
    """What is kept of months that begin with the same step; no row where nothing is said of one."""
    charts = charts_along(points_of(values, seasonal=kpi.seasonal), months[0])
    windows = book.windows(kpi, tier, months, values)
    direction = Direction(book.meaning(kpi, months[0]).kpi.direction)
    for month in months:
        chart, window = charts.get(month, Chart()), windows.get(month, ())
        signal = signal_of(chart, direction)
        if signal or window:
            yield kpi.pk, tier.pk, month, signal or "", chart.rule or "", window_text(window)
