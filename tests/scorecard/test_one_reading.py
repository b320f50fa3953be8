"""What home shares between its parts is what each part would have read by itself."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from accounts.choices import Role
from accounts.company import today
from accounts.models import User
from core.once import hold, once, one_reading
from core.periods import FiscalCalendar, Kind, Period
from core.registry import asks_of
from customers.choices import TierScope
from customers.models import Tier
from initiatives.choices import Stage, Tracked
from initiatives.models import Initiative, TrackedChange
from initiatives.reading.approvals import awaiting
from initiatives.reading.running_initiatives import read_cell_serving, serving_by
from initiatives.reading.standings import Standing, read_standings, read_standings_on
from kpis.models import Kpi
from kpis.reading.targets import TargetBook
from scorecard.reading.home import read_home
from scorecard.reading.moved import moved_numbers
from tests import factories as make
from tests.scorecard.stage import Stage as Company

Q3 = Period.parse("2011-Q3", FiscalCalendar())


def test_within_a_reading_each_thing_is_read_once_and_outside_of_it_each_time() -> None:
    read: list[int] = []

    def take() -> int:
        read.append(1)
        return len(read)

    assert [once("it", take), once("it", take)] == [1, 2]
    with one_reading():
        assert [once("it", take), once("it", take)] == [3, 3]
        with one_reading():
            assert once("it", take) == 3
        hold("it", 9)
        assert once("it", take) == 9
    assert once("it", take) == 4


def fill(stage: Company, reader: User) -> None:
    """Initiatives of every stage, for KPIs with and without a tier; some wait for the reader's word."""
    gold = stage.gold
    for place, step in enumerate(Stage):
        links = ((stage.revenue,), ((stage.repeats, gold),))[place % 2]
        make.initiative(
            f"i{place}", stage=step, kpis=links, tiers=(gold,) if place % 3 else (), sponsor=reader, loyalty_impact=5
        )
        make.initiative(f"j{place}", stage=step, kpis=(stage.repeats,), owner=reader, effort=5, vendor_choice_impact=4)


@pytest.mark.parametrize("role", [Role.EXECUTIVE, Role.OWNER])
def test_what_home_has_read_answers_what_is_asked_as_a_reading_of_its_own_does(role: Role, stage: Company) -> None:
    reader = make.person("Pat", role)
    fill(stage, reader)
    day = today()
    alone = asks_of(reader), [one.initiative.pk for one in awaiting()], moved_numbers(day)
    with one_reading():
        read_standings_on(Initiative.objects.all(), [day])
        shared = asks_of(reader), [one.initiative.pk for one in awaiting()], moved_numbers(day)
    assert shared == alone
    assert alone[0]


def test_what_serves_a_cell_is_the_same_by_the_register_as_by_its_own_query(stage: Company, ines: User) -> None:
    fill(stage, ines)
    day = today()
    (standings,) = read_standings_on(Initiative.objects.all(), [day])
    own, by = read_cell_serving(day), serving_by(standings)
    for kpi in Kpi.objects.all():
        for tier in Tier.objects.exclude(scope=TierScope.UNTIERED):
            assert own.of(kpi.pk, tier) == by.of(kpi.pk, tier)


def test_a_book_of_more_months_has_the_targets_of_fewer(stage: Company) -> None:
    make.target(stage.repeats, stage.gold, 201001, 70, per="year")
    make.target(stage.revenue, stage.gold, 201104, 71, until_month=201105)
    calendar = FiscalCalendar()
    wide = TargetBook.read(calendar, Period.parse("2009", calendar).first, Q3.last)
    for kind in Kind:
        period = calendar.period(kind, Q3.first)
        narrow = TargetBook.read(calendar, period.first, period.last)
        for kpi in Kpi.objects.all():
            for tier in Tier.objects.all():
                method = kpi.method
                told = [book.of_period(kpi, tier.pk, method, period, period.last) for book in (wide, narrow)]
                assert told[0] == told[1]


def test_a_first_answer_takes_few_queries_and_a_reading_changes_nothing(stage: Company, browser: Client) -> None:
    day = today()
    alone = read_home(Q3, day)
    with one_reading():
        shared = read_home(Q3, day)
    for name in ("cells", "gaps", "now", "then", "levels", "late", "growth", "moved", "turned"):
        assert getattr(shared, name) == getattr(alone, name), name


def test_what_is_asked_of_a_person_reads_the_company_once(
    stage: Company, stella: User, django_assert_max_num_queries: Any
) -> None:
    fill(stage, stella)
    Kpi.objects.update(owner=stella)
    with django_assert_max_num_queries(100) as asked:
        assert asks_of(stella)
    assert sum('FROM "accounts_company"' in query["sql"] for query in asked.captured_queries) == 1


def test_several_days_are_read_together_as_each_by_itself(stage: Company, ines: User) -> None:
    fill(stage, ines)
    day = today()
    for place, row in enumerate(Initiative.objects.all()):
        moved = day - timedelta(days=place % 9)
        step = make.milestone(row, f"Step {place}", due=day - timedelta(days=place % 30), known_from=None)
        if place % 2:
            step.done_on = day - timedelta(days=place % 5)
            step.save()
        change = {"initiative": row, "on": moved, "by": ines}
        TrackedChange.objects.create(what=Tracked.DUE, before="2011-01-01", after="2011-02-01", **change)
        TrackedChange.objects.create(
            what=Tracked.DUE, milestone=step, before="2011-01-01", after="2011-02-01", **change
        )
        TrackedChange.objects.create(what=Tracked.STAGE, before=Stage.CANDIDATE, after=row.stage, **change)
    days = [day, day - timedelta(days=4), day - timedelta(days=30)]
    together = read_standings_on(Initiative.objects.all(), days)
    for on, read in zip(days, together, strict=True):
        alone = read_standings(Initiative.objects.all(), as_of=on, steps=False)
        assert [_told(one) for one in read] == [_told(one) for one in alone]


def _told(one: Standing) -> object:
    """Without the steps that no verdict rests on, which a reading of one day may have."""
    return one.initiative.pk, one.stage, one.plan, one.status, one.verdict, one.latest, one.cost
