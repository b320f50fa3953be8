"""What answers which pain, what moves which cell, and what is for nothing of it."""

from __future__ import annotations

from typing import Any

import pytest

from initiatives.choices import Stage
from initiatives.filters.register import InitiativeFilter
from initiatives.models import Initiative
from initiatives.reading.answers import Pain, answers, orphaned, recorded_pain
from initiatives.reading.standings import Standing, read_standings
from tests import factories

pytestmark = pytest.mark.usefixtures("company")


def standing(**fields: Any) -> Standing:
    made = factories.initiative(**fields)
    return read_standings(Initiative.objects.filter(pk=made.pk))[0]


def listed(**params: Any) -> list[str]:
    chosen = InitiativeFilter(params)
    assert chosen.problems == []
    return sorted(one.initiative.code for one in chosen.standings())


# Pain


@pytest.mark.parametrize("stage", [stage for stage in Stage if stage != Stage.IN_PROGRESS])
def test_only_what_runs_answers(stage: Stage) -> None:
    assert answers(standing(), Pain())
    assert not answers(standing(stage=stage), Pain())


def test_only_what_is_customer_focused_answers() -> None:
    assert not answers(standing(customer_focused=False), Pain())


def test_the_department_served_answers_and_not_the_one_at_work() -> None:
    sales, support = factories.department("sales"), factories.department("support")
    for_support = standing(department=sales, serves=support)
    assert answers(for_support, Pain(department=support.pk))
    assert not answers(for_support, Pain(department=sales.pk))
    assert answers(standing(department=sales), Pain(department=sales.pk))


@pytest.mark.parametrize(
    ("theme", "pain", "expected"),
    [
        ("", "Waiting", True),
        ("Waiting", "Waiting", True),
        ("waiting ", "WAITING", True),
        ("ÄRGER", "ärger", True),
        ("Prices", "Waiting", False),
        ("Waiting times", "Waiting", False),
    ],
)
def test_a_theme_is_blank_or_the_same_in_any_case(theme: str, pain: str, expected: bool) -> None:
    assert answers(standing(theme=theme), Pain(theme=pain)) is expected


def test_a_tier_is_answered_by_what_is_for_it_or_for_all() -> None:
    one, two = factories.tier("T1"), factories.tier("T2")
    assert answers(standing(), Pain(tier=one.pk))
    assert answers(standing(tiers=(one,)), Pain(tier=one.pk))
    assert not answers(standing(tiers=(two,)), Pain(tier=one.pk))
    assert answers(standing(tiers=(two,)), Pain())  # pain of all customers


def test_the_list_is_filtered_by_the_same_rule() -> None:
    one, two = factories.tier("T1"), factories.tier("T2")
    support = factories.department("support")
    factories.initiative("all", serves=support)
    factories.initiative("waiting", serves=support, theme="Waiting", tiers=(one,))
    factories.initiative("idea", serves=support, stage=Stage.CANDIDATE)
    factories.initiative("inside", serves=support, customer_focused=False)
    factories.initiative("sales", tiers=(two,))
    assert listed(answers_department="support") == ["all", "waiting"]
    assert listed(answers_department="support", answers_theme="prices") == ["all"]
    assert listed(answers_tier="T2") == ["all", "sales"]
    assert listed(answers_tier="all") == ["all", "sales", "waiting"]


# Cells


def test_a_cell_is_moved_by_a_link_to_its_tier_or_to_all_that_it_is_for() -> None:
    one, two = factories.tier("T1"), factories.tier("T2")
    nps = factories.kpi("nps")
    factories.initiative("named", kpis=((nps, one),), tiers=(one, two))
    factories.initiative("all", kpis=(nps,))
    factories.initiative("twos", kpis=(nps,), tiers=(two,))
    factories.initiative("other", kpis=(factories.kpi("claims"),))
    factories.initiative("done", kpis=(nps,), stage=Stage.DONE)
    assert listed(moves="nps@T1") == ["all", "named"]
    assert listed(moves="nps@T2") == ["all", "twos"]
    assert listed(moves="nps@all") == ["all", "named", "twos"]
    assert listed(moves="nps@untiered") == ["all"]


def test_a_link_to_the_column_of_all_moves_that_alone() -> None:
    one, nps = factories.tier("T1"), factories.kpi("nps")
    factories.initiative("whole", kpis=((nps, factories.all_customers()),))
    assert (listed(moves="nps@all"), listed(moves=f"nps@{one.code}")) == (["whole"], [])


def test_an_initiative_with_several_links_is_listed_once() -> None:
    one, two = factories.tier("T1"), factories.tier("T2")
    nps = factories.kpi("nps")
    factories.initiative("many", kpis=(nps, (nps, one), (nps, two)), tiers=(one, two))
    assert [listed(moves=cell) for cell in ("nps@T1", "nps@all")] == [["many"], ["many"]]


# Orphans


def test_what_answers_no_pain_and_moves_no_kpi_is_orphaned() -> None:
    support = factories.department("support")
    factories.pain_point("Waiting", department=support, month=202601)
    factories.initiative("answers", serves=support)
    factories.initiative("moves", kpis=(factories.kpi("nps"),))
    factories.initiative("alone")
    factories.initiative("off", serves=support, theme="Prices")
    factories.initiative("inside", serves=support, customer_focused=False)
    factories.initiative("idea", stage=Stage.CANDIDATE)
    assert listed(orphaned="true") == ["alone", "inside", "off"]
    assert listed(orphaned="false") == ["answers", "idea", "moves"]


def test_pain_counts_in_the_months_asked_for() -> None:
    factories.pain_point("Waiting", month=202601)
    factories.pain_point("Waiting", month=202604, mentions=0)
    factories.initiative("answers")
    assert listed(orphaned="true", pain_period="2026-Q1") == []
    assert listed(orphaned="true", pain_period="2026-Q2") == ["answers"]  # nobody mentioned it


def test_pain_of_all_customers_is_of_no_tier() -> None:
    one = factories.tier("T1")
    department = factories.department()
    factories.pain_point("Waiting", tier=one)
    factories.pain_point("Prices")
    assert recorded_pain() == {Pain(department.pk, "Waiting", one.pk), Pain(department.pk, "Prices", None)}


@pytest.mark.parametrize("number", [1, 20])
def test_orphans_are_found_by_one_query(number: int, django_assert_num_queries: Any) -> None:
    for _ in range(number):
        factories.initiative()
    found, pains = read_standings(Initiative.objects.all()), recorded_pain()
    with django_assert_num_queries(1):
        assert len(orphaned(found, pains)) == number
