"""Pages of the library with 100 KPIs × 6 columns × 4 quarters ask the database no more than with three."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from customers.models import Tier
from kpis.choices import Per, TargetState
from kpis.models import Kpi, Target, TargetBatch, TierActual
from kpis.rollup.runs import roll_up_now
from tests import factories

pytestmark = pytest.mark.django_db

QUARTERS = (201201, 201204, 201207, 201210)
PAGES = {
    "grid": "/targets/?year=2012&per=quarter",
    "grid by month": "/targets/?year=2012&per=month",
    "grid with plan values": "/targets/?year=2012&per=year&plan=1",
    "approvals": "/approvals/",
    "library": "/kpis/",
    "KPI": "/kpis/k0/",
    "calculated KPI": "/kpis/sum/",
    "chart": "/kpis/k0/chart.json",
    "actuals": "/actuals/",
    "a month's form": "/actuals/k0/2011-12/",
    "history": "/targets/k0/T1/quarter/2012-01/",
    "own page": "/my/",
}


@pytest.fixture
def tiers(db: None) -> list[Tier]:
    return [*(factories.tier(f"T{number}") for number in range(1, 6)), factories.all_customers()]


def found(numbers: range, tiers: list[Tier], omar: User, stella: User) -> None:
    """KPIs of Omar with actuals of a year, approved targets of the next, and of forty another version that waits."""
    kpis = [factories.kpi(f"k{number}", owner=omar, department=factories.department()) for number in numbers]
    months = range(201101, 201112)  # the last month of the year is missing, and asked for
    TierActual.objects.bulk_create(
        TierActual(kpi=kpi, tier=tiers[0], month=month, numerator=5) for kpi, month in product(kpis, months)
    )
    for kpi in kpis:
        factories.touch(kpi, 201101)
    batch = TargetBatch.objects.create(proposed_by=stella)
    Target.objects.bulk_create(rows(kpis, tiers, state=TargetState.APPROVED, value=5))
    waits: dict[str, Any] = {"state": TargetState.PROPOSED, "batch": batch, "created_by": stella}
    Target.objects.bulk_create(rows(kpis[:40], tiers, value=6, version=2, **waits))
    roll_up_now()


def rows(kpis: list[Kpi], tiers: list[Tier], **fields: Any) -> Iterator[Target]:
    for kpi, tier, month in product(kpis, tiers, QUARTERS):
        yield Target(**{"kpi": kpi, "tier": tier, "from_month": month, "per": Per.QUARTER, **fields})


def asked(browser: Client) -> dict[str, int]:
    """How many questions each page asks when nothing is asked for the first time."""
    counts = {}
    for name, address in PAGES.items():
        assert browser.get(address).status_code == 200, address
        with CaptureQueriesContext(connection) as queries:
            browser.get(address)
        counts[name] = len(queries)
    return counts


@pytest.mark.slow
def test_a_hundred_kpis_ask_no_more_than_three(tiers: list[Tier], omar: User, stella: User, time_machine: Any) -> None:
    time_machine.move_to("2012-01-15T12:00:00Z", tick=False)
    both = factories.person("Petra", "owner", "finance")  # sees her own, and decides on others'
    factories.kpi("sum", formula="k0 + k1", customer_method="", time_method="", owner=both)
    found(range(3), tiers, both, stella)
    browser = factories.signed_in(both)
    few = asked(browser)
    found(range(3, 100), tiers, both, stella)
    assert Target.objects.approved().count() == 100 * 6 * 4
    assert Target.objects.filter(state=TargetState.PROPOSED).count() == 43 * 6 * 4
    assert asked(browser) == few
    del few["own page"]  # it asks every app
    assert few.pop("approvals") <= 32, few  # what is measured, agreed to and would be judged, and what was decided
    assert max(few.pop(name) for name in ("KPI", "calculated KPI")) <= 38, few  # with the panels of its rail
    assert few.pop("library") <= 20, few  # with how each KPI stands
    assert max(few.values()) <= 15, few
