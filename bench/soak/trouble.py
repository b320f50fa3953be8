"""What goes wrong, at random."""

from __future__ import annotations

import random
import signal
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

from bench.soak.loader import Loader
from bench.soak.servers import Postgres, RedisServer
from bench.soak.supervisor import Supervisor


@dataclass(frozen=True, slots=True)
class Happening:
    """Something that happens every so many seconds, on average."""

    name: str
    every: float
    do: Callable[[], None]


class Trouble:
    """Brings it about, one at a time, and counts."""

    def __init__(
        self, supervisor: Supervisor, postgres: Postgres, redis: RedisServer, loader: Loader, chance: random.Random
    ) -> None:
        self.programs, self.postgres, self.redis = supervisor.programs, postgres, redis
        self.loader, self.chance = loader, chance
        self.counts: Counter[str] = Counter()
        self.wrong: list[str] = []

    def happenings(self) -> list[Happening]:
        """Everything that may happen, in a soak of half an hour each several times."""
        return [
            Happening("PostgreSQL restarted fast", 180, lambda: self._database_away(signal.SIGINT)),
            Happening("PostgreSQL stopped at once, as by a crash", 240, lambda: self._database_away(signal.SIGQUIT)),
            Happening("Redis killed and started empty", 150, self._queue_away),
            Happening("Redis flushed", 90, self.redis.flush),
            Happening("web: a process killed", 60, lambda: self._kill("web", child=True)),
            Happening("web: a server killed with its master", 240, lambda: self._kill("web", child=False)),
            Happening("worker: a child process killed", 90, lambda: self._kill("worker", child=True)),
            Happening("worker killed", 150, lambda: self._kill("worker", child=False)),
            Happening("scheduler killed", 300, self.programs["scheduler"].kill),
            Happening("load killed under way", 60, self.loader.kill),
        ]

    def go_on(self, over: threading.Event, faster: float) -> None:
        """Until it is over; intervals are divided by ``faster``."""
        happenings = self.happenings()
        due = {one.name: time.monotonic() + self._pause(one, faster) for one in happenings}
        while not over.wait(0.2):
            for one in happenings:
                if time.monotonic() >= due[one.name]:
                    self._happen(one)
                    due[one.name] = time.monotonic() + self._pause(one, faster)

    def _pause(self, one: Happening, faster: float) -> float:
        """At random, but neither at once nor never."""
        return self.chance.uniform(0.3, 1.7) * one.every / faster

    def _happen(self, one: Happening) -> None:
        try:
            one.do()
        except Exception as error:  # a server that does not come back is what we are here for
            self.wrong.append(f"{one.name}: {type(error).__name__}: {error}")
            raise
        self.counts[one.name] += 1

    def _database_away(self, number: signal.Signals) -> None:
        self.postgres.away_for(self.chance.choice([0, 0.5, 2, 8]), number)

    def _queue_away(self) -> None:
        self.redis.away_for(self.chance.choice([0, 0.5, 2, 8]), signal.SIGKILL)

    def _kill(self, kind: str, *, child: bool) -> None:
        """One of both, the spared one excepted."""
        sides = [program for name, program in self.programs.items() if name.startswith(kind) and not program.spared]
        program = self.chance.choice(sides)
        if child:
            program.kill_child(self.chance.randrange(8))
        else:
            program.kill()
