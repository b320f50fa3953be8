"""When something that the program needs is away: what to tell people, and when they may come back.

PostgreSQL restarts, a queue is flushed, a disk fills up: none of that is an error of the program, so it
is answered with 503 and a sentence, not with 500, and logged in a line, not as a stack trace.
"""

from __future__ import annotations

import errno
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from django.core.management.base import CommandError
from django.db import DatabaseError, InterfaceError, OperationalError, ProgrammingError
from kombu.exceptions import OperationalError as QueueError


@dataclass(frozen=True, slots=True)
class Outage:
    """What is away, as a sentence, and after how many seconds to try again."""

    what: str
    retry_after: int


DATABASE = Outage("The database is away, or just starting.", 15)
BUSY = Outage("Too much is asked of the database at once.", 5)
BEHIND = Outage("The database is being upgraded.", 60)
FULL = Outage("The disk is full.", 300)
QUEUE = Outage("The queue between web server and workers is away.", 15)

_NO_ROOM = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
# PostgreSQL's SQLSTATE and SQLite's names. What is not named and still operational is the database away.
_CODES = {
    "53100": FULL,
    "SQLITE_FULL": FULL,
    "40001": BUSY,
    "40P01": BUSY,
    "53300": BUSY,
    "55P03": BUSY,
    "57014": BUSY,
    "SQLITE_BUSY": BUSY,
    "SQLITE_LOCKED": BUSY,
    "42P01": BEHIND,
    "42703": BEHIND,
}


def outage_of(error: BaseException | None) -> Outage | None:
    """The outage behind an error or behind what caused it; None where it is the program's own failure."""
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        found = _outage(error)
        if found:
            return found
        error = error.__cause__ or error.__context__
    return None


def _outage(error: BaseException) -> Outage | None:
    if isinstance(error, QueueError):
        return QUEUE
    if isinstance(error, OSError):
        return FULL if error.errno in _NO_ROOM else None
    return _outage_of_database(error) if isinstance(error, DatabaseError | InterfaceError) else None


def _outage_of_database(error: BaseException) -> Outage | None:
    """By the driver's code. A driver whose line broke while it read tells a bare DatabaseError without one."""
    driver = error.__cause__
    code = getattr(driver, "pgcode", None) or getattr(driver, "sqlite_errorname", None) or ""
    if code == "SQLITE_ERROR":  # covers a missing table as well as bad SQL
        return BEHIND if str(driver).startswith("no such ") else None
    if code in _CODES or isinstance(error, ProgrammingError):
        return _CODES.get(code)
    broken = type(error) is DatabaseError and driver is not None and not code
    return DATABASE if broken or isinstance(error, OperationalError | InterfaceError) else None


@contextmanager
def told_in_a_sentence(then: str) -> Iterator[None]:
    """For commands: end with exit status 2 and what to do next instead of a stack trace."""
    try:
        yield
    except Exception as error:
        outage = outage_of(error)
        if outage is None:
            raise
        raise CommandError(f"{outage.what} ({_first_line(error)}) {then}", returncode=2) from error


def _first_line(error: BaseException) -> str:
    return next(iter(str(error).strip().splitlines()), type(error).__name__)


class OneLine(logging.Filter):
    """An outage is logged in one line: its stack trace would be the same a thousand times over."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Let everything pass, an outage without its stack."""
        error = record.exc_info[1] if record.exc_info else None
        outage = outage_of(error)
        if error is not None and outage is not None:
            record.msg = f"{record.getMessage()}: {outage.what} {type(error).__name__}: {_first_line(error)}"
            record.args, record.exc_info, record.exc_text = (), None, None
        return True
