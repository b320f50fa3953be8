"""Versions: a change of method, direction or formula stands from a month on; old values keep the old meaning."""

# fractions are compared with whole numbers
# mypy: disable-error-code="comparison-overlap"

from __future__ import annotations

import pytest

from core.periods import Month
from customers.models import Customer, Tier
from kpis.choices import Status
from kpis.models import Kpi, KpiVersion
from tests import factories
from tests.kpis.reading import record
from tests.kpis.test_semantics_calculated import calculated, cell

pytestmark = pytest.mark.django_db

EVERY_MONTH = dict.fromkeys([201101, 201102, 201103, 201104, 201105, 201106], 2)


def changed(kpi: Kpi, from_month: int, **meaning: str) -> Kpi:
    """The KPI with a second version from that month on; its months are marked for the rollup."""
    names = ("direction", "customer_method", "time_method", "formula")
    before = {name: getattr(kpi, name) for name in names}
    KpiVersion.objects.create(kpi=kpi, from_month=100001, **before)
    KpiVersion.objects.create(kpi=kpi, from_month=from_month, **{**before, **meaning})
    for name, value in meaning.items():
        setattr(kpi, name, value)
    kpi.versions_from = Month(from_month)
    kpi.save()
    for month in EVERY_MONTH:
        factories.touch(kpi, month)
    return kpi


@pytest.fixture
def gold(db: None) -> Tier:
    return factories.tier("T1")


@pytest.fixture
def acme(gold: Tier) -> Customer:
    return factories.customer(tier=gold)


@pytest.fixture
def kpi(acme: Customer) -> Kpi:
    made = factories.kpi()
    record(made, acme, EVERY_MONTH)
    return made


def test_a_period_uses_the_version_of_its_last_month(kpi: Kpi, gold: Tier) -> None:
    changed(kpi, 201104, customer_method="mean", time_method="mean")
    assert cell("2011-Q1", kpi, gold).actual == 6
    assert cell("2011-Q2", kpi, gold).actual == 2
    assert cell("2011", kpi, gold).actual == 2
    assert cell("2011-03", kpi, gold).actual == 2


def test_a_version_within_a_quarter_holds_for_all_of_it(kpi: Kpi, gold: Tier) -> None:
    changed(kpi, 201106, time_method="mean")
    assert cell("2011-Q2", kpi, gold).actual == 2
    assert cell("2011-05", kpi, gold).actual == 2


def test_no_change_is_shown_across_versions(kpi: Kpi, gold: Tier) -> None:
    assert cell("2011-Q2", kpi, gold).previous == 6
    changed(kpi, 201104, direction="lower")
    assert cell("2011-Q2", kpi, gold).previous is None
    assert cell("2011-06", kpi, gold).previous == 2


def test_old_periods_keep_their_direction(kpi: Kpi, gold: Tier) -> None:
    factories.target(kpi, gold, 201101, 5)
    changed(kpi, 201104, direction="lower")
    assert cell("2011-03", kpi, gold).status == Status.MISSED
    assert cell("2011-04", kpi, gold).status == Status.MET


def test_trailing_months_begin_with_their_version_and_look_back_before_it(kpi: Kpi, gold: Tier) -> None:
    changed(kpi, 201104, time_method="ttm")
    assert cell("2011-Q1", kpi, gold).actual == 6
    assert cell("2011-Q2", kpi, gold).actual == 12
    assert cell("2011-04", kpi, gold).actual == 8
    assert cell("2011-04", kpi, gold).months_expected == 12


def test_trailing_months_end_with_their_version(acme: Customer, gold: Tier) -> None:
    kpi = factories.kpi(time_method="ttm")
    record(kpi, acme, EVERY_MONTH)
    changed(kpi, 201104, time_method="sum")
    assert cell("2011-Q1", kpi, gold).months_expected == 12
    assert cell("2011-Q1", kpi, gold).actual == 6
    assert cell("2011-Q2", kpi, gold).actual == 6


def test_a_count_of_customers_goes_back_to_the_facts_in_either_version(kpi: Kpi, gold: Tier) -> None:
    record(kpi, factories.customer(tier=gold), {201105: 1})
    changed(kpi, 201104, customer_method="distinct", time_method="pool")
    assert cell("2011-Q1", kpi, gold).actual == 6
    assert cell("2011-Q2", kpi, gold).actual == 2
    assert cell("2011", kpi, gold).actual == 2


def test_a_formula_may_be_another_from_a_month_on(kpi: Kpi, gold: Tier) -> None:
    twice = calculated("twice", f"2 * {kpi.code}")
    changed(twice, 201104, formula=f"3 * {kpi.code}")
    assert cell("2011-03", twice, gold).actual == 4
    assert cell("2011-04", twice, gold).actual == 6
    assert cell("2011-04", twice, gold).previous is None


def test_an_inputs_version_withholds_the_change_of_what_is_calculated(kpi: Kpi, gold: Tier) -> None:
    twice = calculated("twice", f"2 * {kpi.code}")
    assert cell("2011-Q2", twice, gold).previous == 12
    changed(kpi, 201104, time_method="mean")
    assert cell("2011-Q2", twice, gold).previous is None


def test_a_kpi_may_become_a_formula(kpi: Kpi, gold: Tier) -> None:
    other = factories.kpi("other")
    record(other, factories.customer(tier=gold), EVERY_MONTH)
    changed(other, 201104, formula=f"10 * {kpi.code}", customer_method="", time_method="")
    assert cell("2011-03", other, gold).actual == 2
    assert cell("2011-04", other, gold).actual == 20


def test_a_retired_kpi_leaves_the_matrix_and_keeps_its_past(kpi: Kpi, gold: Tier) -> None:
    kpi.retired_from = Month(201104)
    kpi.save()
    assert cell("2011-Q1", kpi, gold).actual == 6
    with pytest.raises(StopIteration):
        cell("2011-Q2", kpi, gold)
