"""Rows on rolling up: a month, 24 months on two workers, nothing, a few facts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from functools import partial

from django.db import connection
from django.db.models import Max
from django.test.utils import CaptureQueriesContext

from bench.company import KPIS, execute, touch
from bench.limits import count_distinct, counted_longer, group_month, make_table, on_two_connections, windows_of
from bench.processes import wait_until, worker
from bench.sizes import MONTH, MONTHS, Size
from bench.table import Row, against, measured, within
from core.periods import Month
from kpis.choices import CustomerMethod, RunState, TimeMethod, Trigger
from kpis.models import Kpi, RollupRun
from kpis.rollup.runs import roll_up_now
from kpis.tasks import wake_rollup

FEW = 1_000


def rows(size: Size) -> Iterator[Row]:
    """Each row's work leaves every slice rolled up."""
    kpis = list(Kpi.objects.filter(facts_of=None).order_by("pk")[:KPIS])
    plain = [kpi for kpi in kpis if kpi not in counted_longer(kpis)]
    yield from _on_two_workers(kpis, plain, size)
    yield _one_month("roll up one month, the KPIs that need that month alone", plain, size)
    yield _one_month("roll up one month, all KPIs, distinct counts of all its periods included", kpis, size)
    yield from _nothing()
    for method in (TimeMethod.SUM, TimeMethod.POOL, TimeMethod.TTM):
        distinct = method != TimeMethod.SUM
        customer = CustomerMethod.DISTINCT if distinct else CustomerMethod.SUM
        changed = next(kpi for kpi in kpis if (kpi.customer_method, kpi.time_method) == (customer, method))
        yield _few_facts(changed, size)


def _limit(months: Sequence[Month], kpis: Sequence[Kpi]) -> list[partial[None]]:
    """The same in plain SQL: each month, and each window of those that count different customers."""
    counted = counted_longer(kpis)
    pieces = [partial(group_month, month, kpis) for month in months]
    for method, window in windows_of(months) if counted else ():
        concerned = [kpi for kpi in counted if kpi.time_method == method]
        if concerned:
            pieces.append(partial(count_distinct, window, concerned))
    return pieces


def _one_month(work: str, kpis: Sequence[Kpi], size: Size) -> Row:
    def plain_sql() -> None:
        for piece in _limit([MONTH], kpis):
            piece()

    def touched() -> None:
        touch([MONTH], kpis)

    figure = measured(roll_up_now, size.repetitions, before=touched)
    limit = measured(plain_sql, size.repetitions, before=make_table)
    return against(f"{work} ({len(kpis)})", figure, limit, 1.3)


def _on_two_workers(kpis: Sequence[Kpi], plain: Sequence[Kpi], size: Size) -> Iterator[Row]:
    """All KPIs, and those that need months alone, each beside the same SQL on two connections."""
    work = f"roll up {len(MONTHS)} months on two workers through Celery"
    with ExitStack() as stack:
        for name in ("first", "second"):
            stack.enter_context(worker(name))
        touch(MONTHS)
        _by_workers()  # they start, and prepare what they need once
        figure = measured(_by_workers, size.repetitions, before=partial(touch, MONTHS))
        alone = measured(_by_workers, size.repetitions, before=partial(touch, MONTHS, plain))
    limit = measured(partial(on_two_connections, _limit(MONTHS, kpis)), 1, before=make_table)
    less = measured(partial(on_two_connections, _limit(MONTHS, plain)), size.repetitions, before=make_table)
    yield against(f"{work}, distinct counts of all their periods included ({len(kpis)} KPIs)", figure, limit, 1.3)
    yield against(f"{work}, the KPIs that need months alone ({len(plain)})", alone, less, 1.3)


def _by_workers() -> None:
    last = RollupRun.objects.aggregate(pk=Max("pk"))["pk"] or 0
    wake_rollup.delay(Trigger.COMMAND)
    newer = RollupRun.objects.filter(pk__gt=last)
    wait_until(lambda: newer.exclude(state=RunState.RUNNING).exists(), patience=900)
    if newer.latest("pk").state != RunState.DONE:
        raise RuntimeError(f"the rollup failed: {newer.latest('pk').error}")


def _nothing() -> Iterator[Row]:
    yield within("nothing touched, roll up again", measured(roll_up_now, 20) * 1000, 50)
    with CaptureQueriesContext(connection) as queries:
        roll_up_now()
    written = [query for query in queries if not query["sql"].startswith("SELECT")]
    yield within("its writes", len(written), 0, "")


def _few_facts(kpi: Kpi, size: Size) -> Row:
    """As a load of those facts would: new values, and the mark of their slice."""
    some = f"SELECT customer_id FROM kpis_fact WHERE month = {MONTH} AND kpi_id = {kpi.pk} LIMIT {FEW}"  # noqa: S608

    def change() -> None:
        where = f"month = {MONTH} AND kpi_id = {kpi.pk} AND customer_id IN ({some})"
        execute(f"UPDATE kpis_fact SET numerator = numerator + 10000 WHERE {where}")  # noqa: S608
        touch([MONTH], [kpi])

    def plain_sql() -> None:
        for piece in _limit([MONTH], [kpi]):
            piece()

    figure = measured(roll_up_now, size.repetitions, before=change)
    limit = measured(plain_sql, size.repetitions, before=make_table)
    methods = f"{kpi.customer_method} over customers, {kpi.time_method} over time"
    return against(f"{FEW:,} facts changed in one slice, roll up ({methods})", figure, limit, 2)
