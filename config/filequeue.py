"""Queues of messages as files of one folder, for several writers and readers on one machine.

A message is written beside and renamed into its place, so nobody ever sees half of it; a reader claims it by
renaming it into a folder of its own, so only one does. That folder is locked for as long as the reader lives,
by the system: whatever was claimed by a reader that was killed is put back, in its old place, by the next one
that looks. What cannot be read is set aside.

    writing/        messages that are not yet whole
    waiting/        <sent, ns>-<expires, s>-<id>.<queue>: the order of names is the order of sending
    taken/<reader>/ claimed, and not yet done
    broken/         set aside

Nothing is forced onto the disk: a machine that loses its power may lose messages. They only wake; what is to
be done is marked in the database.
"""

from __future__ import annotations

import errno
import fcntl
import logging
import os
import re
import threading
import time
from collections import deque
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote
from uuid import uuid4

from config.files import private, write_whole

logger = logging.getLogger(__name__)

PARTS = ("writing", "waiting", "taken", "broken")
_NAME = re.compile(r"(?P<sent>\d{20})-(?P<expires>\d{10})-[0-9a-f]{32}\.(?P<queue>.*)")
_LEGACY = re.compile(r"\d+_[0-9a-f-]{36}\.(?P<queue>.+)\.msg")  # as the library's own channel named them
FRESH = 1.0  # seconds for which a look into a folder is good, and after which lost readers are looked for
TIDY = 60.0  # seconds between two looks for what is of no use any more
UNFINISHED = 3600  # seconds after which nobody will finish a half-written message
TOO_OLD = 7 * 86400  # seconds after which a message that nobody took wakes nobody who was not woken since
KEPT = 100  # broken messages, the newest
# What may pass by itself: it says nothing about the message.
_PASSING = {errno.EMFILE, errno.ENFILE, errno.ENOMEM, errno.EINTR, errno.ENOSPC, errno.EDQUOT}


@dataclass(frozen=True, slots=True)
class Claimed:
    """A message that is this reader's until it is forgotten or put back."""

    name: str
    body: bytes


class Stamps:
    """Moments in nanoseconds that never come twice and never go back, whatever the clock does."""

    def __init__(self) -> None:
        self.lock, self.last = threading.Lock(), 0

    def next(self) -> int:
        """The moment now, or just after the last one."""
        with self.lock:
            self.last = max(time.time_ns(), self.last + 1)
            return self.last


_stamps = Stamps()


class Reader:
    """A folder for what one reader claims, locked until it is closed or its process ends, however it ends."""

    def __init__(self, taken: Path) -> None:
        self.folder = taken / uuid4().hex
        self.folder.mkdir(mode=0o700)
        self.number = os.open(self.folder, os.O_RDONLY | os.O_DIRECTORY)
        fcntl.flock(self.number, fcntl.LOCK_EX)

    def lives(self) -> bool:
        """Whether the folder is still there: somebody may have emptied the queue by hand, or just before the lock."""
        with suppress(OSError):
            return os.fstat(self.number).st_ino == self.folder.stat().st_ino
        return False

    def close(self) -> None:
        """Let go; what is still claimed is put back by whoever looks next."""
        with suppress(OSError):
            self.folder.rmdir()
        os.close(self.number)


