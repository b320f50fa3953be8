"""What processes hold, over time."""

from __future__ import annotations

import os
import threading
import time
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from bench.soak.supervisor import Supervisor

EVERY = 10.0
WARM = 60.0  # seconds of a process's life that do not count
PAGE = os.sysconf("SC_PAGE_SIZE")


@dataclass(frozen=True, slots=True)
class Sample:
    """One look at one process."""

    at: float
    megabytes: float
    files: int


@dataclass(frozen=True, slots=True)
class Growth:
    """A process that lived long enough: what it held when warm, and at the end."""

    name: str
    minutes: float
    before: Sample
    after: Sample

    @property
    def holds(self) -> bool:
        """Whether it grew by no more than caches do: a fifth and 8 MB, and ten open files."""
        memory = self.after.megabytes <= self.before.megabytes * 1.2 + 8
        return memory and self.after.files <= self.before.files + 10

    def __str__(self) -> str:
        memory = f"{self.before.megabytes:.0f} → {self.after.megabytes:.0f} MB"
        return f"{self.name}: {memory}, {self.before.files} → {self.after.files} open files in {self.minutes:.0f} min"


class Watch:
    """Looks at every process of the product again and again."""

    def __init__(self, supervisor: Supervisor) -> None:
        self.supervisor = supervisor
        self.samples: dict[tuple[str, int], list[Sample]] = defaultdict(list)

    def go_on(self, over: threading.Event) -> None:
        """Until it is over."""
        while not over.wait(EVERY):
            self.look()

    def look(self) -> None:
        """One round."""
        for name, program in self.supervisor.programs.items():
            for pid in program.family():
                try:
                    self.samples[name, pid].append(sample(pid))
                except OSError:
                    continue  # it has just been killed

    def growths(self, at_least: float) -> list[Growth]:
        """Of the processes that still live and have lived so many seconds after they were warm."""
        alive = {(name, pid) for name, program in self.supervisor.programs.items() for pid in program.family()}
        found = (_growth(name, self.samples[name, pid], at_least) for name, pid in sorted(alive))
        return [one for one in found if one is not None]


def sample(pid: int) -> Sample:
    """What a process holds now. Raises OSError where it is gone."""
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return Sample(time.monotonic(), pages * PAGE / 1e6, len(os.listdir(f"/proc/{pid}/fd")))


def _growth(name: str, samples: list[Sample], at_least: float) -> Growth | None:
    warm = [one for one in samples if one.at >= samples[0].at + WARM]
    if not warm or warm[-1].at - warm[0].at < at_least:
        return None
    return Growth(name, (warm[-1].at - warm[0].at) / 60, _middle(warm[:3]), _middle(warm[-3:]))


def _middle(samples: list[Sample]) -> Sample:
    """The middle of a few, so that a passing file or buffer does not count."""
    return Sample(samples[-1].at, median(one.megabytes for one in samples), int(median(one.files for one in samples)))
