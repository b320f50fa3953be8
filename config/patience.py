"""The web server's workers: a request waits for its slow sender in the loop, never in a thread.

gunicorn's own worker gives a thread to each connection and reads the request there, so that as many slow
senders as there are threads silence everybody else. This one gathers a request first, as a proxy that
buffers does: head and a small body come together in the worker's one loop, which waits for thousands as
easily as for one, and a thread is given what is whole. A larger body, one without a length and one whose
sender waits to be told to go on are read by a thread, for the program says first whether it wants them;
few threads at a time do so, and each sender is held to a pace.
"""

from __future__ import annotations

import re
import time
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass, field
from enum import Enum
from selectors import EVENT_READ
from socket import SHUT_WR
from typing import Any

from gunicorn.http import get_parser
from gunicorn.http.unreader import SocketUnreader
from gunicorn.workers.gthread import ThreadWorker

LARGEST_HEAD = LARGEST_BODY = 64 * 1024  # gathered in the loop
PATIENCE = 20.0  # seconds for what is gathered
IDLE = 15.0  # seconds that a thread waits for the next piece of a larger body
LEAST_PACE = 20_000  # bytes in a second, of a larger body on the whole
TAKEN_WITHIN = 60.0  # seconds in which a piece of an answer must be taken
LINGER = 2.0  # seconds in which what still comes is thrown away, so that the answer arrives before the end
MOST_THROWN_AWAY = 1024 * 1024

_LENGTH = re.compile(rb"\r\ncontent-length:[ \t]*(\d{1,15})[ \t]*\r\n")
_UNTOLD = (b"\r\ntransfer-encoding:", b"\r\nexpect:")
_TOO_LONG = b"HTTP/1.1 431 Request Header Fields Too Large\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"
_TOO_SLOW = b"HTTP/1.1 408 Request Timeout\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"


class Progress(Enum):
    """How much of a request is here."""

    MORE = "more is to come, and is waited for here"
    WHOLE = "all of it"
    OPEN = "its head; the body is for a thread"
    TOO_LONG = "a head that does not end"


def length_of(head: bytes) -> int | None:
    """Bytes of the body by its head; None where they are not told, 0 where there is no body."""
    found = _LENGTH.search(head)
    return int(found[1]) if found else None if b"\r\ncontent-length" in head else 0


def progress_of(data: bytes | bytearray) -> Progress:
    """How much of a request these first bytes of it are."""
    end = data.find(b"\r\n\r\n")
    if end < 0 or end > LARGEST_HEAD:
        return Progress.TOO_LONG if len(data) > LARGEST_HEAD else Progress.MORE
    head = bytes(data[: end + 2]).lower()
    length = None if any(word in head for word in _UNTOLD) else length_of(head)
    if length is not None and len(data) >= end + 4 + length:
        return Progress.WHOLE
    return Progress.OPEN if length is None or length > LARGEST_BODY else Progress.MORE


@dataclass
class Gathered:
    """What is here of a request, and until when the rest is waited for."""

    data: bytearray
    until: float = field(default_factory=lambda: time.monotonic() + PATIENCE)


class Paced(SocketUnreader):  # type: ignore[misc]  # the library is not typed
    """Reads the rest of a request in a thread, from a sender who is held to a pace."""

    def __init__(self, sock: Any, length: int) -> None:
        super().__init__(sock)
        self.until = time.monotonic() + 2 * IDLE + length / LEAST_PACE

    def chunk(self, size_hint: int | None = None) -> Any:
        """The next piece. Raises TimeoutError where it does not come in time."""
        left = self.until - time.monotonic()
        if left <= 0:
            raise TimeoutError("the body came too slowly")
        self.sock.settimeout(min(IDLE, left))
        try:
            return super().chunk(size_hint)
        finally:
            self.sock.settimeout(TAKEN_WITHIN)