class FileQueues:
    """The queues of one folder, as one reader or writer sees them. Threads may share it but for claiming."""

    def __init__(self, folder: Path) -> None:
        """Raises OSError where the folder can't be made."""
        self.folder = folder
        self.writing, self.waiting, self.taken, self.broken = (folder / part for part in PARTS)
        self.reader: Reader | None = None
        self.seen: dict[str, tuple[float, deque[str]]] = {}
        self.tidied = self.looked = float("-inf")
        self.make()

    def make(self) -> None:
        """The folders, private. Raises OSError."""
        for folder in (self.folder, self.writing, self.waiting, self.taken, self.broken):
            private(folder)

    # ---- writers

    def put(self, queue: str, body: bytes, expires: float = 0) -> str:
        """Append a message; its name. Raises OSError where there is no room, and then nothing of it stays.

        `expires`: the moment (in seconds since 1970) from which on it is of no use to anybody; 0: none.
        """
        name = _name(_stamps.next(), expires, queue)
        try:
            self._place(name, body)
        except FileNotFoundError:  # somebody emptied the folder by hand
            self.make()
            self._place(name, body)
        self.tidy()
        return name

    def _place(self, name: str, body: bytes) -> None:
        half = self.writing / name
        write_whole(half, body)
        try:
            half.rename(self.waiting / name)
        except OSError:
            half.unlink(missing_ok=True)
            raise

    # ---- readers

    def claim(self, queue: str) -> Claimed | None:
        """The oldest message that waits, now this reader's; None where there is none. Raises OSError."""
        self.look_for_lost()
        for name in self._names(queue):
            if self._take(name):
                body = self._read(name)
                if body is not None:
                    return Claimed(name, body)
        return None

    def _names(self, queue: str) -> Iterator[str]:
        """What waits, the oldest first; what a look found is used up before the next, but not for long."""
        looked, names = self.seen.get(queue, (0.0, deque[str]()))
        if not names or time.monotonic() > looked + FRESH:
            names = deque(self._waiting(queue))
            self.seen[queue] = time.monotonic(), names
        while names:
            yield names.popleft()

    def _waiting(self, queue: str) -> list[str]:
        wanted = _safe(queue)
        return sorted(name for name in _listed(self.waiting) if _queue(name) == wanted)

    def _take(self, name: str) -> bool:
        """Whether this reader is the one who got it."""
        if self.reader is None:
            self.make()
            self.reader = self._new_reader()
        try:
            (self.waiting / name).rename(self.reader.folder / name)
        except FileNotFoundError:  # somebody else was first; or our own folder is gone
            if not self.reader.lives():
                self.reader.close()
                self.reader = None
            return False
        return True

    def _new_reader(self) -> Reader:
        """One whose folder nobody took away between its making and its lock. Raises OSError."""
        for _ in range(10):
            with suppress(FileNotFoundError):
                reader = Reader(self.taken)
                if reader.lives():
                    return reader
                reader.close()
        raise OSError(errno.EAGAIN, "No folder for what is claimed stays", str(self.taken))

    def _read(self, name: str) -> bytes | None:
        """What is in it; None where it can't be read, and is set aside."""
        try:
            return self._claimed(name).read_bytes()
        except OSError as error:
            if error.errno in _PASSING:
                self.put_back(name)
                raise
            self.set_aside(name, f"{type(error).__name__}: {error.strerror}")
            return None

    def _claimed(self, name: str) -> Path:
        return (self.reader.folder if self.reader else self.taken) / name

    def forget(self, name: str) -> None:
        """It is done. Nothing happens where it is no longer this reader's."""
        with suppress(FileNotFoundError):
            self._claimed(name).unlink()

    def put_back(self, name: str) -> None:
        """Into its old place, before those that were sent later."""
        with suppress(FileNotFoundError):
            self._claimed(name).rename(self.waiting / name)

    def set_aside(self, name: str, why: str) -> None:
        """Out of the way, for a person to look at."""
        self._break(self._claimed(name), why)

    def _break(self, path: Path, why: str) -> None:
        with suppress(FileNotFoundError):
            path.rename(self.broken / path.name)
            logger.error("A message of the queue was set aside in %s: %s (%s)", self.broken, path.name, why)

    def close(self) -> None:
        """The reader goes; what it claimed and did not finish waits again."""
        if self.reader is not None:
            for name in _listed(self.reader.folder):
                self.put_back(name)
            self.reader.close()
            self.reader = None

    # ---- what waits

    def size(self, queue: str) -> int:
        """How many messages wait."""
        return len(self._waiting(queue))

    def oldest(self, queue: str) -> float | None:
        """When the oldest message that waits was sent, in seconds since 1970; None where none waits."""
        return next((int(name[:20]) / 1e9 for name in self._waiting(queue)), None)

    def purge(self, queue: str) -> int:
        """Take all away that wait; how many."""
        gone = 0
        for name in self._waiting(queue):
            with suppress(FileNotFoundError):
                (self.waiting / name).unlink()
                gone += 1
        return gone

    # ---- keeping house

    def look_for_lost(self) -> None:
        """Now and then: put back what readers had claimed that have ended."""
        if time.monotonic() < self.looked + FRESH:
            return
        self.looked = time.monotonic()
        for name in _listed(self.taken):
            if self.reader is None or name != self.reader.folder.name:
                with suppress(OSError):  # its reader lives, or somebody else has just done it
                    self._relieve(self.taken / name)
        self.tidy()

    def _relieve(self, folder: Path) -> None:
        """Of what it holds. Raises OSError where its reader lives."""
        number = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            fcntl.flock(number, fcntl.LOCK_EX | fcntl.LOCK_NB)
            for name in _listed(folder):
                (folder / name).rename(self.waiting / name)
            folder.rmdir()
        finally:
            os.close(number)

    def tidy(self) -> None:
        """Once a minute: so that no folder grows for ever. Whatever fails is tried again the next time."""
        if time.monotonic() < self.tidied + TIDY:
            return
        self.tidied = time.monotonic()
        for part in (self._drop_expired, self._drop_unfinished, self._drop_broken, self._take_over, self._drop_odd):
            with suppress(OSError):
                part()

    def _take_over(self) -> None:
        """What the library's own channel left in the folder itself, as of when it was sent."""
        for name in _listed(self.folder):
            legacy = _LEGACY.fullmatch(name)
            if legacy:
                sent = (self.folder / name).stat().st_mtime_ns
                (self.folder / name).rename(self.waiting / _name(sent, 0, legacy["queue"]))

    def _drop_odd(self) -> None:
        for name in _listed(self.waiting):
            if not _NAME.fullmatch(name):
                self._break(self.waiting / name, "no message has such a name")

    def _drop_broken(self) -> None:
        for name in sorted(_listed(self.broken), key=lambda name: (self.broken / name).stat().st_ctime)[:-KEPT]:
            with suppress(OSError):
                (self.broken / name).unlink()

    def _drop_expired(self) -> None:
        now = time.time()
        for name in _listed(self.waiting):
            found = _NAME.fullmatch(name)
            if found and (0 < int(found["expires"]) < now or int(found["sent"]) / 1e9 < now - TOO_OLD):
                (self.waiting / name).unlink(missing_ok=True)

    def _drop_unfinished(self) -> None:
        for name in _listed(self.writing):
            with suppress(FileNotFoundError):
                if (self.writing / name).stat().st_mtime < time.time() - UNFINISHED:
                    (self.writing / name).unlink()


def _listed(folder: Path) -> list[str]:
    """The names in it; none where it is gone."""
    try:
        return os.listdir(folder)
    except FileNotFoundError:
        return []


def _name(sent: int, expires: float, queue: str) -> str:
    return f"{sent:020d}-{min(max(0, int(expires)), 9_999_999_999):010d}-{uuid4().hex}.{_safe(queue)}"


def _safe(queue: str) -> str:
    """A queue's name as an ending of a file's."""
    return quote(queue, safe="@")


def _queue(name: str) -> str:
    found = _NAME.fullmatch(name)
    return found["queue"] if found else ""
