"""Calls that a program may repeat: the first one's answer is kept with its effect, and a repeat gets it.

One at a time per key. PostgreSQL holds a lock of the key until the transaction ends; where SQLite serves, all of the
product runs on one machine, and a lock on a file does.
"""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256
from pathlib import Path

from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone

from accounts.models import KeptAnswer, User

KEPT_FOR = timedelta(hours=24)
LONGEST_KEY = 255
PATIENCE = 5.0  # seconds that a repeat waits for the first
_PAUSE = 0.05


class StillRunning(Exception):
    """The first call with this key has not ended yet."""


class AnotherCall(Exception):
    """The key was given to a call that said something else."""


@dataclass(frozen=True, slots=True)
class Call:
    """A call that may be repeated: whose, where, under which key, and a digest of all that it says."""

    by: User
    address: str
    key: str
    digest: str

    @property
    def name(self) -> str:
        """Tells it from every other, in 64 digits."""
        return sha256("\x1f".join((str(self.by.pk), self.address, self.key)).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Answer:
    """What a call is answered."""

    status: int
    headers: dict[str, str]
    body: str


def answered_once(call: Call, answer: Callable[[], Answer]) -> Answer:
    """The kept answer of the call's key, else what ``answer`` does and says, kept with it in one transaction.

    Where ``answer`` raises, or answers a refusal, nothing is kept. Raises StillRunning and AnotherCall.
    """
    with _turn(call), transaction.atomic():
        _wait_in_database(call)
        found = _kept(call)
        if found is None:
            found = answer()
            _keep(call, found)
        return found


def forget_old() -> int:
    """Delete the answers that are older than a day; answers their number."""
    for path in _folder().iterdir():
        if path.stat().st_mtime < time.time() - KEPT_FOR.total_seconds():
            path.unlink(missing_ok=True)
    return KeptAnswer.objects.filter(at__lt=timezone.now() - KEPT_FOR).delete()[0]


def _kept(call: Call) -> Answer | None:
    mine = KeptAnswer.objects.filter(user=call.by, address=call.address, key=call.key)
    mine.filter(at__lt=timezone.now() - KEPT_FOR).delete()
    first = mine.first()
    if first is None:
        return None
    if first.digest != call.digest:
        raise AnotherCall
    return Answer(first.status, first.headers, first.body)


def _keep(call: Call, answer: Answer) -> None:
    if answer.status >= 400:
        transaction.set_rollback(True)
        return
    KeptAnswer.objects.create(
        user=call.by,
        address=call.address,
        key=call.key,
        digest=call.digest,
        status=answer.status,
        headers=answer.headers,
        body=answer.body,
        at=timezone.now(),
    )


def _patiently(take: Callable[[], bool]) -> None:
    """Try until it is taken. Raises StillRunning after five seconds."""
    end = time.monotonic() + PATIENCE
    while not take():
        if time.monotonic() > end:
            raise StillRunning
        time.sleep(_PAUSE)


def _wait_in_database(call: Call) -> None:
    """Hold the key until the transaction ends, on PostgreSQL, where callers may be on several machines."""
    if connection.vendor != "postgresql":
        return
    number = int(call.name[:15], 16)

    def take() -> bool:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [number])
            return bool(cursor.fetchone()[0])

    _patiently(take)


@contextmanager
def _turn(call: Call) -> Iterator[None]:
    """Hold the key on this machine, before a transaction begins: on SQLite a second one could not even begin."""
    if connection.vendor == "postgresql":
        yield
        return
    path = _folder() / call.name
    held: list[int] = []
    _patiently(lambda: _lock(path, held))
    try:
        yield
    finally:
        path.unlink(missing_ok=True)
        os.close(held[0])


def _lock(path: Path, held: list[int]) -> bool:
    """Lock the file, if nobody does; one that was removed meanwhile is nobody's any more."""
    number = os.open(path, os.O_CREAT | os.O_RDWR, 0o600)
    try:
        fcntl.flock(number, fcntl.LOCK_EX | fcntl.LOCK_NB)
        if os.fstat(number).st_nlink:
            held.append(number)
            return True
    except BlockingIOError:
        pass
    os.close(number)
    return False


def _folder() -> Path:
    folder = Path(settings.VAR_DIR) / "answering"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder
