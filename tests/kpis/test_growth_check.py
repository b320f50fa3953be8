"""Growth is held against the book at every rollup; where it does not add up, tier and month are named."""

from __future__ import annotations

import io

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from accounts.models import User
from kpis.choices import RunState
from kpis.models import RollupRun
from kpis.rollup.runs import roll_up_now
from tests import factories as make
from tests.scorecard.reading import text_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def joined_twice() -> None:
    """Behind the rules' back, as only somebody at the database could write it."""
    gold = make.tier("T1", name="Gold")
    customer = make.customer("C1", tier=gold)
    for day in ("2011-08-05", "2011-09-10"):
        make.lifecycle_event(customer, day, "joined")
    make.fact(make.kpi("revenue"), customer, 201109, 10)


def test_a_breach_names_tier_and_month_and_keeps_no_cell_back(joined_twice: None) -> None:
    run = roll_up_now()
    assert run is not None
    assert run.state == RunState.DONE
    assert run.cells
    assert run.error == (
        "Customer growth does not add up in Gold, September 2011: "
        "the book changes by +0, and what came, went and moved makes +1."
    )


def test_it_is_told_on_the_page_of_the_run_and_by_the_command(joined_twice: None, ines: User) -> None:
    out = io.StringIO()
    with pytest.raises(CommandError, match="does not add up in Gold, September 2011"):
        call_command("rollup", "2011-Q3", stdout=out)
    browser: Client = make.signed_in(ines)
    assert "does not add up in Gold, September 2011" in text_of(browser.get(f"/rollups/{RollupRun.objects.get().pk}/"))


def test_nothing_is_said_where_it_holds() -> None:
    customer = make.customer("C1", tier=make.tier("T1"))
    make.lifecycle_event(customer, "2011-08-05", "joined")
    make.fact(make.kpi("revenue"), customer, 201109, 10)
    run = roll_up_now()
    assert run is not None
    assert not run.error
