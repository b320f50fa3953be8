"""What is done with the product's own code, each in a process of its own: ``python -m bench.soak.inside VERB``."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import django

django.setup()

from django.core.management import call_command  # noqa: E402
from django.db import connection  # noqa: E402

from accounts.choices import Role  # noqa: E402
from accounts.company import company  # noqa: E402
from accounts.loads import load_file, undo_load  # noqa: E402
from accounts.models import Load, User  # noqa: E402
from accounts.rights import Right  # noqa: E402
from accounts.services.tokens import create_token  # noqa: E402
from bench.soak.files import PERIODS  # noqa: E402
from core.periods import Period  # noqa: E402
from customers.models import TierTouch  # noqa: E402
from kpis.choices import RunState  # noqa: E402
from kpis.models import Fact, MonthCell, PeriodCell, RollupRun, SliceTouch, StagedCell  # noqa: E402
from kpis.reading.matrix import build_matrix  # noqa: E402
from kpis.rollup.runs import roll_up_now  # noqa: E402
from scorecard.reading.matrix_json import matrix_json  # noqa: E402
from tests import factories  # noqa: E402

APPROVER = "approver@tierboard.example"


def found(readers: str) -> dict[str, Any]:
    """Tables, who approves targets, signed-in readers (a steward among them), and a program's token."""
    call_command("migrate", verbosity=0)
    User.objects.create_superuser(APPROVER)
    people = [factories.person(f"Reader{number}", Role.EXECUTIVE, Role.STEWARD) for number in range(int(readers))]
    token = create_token(user=people[0], name="soak", scopes=[Right.READ], expires_on=None, by=None)[1]
    return {"sessions": [factories.signed_in(one).cookies["sessionid"].value for one in people], "token": token}


def waiting() -> dict[str, Any]:
    """What a rollup leaves, or has still to do."""
    running = RollupRun.objects.filter(state=RunState.RUNNING).count()
    marks = {model.__name__: model.objects.count() for model in (SliceTouch, TierTouch, StagedCell)}
    return {**marks, "runs under way": running}


def runs() -> dict[str, Any]:
    """How many rollups ended how, and why some failed."""
    ended = {str(state): RollupRun.objects.filter(state=state).count() for state in RunState}
    errors = RollupRun.objects.exclude(error="").values_list("error", flat=True)
    return {"ended": ended, "errors": sorted({error.splitlines()[0][:150] for error in errors if error})}


def connections() -> dict[str, Any]:
    """The connections of this database but our own, by what they do."""
    query = """SELECT state, count(*) FROM pg_stat_activity
               WHERE datname = current_database() AND pid <> pg_backend_pid() GROUP BY state"""
    with connection.cursor() as cursor:
        cursor.execute(query)
        return dict(cursor.fetchall())


def cells() -> dict[str, Any]:
    """Every cell by the codes of its KPI and tier, with its components, and the matrices of several periods."""
    parts = ("numerator", "denominator", "facts", "customers")
    months = MonthCell.objects.values_list("kpi__code", "tier__code", "month", *parts, "entered")
    of_period = ("value_numerator", "value_denominator", "months_with_data", "months_expected", "last_month")
    periods = PeriodCell.objects.values_list("kpi__code", "tier__code", "period", *parts, *of_period)
    calendar = company().calendar
    matrices = [matrix_json(build_matrix(Period.parse(code, calendar))) for code in PERIODS]
    return {
        "facts": Fact.objects.count(),
        "month cells": sorted(map(_plain, months)),
        "period cells": sorted(map(_plain, periods)),
        "matrices": [{name: value for name, value in one.items() if name != "computed_at"} for one in matrices],
    }


def _plain(row: tuple[Any, ...]) -> list[str]:
    return [str(value) for value in row]


def replay(journal: str) -> dict[str, Any]:
    """A fresh database that gets the same files in the same order, rolled up once; its cells."""
    call_command("migrate", verbosity=0)
    approver = User.objects.create_superuser(APPROVER)
    loads: dict[str, int] = {}
    for step in json.loads(Path(journal).read_text()):
        if step["verb"] == "undo":
            undo_load(load=Load.objects.get(pk=loads[step["file"]]))
        else:
            approves = approver if step["kind"] == "targets" else None
            report = load_file(kind=step["kind"], path=Path(step["file"]), approved_by=approves)
            if not report.ok:
                raise RuntimeError(f"{step['file']}: {report.errors.first(3)}")
            loads[step["file"]] = report.load or 0
    roll_up_now()
    return cells()


VERBS: dict[str, Callable[..., dict[str, Any]]] = {
    verb.__name__: verb for verb in (found, waiting, runs, connections, cells, replay)
}

if __name__ == "__main__":
    sys.stdout.write(json.dumps(VERBS[sys.argv[1]](*sys.argv[2:])))
