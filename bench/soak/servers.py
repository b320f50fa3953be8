"""PostgreSQL and Redis that can be taken away and brought back with the same address."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import psycopg2
from redis import Redis
from redis.exceptions import RedisError

from bench.processes import wait_until
from tests.servers import LOCAL, find_initdb, find_redis, free_port, unprivileged

# A crash of the server alone loses nothing that was committed; without fsync a crash of the machine would.
_POSTGRES = ("fsync=off", "full_page_writes=off", "max_connections=80")


class Server:
    """One program on one port; ``stop`` and ``start`` as often as wanted."""

    def __init__(self, command: list[str], folder: Path, owner: str | None) -> None:
        self.command, self.folder, self.owner = command, folder, owner
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it and wait until it answers."""
        with (self.folder / "log").open("ab") as log:
            self.process = subprocess.Popen(
                self.command, user=self.owner, cwd=self.folder, stdout=log, stderr=log, start_new_session=True
            )
        wait_until(self.answers, patience=60, pause=0.05)

    def stop(self, number: signal.Signals) -> None:
        """Send a signal and wait for the end."""
        if self.process is not None:
            self.process.send_signal(number)
            self.process.wait(timeout=60)

    def send(self, number: signal.Signals) -> None:
        """Send a signal and wait for nothing."""
        if self.process is not None:
            self.process.send_signal(number)

    def away_for(self, seconds: float, number: signal.Signals) -> None:
        """Gone for so long, and back."""
        self.stop(number)
        time.sleep(seconds)
        self.start()

    def answers(self) -> bool:
        """Whether it serves."""
        raise NotImplementedError


class Postgres(Server):
    """SIGINT restarts it fast (clients are cut off), SIGQUIT at once (as a crash does).

    ``log`` is a folder for the write-ahead log, where that is to lie apart from the data; ``also`` are addresses
    of this machine, each of a network of its own (/24), on which it is to be met too.
    """

    def __init__(self, folder: Path, log: Path | None = None, *, also: Sequence[str] = ()) -> None:
        initdb, owner, self.port = find_initdb(), unprivileged(), free_port()
        if initdb is None:
            raise FileNotFoundError("initdb")
        for place in filter(None, (folder, log)):
            place.mkdir(exist_ok=True)
            shutil.chown(place, owner or os.getuid())
        options = ["--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync"]
        options += [f"--waldir={log / 'wal'}"] if log else []
        init = [str(initdb), "-D", str(folder / "data"), "-U", "tierboard", *options]
        subprocess.run(init, user=owner, cwd=folder, check=True, stdout=subprocess.DEVNULL)
        with (folder / "data" / "pg_hba.conf").open("a") as rules:
            rules.writelines(f"host all all {address}/24 trust\n" for address in also)
        settings = [part for option in _POSTGRES for part in ("-c", option)]
        where = ["-D", str(folder / "data"), "-h", ",".join((LOCAL, *also)), "-p", str(self.port), "-k", str(folder)]
        super().__init__([str(initdb.with_name("postgres")), *where, *settings], folder, owner)

    def url(self, database: str) -> str:
        """The DATABASE_URL of a database."""
        return f"postgres://tierboard@{LOCAL}:{self.port}/{database}"

    def answers(self) -> bool:
        """Whether it lets somebody in."""
        try:
            psycopg2.connect(self.url("postgres")).close()
        except psycopg2.OperationalError:
            return False
        return True

    def end(self) -> None:
        """Stop it for good."""
        self.stop(signal.SIGQUIT)

    def create(self, database: str) -> None:
        """Make an empty database."""
        link = psycopg2.connect(self.url("postgres"))
        link.autocommit = True
        link.cursor().execute(f"CREATE DATABASE {database}")
        link.close()


class RedisServer(Server):
    """In memory alone: gone is gone."""

    def __init__(self, folder: Path, *, also: Sequence[str] = ()) -> None:
        program, self.port = find_redis(), free_port()
        if program is None:
            raise FileNotFoundError("redis-server")
        words = ["--bind", LOCAL, *also, "--protected-mode", "no", "--port", str(self.port)]
        super().__init__([str(program), *words, "--save", "", "--appendonly", "no", "--dir", str(folder)], folder, None)
        self.url = f"redis://{LOCAL}:{self.port}/0"

    def answers(self) -> bool:
        """Whether it says so."""
        try:
            return bool(Redis.from_url(self.url).ping())
        except RedisError:
            return False

    def flush(self) -> None:
        """Forget everything, the queue included."""
        Redis.from_url(self.url).flushall()


@contextmanager
def both(*, also: Sequence[str] = ()) -> Iterator[tuple[Postgres, RedisServer]]:
    """A PostgreSQL and a Redis of this soak's own, gone afterwards; met on these addresses too."""
    folders = [Path(tempfile.mkdtemp(prefix="tb-soak-", dir="/tmp")) for _ in range(2)]  # sockets want short names
    started: list[Server] = []
    try:
        postgres, redis = Postgres(folders[0], also=also), RedisServer(folders[1], also=also)
        started = [postgres, redis]
        for server in started:
            server.start()
        yield postgres, redis
    finally:
        for server in started:
            server.stop(signal.SIGQUIT if isinstance(server, Postgres) else signal.SIGKILL)
        for folder in folders:
            shutil.rmtree(folder, ignore_errors=True)
