"""No call that can be made up fails on our side, whoever makes it.

Here a few of each address, always the same, by who may do everything, by an owner, whose rights are of their own, and
by finance, who decides; with ``FUZZ_SECONDS`` (in ``make soak``: 30) by each role as many as it can make in that time.
"""

from __future__ import annotations

import os
import time
from typing import Any

import pytest
from django.core.cache import cache

from accounts.models import User
from tests import factories
from tests.accounts.test_every_address import world  # noqa: F401 - a fixture

pytestmark = [pytest.mark.slow, pytest.mark.django_db]

SECONDS = float(os.environ.get("FUZZ_SECONDS") or 0)
SEED = int(os.environ.get("FUZZ_SEED") or 20261130)
ROLES = ("superuser", "administrator", "steward", "finance", "executive", "owner", "integrator")
SOME_ROLES = ("superuser", "owner", "finance")
EXAMPLES = 2


@pytest.fixture
def known(world: dict[str, Any], everyone: dict[str, User]) -> dict[str, list[Any]]:  # noqa: F811
    """What is there, by the names of the fields that name it."""
    people = [user.email for user in everyone.values()]
    there: dict[tuple[str, ...], list[Any]] = {
        ("owner", "deputy", "sponsor", "team", "author"): people,
        ("kpi", "kpis"): ["net_revenue", "survey"],
        ("tier", "tiers"): ["T1", "all"],
        ("department", "serves"): ["sales"],
        ("code", "initiative"): ["lights", "net_revenue"],
        ("month", "from_month", "until_month", "since", "until"): ["2011-09", "2011-10"],
        ("due", "on", "as_of", "due_until"): ["2011-09-30"],
        ("numerator", "value"): ["1", 2],
        ("targets",): [world["kpis/target"].pk],
        ("ticked", "milestone"): [world["initiatives/milestone"].pk],
        ("id",): sorted({getattr(row, "pk", row) for row in world.values()}),
        ("period",): ["2011-Q3", "2011"],
        ("business_unit",): ["europe"],
        ("customer",): ["C1"],
        ("revision", "batch"): ["1", 1],
    }
    return {name: values for names, values in there.items() for name in names}


@pytest.mark.parametrize("who", ROLES if SECONDS else SOME_ROLES)
def test_no_call_that_can_be_made_up_fails_on_our_side(
    who: str, known: dict[str, list[Any]], everyone: dict[str, User], root: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    from tests.api.fuzzing import described, fuzz, operations_of  # takes a second or two

    monkeypatch.setattr("rest_framework.throttling.UserRateThrottle.rate", None, raising=False)
    browser = factories.signed_in({**everyone, "superuser": root}[who])
    browser.raise_request_exception = False
    failed, calls = [], operations_of(described(known))
    until, number = time.monotonic() + SECONDS, SEED
    while number == SEED or time.monotonic() < until:
        for operation in calls:
            failed += fuzz(browser, operation, number=number, examples=EXAMPLES if SECONDS == 0 else 5)
            if SECONDS and time.monotonic() > until:
                break
        number += 1
    cache.clear()
    assert not failed, "\n".join(sorted(set(failed)))
