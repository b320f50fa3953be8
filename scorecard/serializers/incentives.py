"""Incentive goals as the API answers them."""

from __future__ import annotations

from rest_framework import serializers

from scorecard.choices import GoalState, Measure
from scorecard.models import IncentiveGoal


class IncentiveGoalSerializer(serializers.Serializer[IncentiveGoal]):
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