class PatientWorker(ThreadWorker):  # type: ignore[misc]  # as above
    """gunicorn's worker with threads, whose threads take requests that are here."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.gathering: dict[Any, Gathered] = {}  # in the order of their ends
        self.leaving: dict[Any, tuple[float, int]] = {}  # until when, and how much was thrown away
        self.reading: set[Any] = set()  # whose bodies threads read
        self.queued: deque[Any] = deque()  # whose bodies are to be read by the next that is free

    # -- a request comes

    def enqueue_req(self, conn: Any) -> None:
        """Gather the request of a connection, new or kept; what came with the one before is a beginning."""
        rest = conn.parser.unreader.take_buffered() if conn.parser else b""
        if self.nr_conns >= self.worker_connections and self.gathering:
            self._end(next(iter(self.gathering)))  # who waits longest makes room
        self.gathering[conn] = Gathered(bytearray(rest))
        self._listen(conn, self._on_part)
        self._look(conn)
        if conn in self.gathering:
            self._on_part(conn)

    def _listen(self, conn: Any, heard: Callable[[Any], None]) -> None:
        conn.sock.setblocking(False)
        self.poller.register(conn.sock, EVENT_READ, lambda sock: heard(conn))

    def _on_part(self, conn: Any) -> None:
        """Take what is here of a request."""
        try:
            part = conn.sock.recv(LARGEST_BODY)
        except BlockingIOError:
            return
        except OSError:
            part = b""
        if part:
            self.gathering[conn].data += part
            self._look(conn)
        else:
            self._end(conn)

    def _look(self, conn: Any) -> None:
        """Hand a request over once enough of it is here."""
        progress = progress_of(self.gathering[conn].data)
        if progress is Progress.TOO_LONG:
            self._end(conn, _TOO_LONG)
        elif progress is not Progress.MORE:
            self._hand_over(conn, whole=progress is Progress.WHOLE)

    def _hand_over(self, conn: Any, *, whole: bool) -> None:
        data = bytes(self.gathering.pop(conn).data)
        self.poller.unregister(conn.sock)
        conn.parser = conn.parser or get_parser(self.cfg, conn.sock, conn.client)
        conn.parser.unreader = Paced(conn.sock, length_of(data[: LARGEST_HEAD + 4].lower()) or 0)
        conn.parser.unreader.unread(data)
        conn.data_ready = True
        if whole:
            super().enqueue_req(conn)
        else:
            self.queued.append(conn)
            self._read_next()

    def _read_next(self) -> None:
        """Give threads to larger bodies, never more than half of them: the others are for what is whole."""
        while self.queued and len(self.reading) < max(1, self.cfg.threads // 2):
            conn = self.queued.popleft()
            self.reading.add(conn)
            super().enqueue_req(conn)

    # -- a thread answers it

    def handle_request(self, req: Any, conn: Any) -> Any:
        """Answer it. After a body that was not here whole the connection ends, for it may not have been read."""
        if conn in self.reading:
            req.force_close()
        conn.sock.settimeout(TAKEN_WITHIN)
        try:
            return super().handle_request(req, conn)
        except TimeoutError as error:
            raise StopIteration(f"the client went to sleep: {error}") from error

    def finish_request(self, conn: Any, fs: Future[Any]) -> None:
        """Keep the connection for more, or end it without waiting for the other side."""
        self.reading.discard(conn)
        self._read_next()
        if fs.cancelled() or fs.exception() or not fs.result():
            self._leave(conn)
        else:
            super().finish_request(conn, fs)

    # -- a connection ends

    def _leave(self, conn: Any) -> None:
        """Say that nothing more comes, and listen until the other side has heard it."""
        try:
            conn.sock.shutdown(SHUT_WR)
            self.leaving[conn] = (time.monotonic() + LINGER, 0)
            self._listen(conn, self._on_leaving)
        except (OSError, ValueError):
            self._end(conn)

    def _on_leaving(self, conn: Any) -> None:
        until, thrown_away = self.leaving[conn]
        try:
            part = conn.sock.recv(LARGEST_BODY)
        except BlockingIOError:
            return
        except OSError:
            part = b""
        self.leaving[conn] = (until, thrown_away + len(part))
        if not part or thrown_away > MOST_THROWN_AWAY:
            self._end(conn)

    def _end(self, conn: Any, last_word: bytes = b"") -> None:
        self.gathering.pop(conn, None)
        self.leaving.pop(conn, None)
        with suppress(OSError, KeyError, ValueError):
            self.poller.unregister(conn.sock)
        with suppress(OSError):
            conn.sock.send(last_word)
        self.nr_conns -= 1
        conn.close()

    def murder_pending(self) -> None:
        """Called by the loop each second: end what takes too long; a worker that stops waits for nobody idle."""
        super().murder_pending()
        now = time.monotonic()
        for conn, gathered in list(self.gathering.items()):
            if gathered.until < now or not (self.alive or gathered.data):
                self._end(conn, _TOO_SLOW if gathered.data else b"")
        for conn, (until, _) in list(self.leaving.items()):
            if until < now:
                self._end(conn)
