"""Jobs: asked for by a person, done by a worker, told about while they run, gone after a day.

The row is the queue, messages only wake. Whoever takes a job up counts its tries by compare-and-swap, and what it
says later counts only while nobody else has taken it over: so a worker that was given up for lost changes nothing.
A job that is silent is sent again, one that is left for the third time has failed: none runs for ever.
"""

from __future__ import annotations

import logging
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from threading import Event, Thread
from typing import Any

from django.conf import settings
from django.db import DatabaseError, connection, transaction
from django.db.models import F, Q, QuerySet
from django.utils import timezone

from accounts.choices import JobState
from accounts.models import Job, User
from accounts.rights import Right
from core.outages import BUSY, DATABASE, FULL, outage_of
from core.waking import wake_worker

logger = logging.getLogger(__name__)

KEPT_FOR = timedelta(hours=24)
ROWS_KEPT_FOR = timedelta(days=30)
SILENT_AFTER = timedelta(minutes=1)
BEAT_EVERY = 1.0  # seconds
MOST_TRIES = 3
LEFT = (
    "It was begun three times, and each time the worker ended before the job did: its memory, or the disk, may be "
    "too small for it. Nothing was changed."
)


class JobFailed(Exception):
    """A job that cannot be done, said in a sentence to whoever asked for it."""


class JobTaken(Exception):
    """The job was given up for lost and somebody else does it now: what this one did must not count."""


@dataclass(slots=True)
class Work:
    """A job under way, as who does it sees it."""

    job: Job
    finished: bool = False
    told: tuple[int, int] = field(default=(0, 0))

    @property
    def folder(self) -> Path:
        """Where the job's files lie."""
        return job_folder(self.job)

    def tell(self, done: int, of: int = 0) -> None:
        """How far it is; costs nothing, for it is written down now and then by a thread of its own."""
        self.told = (done, of)

    def finish(self, result: Mapping[str, Any]) -> None:
        """Note what came of it. Within the transaction of its effect, where it has one, so that both count or none.

        Raises JobTaken.
        """
        self._end(state=JobState.DONE, result=dict(result))

    def fail(self, why: str) -> None:
        """Note in a sentence why nothing came of it. Raises JobTaken."""
        self._end(state=JobState.FAILED, error=why[:4000])

    def _end(self, **fields: Any) -> None:
        if not _mine(self.job).update(finished_at=timezone.now(), **fields):
            raise JobTaken
        self.finished = True

    def beat(self) -> None:
        """Say that it is being done, and how far it is."""
        done, of = self.told
        _mine(self.job).update(heartbeat_at=timezone.now(), done=done, of=of)


@dataclass(frozen=True, slots=True)
class JobKind:
    """How jobs of a kind are done: ``run`` answers the result, or raises JobFailed. ``title`` names it to people,
    ``address`` is the path of the page that shows a job.
    """

    name: str
    title: str
    run: Callable[[Work], Mapping[str, Any]]
    address: Callable[[Job], str]
    kept_for: timedelta = KEPT_FOR


_kinds: dict[str, JobKind] = {}


def register_job_kind(kind: JobKind) -> None:
    """Make a kind of job known, in ``AppConfig.ready``."""
    _kinds[kind.name] = kind


def job_kind(name: str) -> JobKind:
    """The kind of that name. Raises KeyError."""
    return _kinds[name]


def job_folder(job: Job) -> Path:
    """The folder of a job's files, which nobody else may read. Web servers and workers share it."""
    folder = _all_folders() / str(job.pk)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder


def jobs_of(person: User) -> QuerySet[Job]:
    """The jobs that a person may see: their own; an administrator every one."""
    return Job.objects.all() if person.has_perm(Right.ADMINISTER) else Job.objects.filter(by=person)


def ask_for(kind: str, *, by: User, about: str = "", asked: Mapping[str, Any] | None = None) -> Job:
    """A new job. Put its files into its folder, then ``send`` it, or ``run_here``."""
    until = timezone.now() + job_kind(kind).kept_for
    job = Job.objects.create(kind=kind, by=by, about=about[:255], asked=dict(asked or {}), expires_at=until)
    shutil.rmtree(_all_folders() / str(job.pk), ignore_errors=True)  # of a row that was rolled back
    return job


def send(job: Job) -> None:
    """Wake a worker that does the job once this transaction is committed."""
    transaction.on_commit(lambda: _wake(job.pk))


