"""What a decision would do to verdicts of ended periods is what the matrix says once it is taken."""

from __future__ import annotations

from datetime import date
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts.company import company as stored
from core.periods import FiscalCalendar, Month
from kpis.choices import Per, TargetState
from kpis.models import Target
from kpis.reading.effects import Effects, Move
from kpis.reading.matrix import MatrixBuilder
from kpis.reading.turned_verdicts import ended_periods
from kpis.rollup.runs import roll_up_now
from tests import factories
from tests.kept import kept
from tests.kpis.test_properties import examples, rolled_back
from tests.oracle import Company
from tests.oracle.database import store
from tests.oracle.invented import WINDOW, companies
from tests.oracle.meanings import changing_companies

pytestmark = pytest.mark.django_db

TODAY = date(WINDOW[-1] // 100, WINDOW[-1] % 100, 15)


def verdicts(calendar: FiscalCalendar, today: date) -> dict[tuple[str, str, str], str]:
    """Every cell of every ended period, as the matrix judges it."""
    return {
        (row.kpi.code, cell.tier.code, period.code): cell.status
        for period in ended_periods(calendar, Month(WINDOW[0]), today)
        for row in MatrixBuilder(period, today).build().rows
        for cell in row.cells
    }


def turned(moves: list[Move], today: date) -> dict[tuple[str, str, str], tuple[str, str]]:
    found = Effects([move.row for move in moves], stored().calendar, today).of(moves)
    return {(one.kpi.code, one.tier.code, one.period.code): (one.before, one.after) for one in found if one.turns}


def difference(before: dict[Any, str], after: dict[Any, str]) -> dict[Any, tuple[str, str]]:
    """The cells that are judged in another way; a column without any verdict is in no matrix."""
    both = {key: (before.get(key, "no_data"), after.get(key, "no_data")) for key in before | after}
    return {key: pair for key, pair in both.items() if pair[0] != pair[1]}


def new_version(row: Target, factor: int) -> Target:
    """Another version of a row, farther or nearer."""
    wait = {"version": row.version + 50, "state": TargetState.PROPOSED, "until_month": row.until_month}
    numbers = {name: None if (one := getattr(row, name)) is None else one * factor for name in ("value", "low", "high")}
    if numbers["low"] is not None:
        numbers["low"], numbers["high"] = sorted((numbers["low"], numbers["high"]))
    key = {"kpi": row.kpi, "tier": row.tier, "from_month": row.from_month, "per": row.per}
    return Target.objects.create(**key, **wait, **numbers)


@pytest.mark.slow
@examples(4)
@given(st.one_of(companies(), changing_companies()), st.data())
def test_the_effect_is_what_happens_after_approving_and_after_taking_it_back(
    company: Company, data: st.DataObject
) -> None:
    with rolled_back():
        store(company)
        roll_up_now()
        standing = list(Target.objects.approved().select_related("kpi", "tier").order_by("pk"))
        chosen = data.draw(st.lists(st.sampled_from(standing), unique=True, max_size=6)) if standing else []
        calendar, moves, back = stored().calendar, list[Move](), list[Move]()
        for row in chosen:
            if data.draw(st.booleans()):
                Target.objects.filter(pk=row.pk).update(state=TargetState.WITHDRAWN)
                moves, back = [*moves, Move.approve(row)], [*back, Move(row, None)]
            else:
                new = new_version(row, data.draw(st.sampled_from([-1, 2, 10])))
                moves, back = [*moves, Move.approve(new)], [*back, Move(new, row)]
        states = [verdicts(calendar, TODAY)]
        told = [turned(moves, TODAY)]
        take(moves)
        states.append(verdicts(calendar, TODAY))
        told.append(turned(back, TODAY))
        take(back)
        states.append(verdicts(calendar, TODAY))
        assert told == [difference(*pair) for pair in pairwise(states)]
        assert states[0] == states[2]


def take(moves: list[Move]) -> None:
    """Take these decisions: what stood goes, what they approve counts."""
    for move in moves:
        row = {name: getattr(move.row, name) for name in ("kpi", "tier", "from_month", "per")}
        Target.objects.approved().filter(**row).update(state=TargetState.SUPERSEDED)
        if move.stands is not None:
            Target.objects.filter(pk=move.stands.pk).update(state=TargetState.APPROVED)


def test_a_target_of_a_month_that_has_not_begun_reaches_nothing_and_reads_nothing(
    django_assert_num_queries: Any, revenue_of_2012: Target
) -> None:
    with django_assert_num_queries(0):
        assert (
            Effects([revenue_of_2012], FiscalCalendar(1), date(2011, 12, 31)).of([Move.approve(revenue_of_2012)]) == ()
        )


@kept
def revenue_of_2012() -> Target:
    return factories.target(factories.kpi("revenue"), factories.tier("T1"), 201201, 5, per=Per.YEAR)
