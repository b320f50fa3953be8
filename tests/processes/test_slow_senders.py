"""Senders who take their time, or never end, silence nobody: the web server as ``make run`` starts it."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, suppress
from http.client import HTTPConnection

import pytest

from config.environment import BASE_DIR
from config.patience import LARGEST_BODY, LARGEST_HEAD, Progress, length_of, progress_of
from tests.migrated import begin
from tests.servers import LOCAL, free_port

SENDERS = 40
QUICK = 2.0  # seconds
FORM = "Content-Type: application/x-www-form-urlencoded\r\n"


@pytest.fixture(scope="module")
def port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """Where the web server listens, with an empty database of its own."""
    folder, port = tmp_path_factory.mktemp("slow"), free_port()
    kept = {"PATH": os.environ["PATH"], "VAR_DIR": str(folder), "LOG_LEVEL": "error", "TMPDIR": str(folder)}
    words = ["--config", "python:config.gunicorn", "--bind", f"{LOCAL}:{port}", "--log-level", "error"]
    python = [sys.executable, "-m"]
    (folder / "embedded").mkdir()
    begin(f"sqlite:///{folder}/embedded/tierboard.sqlite3")
    for command in (["migrate"], ["collectstatic", "--no-input"]):
        subprocess.run([sys.executable, "manage.py", *command, "-v0"], cwd=BASE_DIR, env=kept, check=True)
    with subprocess.Popen([*python, "gunicorn", "config.wsgi", *words], cwd=BASE_DIR, env=kept) as server:
        until = time.monotonic() + 60
        while time.monotonic() < until and answered(port) is None:
            time.sleep(0.1)
        yield port
        server.terminate()
        server.wait(timeout=20)


def answered(port: int, path: str = "/healthz") -> tuple[int, float] | None:
    """The status of an address and the seconds that it took; None where nobody answered."""
    began = time.monotonic()
    link = HTTPConnection(LOCAL, port, timeout=QUICK * 3)
    with suppress(OSError):
        link.request("GET", path)
        return link.getresponse().status, time.monotonic() - began
    link.close()
    return None


def beginning(head: str, *, dribble: bytes = b"a") -> Callable[[int], socket.socket]:
    """Somebody who sends the beginning of a request, and a byte more each time that they are asked to."""

    def begin(port: int) -> socket.socket:
        sender = socket.create_connection((LOCAL, port), timeout=10)
        sender.sendall(head.encode())
        return sender

    return begin


LOGIN = "POST /accounts/login/ HTTP/1.1\r\nHost: 127.0.0.1\r\n"
WHOLE = "GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"
SLOW = {
    "nothing": "",
    "half a head": LOGIN,
    "a small body": f"{LOGIN}{FORM}Content-Length: 1000\r\n\r\nusername=",
    "a large body": f"{LOGIN}{FORM}Content-Length: 5000000\r\n\r\nusername=",
    "a body in chunks": f"{LOGIN}{FORM}Transfer-Encoding: chunked\r\n\r\n5\r\nuse",
    "a body that waits to be asked for": f"{LOGIN}{FORM}Expect: 100-continue\r\nContent-Length: 1000\r\n\r\n",
    "a call with a made-up token": "POST /api/v1/kpis/ HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer x\r\n"
    "Content-Type: application/json\r\nContent-Length: 5000000\r\n\r\n{",
    "a second request behind a whole one": f"{WHOLE}{LOGIN}Content-Length: 1000\r\n\r\nuser",
    "a whole one, whose answer is not awaited": f"{LOGIN}Connection: close\r\nContent-Length: 0\r\n\r\n",
}


@pytest.mark.slow
@pytest.mark.parametrize("what", SLOW)
def test_forty_slow_senders_do_not_silence_the_probe(what: str, port: int) -> None:
    with ExitStack() as open_:
        senders = [open_.enter_context(beginning(SLOW[what])(port)) for _ in range(SENDERS)]
        for _ in range(3):
            for sender in senders:
                with suppress(OSError):
                    sender.send(b"a")
            with ThreadPoolExecutor(4) as pool:
                answers = list(pool.map(lambda path: answered(port, path), ["/healthz", "/accounts/login/"] * 2))
            assert [answer and answer[0] for answer in answers] == [200] * 4
            assert max(answer[1] for answer in answers if answer) < QUICK
            time.sleep(0.3)


@pytest.mark.slow
def test_a_request_in_many_pieces_is_answered_as_one_in_one(port: int) -> None:
    body = b"username=x&password=y"
    whole = f"{LOGIN}{FORM}Content-Length: {len(body)}\r\nConnection: close\r\n\r\n".encode() + body
    with socket.create_connection((LOCAL, port), timeout=10) as sender:
        for place in range(0, len(whole), 7):
            sender.sendall(whole[place : place + 7])
            time.sleep(0.005)
        assert sender.makefile("rb").readline().startswith(b"HTTP/1.1 403")  # no CSRF token


@pytest.mark.slow
def test_one_connection_serves_many_requests_also_when_sent_at_once(port: int) -> None:
    last = WHOLE.replace("Host", "Connection: close\r\nHost")
    with socket.create_connection((LOCAL, port), timeout=10) as sender:
        sender.sendall((WHOLE * 3).encode())
        time.sleep(0.3)
        sender.sendall((WHOLE + last).encode())
        assert sender.makefile("rb").read().count(b"HTTP/1.1 200") == 5


@pytest.mark.slow
def test_a_strangers_file_is_refused_at_once_and_leaves_nothing_on_the_disk(port: int) -> None:
    head = f"{LOGIN}Content-Type: multipart/form-data; boundary=x\r\nContent-Length: {250 * 2**20}\r\n\r\n"
    began = time.monotonic()
    with socket.create_connection((LOCAL, port), timeout=10) as sender:
        sender.sendall(head.encode() + b"--x\r\nContent-Disposition: form-data; name=f; filename=f\r\n\r\n")
        with suppress(OSError):
            for _ in range(100):
                sender.sendall(bytes(2**20))
        answer = sender.makefile("rb").readline()
    assert answer.startswith(b"HTTP/1.1 413")
    assert time.monotonic() - began < QUICK


@pytest.mark.slow
def test_a_head_that_does_not_end_is_refused(port: int) -> None:
    with socket.create_connection((LOCAL, port), timeout=10) as sender:
        with suppress(OSError):
            sender.sendall(LOGIN.encode() + b"X: y\r\n" * 20_000)
        assert sender.makefile("rb").readline().startswith(b"HTTP/1.1 431")


@pytest.mark.parametrize(
    ("data", "progress"),
    [
        (b"", Progress.MORE),
        (b"GET / HTTP/1.1\r\nHost: x\r\n", Progress.MORE),
        (b"GET / HTTP/1.1\r\nHost: x\r\n\r\n", Progress.WHOLE),
        (b"POST / HTTP/1.1\r\ncontent-LENGTH:  3 \r\n\r\nab", Progress.MORE),
        (b"POST / HTTP/1.1\r\nContent-Length: 3\r\n\r\nabc", Progress.WHOLE),
        (b"POST / HTTP/1.1\r\nContent-Length: 3\r\n\r\nabcGET /", Progress.WHOLE),
        (b"POST / HTTP/1.1\r\nContent-Length: %d\r\n\r\n" % (LARGEST_BODY + 1), Progress.OPEN),
        (b"POST / HTTP/1.1\r\nContent-Length: many\r\n\r\n", Progress.OPEN),
        (b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n", Progress.OPEN),
        (b"POST / HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n", Progress.OPEN),
        (b"x" * (LARGEST_HEAD + 1), Progress.TOO_LONG),
    ],
)
def test_how_much_of_a_request_is_here(data: bytes, progress: Progress) -> None:
    assert progress_of(data) is progress


def test_the_length_stands_in_the_head_alone() -> None:
    assert length_of(b"post / http/1.1\r\nx: content-length: 5\r\n") == 0
