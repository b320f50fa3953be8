"""Rollup runs as the pages show them."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils import timezone

from core.formatting import counted, duration
from kpis.choices import RunState, Status
from kpis.models import RollupRun

_LOOKS = {
    RunState.RUNNING: Status.PARTIAL,
    RunState.DONE: Status.MET,
    RunState.PARTIAL: Status.NEAR,
    RunState.FAILED: Status.MISSED,
}


@dataclass(frozen=True, slots=True)
class ShownRun:
    """A run: how far it is, in parts, and what it did or why it failed, in a sentence."""

    run: RollupRun
    done: int
    parts: int
    took: str
    sentence: str

    @property
    def look(self) -> Status:
        """The cell status whose colour and shape the run's state borrows."""
        return _LOOKS.get(RunState(self.run.state), Status.NO_TARGET)

    @property
    def is_running(self) -> bool:
        """Whether there is more to come."""
        return self.run.state == RunState.RUNNING

    @property
    def has_failed(self) -> bool:
        """Whether it, or a part of it, ended with an error."""
        return self.run.state in {RunState.FAILED, RunState.PARTIAL}


def show_run(run: RollupRun, done: int, parts: int) -> ShownRun:
    """A run with ``done`` of its ``parts`` staged."""
    took = duration(((run.finished_at or timezone.now()) - run.started_at).total_seconds())
    slices = counted(run.slices, "month of a KPI", "months of KPIs")
    sentences = {
        RunState.RUNNING: f"Computing {slices}: {done} of {counted(parts, 'part')} done. Readers see the cells "
        "of the last run until this one is whole.",
        RunState.DONE: f"Computed {slices} and wrote {counted(run.cells, 'cell')} in {took}.",
        RunState.PARTIAL: f"Computed {slices}, but for those below, and wrote {counted(run.cells, 'cell')} in {took}. "
        "The cells of what is below, and of the quarters and years it belongs to, stay as they were. It stays marked "
        "and is tried again every five minutes.",
        RunState.FAILED: f"Stopped after {took}. Nothing of it was published and what it was to compute stays "
        "marked: the next run takes it up. Start one when the reason below is dealt with.",
    }
    overtaken = "A later run had done its work already, so nothing of it was published."
    return ShownRun(run, done, parts, took, sentences.get(RunState(run.state), overtaken))
