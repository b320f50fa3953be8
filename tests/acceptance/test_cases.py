"""Small files that failed once: each is taken as it is meant, or refused by name.

Runs where SHARED_DATA names the folder with the acceptance data (see .ci/run). What is no file to be loaded is
tested beside what reads it.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from accounts.loads import export_file, load_file
from accounts.models import Company
from core.loading import FileProblem, LoadReport, Reading
from customers.models import Customer
from kpis.models import Fact, Kpi, Target
from tests.loads.files import Loader, command, contents

DATA = Path(os.environ.get("SHARED_DATA", "")).absolute() / "cases"

pytestmark = pytest.mark.django_db

OVER = {
    "departments": "code,name\nsales,Sales",
    "tiers": "code,name,rank\nT1,Gold,1\nT2,Silver,2",
    "customers": "external_id,name\nC1,One\nC2,Two\nC3,Three",
    "tier_memberships": "customer,starts_on,tier\nC1,2025-01-01,T1\nC2,2025-01-01,T1\nC3,2025-01-01,T2",
    "kpis": """code,name,indicator,unit,direction,customer_method,time_method,near_band_abs
        revenue,Revenue,trailing,currency,higher,sum,sum,
        renewal,Renewal,trailing,percent,higher,ratio,pool,2
        csat,CSAT,leading,score,higher,mean,pool,
        complaints,Complaints,leading,number,lower,sum,sum,
        share,Share,trailing,percent,higher,ratio,pool,2""",
}


@pytest.fixture(autouse=True)
def small_company(company: Company, tmp_path: Path) -> Loader:
    """What the files were loaded over."""
    load = Loader(tmp_path)
    for kind, text in OVER.items():
        load.good(kind, text)
    return load


def take(kind: str, name: str, **reading: str) -> LoadReport:
    return load_file(kind=kind, path=DATA / name, reading=Reading(**reading))


@pytest.mark.parametrize(
    ("kind", "name", "cells"),
    [
        ("facts", "formula-no-value.xlsx", ["numerator", "numerator"]),
        ("customers", "formula-no-value-customers.xlsx", ["region", "is_key_account", "account_manager"]),
        ("tier_actuals", "percent-cells-tier-actuals.xlsx", ["numerator"]),
        ("customers", "long-ids.xlsx", ["external_id"] * 3),
        ("customers", "id-became-date.xlsx", ["external_id"]),
        ("facts", "nfd-id.csv", ["customer"]),
    ],
)
def test_cells_that_are_not_what_is_due_are_refused(kind: str, name: str, cells: list[str]) -> None:
    before = contents()
    assert [error.column for error in take(kind, name).errors] == cells
    assert contents() == before


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("only-a-chartsheet.xlsx", "no worksheet"),
        ("html-table.xls", "web page"),
        ("password-protected.xlsx", "password"),
        ("a-sheet-per-month.xlsx", "other visible worksheets"),
    ],
)
def test_files_that_are_no_table_are_unreadable(name: str, words: str) -> None:
    with pytest.raises(FileProblem, match=words):
        take("facts", name)
    assert command("load", "facts", str(DATA / name))[0] == 2


@pytest.mark.parametrize(
    ("kind", "name", "created"),
    [
        ("customers", "strict-open-xml.xlsx", 1),
        ("customers", "semicolon-excel-de.csv", 1),
        ("customers", "header-with-gap.xlsx", 1),
        ("facts", "trailing-comma-rows.csv", 1),
        ("pain_points", "mentions-the-api-took.csv", 1),
        ("kpis", "umlaut-kpis.csv", 1),
    ],
)
def test_what_other_programs_write_is_read(kind: str, name: str, created: int) -> None:
    report = take(kind, name)
    assert (report.errors.first(3), report.counts.created) == ([], created)


def test_a_percentage_is_the_target_that_is_shown() -> None:
    assert take("targets", "percent-cells-targets.xlsx").ok
    assert Target.objects.get(kpi=Kpi.objects.get(code="renewal")).value == 92


def test_the_visible_sheet_is_the_one_that_counts() -> None:
    assert take("facts", "hidden-first-sheet.xlsx").sheet == "Facts"
    assert Fact.objects.get().numerator == 999


def test_one_of_three_sheets_is_taken_where_it_is_named() -> None:
    assert take("facts", "a-sheet-per-month.xlsx", sheet="2026-02").ok
    assert Fact.objects.get().month == 202602


def test_zeros_that_are_shown_are_kept() -> None:
    assert take("customers", "leading-zeros.xlsx").ok
    assert set(Customer.objects.filter(name__startswith="Zero").values_list("external_id", flat=True)) == {
        "00123",
        "00042",
    }


def test_an_accent_of_its_own_finds_the_customer() -> None:
    Customer.objects.create(external_id="CAFÉ-1", name="Café")
    assert take("facts", "nfd-id.csv").counts.created == 1


def test_lines_in_a_name_survive_a_workbook(tmp_path: Path) -> None:
    assert take("customers", "newline-in-name.csv").ok
    path = tmp_path / "customers.xlsx"
    export_file(kind="customers", path=path)
    report = load_file(kind="customers", path=path)
    assert (report.ok, report.counts.changed) == (True, 0)
