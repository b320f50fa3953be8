"""``manage.py rollup PERIOD… [--json]``: roll up now, without a worker."""

from __future__ import annotations

import json
from typing import Any

from django.core.management.base import CommandError, CommandParser

from accounts.company import company, today_of
from core.commands import DataCommand
from core.formatting import counted, duration, period_name
from core.migrated import require_migrations
from core.outages import told_in_a_sentence
from core.periods import Period, PeriodError
from kpis.choices import RunState
from kpis.models import RollupRun
from kpis.reading.matrix import Matrix, build_matrix
from kpis.rollup.runs import roll_up_now
from scorecard.reading.editions import state_of_period
from scorecard.reading.matrix_json import matrix_json


class Command(DataCommand):
    """Roll up everything that was touched, and print the matrices of the periods.

    Where some months of KPIs could not be computed, the others are there all the same, and the exit status is 1.
    """

    help = "Rolls periods up now, without a worker. --json prints each period's matrix as the API gives it."

    def add_arguments(self, parser: CommandParser) -> None:
        """One or more periods, and how to print them."""
        parser.add_argument("period", nargs="+", help="2011-09, 2011-Q3 or 2011")
        parser.add_argument("--json", action="store_true", help="print a JSON list of the periods' matrices")

    def handle(self, *args: Any, **options: Any) -> None:
        """Roll up, then print."""
        require_migrations()
        periods = self._periods(options["period"])
        with told_in_a_sentence(
            "Nothing was lost: what is touched stays marked. Try again, or leave it to the worker."
        ):
            run = roll_up_now()
            matrices = [build_matrix(period) for period in periods]
        if options["json"]:
            self.stdout.write(json.dumps([_live(matrix) for matrix in matrices], indent=1))
        else:
            self.stdout.write("\n".join([_summary(run), *map(_line, matrices)]))
        if run is not None and run.error:
            raise CommandError(_failed(run))

    def _periods(self, codes: list[str]) -> list[Period]:
        calendar = company().calendar
        try:
            return [Period.parse(code, calendar) for code in codes]
        except PeriodError as error:
            raise CommandError(str(error), returncode=2) from error


def _live(matrix: Matrix) -> dict[str, Any]:
    """The matrix as it is live, whatever an edition says."""
    return matrix_json(matrix, state=state_of_period(matrix.period, today_of(company()))[0])


def _summary(run: RollupRun | None) -> str:
    if run is None:
        return "Nothing has changed since the last rollup: nothing to do."
    if run.state == RunState.SUPERSEDED:
        return "A later rollup that began meanwhile has done the work."
    if run.state == RunState.FAILED:
        return "Nothing was rolled up."
    took = (run.finished_at - run.started_at).total_seconds() if run.finished_at else 0
    slices = counted(run.slices, "slice (KPI and month)", "slices (KPI and month)")
    most = ", but for those named below," if run.state == RunState.PARTIAL else ""
    return f"Rolled up {slices}{most} into {counted(run.cells, 'cell')} in {duration(took)}."


def _failed(run: RollupRun) -> str:
    """What failed, why, and what became of it; printed beside the matrices, with exit status 1."""
    return (
        f"Rollup {run.pk} could not compute these. Their cells stay as they were, and what was to be computed stays "
        f"marked: it is tried again.\n{run.error}"
    )


def _line(matrix: Matrix) -> str:
    """How many cells of a period have which status."""
    cells = [cell.status for row in matrix.rows for cell in row.cells]
    counts = ", ".join(f"{cells.count(status)} {status.label}" for status in dict.fromkeys(cells))
    return f"{period_name(matrix.period)}: {counts or 'no KPI yet'}"
