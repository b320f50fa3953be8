"""What came of a load: counts, and every bad row with its line, column, value and reason."""

from __future__ import annotations

import heapq
import json
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, field
from itertools import islice
from typing import IO, Any

from core.loading.limits import MOST_ERRORS

_SHOWN = 200  # characters of a bad value


@dataclass(frozen=True, slots=True, order=True)
class RowError:
    """One bad cell of a file. ``line`` counts from 1, the header row; ``column`` is empty for the whole row."""

    line: int
    column: str
    value: str
    reason: str

    def __str__(self) -> str:
        where = f"line {self.line}, {self.column}" if self.column else f"line {self.line}"
        return f"{where}, “{self.value}”: {self.reason}" if self.value else f"{where}: {self.reason}"


class RowErrors:
    """Any number of row errors in bounded memory: what passes a megabyte goes to a temporary file.

    Errors arrive in a few passes over the file; each error is put behind one that does not come
    after it, and reading merges the passes in the order of the lines. Beyond ``MOST_ERRORS`` they are counted alone.
    """

    def __init__(self) -> None:
        self.count = 0
        self._passes: list[IO[str]] = []
        self._last_lines: list[int] = []

    def __bool__(self) -> bool:
        return self.count > 0

    def __len__(self) -> int:
        return self.count

    def add(self, line: int, column: str, value: str, reason: str) -> None:
        """Note a bad cell."""
        self.count += 1
        if self.count > MOST_ERRORS:
            return
        value = value if len(value) <= _SHOWN else f"{value[:_SHOWN]}…"
        self._pass_for(line).write(json.dumps([line, column, value, reason]) + "\n")

    def _pass_for(self, line: int) -> IO[str]:
        for number, last in enumerate(self._last_lines):
            if last <= line:
                self._last_lines[number] = line
                return self._passes[number]
        self._last_lines.append(line)
        spool = tempfile.SpooledTemporaryFile(max_size=2**20, mode="w+", encoding="utf-8")  # noqa: SIM115 - read later
        self._passes.append(spool)
        return self._passes[-1]

    def __iter__(self) -> Iterator[RowError]:
        return heapq.merge(*map(_read_back, self._passes))

    def first(self, number: int) -> list[RowError]:
        """At most that many, in the order of the lines."""
        return list(islice(self, number))


def _read_back(stored: IO[str]) -> Iterable[RowError]:
    stored.seek(0)
    # a loop, for its frame holds the file, which closes itself where nobody does
    for line in stored:
        yield RowError(*json.loads(line))


@dataclass(slots=True)
class Counts:
    """Rows of a file by what became of them."""

    read: int = 0
    created: int = 0
    updated: int = 0
    unchanged: int = 0
    blank: int = 0

    @property
    def changed(self) -> int:
        """Rows that are not as they were."""
        return self.created + self.updated

    def __str__(self) -> str:
        return ", ".join(f"{name} {number:,}" for name, number in asdict(self).items())


@dataclass(slots=True)
class LoadReport:
    """What a load did, or would do where ``dry_run``; ``load`` is its id, None where nothing was kept.

    ``sheet`` is the worksheet that was read, empty for CSV.
    """

    kind: str
    source: str
    dry_run: bool = False
    load: int | None = None
    sheet: str = ""
    counts: Counts = field(default_factory=Counts)
    errors: RowErrors = field(default_factory=RowErrors)
    warnings: list[RowError] = field(default_factory=list)

    @property
    def ok(self) -> bool:
        """Whether no row was bad."""
        return not self.errors

    def head(self) -> dict[str, Any]:
        """All but the errors one by one, as ``load --format json`` and the bulk call tell it."""
        return {
            "kind": self.kind,
            "file": self.source,
            "sheet": self.sheet,
            "dry_run": self.dry_run,
            "load": self.load,
            **asdict(self.counts),
            "warnings": [asdict(warning) for warning in self.warnings],
            "error_count": self.errors.count,
        }
