"""What the address of the grid of targets may ask, and what it says of the rest."""

from __future__ import annotations

import pytest
from django.utils.html import escape

from accounts.models import User
from kpis.models import Kpi
from tests import factories
from tests.factories import signed_in
from tests.kept import kept


@kept
def kpi(omar: User) -> Kpi:
    """One of a department."""
    return factories.kpi("revenue", department=factories.department("sales"))


@pytest.mark.parametrize(
    ("query", "named"),
    {
        "year=x": ["Fiscal year"],
        "year=99999&per=week": ["Fiscal year", "Per"],
        "department=none&page=0": ["Department"],
        "plan=yes&page=99": ["Plan values"],
        "page=99": [],
    }.items(),
)
def test_a_bad_address_shows_a_grid_all_the_same_and_says_why(
    query: str, named: list[str], kpi: Kpi, stella: User
) -> None:
    answer, usual = (signed_in(stella).get(f"/targets/?{one}") for one in (query, ""))
    page = answer.context["page"]
    assert [problem.partition(":")[0] for problem in page.choice.problems] == named
    assert all(escape(problem) in answer.content.decode() for problem in page.choice.problems)
    assert (answer.status_code, page.here) == (200, usual.context["page"].here)


def test_a_good_address_is_what_the_grid_is_of(kpi: Kpi, stella: User) -> None:
    other = factories.kpi("other")
    whole, some = (
        signed_in(stella).get(f"/targets/?{query}").context["page"]
        for query in ("year=2012-Q2", "year=2012&per=month&department=sales&plan=1")
    )
    assert (whole.choice.problems, some.choice.problems) == ([], [])
    assert {block.kpi for block in whole.grid.blocks} == {kpi, other}
    assert [block.kpi for block in some.grid.blocks] == [kpi]
    assert (whole.year.code, whole.per, whole.with_plan) == ("2012", "quarter", False)
    assert (some.year.code, some.per, some.with_plan, some.department) == ("2012", "month", True, "sales")
    assert some.here == "?year=2012&per=month&department=sales&plan=1"
