"""How many running initiatives serve something: a cell of the matrix, or customers' pain."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from core.formatting import sentence_list
from initiatives.choices import ScheduleStatus

_NUMBERS = ("none", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
_TOLD = (ScheduleStatus.LATE, ScheduleStatus.NOT_REPORTED)


@dataclass(frozen=True, slots=True)
class Serving:
    """How many run for it, and how many of them are late or nobody reports on."""

    running: int = 0
    late: int = 0
    not_reported: int = 0

    @classmethod
    def of(cls, statuses: Iterable[ScheduleStatus | None]) -> Serving:
        """Count what runs by its status; what has none does not run."""
        found = [status for status in statuses if status is not None]
        return cls(len(found), found.count(ScheduleStatus.LATE), found.count(ScheduleStatus.NOT_REPORTED))

    @property
    def words(self) -> str:
        """``2, one late``; ``none``."""
        if not self.running:
            return "none"
        counts = {ScheduleStatus.LATE: self.late, ScheduleStatus.NOT_REPORTED: self.not_reported}
        told = [f"{in_words(counts[status])} {status.label}" for status in _TOLD if counts[status]]
        return f"{self.running:,}, {sentence_list(told)}" if told else f"{self.running:,}"


def in_words(count: int) -> str:
    """``one`` to ``nine``, from ten on in digits."""
    return _NUMBERS[count] if count < len(_NUMBERS) else f"{count:,}"
