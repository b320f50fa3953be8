"""No call that can be made up fails on our side, and each answer is one that the API's description tells of.

Here a few of each address, always the same, each made by one role after the other; with ``FUZZ_SECONDS`` (in
``make soak``: 30) every role makes as many as it can in that time.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from itertools import chain, cycle
from typing import Any

import pytest
from django.core.cache import cache

from accounts.models import User
from accounts.rights import Right
from accounts.services.tokens import create_token
from tests.accounts.test_every_address import world  # noqa: F401 - a fixture
from tests.api.fuzzing import Caller, covering, described, invented, operations_of

pytestmark = [pytest.mark.slow, pytest.mark.django_db]

SECONDS = float(os.environ.get("FUZZ_SECONDS") or 0)
SEED = int(os.environ.get("FUZZ_SEED") or 20261130)
ROLES = ("superuser", "administrator", "steward", "finance", "executive", "owner", "integrator", "none")


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


@pytest.fixture
def callers(everyone: dict[str, User], root: User, unlimited: None) -> Iterator[dict[str, Caller]]:
    """A person of each role with a token of all scopes."""
    found = {}
    for role, person in {**everyone, "superuser": root}.items():
        _, token = create_token(user=person, name="x", scopes=list(Right), expires_on=None, by=person)
        found[role] = Caller(token)
    yield found
    cache.clear()


@pytest.mark.skipif(SECONDS > 0, reason="the long form goes on below")
def test_each_answer_is_one_that_the_description_tells_of(
    known: dict[str, list[Any]], callers: dict[str, Caller]
) -> None:
    assert set(callers) == set(ROLES)
    findings, turns = list[str](), cycle(ROLES)
    for number, operation in enumerate(operations_of(described(known)), SEED):
        for case in chain(invented(operation, number, 2), covering(operation, number, 2, among=8)):
            findings += callers[next(turns)].findings([case])
    assert not findings, "\n".join(sorted(findings))


@pytest.mark.skipif(SECONDS == 0, reason="a part of make soak")
@pytest.mark.parametrize("who", ROLES)
def test_each_answer_to_a_role_is_one_that_the_description_tells_of(
    who: str, known: dict[str, list[Any]], callers: dict[str, Caller]
) -> None:
    findings, calls = list[str](), operations_of(described(known))
    until, number = time.monotonic() + SECONDS, SEED
    while time.monotonic() < until:
        for operation in calls:
            cases = chain(invented(operation, number, 5), covering(operation, number, 10))
            findings += callers[who].findings(cases)
            if time.monotonic() > until:
                break
        number += 1
    assert not findings, "\n".join(sorted(set(findings)))
