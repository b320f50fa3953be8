"""Lists of an initiative that no initiative has."""

from __future__ import annotations

from typing import Any

import pytest

from accounts.models import User
from tests.api.test_initiatives import CANDIDATE, JSON, LIST, fields
from tests.factories import signed_in

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("name", ["team", "tiers", "kpis"])
def test_a_list_beyond_all_measure_is_refused_before_its_members_are_looked_for(
    omar: User, name: str, django_assert_max_num_queries: Any
) -> None:
    body = {**CANDIDATE, name: [f"nobody{number}@x.io" for number in range(5_000)]}
    with django_assert_max_num_queries(21):
        answer = signed_in(omar).post(LIST, body, content_type=JSON)
    assert set(fields(answer)) == {name}
