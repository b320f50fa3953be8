"""Moves of customers in months that have ended: whoever moves them is told how many periods and cells change."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.test import Client
from time_machine import TimeMachineFixture

from accounts.loads.doors import load_file
from accounts.models import User
from customers.models import Customer, Tier
from kpis.rollup.runs import roll_up_now
from tests import factories as make

WORDS = (
    "1 customer moves tier in months that have ended: 8 cells in 4 periods that have ended will show other numbers, "
    "from May 2026 on"
)

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def company_with_facts(time_machine: TimeMachineFixture) -> None:
    """Anna is in Gold and has facts of one KPI from April to August; it is the tenth of August."""
    time_machine.move_to("2026-08-10 12:00Z", tick=False)
    gold = make.tier("T1", name="Gold")
    make.tier("T2", name="Silver")
    anna = make.customer("anna", tier=gold)
    revenue = make.kpi("revenue")
    for month in (202604, 202605, 202606, 202607, 202608):
        make.fact(revenue, anna, month, 10)
    roll_up_now()


def warnings(folder: Path, rows: str, *, dry_run: bool = False) -> list[str]:
    path = folder / "moves.csv"
    path.write_text(f"customer,starts_on,tier\n{rows}\n")
    return [one.reason for one in load_file(kind="tier_memberships", path=path, dry_run=dry_run).warnings]


def test_a_file_says_what_its_moves_change_before_and_when_it_is_loaded(tmp_path: Path) -> None:
    row = "anna,2026-05-20,T2"  # May, June, July, the second quarter, and no year that has ended
    assert warnings(tmp_path, row, dry_run=True) == [WORDS]
    assert warnings(tmp_path, row) == [WORDS]
    assert warnings(tmp_path, row) == []  # again: nothing moves


@pytest.mark.parametrize("row", ["anna,2026-08-01,T2", "anna,2026-05-20,T1", "anna,2027-01-01,"])
def test_what_moves_nobody_in_an_ended_month_says_nothing(tmp_path: Path, row: str) -> None:
    assert warnings(tmp_path, row) == []


def test_a_move_that_a_later_one_ends_counts_until_then(tmp_path: Path) -> None:
    told = warnings(tmp_path, "anna,2026-05-20,T2\nanna,2026-06-30,T1")
    assert [one.split(": ")[1].split(" will")[0] for one in told] == ["4 cells in 2 periods that have ended"]


def test_trailing_and_calculated_values_change_too(tmp_path: Path) -> None:
    make.kpi("double", customer_method="", time_method="", formula="early * 2")
    make.fact(make.kpi("early", time_method="ttm"), Customer.objects.get(), 202507, 1)
    roll_up_now()
    told = warnings(tmp_path, "anna,2025-07-01,T2\nanna,2025-08-01,T1")
    # July 2025 to June 2026 by month, the four quarters, and the year that ended among them: two KPIs, two tiers
    assert "68 cells in 17 periods" in told[0]


def test_a_customer_without_facts_then_changes_no_cell(tmp_path: Path) -> None:
    make.customer("bert")
    assert warnings(tmp_path, "bert,2026-05-20,T2") == []


def test_the_admin_says_it_too(root: User) -> None:
    browser: Client = make.signed_in(root)
    silver, anna = Tier.objects.get(code="T2"), Customer.objects.get(external_id="anna")
    page = browser.post(
        "/admin/customers/tiermembership/add/",
        {"customer": anna.pk, "starts_on": "2026-05-20", "tier": silver.pk},
        follow=True,
    )
    assert WORDS in page.content.decode()


def test_a_program_is_told_too(stella: User) -> None:
    browser, address = make.signed_in(stella), "/api/v1/tier-memberships/"
    row = {"customer": "anna", "starts_on": "2026-05-20", "tier": "T2"}
    made = browser.post(address, row, content_type="application/json").json()
    assert made["warnings"] == [f"{WORDS}."]
    change = {"tier": "T1", "revision": made["revision"]}
    back = browser.patch(f"{address}{made['id']}/", change, content_type="application/json")
    assert back.json()["warnings"] == [f"{WORDS}."]
    same = {"tier": "T1", "revision": back.json()["revision"]}
    again = browser.patch(f"{address}{made['id']}/", same, content_type="application/json").json()
    assert "warnings" not in {*again, *browser.get(f"{address}{made['id']}/").json()}
    browser.patch(
        f"{address}{made['id']}/", {"tier": "T2", "revision": again["revision"]}, content_type="application/json"
    )
    gone = browser.delete(f"{address}{made['id']}/")
    assert (gone.status_code, gone["Warning"]) == (204, f'299 - "{WORDS}."')
