"""A reading whose SQL is put together once finds what its query would, each time."""

from __future__ import annotations

import pytest

from core.prepared import Prepared
from customers.models import Tier
from tests import factories

pytestmark = pytest.mark.django_db

NAMED = Prepared(lambda code: Tier.objects.filter(code=code), Tier)


def test_rows_are_those_that_are_there_now() -> None:
    assert NAMED.read("T1") == []
    tier = factories.tier("T1")
    for name in ("Gold", "100 % of 'it'"):
        Tier.objects.filter(pk=tier.pk).update(name=name)
        assert [(row, row.name) for row in NAMED.read("T1")] == [(tier, name)]
    assert [NAMED.read(code) for code in ("T2", "%", "")] == [[], [], []]


def test_refuses_a_query_that_asks_for_more() -> None:
    more = Prepared(lambda code: Tier.objects.filter(code=code, rank=1), Tier)
    with pytest.raises(ValueError, match="unpack"):
        more.read("T1")
