"""Customer growth: the rules, and on invented companies a second count from the rules alone, day by day."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from core.periods import FiscalCalendar, Kind, Month, Period, first_day, last_day, months_between, shift
from customers.models import Customer, Tier
from customers.reading.growth import FLOWS, read_growth
from customers.reading.growth_check import growth_breaches, known_breaches
from customers.services.growth_check import check_growth
from kpis.choices import RunState
from kpis.rollup.runs import roll_up_now
from tests import factories as make
from tests.customers import recount
from tests.kept import kept

pytestmark = pytest.mark.django_db

DEEP = os.environ.get("HYPOTHESIS_PROFILE") == "deep"
FIRST, LAST = date(2010, 11, 1), date(2012, 2, 29)
KINDS = ("joined", "left", "returned")
Life = list[tuple[date, str]]
Homes = list[tuple[date, str | None]]
Company = list[tuple[Life, Homes]]


# A second count, from the rules alone


def state_on(life: Life, day: date) -> bool:
    kinds = [kind for on, kind in life if on <= day]
    return bool(kinds) and kinds[-1] != "left"


def tier_on(homes: Homes, day: date) -> str | None:
    tiers = [tier for on, tier in homes if on <= day]
    return tiers[-1] if tiers else None


def counted_by_hand(company: Company, months: list[Month], today: date) -> dict[str | None, dict[str, int]]:
    """Opening, flows and closing by tier over months, of which none begins after today."""
    found: dict[str | None, dict[str, int]] = {
        tier: dict.fromkeys(("opening", *FLOWS, "closing"), 0) for tier in ("A", "B", "C", None)
    }
    opens, closes = last_day(shift(months[0], -1)), min(last_day(months[-1]), today)
    for life, homes in company:
        found[tier_on(homes, opens)]["opening"] += state_on(life, opens)
        found[tier_on(homes, closes)]["closing"] += state_on(life, closes)
        for month in months:
            begins, ends = first_day(month) - timedelta(days=1), min(last_day(month), today)
            before, after = tier_on(homes, begins), tier_on(homes, ends)
            for on, kind in life:
                found[after][kind] += begins < on <= ends
            if state_on(life, begins) and before != after:
                found[before]["moved_out"] += 1
                found[after]["moved_in"] += 1
    return found


days = st.dates(FIRST, LAST)


@st.composite
def lives(draw: st.DrawFn) -> Life:
    on = sorted(draw(st.sets(days, max_size=6)))
    return [(day, KINDS[0] if place == 0 else KINDS[2 - place % 2]) for place, day in enumerate(on)]


contradictions = st.dictionaries(days, st.sampled_from(KINDS), max_size=5).map(lambda found: sorted(found.items()))
homes = st.dictionaries(days, st.sampled_from(["A", "B", "C", None]), max_size=4).map(
    lambda found: sorted(found.items())
)
companies = st.lists(st.tuples(lives(), homes), min_size=1, max_size=8)
calendars = st.builds(FiscalCalendar, st.integers(1, 12))


@contextmanager
def stored(company: Company) -> Iterator[None]:
    """The company in the database, which is then as it was before."""
    with transaction.atomic():
        tiers = {
            code: Tier.objects.create(code=code, name=code, rank=1, retired_from=200001 if code == "C" else None)
            for code in "ABC"
        }
        for life, moves in company:
            customer = make.customer()
            for on, kind in life:
                make.lifecycle_event(customer, on, kind)
            for on, code in moves:
                make.member(customer, tiers[code] if code else None, on)
        yield
        transaction.set_rollback(True)


def read(period: Period, today: date) -> dict[str, dict[str, int]]:
    names = ("opening", *FLOWS, "closing")
    return {row.tier.code: {name: getattr(row, name) for name in names} for row in read_growth(period, today).rows}


@pytest.mark.slow
@settings(
    max_examples=1_000 if DEEP else 40,
    derandomize=not DEEP,
    deadline=None,
    database=None,
    phases=[Phase.generate, Phase.shrink] if DEEP else [Phase.generate],
    suppress_health_check=list(HealthCheck),
)
@given(companies, calendars, st.sampled_from(list(Kind)), days, days)
def test_every_number_is_what_counting_by_hand_gives(
    company: Company, calendar: FiscalCalendar, kind: Kind, within: date, today: date
) -> None:
    period = calendar.period(kind, Month(within.year * 100 + within.month))
    months = [month for month in period.months if first_day(month) <= today]
    with stored(company):
        rows = read(period, today)
        assert recount.breaches(today) == {}
        steps = recount.steps_of_the_book(today)
    if not months:
        assert rows == {}
        return
    expected = {tier or "untiered": numbers for tier, numbers in counted_by_hand(company, months, today).items()}
    if not any(expected["C"].values()):
        del expected["C"]  # retired
    everyone = rows.pop("all")
    assert rows == expected
    assert everyone == {
        name: 0 if name.startswith("moved") else sum(numbers[name] for numbers in expected.values())
        for name in everyone
    }
    book = sum(number for (month, _), number in steps.items() if month <= months[-1])
    assert book == everyone["closing"]


@settings(
    max_examples=500 if DEEP else 25,
    derandomize=not DEEP,
    deadline=None,
    database=None,
    phases=[Phase.generate, Phase.shrink] if DEEP else [Phase.generate],
    suppress_health_check=list(HealthCheck),
)
@given(st.lists(st.tuples(contradictions, homes), min_size=1, max_size=6), days)
def test_the_check_after_each_rollup_finds_what_a_full_recount_finds(company: Company, today: date) -> None:
    with stored(company):
        found = {(one.month, one.tier): one.too_many for one in growth_breaches(today)}
        assert found == recount.breaches(today)


# The rules, one by one


@kept
def two_tiers() -> tuple[Tier, Tier]:
    return make.tier("T1", name="Gold"), make.tier("T2", name="Silver")


def of_customer(tier: Tier | None, *events: tuple[str, str]) -> Customer:
    customer = make.customer(tier=tier)
    for on, kind in events:
        make.lifecycle_event(customer, on, kind)
    return customer


SEPTEMBER = Period.parse("2011-09", FiscalCalendar())


def row_of(tier: str, period: Period = SEPTEMBER, today: date = date(2020, 1, 1)) -> Any:
    return next(row for row in read_growth(period, today).rows if row.tier.code == tier)


def test_who_moves_and_leaves_in_a_month_moves_first(two_tiers: tuple[Tier, Tier]) -> None:
    gold, silver = two_tiers
    customer = of_customer(gold, ("2011-01-01", "joined"), ("2011-09-10", "left"))
    make.member(customer, silver, "2011-09-20")
    assert (row_of("T1").opening, row_of("T1").moved_out, row_of("T1").left) == (1, 1, 0)
    assert (row_of("T2").moved_in, row_of("T2").left, row_of("T2").closing) == (1, 1, 0)


def test_who_is_off_the_book_moves_without_a_word(two_tiers: tuple[Tier, Tier]) -> None:
    gold, silver = two_tiers
    customer = of_customer(gold, ("2011-09-20", "joined"))
    make.member(customer, silver, "2011-09-10")
    assert (row_of("T1").moved_out, row_of("T2").moved_in, row_of("T2").joined) == (0, 0, 1)


def test_there_and_back_within_a_month_is_no_move(two_tiers: tuple[Tier, Tier]) -> None:
    gold, silver = two_tiers
    customer = of_customer(gold, ("2011-01-01", "joined"))
    make.member(customer, silver, "2011-09-02")
    make.member(customer, gold, "2011-09-20")
    assert (row_of("T1").moved_out, row_of("T2").moved_in) == (0, 0)


def test_of_the_running_month_nothing_later_than_today_counts(two_tiers: tuple[Tier, Tier]) -> None:
    gold, silver = two_tiers
    customer = of_customer(gold, ("2011-01-01", "joined"), ("2011-09-20", "left"))
    make.member(customer, silver, "2011-09-25")
    row = row_of("T1", today=date(2011, 9, 15))
    assert (row.left, row.moved_out, row.closing) == (0, 0, 1)


def test_before_the_first_event_there_are_zeros_and_after_today_no_rows(two_tiers: tuple[Tier, Tier]) -> None:
    of_customer(two_tiers[0], ("2011-09-20", "joined"))
    early = Period.parse("2009", FiscalCalendar())
    assert {row.is_zero for row in read_growth(early, date(2020, 1, 1)).rows} == {True}
    assert read_growth(SEPTEMBER, date(2011, 8, 31)).rows == ()


def test_customers_without_events_are_reported_and_in_no_number(two_tiers: tuple[Tier, Tier]) -> None:
    of_customer(two_tiers[0])
    growth = read_growth(SEPTEMBER, date(2020, 1, 1))
    assert growth.unknown == 1
    assert growth.total is not None
    assert growth.total.is_zero


def test_many_customers_and_months_cost_as_many_queries_as_few(
    two_tiers: tuple[Tier, Tier], django_assert_num_queries: Any
) -> None:
    with django_assert_num_queries(6):
        read_growth(SEPTEMBER, date(2020, 1, 1))
    for place in range(12):
        customer = of_customer(two_tiers[0], ("2011-01-01", "joined"))
        make.member(customer, two_tiers[1], first_day(months_between(Month(201101), Month(201112))[place]))
    with django_assert_num_queries(6):
        read_growth(Period.parse("2011", FiscalCalendar()), date(2020, 1, 1))


def test_a_breach_is_kept_named_and_told_until_it_is_put_right(
    two_tiers: tuple[Tier, Tier], caplog: pytest.LogCaptureFixture
) -> None:
    customer = of_customer(two_tiers[0], ("2011-01-01", "joined"))
    wrong = make.lifecycle_event(customer, "2011-09-10", "joined")
    words = "Gold, September 2011: what came, went and moved makes 1 customer more than the book changes by."
    check_growth()
    check_growth()
    assert known_breaches() == [words]
    assert [record.getMessage() for record in caplog.records] == [f"Customer growth does not add up in {words}"]
    wrong.delete()
    check_growth()
    assert known_breaches() == []


def test_a_check_that_fails_takes_no_rollup_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("customers.services.growth_check.growth_breaches", lambda today: 1 / 0)
    make.fact(make.kpi("revenue"), make.customer(), 201109, 1)
    run = roll_up_now()
    assert run is not None
    assert run.state == RunState.DONE
