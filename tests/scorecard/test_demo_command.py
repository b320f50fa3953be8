"""``manage.py demo``: founds the demo company once, tells its logins, empties it, and knows where it must not."""

from __future__ import annotations

from datetime import date
from io import StringIO
from itertools import islice
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from accounts.models import Company
from core.periods import FiscalCalendar
from demo import people
from demo.founding import Founded
from demo.management.commands import demo as command
from demo.measuring import Measuring, entered
from demo.population import population
from demo.timeline import Timeline
from tests import factories

DAY = date(2026, 5, 14)


def demo(*arguments: str) -> str:
    """What the command prints."""
    told = StringIO()
    call_command("demo", *arguments, stdout=told)
    return told.getvalue()


def test_tells_what_it_founded_and_its_logins(company: Company, monkeypatch: pytest.MonkeyPatch) -> None:
    Company.objects.update(is_demo=True)
    monkeypatch.setattr(command, "found", lambda: Founded(1_200, 27, 280_000, 900, 60))
    told = demo()
    assert "1,200 customers, 27 KPIs, 280,000 facts, 900 target versions, 60 initiatives" in told
    assert all(login.email in told for login in people.LOGINS)


def test_refuses_a_company_that_has_data_of_its_own(company: Company) -> None:
    factories.kpi("ours")
    with pytest.raises(CommandError, match=r"has data of its own.*Nothing was changed"):
        demo()
    assert not Company.objects.get().is_demo


@pytest.mark.parametrize("arguments", [(), ("--empty", "--yes")])
def test_is_never_usable_in_production(company: Company, settings: Any, arguments: tuple[str, ...]) -> None:
    settings.PRODUCTION = True
    with pytest.raises(CommandError, match="not for PRODUCTION"):
        demo(*arguments)


def test_emptying_refuses_a_company_that_is_not_the_demo(company: Company) -> None:
    kept = factories.kpi("ours")
    with pytest.raises(CommandError, match="is not the demo company, so nothing was emptied"):
        demo("--empty", "--yes")
    kept.refresh_from_db()


def test_has_no_logins_to_tell_elsewhere(company: Company) -> None:
    with pytest.raises(CommandError, match="has no demo logins"):
        demo("--logins")


def test_the_same_day_gives_the_same_customers_and_facts() -> None:
    """Facts of two months of thirty: what chance would change, it changes in the first."""
    timeline = Timeline(DAY, FiscalCalendar())
    first, second = (Measuring(timeline, population(timeline)) for _ in range(2))
    assert first.firms == second.firms
    facts = list(islice(first.facts(), 18_000))
    assert facts == list(islice(second.facts(), 18_000))
    assert len({fact.month for fact in facts}) > 1
    assert list(entered(timeline)) == list(entered(timeline))


@pytest.mark.parametrize("day", [date(2026, 1, 1), date(2026, 2, 28), date(2026, 12, 31)])
def test_the_months_end_with_the_last_and_stories_with_the_newest_ended_quarter(day: date) -> None:
    timeline = Timeline(day, FiscalCalendar(start_month=4))
    assert len(timeline.months) == 30
    assert timeline.end_of(29) < day
    assert timeline.newest_quarter.last_day < day
    assert timeline.quarters[-1] in {0, 1}
    assert timeline.quarters.count(0) == 3
    assert timeline.fiscal_years[-1].contains(day)
