"""What serves a cell of the matrix: the one query agrees with the register's list."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.http import QueryDict
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st

from accounts.company import today
from customers.models import Tier
from initiatives.choices import Health, Level, Stage
from initiatives.filters.register import InitiativeFilter
from initiatives.reading.running_initiatives import Serving, read_cell_serving
from tests import factories as make
from tests.kpis.test_properties import examples, rolled_back

pytestmark = pytest.mark.django_db


def listed(kpi: str, tier: str) -> Serving:
    """What the list shows for a cell."""
    found = InitiativeFilter(QueryDict(f"moves={kpi}@{tier}"))
    assert found.problems == []
    return Serving.of(standing.status for standing in found.standings())


drawn_links = st.lists(
    st.tuples(st.sampled_from(["a", "b"]), st.sampled_from([None, "T1", "T2"])), max_size=3, unique=True
)
drawn = st.fixed_dictionaries(
    {
        "stage": st.sampled_from([Stage.IN_PROGRESS, Stage.IN_PROGRESS, Stage.APPROVED, Stage.DONE]),
        "level": st.sampled_from([Level.CORPORATE, Level.BUSINESS_UNIT]),
        "tiers": st.sets(st.sampled_from(["T1", "T2"])),
        "links": drawn_links,
        "start": st.integers(-80, 5),
        "slip": st.sampled_from([0, 40, 200]),
        "steps": st.lists(st.tuples(st.integers(-20, 20), st.sampled_from(["open", "done", "dropped"])), max_size=3),
        "updates": st.lists(
            st.tuples(st.integers(-60, 3), st.sampled_from(list(Health))), max_size=3, unique_by=lambda one: one[0]
        ),
    }
)


@pytest.mark.slow
@examples(25)
@given(st.lists(drawn, max_size=6))
def test_every_cell_is_served_by_those_whom_the_list_shows(rows: list[dict]) -> None:  # type: ignore[type-arg]
    with rolled_back():
        day, unit, author = today(), make.business_unit(), make.person("Author")
        tiers = {code: make.tier(code) for code in ("T1", "T2")}
        kpis = {code: make.kpi(code) for code in ("a", "b")}
        for row in rows:
            start = day + timedelta(days=row["start"])
            made = make.initiative(
                tiers=tuple(tiers[code] for code in row["tiers"]),
                kpis=tuple((kpis[kpi], tiers.get(tier or "")) for kpi, tier in row["links"]),
                stage=row["stage"],
                level=row["level"],
                business_unit=unit,
                baseline_start=start,
                due=start + timedelta(days=100 + row["slip"]),
            )
            for place, (due, state) in enumerate(row["steps"]):
                over = {"done": {"done_on": day}, "dropped": {"dropped_on": day}, "open": {}}[state]
                make.milestone(made, f"Step {place}", due=day + timedelta(days=due), **over)
            for on, health in row["updates"]:
                make.status_update(made, health, on=day + timedelta(days=on), author=author)
        found = read_cell_serving(day)
        for kpi in kpis.values():
            for tier in Tier.objects.all():
                assert found.of(kpi.pk, tier) == listed(kpi.code, tier.code), (kpi.code, tier.code)


def test_one_query_serves_all_cells() -> None:
    gold, nps = make.tier("T1"), make.kpi("nps")
    day, counts = today(), []
    for many in (1, 12):
        for _ in range(many):
            make.initiative(kpis=(nps, (make.kpi(), gold)), tiers=(gold,))
        with CaptureQueriesContext(connection) as queries:
            read_cell_serving(day)
        counts.append(len(queries))
    assert counts == [1, 1]


def test_one_that_names_a_kpi_twice_counts_once() -> None:
    gold, nps = make.tier("T1"), make.kpi("nps")
    make.initiative(kpis=(nps, (nps, gold)))
    assert read_cell_serving(today()).of(nps.pk, gold) == Serving(1)


@pytest.mark.parametrize(
    ("serving", "words"),
    [
        (Serving(), "none"),
        (Serving(2, 1), "2, 1 late"),
        (Serving(1), "1"),
        (Serving(14, 10, 2), "14, 10 late and 2 not reported"),
        (Serving(3, 0, 1), "3, 1 not reported"),
    ],
)
def test_serving_is_told_in_words(serving: Serving, words: str) -> None:
    assert serving.words == words
