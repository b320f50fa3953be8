"""The counts of the upward report are those of the list that they lead to, always."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any
from urllib.parse import urlencode

import pytest
from django.http import QueryDict
from hypothesis import given
from hypothesis import strategies as st

from accounts.company import company, today
from core.periods import Kind, month_of
from initiatives.choices import Health, Level, Stage, Tracked
from initiatives.filters.register import InitiativeFilter
from initiatives.models import Initiative, TrackedChange
from initiatives.pages.report import ShownReport, show_report
from initiatives.reading.report import By, read_report
from tests import factories as make
from tests.kpis.test_properties import examples, rolled_back

pytestmark = pytest.mark.django_db

days = st.integers(-200, 60)
sometimes = st.none() | days
histories = st.lists(st.tuples(st.sampled_from(list(Stage)), st.integers(-90, 0)), max_size=3)
initiatives = st.fixed_dictionaries(
    {
        "level": st.sampled_from(list(Level)),
        "stage": st.sampled_from(list(Stage)),
        "department": st.sampled_from(["sales", "service"]),
        "unit": st.booleans(),
        "owner": st.sampled_from(["", "ada", "bo"]),
        "tiers": st.sets(st.sampled_from(["T1", "T2", "T3"])),
        "customer_focused": st.booleans(),
        "start": days,
        "length": st.integers(0, 200),
        "slip": st.sampled_from([0, 20, 45, 100, 200]),
        "started": sometimes,
        "finished": sometimes,
        "known": sometimes,
        "milestone": sometimes,
        "update": st.none() | st.tuples(st.integers(-80, 0), st.sampled_from(list(Health))),
        "history": histories,
    }
)


class World:
    """What the drawn initiatives belong to."""

    def __init__(self) -> None:
        self.day = today()
        self.departments = {code: make.department(code) for code in ("sales", "service", "empty")}
        self.tiers = {
            code: make.tier(code, retired_from=200001 if code == "T3" else None) for code in ("T1", "T2", "T3")
        }
        self.people = {name: make.person(name) for name in ("ada", "bo")}
        self.unit, self.account = make.business_unit(), make.customer()

    def on(self, days: int | None) -> date | None:
        return None if days is None else self.day + timedelta(days=days)

    def put(self, drawn: dict[str, Any]) -> Initiative:
        start = self.day + timedelta(days=drawn["start"])
        due = start + timedelta(days=drawn["length"])
        needs_unit = drawn["level"] == Level.BUSINESS_UNIT
        made = make.initiative(
            tiers=tuple(self.tiers[code] for code in drawn["tiers"]),
            level=drawn["level"],
            stage=drawn["stage"],
            department=self.departments[drawn["department"]],
            business_unit=self.unit if needs_unit or drawn["unit"] else None,
            customer=self.account if drawn["level"] == Level.KEY_ACCOUNT else None,
            owner=self.people.get(drawn["owner"]),
            customer_focused=drawn["customer_focused"],
            baseline_start=start,
            baseline_due=due,
            due=due + timedelta(days=drawn["slip"]),
            started_on=self.on(drawn["started"]),
            finished_on=self.on(drawn["finished"]),
            known_from=self.on(drawn["known"]),
        )
        self._tell(made, drawn)
        return made

    def _tell(self, made: Initiative, drawn: dict[str, Any]) -> None:
        if drawn["milestone"] is not None:
            make.milestone(made, due=self.day + timedelta(days=drawn["milestone"]))
        if drawn["update"]:
            make.status_update(made, drawn["update"][1], on=self.on(drawn["update"][0]), author=self.people["ada"])
        after = drawn["stage"]
        for before, on in sorted(drawn["history"], key=lambda one: -one[1]):
            day = self.day + timedelta(days=on)
            TrackedChange.objects.create(initiative=made, what=Tracked.STAGE, before=before, after=after, on=day)
            after = before


def listed(query: Any) -> int:
    """How many the list shows with those filters."""
    found = InitiativeFilter(QueryDict(urlencode(query)))
    assert found.problems == []
    return len(found.standings())


def disagreements(shown: ShownReport) -> list[Any]:
    lines = [shown.total, *(row for section in shown.sections for row in section.rows)]
    counts = [(line.tally.name, count) for line in lines for count in line.counts]
    found = {query: listed(count.query) for _, count in counts for query in [urlencode(count.query)]}
    return [
        (name, query, count.number, found[query])
        for name, count in counts
        for query in [urlencode(count.query)]
        if found[query] != count.number
    ]


@pytest.mark.slow
@examples(4)
@given(st.lists(initiatives, max_size=8), st.sampled_from(list(Kind)), st.integers(0, 4), st.booleans())
def test_every_count_of_the_report_is_that_of_the_list_it_leads_to(
    drawn: list[dict[str, Any]], kind: Kind, ago: int, focused: bool
) -> None:
    with rolled_back():
        world = World()
        for one in drawn:
            world.put(one)
        period = company().calendar.period(kind, month_of(world.day))
        for _ in range(ago):
            period = period.previous
        rows = Initiative.objects.filter(customer_focused=True) if focused else Initiative.objects.all()
        report = read_report(by=list(By), period=period, initiatives=rows)
        shown = show_report(report, {"customer_focused": "true"} if focused else {})
        assert disagreements(shown) == []
        for line in (shown.total, *(row for section in shown.sections for row in section.rows)):
            assert sum(count.number for _, count in line.statuses) == line.tally.running
