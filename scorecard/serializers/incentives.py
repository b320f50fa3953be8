"""Incentive goals as the API answers and takes them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from accounts.serializers import PeriodField, by_code, person_field
from core.given import NOTHING, read_cell
from core.periods import FiscalCalendar, Period
from core.resources import RevisedSerializer, Seen
from core.shapes import FROM_100, PART_OF_100, UP_TO_100, YEAR, ChoiceField, ExactInput, Text, code_text
from core.texts import sentence
from core.writes import refuse
from customers.choices import TierScope
from customers.serializers import tier_field
from initiatives.models import Initiative
from kpis.models import Kpi
from scorecard.choices import GoalState, Measure
from scorecard.models import IncentiveGoal
from scorecard.rules.incentives import NO_PERIOD, NUMBERS, Draft, beside_problems


class IncentiveGoalSerializer(RevisedSerializer):
    """A goal as its latest version says, in the columns of its file."""

    code = serializers.CharField()
    person = serializers.EmailField(source="person.email", allow_null=True, default=None)
    team = serializers.SerializerMethodField(help_text="Of a team: the members' addresses")
    team_name = serializers.CharField()
    period = serializers.CharField()
    version = serializers.IntegerField(source="latest.number")
    state = serializers.ChoiceField(source="latest.state", choices=GoalState.choices)
    weight = serializers.DecimalField(source="latest.weight", max_digits=20, decimal_places=4)
    measure = serializers.ChoiceField(source="latest.measure", choices=Measure.choices)
    kpi = serializers.CharField(source="latest.kpi.code", allow_null=True, default=None)
    tier = serializers.CharField(source="latest.tier.code", allow_null=True, default=None)
    initiatives = serializers.ListField(source="latest.initiatives", child=serializers.CharField())
    threshold = serializers.DecimalField(source="latest.threshold", max_digits=20, decimal_places=4)
    target = serializers.DecimalField(source="latest.target", max_digits=20, decimal_places=4)
    maximum = serializers.DecimalField(source="latest.maximum", max_digits=20, decimal_places=4)
    at_threshold = serializers.DecimalField(source="latest.at_threshold", max_digits=20, decimal_places=4)
    at_maximum = serializers.DecimalField(source="latest.at_maximum", max_digits=20, decimal_places=4)

    def get_team(self, row: IncentiveGoal) -> list[str]:
        """Empty of a person's."""
        members = row.latest.members.all() if row.person_id is None else ()
        return sorted(one.person.email for one in members)


@extend_schema_field({"type": "string", "pattern": rf"^{YEAR}(-Q[1-4])?$", "example": "2026-Q4"})
class GoalPeriodField(PeriodField):
    """A fiscal quarter or year; a month is left to the rule, which tells it with all else that is wrong."""

    default_error_messages: ClassVar = NOTHING

    def to_internal_value(self, data: Any) -> Period:
        """The period. Raises ValidationError with the reason that files give."""
        text = read_cell(self.cell, data)
        try:
            return super().to_internal_value(text)
        except serializers.ValidationError as error:
            raise serializers.ValidationError(sentence(NO_PERIOD)) from error


class IncentiveGoalInput(Seen):
    """A goal as it is to be, of a person or of a team; what it is measured by is as its file says."""

    code = code_text(60)
    person = person_field(allow_null=True)
    team = person_field(many=True)
    team_name = Text(max_length=120, required=False, allow_blank=True)
    period = GoalPeriodField(help_text="A fiscal quarter or year: 2026-Q3 or 2026")
    weight = ExactInput(told=PART_OF_100, help_text="Percent; a person's goals of a period weigh 100 together")
    measure = ChoiceField(choices=Measure.choices)
    kpi = by_code(Kpi, allow_null=True)
    tier = tier_field(allow_null=True)
    initiatives = by_code(Initiative, many=True)
    threshold = ExactInput()
    target = ExactInput()
    maximum = ExactInput()
    at_threshold = ExactInput(told=UP_TO_100, help_text="What is paid at the threshold, in percent")
    at_maximum = ExactInput(told=FROM_100, help_text="What is paid at the maximum, in percent")


def goal_draft(values: Mapping[str, Any], goal: IncentiveGoal | None, calendar: FiscalCalendar) -> Draft:
    """What a body makes of a goal; what it leaves out stands as it is, of a new one empty.

    Raises ValidationError for a team beside a person.
    """
    given = {**(_stored(goal, calendar) if goal else _NOTHING), **values}
    given.pop("revision", None)
    person, team, tier = given.pop("person"), given.pop("team"), given["tier"]
    refuse(beside_problems(person, team))
    named = (getattr(one, "code", one) for one in given["initiatives"])
    return Draft(
        **given
        | {
            "members": tuple(team) or ((person,) if person else ()),
            "measure": Measure(given["measure"]),
            "tier": None if tier and tier.scope == TierScope.ALL else tier,
            "initiatives": tuple(sorted(set(named))),
        }
    )


_NOTHING: Mapping[str, Any] = {
    "person": None,
    "team": (),
    "team_name": "",
    "kpi": None,
    "tier": None,
    "initiatives": (),
}


def _stored(goal: IncentiveGoal, calendar: FiscalCalendar) -> dict[str, Any]:
    version = goal.latest
    columns = ("measure", "kpi", "tier", "initiatives", *NUMBERS)
    return {
        "code": goal.code,
        "person": goal.person,
        "team": [] if goal.person else [one.person for one in version.members.all()],
        "team_name": goal.team_name,
        "period": Period.stored(goal.period, calendar),
        **{name: getattr(version, name) for name in columns},
    }
