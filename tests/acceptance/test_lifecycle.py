"""The wholesaler's lifecycle events, derived from its own facts by the command, are those of its own file.

Runs where SHARED_DATA names the folder with the acceptance data (see .ci/run).
"""

from __future__ import annotations

import csv
import os
from collections import Counter
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command

from customers.models import LifecycleEvent

DATA = Path(os.environ.get("SHARED_DATA", "")).absolute() / "wholesale"

pytestmark = [pytest.mark.slow, pytest.mark.skipif(not DATA.exists(), reason="SHARED_DATA is not set")]


def activity(folder: Path) -> Path:
    """The facts that count who was active, and no others."""
    path = folder / "facts.csv"
    with (DATA / "facts.csv").open(newline="") as every, path.open("w", newline="") as file:
        rows = csv.reader(every)
        csv.writer(file).writerows(row for row in rows if row[0] in {"kpi", "active_customers"})
    return path


def derive() -> str:
    told = StringIO()
    call_command("derive_lifecycle", "active_customers", "--months", "3", stdout=told)
    return told.getvalue()


def test_derived_from_active_customers_they_are_those_of_the_file_month_by_month(db: None, tmp_path: Path) -> None:
    files = {kind: DATA / f"{kind}.csv" for kind in ("business_units", "departments", "customers", "kpis")}
    for kind, path in {**files, "facts": activity(tmp_path)}.items():
        call_command("load", kind, str(path), stdout=StringIO())
    assert "Left alone: 0 customers" in derive()
    found = LifecycleEvent.objects.values_list("customer__external_id", "on", "kind")
    with (DATA / "lifecycle_events.csv").open(newline="") as file:
        expected = Counter((row["customer"], row["on"][:7], row["kind"]) for row in csv.DictReader(file))
    assert Counter((customer, on.isoformat()[:7], kind) for customer, on, kind in found) == expected
    assert "Wrote 0 new events; 0 of before went." in derive()
