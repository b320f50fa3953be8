"""What a load marks for the rollup, and that it wakes one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from core.periods import Month
from customers.models import TierTouch
from customers.services.touches import merged
from kpis.models import SliceTouch
from tests.loads.files import Loader


@pytest.fixture
def clean(filled: Loader) -> Loader:
    """A company without a mark."""
    SliceTouch.objects.all().delete()
    TierTouch.objects.all().delete()
    return filled


def spans() -> list[tuple[int, int | None]]:
    return list(TierTouch.objects.order_by("first_month").values_list("first_month", "last_month"))


def slices() -> set[tuple[str, int]]:
    return set(SliceTouch.objects.values_list("kpi__code", "month"))


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        ("C2,2011-03-10,T1", [(201103, 201105)]),  # until the month before the next move
        ("C2,2011-06-15,T2", [(201106, 201108)]),
        ("C2,2011-06-01,T2", []),  # moved again by the month's last day
        ("C2,2011-09-01,T2", [(201109, None)]),  # the last one holds until further notice
        ("C2,2011-09-01,", []),  # nothing new
        ("C2,2011-03-10,T1\nC1,2011-04-01,T2", [(201103, None)]),
        ("C2,2010-03-10,T1\nC1,2011-04-01,T2", [(201003, 201012), (201104, None)]),
    ],
)
def test_a_move_marks_the_months_that_it_concerns(
    clean: Loader, row: str, expected: list[tuple[int, int | None]]
) -> None:
    assert clean("tier_memberships", f"customer,starts_on,tier\n{row}").ok
    assert spans() == expected


def test_spans_that_meet_become_one() -> None:
    months = [(Month(201112), Month(201201)), (Month(201202), Month(201203)), (Month(201205), None)]
    assert merged([*months, (Month(201301), Month(201302))]) == [(201112, 201203), (201205, None)]


def test_a_new_tier_is_a_column_of_every_month(clean: Loader) -> None:
    clean.good("tiers", "code,name,rank\nT1,Renamed,1")
    assert spans() == []
    clean.good("tiers", "code,name,rank\nT3,Silver,3")
    assert spans() == [(100001, None)]


def test_facts_mark_the_slices_that_changed_alone(clean: Loader) -> None:
    clean.good(
        "facts", "kpi,customer,month,numerator\nrevenue,C1,2011-01,761.74\nclaims,C2,2011-02,2\nvisits,C1,2011-03,1"
    )
    assert slices() == {("claims", 201102), ("visits", 201103)}


def test_complete_months_and_tier_actuals_mark_theirs(clean: Loader) -> None:
    clean.good("complete_months", "kpi,month\nclaims,2011-02\nclaims,2011-03\nrevenue_ttm,2011-01")
    clean.good("tier_actuals", "kpi,tier,month,numerator,denominator\nsurvey,T2,2011-02,8,1\nsurvey,T1,2011-01,84,10")
    assert slices() == {("claims", 201103), ("revenue", 201101), ("survey", 201102)}


def test_a_kpi_that_takes_facts_which_are_there_marks_their_months(clean: Loader) -> None:
    head = "code,name,indicator,unit,direction,customer_method,time_method,facts_of\n"
    clean.good("kpis", head + "revenue_mean,Mean revenue,trailing,number,higher,mean,pool,revenue")
    assert slices() == {("revenue", 201101)}


def test_another_unit_begins_a_version_so_that_neither_it_nor_another_name_marks_a_month(clean: Loader) -> None:
    head = "code,name,indicator,unit,direction,customer_method,time_method,near_band_abs\n"
    clean.good("kpis", head + "claims,Complaints,trailing,number,lower,sum,sum,")
    assert slices() == set()
    clean.good("kpis", head + "repeat_rate,Repeat contacts,leading,number,lower,ratio,pool,")
    assert slices() == set()  # months before it keep their unit


@pytest.mark.parametrize(
    ("kind", "text", "wakes"),
    [
        ("facts", "kpi,customer,month,numerator\nclaims,C2,2011-02,2", True),
        ("facts", "kpi,customer,month,numerator\nclaims,C2,2011-02,1", False),
        ("tier_memberships", "customer,starts_on,tier\nC2,2012-01-01,T1", True),
        ("customers", "external_id,name\nC1,Renamed", False),
        ("targets", "kpi,tier,from_month,per,value\nclaims,T1,2011-01,month,5", False),
    ],
)
def test_a_rollup_follows_what_changed_cells(
    clean: Loader, monkeypatch: pytest.MonkeyPatch, kind: str, text: str, wakes: bool
) -> None:
    asked: list[Any] = []
    ask: Callable[..., None] = lambda **words: asked.append(words)  # noqa: E731
    monkeypatch.setattr("kpis.rollup.runs.request_rollup", ask)
    assert clean(kind, text).ok
    assert bool(asked) is wakes
