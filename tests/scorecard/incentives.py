"""A company with goals: what the tests of incentives share."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from accounts.models import User
from core.periods import FiscalCalendar, Period
from kpis.choices import TargetState
from kpis.rollup.runs import roll_up_now
from scorecard.choices import Measure
from scorecard.models import Edition, IncentiveGoal
from scorecard.reading.incentives import Statement, lines_of, statement_of
from scorecard.rules.incentives import Draft
from scorecard.services.editions import close_by_command
from scorecard.services.incentives import approve_goal, write_goal
from tests import factories

CALENDAR = FiscalCalendar()
Q3 = Period.parse("2011-Q3", CALENDAR)
TODAY = date(2026, 11, 30)


class World:
    """A company whose third quarter of 2011 is whole, the people who keep goals, and one whose goals they are."""

    def __init__(self, everyone: dict[str, User]) -> None:
        self.people = everyone
        self.finance, self.executive = everyone["finance"], everyone["executive"]
        self.owner, self.steward = everyone["owner"], everyone["steward"]
        self.other = factories.person("Otto", "finance")
        self.tier = factories.tier("T1")
        self.customer = factories.customer("C1", tier=self.tier)
        self.kpi = factories.kpi("revenue", name="Revenue", owner=self.owner)
        factories.target(self.kpi, self.tier, 201101, 30, state=TargetState.APPROVED)
        for month in (201107, 201108, 201109):
            factories.fact(self.kpi, self.customer, month, 28)
        roll_up_now()

    def draft(self, **more: Any) -> Draft:
        given: dict[str, Any] = {
            "code": "revenue-q3",
            "period": Q3,
            "members": (self.owner,),
            "team_name": "",
            "weight": Decimal(100),
            "measure": Measure.CELL,
            "kpi": self.kpi,
            "tier": self.tier,
            "initiatives": (),
            "threshold": Decimal(80),
            "target": Decimal(90),
            "maximum": Decimal(100),
            "at_threshold": Decimal(50),
            "at_maximum": Decimal(150),
        }
        return Draft(**(given | more))

    def goal(self, **more: Any) -> IncentiveGoal:
        """Written by finance, approved by an executive."""
        goal = write_goal(draft=self.draft(**more), by=self.finance)
        approve_goal(version=goal.versions.get(), by=self.executive, why="The quarter was agreed late.")
        return goal

    def close(self, **more: Any) -> Edition:
        asked: dict[str, Any] = {
            "period": Q3,
            "prepared_by": self.finance,
            "signed_by": self.executive,
            "anyway": "small",
        }
        return close_by_command(**(asked | more))

    def statement(self, person: User | None = None) -> Statement:
        whose = person or self.owner
        return statement_of(whose, Q3, TODAY, lines_of(IncentiveGoal.objects.all(), CALENDAR, TODAY))
