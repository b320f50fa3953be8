"""The grid of targets refuses a row in the words of file, single call and bulk."""

from __future__ import annotations

from functools import partial

import pytest
from django.test import Client

from accounts.models import User
from customers.models import Tier
from kpis.models import Kpi, Target
from tests import factories
from tests.factories import signed_in
from tests.kpis.grid import name, write
from tests.loads.doors import Row, by_api, by_bulk, by_file, reason, same_reasons

pytestmark = pytest.mark.django_db


@pytest.fixture
def browser(stella: User) -> Client:
    return signed_in(stella)


IN_THE_GRID = [
    ("band", "T1", {"low": "5", "high": "4"}),
    ("band", "all", {"low": "5"}),
    ("band", "T1", {"low": "4", "high": "5"}),
    ("gone", "T1", {"value": "5"}),
    ("base", "T9", {"value": "5"}),
    ("base", "T1", {"value": "5"}),
]


@pytest.mark.parametrize(("code", "tier", "numbers"), IN_THE_GRID)
def test_the_grid_says_of_a_target_what_every_door_says(
    code: str, tier: str, numbers: Row, stella: User, browser: Client
) -> None:
    factories.kpi("base")
    factories.tier("T1")
    factories.kpi("band", direction="range")
    factories.kpi("gone", retired_from=201102)
    factories.tier("T9", retired_from=201102)
    row = {"kpi": code, "tier": tier, "from_month": "2011-04", "per": "quarter", **numbers}
    said = same_reasons(
        {
            "file": partial(by_file, "targets", row, stella),
            "API": partial(by_api, "targets", row, browser),
            "bulk": partial(by_bulk, "targets", row, browser),
        }
    )
    if code == "gone" or tier == "T9":  # the grid has no cell for what ended
        assert (bool(said), in_the_grid(row, stella), Target.objects.exists()) == (True, set(), False)
    else:
        assert {why for _, why in said} == in_the_grid(row, stella)


def in_the_grid(row: Row, by: User) -> set[str]:
    """As the grid refuses it, which names the cell and not the field."""
    kpi, tier = Kpi.objects.get(code=row["kpi"]), Tier.objects.get(code=row["tier"])
    cells = {name(kpi, tier, 201104, field): row[field] for field in ("value", "low", "high") if field in row}
    answer = write(by, cells, "/targets/?year=2011&per=quarter")
    page = answer.context["page"] if answer.status_code == 400 else None
    return {reason("", why)[1] for why in page.problems.values()} if page else set()