def _wake(pk: int) -> None:
    from accounts.tasks import run_job

    wake_worker(lambda: run_job.apply_async(args=(pk,), expires=60), "will have the job done")


def run_here(job: Job) -> Job:
    """Do a small job now, in this process; answers it as it ended."""
    _take(job.pk, _do)
    job.refresh_from_db()
    return job


def run_in_worker(pk: int) -> None:
    """Do a job beside a thread that tells of it. Nothing where it is done, gone, or somebody else's."""

    def do(work: Work) -> None:
        with _beating(work):
            _do(work)

    _take(pk, do)


def _take(pk: int, do: Callable[[Work], None]) -> None:
    """Take a job up that nobody does, and do it."""
    now = timezone.now()
    free = Q(state=JobState.WAITING) | (Q(state=JobState.RUNNING) & _silent(now))
    claimed = Job.objects.filter(free, pk=pk, expires_at__gt=now, tries__lt=MOST_TRIES).update(
        state=JobState.RUNNING, started_at=now, heartbeat_at=now, tries=F("tries") + 1, done=0, of=0
    )
    if claimed:
        do(Work(Job.objects.select_related("by").get(pk=pk)))


def _do(work: Work) -> None:
    """Run it and note how it ended. What is away or full fails nobody: the job is silent, and so is sent again."""
    try:
        result = job_kind(work.job.kind).run(work)
        if not work.finished:
            work.finish(result)
    except JobTaken:
        logger.warning("%s was taken over by another worker", work.job)
    except JobFailed as error:
        work.fail(str(error))
    except Exception as error:
        if outage_of(error) not in {DATABASE, BUSY, FULL}:
            logger.exception("%s failed", work.job)
            work.fail(f"Something went wrong that should not have ({type(error).__name__}). Nothing was changed.")
            return
        raise


@contextmanager
def _beating(work: Work) -> Iterator[None]:
    """A thread that writes down, while the job runs, that it does and how far it is: by a connection of its own, for
    that of the job may be in a transaction.
    """
    over = Event()

    def beat() -> None:
        while not over.wait(BEAT_EVERY):
            try:
                _be_brief()
                work.beat()
            except DatabaseError:  # SQLite has one writer, which may be the job; the next beat tells as much
                logger.debug("A beat of %s was left out", work.job, exc_info=True)
            finally:
                connection.close()

    thread = Thread(target=beat, name=f"beat of job {work.job.pk}", daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def _be_brief() -> None:
    """SQLite: wait for the writer less long than people would."""
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA busy_timeout = 500")


def _mine(job: Job) -> QuerySet[Job]:
    """The job as long as it is that of who took it up."""
    return Job.objects.filter(pk=job.pk, state=JobState.RUNNING, tries=job.tries)


def _silent(now: datetime) -> Q:
    """Not heard of for a minute or, a clock having been set back, in the future."""
    return Q(heartbeat_at__lt=now - SILENT_AFTER) | Q(heartbeat_at__gt=now + SILENT_AFTER)


def carry_on() -> None:
    """Send again what waits and what its worker has left; what was left for the third time has failed."""
    now = timezone.now()
    live = Job.objects.filter(expires_at__gt=now)
    left = live.filter(_silent(now), state=JobState.RUNNING)
    left.filter(tries__gte=MOST_TRIES).update(state=JobState.FAILED, error=LEFT, finished_at=now)
    for pk in live.filter(Q(state=JobState.WAITING) | Q(pk__in=left.values("pk"))).values_list("pk", flat=True):
        _wake(pk)


def expire() -> None:
    """Take files and results away whose day is over, and rows a month later."""
    now = timezone.now()
    over = Job.objects.filter(expires_at__lte=now).exclude(Q(state=JobState.RUNNING) & ~_silent(now))
    over.exclude(state=JobState.EXPIRED).update(state=JobState.EXPIRED, result={}, asked={}, error="")
    over.filter(expires_at__lte=now - ROWS_KEPT_FOR).delete()
    folders = {folder.name: folder for folder in _all_folders().iterdir()}
    for pk in Job.objects.exclude(state=JobState.EXPIRED).values_list("pk", flat=True):
        folders.pop(str(pk), None)
    for folder in folders.values():
        shutil.rmtree(folder, ignore_errors=True)


def _all_folders() -> Path:
    folder = Path(settings.VAR_DIR) / "jobs"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder
