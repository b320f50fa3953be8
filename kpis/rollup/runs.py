"""A run: what was touched, in parts, computed by any number of workers, published once.

The touch marks are the queue; messages only wake. A run notes the marks that it sees before it
reads a fact, and deletes just those when it publishes, so a load in between is never lost; those
of months that have not begun wait for the month. What fails of a run fails alone (``failures``). Any
number of runs may be under way: each sees at least the marks of the runs before it that have not
published, so the latest to publish has done the work of the earlier ones, and these end as
superseded.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

from django.db import connection, transaction
from django.db.models import Exists, F, Q
from django.utils import timezone

from accounts.company import company, today
from accounts.models import Company, User
from core.once import one_reading
from core.outages import BUSY, DATABASE, FULL, outage_of
from core.periods import Kind, Month, Period, month_code, year_is_kept
from core.scorecards import verdicts_changed
from core.waking import wake_worker
from customers.models import TierTouch
from customers.services.growth_check import check_growth
from kpis.choices import RunState, Trigger
from kpis.models import EventTouch, RolledSlice, RollupRun, RunPart, SignalTouch, SliceTouch
from kpis.models.versions import VersionBook
from kpis.rollup.publishing import publish, trailing_months
from kpis.rollup.staging import stage
from kpis.rules.actual import newest_month
from kpis.services.deriving import derive_owed

# A run that is silent for this long is sent again; one that stays silent all the same, has failed. It is counted,
# not timed, for a clock may jump: hours forward while a worker computes, or back behind the last sign of life.
RESEND_AFTER = timedelta(minutes=1)
MOST_SENDS = 15
# After a failure the scheduler waits this long; a person need not.
RETRY_AFTER = timedelta(minutes=5)

_LOCK = 0x7469657262  # "tierb": any number that nothing else in the database uses


def lock_rollups() -> None:
    """Hold off other starts and publications until the transaction ends.

    On SQLite a transaction that writes has the database to itself anyway.
    """
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])


def start_run(*, trigger: Trigger, by: User | None = None) -> RollupRun | None:
    """Begin a run of everything that is touched. None where nothing is: then nothing is written.

    Of months that have not begun nothing is computed. What was rolled up of them all the same (before they were
    refused, or the clock was put back) is taken out of the cells.
    """
    newest = newest_month(today())
    if not is_owed(newest):
        return None
    with one_reading(), transaction.atomic():
        lock_rollups()
        begun = SliceTouch.objects.filter(month__lte=newest)
        slice_touches = list(begun.values_list("pk", "kpi__facts_of_id", "kpi_id", "month"))
        tier_touches = list(TierTouch.objects.values_list("pk", "first_month", "last_month"))
        early = set(RolledSlice.objects.filter(month__gt=newest).values_list("kpi_id", "month"))
        signal_touches = list(SignalTouch.objects.values_list("pk", flat=True))
        if not (slice_touches or tier_touches or signal_touches or early):
            return None  # another run has done it while this one waited for the lock
        slices = {(source or kpi, month) for _, source, kpi, month in slice_touches}
        slices |= _slices_of_moves((first, last) for _, first, last in tier_touches) | early
        run = RollupRun.objects.create(
            trigger=trigger,
            by=by,
            slices=len(slices),
            slice_touches=[touch[0] for touch in slice_touches],
            tier_touches=[touch[0] for touch in tier_touches],
            signal_touches=signal_touches,
        )
        RunPart.objects.bulk_create(_parts(run, slices))
    return run


def is_owed(newest: Month) -> bool:
    """Whether anything is to be derived or computed, ``newest`` being the last month that has begun; in one query."""
    marks = Exists(SliceTouch.objects.filter(month__lte=newest)) | Exists(TierTouch.objects.all())
    events = Exists(EventTouch.objects.all())  # from which facts are derived first
    early = Exists(RolledSlice.objects.filter(month__gt=newest))
    return Company.objects.filter(marks | events | Exists(SignalTouch.objects.all()) | early).exists()


def _slices_of_moves(spans: Iterable[tuple[Month, Month | None]]) -> set[tuple[int, Month]]:
    """The slices with facts in months whose tier map changed; those never rolled up are marked anyway."""
    condition = Q(pk__in=[])
    for first, last in set(spans):
        condition |= Q(month__gte=first) if last is None else Q(month__gte=first, month__lte=last)
    return set(RolledSlice.objects.filter(condition).values_list("kpi_id", "month"))


def _parts(run: RollupRun, slices: set[tuple[int, Month]]) -> list[RunPart]:
    by_month: dict[str, set[int]] = defaultdict(set)
    for kpi, month in slices:
        by_month[month_code(month)].add(kpi)
    by_window = _distinct_windows(slices)
    return [RunPart(run=run, period=code, kpis=sorted(kpis)) for code, kpis in sorted(by_month.items())] + [
        RunPart(run=run, period=code, kpis=sorted(kpis), distinct=True) for code, kpis in sorted(by_window.items())
    ]


def _distinct_windows(slices: set[tuple[int, Month]]) -> dict[str, set[int]]:
    """The longer windows whose distinct counts go back to the facts: month cells of these do not merge."""
    calendar = company().calendar
    windows: dict[str, set[int]] = defaultdict(set)
    kpis, versions = VersionBook.library()
    counted = [meant for kpi in kpis for meant in versions.all_of(kpi) if meant.method.counts_over_months]
    for kpi in counted:
        for month in (month for source, month in slices if source == kpi.source_id):
            if kpi.method.counts_window:
                codes = [month_code(later) for later in trailing_months(month)]
            elif year_is_kept(month // 100):
                codes = [calendar.period(kind, month).code for kind in (Kind.QUARTER, Kind.YEAR)]
            else:
                codes = []
            for code in codes:
                windows[code].add(kpi.source_id)
    return windows


def roll_up_part(part: RunPart) -> None:
    """Compute one part; whoever computes the last one publishes the run."""
    with failing(part.run):
        with one_reading():
            stage(part, Period.stored(part.period, company().calendar))
        finish(part.run)


def finish(run: RollupRun) -> None:
    """Publish the run if all of its parts are staged; then look whether customer growth adds up, and tell of it."""
    if RunPart.objects.filter(run=run, staged_at=None).exists():
        return
    with one_reading(), transaction.atomic():
        lock_rollups()
        publish(run)
    check_growth()
    verdicts_changed()


@contextmanager
def failing(run: RollupRun) -> Iterator[None]:
    """Note on the run what went wrong, with nothing published and every mark kept.

    A database that is away or busy, or a full disk, fails nobody: the run is silent, and so is sent again.
    """
    try:
        yield
    except BaseException as error:
        if outage_of(error) not in {DATABASE, BUSY, FULL}:
            fail(run, f"{type(error).__name__}: {error}")
        raise


def fail(run: RollupRun, why: str) -> None:
    """End a running run without publishing it. Its marks stay, so the next run does its work."""
    RollupRun.objects.filter(pk=run.pk, state=RunState.RUNNING).update(
        state=RunState.FAILED, error=why[:4000], finished_at=timezone.now()
    )


def roll_up_now(*, trigger: Trigger = Trigger.COMMAND, by: User | None = None) -> RollupRun | None:
    """Roll up everything touched, here and now, without a worker. None where nothing was touched.

    Facts that are owed from events are derived first. What could not be computed is told in the run's ``error``: then
    its state is partial, or failed.
    """
    derive_owed()
    run = start_run(trigger=trigger, by=by)
    if run is None:
        return None
    with failing(run):
        with one_reading():
            for part in waiting_parts(run):
                stage(part, Period.stored(part.period, company().calendar))
        finish(run)
    run.refresh_from_db()
    return run


def wake(*, trigger: Trigger, by: User | None = None) -> None:
    """Carry on: derive the facts that are owed from events, send again what a lost worker left, or begin a run where
    something is touched.
    """
    derive_owed()
    now = timezone.now()
    for run in RollupRun.objects.filter(state=RunState.RUNNING, sent_again__gte=MOST_SENDS).filter(_silent(now)):
        fail(run, "No worker has reported for 15 minutes. Nothing was lost: the next run does its work.")
    live = RollupRun.objects.filter(state=RunState.RUNNING).first()
    if live is not None:
        _send_again(live, now)
        return
    states = (RunState.FAILED, RunState.PARTIAL)
    failed = RollupRun.objects.filter(state__in=states, finished_at__range=(now - RETRY_AFTER, now))
    failed = failed.filter(sent_again__lt=MOST_SENDS)  # one that was silent is no reason to wait
    if trigger == Trigger.SCHEDULE and failed.exists():
        return
    started = start_run(trigger=trigger, by=by)
    if started is not None:
        dispatch(started)


def _silent(now: datetime) -> Q:
    """Runs that have not been heard of for a minute, or, the clock having been set back, in the future."""
    return Q(heartbeat_at__lt=now - RESEND_AFTER) | Q(heartbeat_at__gt=now + RESEND_AFTER)


def _send_again(run: RollupRun, now: datetime) -> None:
    """What is left of a silent run; of two who would do it at once, one does."""
    silent = RollupRun.objects.filter(_silent(now), pk=run.pk, state=RunState.RUNNING)
    if silent.update(heartbeat_at=now, sent_again=F("sent_again") + 1):
        dispatch(run)


def dispatch(run: RollupRun) -> None:
    """Send a message for each part that is still to do, or the one that publishes."""
    from kpis.tasks import finish_run, stage_part

    waiting = waiting_parts(run)
    for part in waiting:
        stage_part.delay(part.pk)
    if not waiting:
        finish_run.delay(run.pk)


def waiting_parts(run: RollupRun) -> list[RunPart]:
    """The parts that are still to do: one of the distinct counts, which does them all, before the months."""
    waiting = list(run.parts.filter(staged_at=None).order_by("pk"))
    return [part for part in waiting if part.distinct][:1] + [part for part in waiting if not part.distinct]


def request_rollup(*, trigger: Trigger, by: User | None = None) -> None:
    """Wake a worker once the transaction is committed. Without a broker the scheduler does it later."""
    from kpis.tasks import wake_rollup

    message = (trigger, by.pk if by else None)
    transaction.on_commit(lambda: wake_worker(lambda: wake_rollup.delay(*message), "will start the rollup"))
