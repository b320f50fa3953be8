"""Throw-away servers for the tests: started on a free port, gone afterwards, nobody else's data near."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

Command = list[str | Path]
LOCAL = "127.0.0.1"
_QUICK = ("fsync=off", "synchronous_commit=off", "full_page_writes=off", "max_connections=60")


def find_initdb() -> Path | None:
    """PostgreSQL's ``initdb``: Debian keeps it off the path, the newest version first; None where missing."""
    versions = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: -float(path.parts[4]))
    found = shutil.which("initdb")
    return versions[0] if versions else Path(found).resolve() if found else None


def find_redis() -> Path | None:
    """``redis-server``; None where missing."""
    found = shutil.which("redis-server")
    return Path(found) if found else None


def find_chromium() -> Path | None:
    """Chromium or Chrome, whatever it is called here; None where missing."""
    found = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    return Path(found) if found else None


def find_soffice() -> Path | None:
    """LibreOffice, whatever it is called here; None where missing."""
    found = next(filter(None, map(shutil.which, ("soffice", "libreoffice"))), None)
    return Path(found) if found else None


def free_port() -> int:
    """A port that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind((LOCAL, 0))
        return int(probe.getsockname()[1])


@contextmanager
def postgres() -> Iterator[str]:
    """A PostgreSQL server of its own; yields the DATABASE_URL of an empty database."""
    initdb = find_initdb()
    if initdb is None:
        raise FileNotFoundError("initdb")
    owner = unprivileged()
    with _folder(owner) as folder:
        data, port = folder / "data", free_port()
        init: Command = [
            initdb,
            "-D",
            data,
            "-U",
            "tierboard",
            "--auth=trust",
            "--encoding=UTF8",
            "--locale=C.UTF-8",
            "--no-sync",
        ]
        subprocess.run(init, user=owner, cwd=folder, check=True, stdout=subprocess.DEVNULL)
        options = [part for option in _QUICK for part in ("-c", option)]
        serve: Command = [
            initdb.with_name("postgres"),
            "-D",
            data,
            "-h",
            LOCAL,
            "-p",
            str(port),
            "-k",
            folder,
            *options,
        ]
        with _serving(serve, folder, owner, port):
            # It listens before it is ready, and refuses everybody until then.
            wait: Command = [initdb.with_name("pg_isready"), "-q", "-h", LOCAL, "-p", str(port)]
            while subprocess.run(wait, check=False).returncode == 1:
                time.sleep(0.05)
            yield f"postgres://tierboard@{LOCAL}:{port}/postgres"


@contextmanager
def redis() -> Iterator[str]:
    """A Redis server of its own, in memory alone; yields its REDIS_URL."""
    program = find_redis()
    if program is None:
        raise FileNotFoundError("redis-server")
    port = free_port()
    with _folder(None) as folder:
        serve: Command = [
            program,
            "--bind",
            LOCAL,
            "--port",
            str(port),
            "--save",
            "",
            "--appendonly",
            "no",
            "--dir",
            folder,
        ]
        with _serving(serve, folder, None, port):
            yield f"redis://{LOCAL}:{port}/0"


def unprivileged() -> str | None:
    """Whom to become: PostgreSQL refuses root. None where we are somebody else already."""
    if os.geteuid() != 0:
        return None
    names = {entry.pw_name for entry in pwd.getpwall()}
    return "postgres" if "postgres" in names else "nobody"


@contextmanager
def _folder(owner: str | None) -> Iterator[Path]:
    """A folder for a server's files, short in name (sockets want that), gone afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="tb-", dir="/tmp"))
    try:
        if owner:
            shutil.chown(folder, owner)
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _serving(
    command: Command,
    folder: Path,
    owner: str | None,
    port: int,
) -> Iterator[None]:
    """A server that answers on its port, stopped afterwards in any case."""
    with (folder / "log").open("wb") as log:
        server = subprocess.Popen(
            command, user=owner, cwd=folder, stdout=log, stderr=log, stdin=subprocess.DEVNULL, start_new_session=True
        )
        try:
            _wait(server, port, folder / "log")
            yield
        finally:
            _end(server)


def _wait(server: subprocess.Popen[bytes], port: int, log: Path) -> None:
    """Until the server listens. Raises RuntimeError with its log where it ends or takes half a minute."""
    deadline = time.monotonic() + 30
    while server.poll() is None and time.monotonic() < deadline:
        with socket.socket() as probe:
            if probe.connect_ex((LOCAL, port)) == 0:
                return
        time.sleep(0.05)
    raise RuntimeError(f"{server.args!r} did not start:\n{log.read_text(errors='replace')}")


def _end(server: subprocess.Popen[bytes]) -> None:
    """Stop it at once (SIGTERM would let PostgreSQL wait for its clients), by force after ten seconds."""
    server.send_signal(signal.SIGINT)
    try:
        server.wait(timeout=10)
    except subprocess.TimeoutExpired:
        server.kill()
        server.wait()
