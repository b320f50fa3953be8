"""What holds for every company: the matrix is the oracle's, and no order, batch or repeat of work changes it.

``HYPOTHESIS_PROFILE=deep`` tries many more companies, other ones each time, and makes what fails smaller.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from functools import partial
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from core.periods import Month
from customers.models import TierTouch
from kpis.models import Kpi as StoredKpi
from kpis.models import MonthCell, PeriodCell, SliceTouch
from kpis.rollup.runs import roll_up_now
from kpis.services.versions import add_version, meaning_of
from tests.oracle import Calendar, Company, cell
from tests.oracle.agreement import built
from tests.oracle.company import ALL, UNTIERED, Fact, Kpi, Version
from tests.oracle.database import (
    maybe,
    store,
    store_complete_months,
    store_definitions,
    store_facts,
    store_memberships,
    store_targets,
    stored_company,
)
from tests.oracle.invented import WINDOW, companies, questions
from tests.oracle.meanings import ALWAYS, changing_companies

pytestmark = [pytest.mark.slow, pytest.mark.django_db]

DEEP = os.environ.get("HYPOTHESIS_PROFILE") == "deep"
LONG_AFTER = date(2030, 1, 1)


def examples(fast: int) -> settings:
    """That many companies, the same each time; in the deep profile many more, other ones each time."""
    return settings(
        max_examples=40 * fast if DEEP else fast,
        derandomize=not DEEP,
        deadline=None,
        database=None,
        print_blob=True,
        phases=[Phase.generate, Phase.shrink] if DEEP else [Phase.generate],
        suppress_health_check=list(HealthCheck),
    )


@contextmanager
def rolled_back() -> Iterator[None]:
    """A database as it was before, for the next example."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def spans(calendar: Calendar) -> list[Any]:
    """A month, a quarter and a year near the end of the window."""
    return [calendar.span(kind, 201106) for kind in ("month", "quarter", "year")]


def cells() -> set[tuple[Any, ...]]:
    """All that rollups have stored."""
    components = ("kpi__code", "tier__code", "numerator", "denominator", "facts")
    value = ("value_numerator", "value_denominator", "months_with_data", "months_expected", "last_month")
    return set(MonthCell.objects.values_list("month", *components, "customers", "entered")) | set(
        PeriodCell.objects.values_list("period", *components, *value)
    )


def assert_every_cell_is_the_oracles(company: Company, data: st.DataObject) -> None:
    """Four matrices of the company, each as of some day."""
    with rolled_back():
        store(company)
        roll_up_now()
        for _ in range(4):
            span, today = data.draw(questions(company.calendar))
            assert built(span, company, today) == []


@pytest.mark.slow
@examples(10)
@given(st.data())
def test_every_cell_of_every_matrix_is_the_oracles(data: st.DataObject) -> None:
    assert_every_cell_is_the_oracles(data.draw(companies()), data)


@pytest.mark.slow
@examples(15)
@given(st.data())
def test_every_cell_is_the_oracles_where_kpis_are_calculated_and_meanings_change(data: st.DataObject) -> None:
    assert_every_cell_is_the_oracles(data.draw(changing_companies()), data)


@examples(8)
@given(changing_companies())
def test_a_change_of_meaning_marks_all_the_cells_that_it_changes(company: Company) -> None:
    spoken = [replace(kpi, absent="missing") if kpi.versions else kpi for kpi in company.kpis]
    company = replace(company, kpis=spoken)
    with rolled_back():
        store(replace(company, kpis=[replace(kpi.meant_in(ALWAYS), versions=()) for kpi in spoken]))
        roll_up_now()
        for kpi in spoken:
            for version in kpi.versions[1:]:
                change(kpi.code, version)
        roll_up_now()
        company = replace(company, targets=stored_company().targets)  # those of an old meaning are withdrawn
        for span in spans(company.calendar):
            assert built(span, company, LONG_AFTER) == []


def change(code: str, version: Version) -> None:
    """What a change of meaning writes."""
    stored = StoredKpi.objects.get(code=code)
    old = meaning_of(stored)
    for name in set(old) - {"currency", "rule"}:  # none of these takes its facts from events
        setattr(stored, name, getattr(version, name))
    stored.near_band_abs = maybe(version.near_band_abs)
    new, first = meaning_of(stored), Month(version.from_month)
    add_version(kpi=stored, old=old, new=new, from_month=first, by=None)
    stored.save()


