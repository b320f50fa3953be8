"""Files of hundreds of thousands of rows: all or nothing, in memory that does not grow with them."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from accounts.loads import load_file
from kpis.models import Fact
from tests import factories
from tests.loads.files import Loader, contents
from tests.migrated import begin

pytestmark = pytest.mark.slow

CUSTOMERS = 2_000
MEMORY = 250 * 1024  # kilobytes


@pytest.fixture
def books(load: Loader) -> None:
    """A KPI and two thousand customers."""
    factories.kpi("revenue")
    rows = "\n".join(f"C{number:05d},Account {number}" for number in range(CUSTOMERS))
    load.good("customers", f"external_id,name\n{rows}")


def big_file(path: Path, rows: int, last: str = "") -> Path:
    """Facts of two thousand customers, month after month."""
    with path.open("w") as file:
        file.write("kpi,customer,month,numerator\n")
        for number in range(rows):
            month, customer = divmod(number, CUSTOMERS)
            file.write(f"revenue,C{customer:05d},{1900 + month // 12}-{month % 12 + 1:02d},{number % 1000}.25\n")
        file.write(last)
    return path


def test_half_a_million_rows_whose_last_is_bad_change_nothing(books: None, load: Loader, tmp_path: Path) -> None:
    path = big_file(tmp_path / "facts.csv", 500_000, "revenue,C00001,2011-13,1\n")
    before = contents()
    report = load_file(kind="facts", path=path)
    assert [(error.line, error.column, error.value) for error in report.errors] == [(500_002, "month", "2011-13")]
    assert report.counts.read == 500_001
    assert contents() == before


# VmHWM is of this program alone; ru_maxrss begins with that of the program which started it.
_MEASURED = """
import re, sys
import django
def peak():
    return int(re.search(r"VmHWM:\\s+(\\d+)", open("/proc/self/status").read())[1])
django.setup()
from django.core.management import call_command
call_command("migrate", verbosity=0)
call_command("load", "customers", sys.argv[1])
call_command("load", "kpis", sys.argv[2])
before = peak()
call_command("load", "facts", sys.argv[3])
call_command("export", "facts", sys.argv[3] + ".out.csv")
print(before, peak())
"""


@pytest.mark.parametrize("rows", [150_000])
def test_memory_does_not_grow_with_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, rows: int) -> None:
    customers, kpis = tmp_path / "customers.csv", tmp_path / "kpis.csv"
    names = "".join(f"C{number:05d},Account {number}\n" for number in range(CUSTOMERS))
    customers.write_text(f"external_id,name\n{names}")
    head = "code,name,indicator,unit,direction,customer_method,time_method"
    kpis.write_text(f"{head}\nrevenue,Revenue,trailing,number,higher,sum,sum\n")
    facts = big_file(tmp_path / "facts.csv", rows)
    database = f"sqlite:///{tmp_path / 'db.sqlite3'}"
    begin(database)
    monkeypatch.setenv("DATABASE_URL", database)
    monkeypatch.setenv("VAR_DIR", str(tmp_path / "var"))
    monkeypatch.setenv("DJANGO_SETTINGS_MODULE", "config.settings")
    arguments = [sys.executable, "-c", _MEASURED, str(customers), str(kpis), str(facts)]
    done = subprocess.run(arguments, capture_output=True, text=True, check=True)
    before, after = map(int, done.stdout.split()[-2:])
    assert f"created {rows:,}" in done.stdout
    assert after < MEMORY
    assert after - before < 20 * 1024  # fewer bytes than a row has, were the rows kept


def test_many_bad_rows_are_all_told(books: None, tmp_path: Path) -> None:
    path = tmp_path / "facts.csv"
    rows = 200_000
    path.write_text("kpi,customer,month,numerator\n" + "revenue,nobody,2011-01,x\n" * rows)
    report = load_file(kind="facts", path=path)
    assert report.errors.count == sum(1 for _ in report.errors) == rows
    assert not Fact.objects.exists()
