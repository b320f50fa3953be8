"""Properties: loading twice is loading once, order and batching do not matter, taking back leaves nothing."""

from __future__ import annotations

import csv
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.loads import load_file, undo_load
from accounts.models import Load
from core.numbers import to_text
from kpis.models import Fact, ReplacedFact
from tests import factories
from tests.loads.files import Loader

pytestmark = pytest.mark.slow

Key = tuple[str, str, str]
Values = tuple[str, str]

CHECKED = settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
keys = st.tuples(
    st.sampled_from(["contacts", "revenue"]),
    st.sampled_from(["C1", "C2", "C3"]),
    st.sampled_from(["2011-01", "2011-02"]),
)
numbers = st.integers(-(10**16) + 1, 10**16 - 1).map(to_text)
values = st.tuples(numbers, st.integers(0, 10**16 - 1).map(to_text))
facts = st.dictionaries(keys, values, min_size=1, max_size=8)


@pytest.fixture
def books(company: object) -> None:
    """Two KPIs and three customers."""
    factories.kpi("contacts", customer_method="ratio", time_method="pool")
    factories.kpi("revenue")
    for name in ("C1", "C2", "C3"):
        factories.customer(name)


def take(rows: Sequence[tuple[Key, Values]]) -> Load:
    """Load rows of facts as a file."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "facts.csv"
        with path.open("w", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(["kpi", "customer", "month", "numerator", "denominator"])
            writer.writerows([*key, *value] for key, value in rows)
        report = load_file(kind="facts", path=path)
    assert report.ok, report.errors.first(3)
    return Load.objects.get(pk=report.load or 0)


def stored() -> list[tuple[Any, ...]]:
    """The facts, without who wrote them."""
    columns = ("kpi__code", "customer__external_id", "month", "numerator", "denominator")
    return sorted(Fact.objects.values_list(*columns))


class Afresh:
    """A block whose writes are all forgotten at its end."""

    def __enter__(self) -> None:
        self.block = transaction.atomic()
        self.block.__enter__()

    def __exit__(self, *error: Any) -> None:
        transaction.set_rollback(True)
        self.block.__exit__(None, None, None)


@given(facts)
@CHECKED
def test_loading_twice_is_loading_once(books: None, found: dict[Key, Values]) -> None:
    with Afresh():
        take(list(found.items()))
        once = stored()
        again = take(list(found.items()))
        assert (again.created, again.updated, again.unchanged) == (0, 0, len(found))
        assert stored() == once
        assert len(once) == len(found)


@given(facts, st.randoms(use_true_random=False), st.integers(1, 4))
@CHECKED
def test_order_and_batching_of_loads_do_not_matter(
    books: None, found: dict[Key, Values], random: Any, batch: int
) -> None:
    with Afresh():
        take(list(found.items()))
        whole = stored()
    rows = list(found.items())
    random.shuffle(rows)
    with Afresh():
        for start in range(0, len(rows), batch):
            take(rows[start : start + batch])
        assert stored() == whole


@given(facts, facts)
@CHECKED
def test_a_load_taken_back_is_as_though_it_had_never_been(
    books: None, first: dict[Key, Values], second: dict[Key, Values]
) -> None:
    with Afresh():
        earlier = take(list(first.items()))
        before = sorted(Fact.objects.values_list("pk", "numerator", "denominator", "load_id"))
        undo_load(load=take(list(second.items())))
        assert sorted(Fact.objects.values_list("pk", "numerator", "denominator", "load_id")) == before
        assert not ReplacedFact.objects.exists()
        undo_load(load=earlier)
        assert not stored()


@given(st.lists(st.tuples(keys, values), max_size=8))
@CHECKED
def test_counts_add_up_or_a_repeated_key_is_told(load: Loader, books: None, rows: list[tuple[Key, Values]]) -> None:
    text = "kpi,customer,month,numerator,denominator\n" + "\n".join(",".join([*key, *value]) for key, value in rows)
    different = {key for key, value in rows if any(key == other and value != v for other, v in rows)}
    with Afresh():
        report = load("facts", text)
        assert report.ok is not bool(different)
        if report.ok:
            assert report.counts.created == len(dict(rows))
            assert report.counts.created + report.counts.unchanged == report.counts.read == len(rows)