@examples(6)
@given(companies(entered=False), st.randoms(use_true_random=False))
def test_the_order_and_the_batches_of_writes_do_not_matter(company: Company, random: Any) -> None:
    with rolled_back():
        store(company)
        roll_up_now()
        at_once = cells()
    with rolled_back():
        store(replace(company, memberships=[], facts=[], complete_months=[], targets=[]))
        store_definitions(customers_of(company))
        for write in shuffled_writes(company, random):
            write()
            if random.random() < 0.4:
                roll_up_now()
        roll_up_now()
        assert cells() == at_once
        for span in spans(company.calendar):
            assert built(span, company, LONG_AFTER) == []


def customers_of(company: Company) -> Company:
    """The customers alone."""
    return Company(memberships=company.memberships, facts=company.facts)


def shuffled_writes(company: Company, random: Any) -> list[Callable[[], None]]:
    """The company's rows in batches of a few, in any order."""
    writes: list[Callable[[], None]] = []
    kinds: list[tuple[Callable[[Any], None], list[Any]]] = [
        (store_facts, company.facts),
        (store_memberships, company.memberships),
        (store_complete_months, company.complete_months),
        (store_targets, company.targets),
    ]
    for kind, rows in kinds:
        rest = random.sample(rows, len(rows))
        while rest:
            size = random.randint(1, 20)
            writes.append(partial(kind, rest[:size]))
            rest = rest[size:]
    random.shuffle(writes)
    return writes


@examples(6)
@given(companies())
def test_rolling_up_twice_is_rolling_up_once_and_the_second_writes_nothing(company: Company) -> None:
    with rolled_back():
        store(company)
        roll_up_now()
        once = cells()
        assert roll_up_now() is None
        assert cells() == once
        SliceTouch.objects.bulk_create(
            SliceTouch(kpi_id=pk, month=month) for pk, month in MonthCell.objects.values_list("kpi_id", "month")
        )
        TierTouch.objects.create(first_month=WINDOW[0])
        roll_up_now()
        assert cells() == once


@examples(8)
@given(companies(calendar=Calendar()), st.sampled_from(["sum", "mean", "ratio", "distinct"]))
def test_pooling_months_is_pooling_once(company: Company, method: str) -> None:
    """A quarter's facts told in three months, or all in one, pool to the same value."""
    quarter = (201104, 201105, 201106)
    told = [fact for fact in company.facts if fact.month in quarter]
    pooled = Kpi("pooled", method, "pool")
    once = Kpi("once", method, "pool")
    spread = [
        Fact("pooled", f"{n}", f.month, f.numerator, f.denominator or abs(f.numerator)) for n, f in enumerate(told)
    ]
    heaped = [replace(fact, kpi="once", month=201106) for fact in spread]
    with rolled_back():
        small = Company(kpis=[pooled, once], facts=spread + heaped)
        store(small)
        roll_up_now()
        span = Calendar().span("quarter", 201106)
        assert built(span, small, LONG_AFTER) == []
        values = [cell(small, kpi, ALL, span, LONG_AFTER).actual for kpi in (pooled, once)]
        assert values[0] == values[1]


@examples(8)
@given(companies(entered=False))
def test_the_tiers_components_and_untiered_make_all_customers(company: Company) -> None:
    with rolled_back():
        store(company)
        roll_up_now()
        totals: dict[tuple[int, int], list[int]] = {}
        for found in MonthCell.objects.select_related("tier"):
            parts = [found.numerator or 0, found.denominator or 0, found.facts, found.customers]
            sign = -1 if found.tier.code == ALL else 1
            known = totals.setdefault((found.kpi_id, found.month), [0, 0, 0, 0])
            totals[found.kpi_id, found.month] = [a + sign * b for a, b in zip(known, parts, strict=True)]
        assert all(rest == [0, 0, 0, 0] for rest in totals.values())
        assert len(totals) == len({(fact.kpi, fact.month) for fact in company.facts})


@examples(8)
@given(companies(entered=False), st.sampled_from(["pool", "sum", "ttm"]))
def test_tiers_and_untiered_add_up_to_all_customers_for_sums(company: Company, time_method: str) -> None:
    summed = [replace(kpi, customer_method="sum", time_method=time_method) for kpi in company.kpis]
    company = replace(company, kpis=summed, targets=[])
    with rolled_back():
        store(company)
        roll_up_now()
        for span in spans(company.calendar):
            assert built(span, company, LONG_AFTER) == []
            for kpi in company.kpis:
                columns = [*(tier.code for tier in company.tiers), UNTIERED]
                values = [cell(company, kpi, column, span, LONG_AFTER).actual for column in columns]
                total = cell(company, kpi, ALL, span, LONG_AFTER).actual
                assert sum(value for value in values if value is not None) == (total or 0)
