"""Incentive goals for other programs: one's own, and all of them for who writes them; written by file and bulk."""

from __future__ import annotations

from django.db.models import QuerySet

from accounts.resources import Readable
from core.resources import CodePages
from core.routing import resource
from scorecard.access import goals_visible_to
from scorecard.filters import IncentiveGoalFilter
from scorecard.models import IncentiveGoal
from scorecard.serializers.incentives import IncentiveGoalSerializer


@resource("incentive-goals")
class IncentiveGoalViewSet(Readable):
    """What people and teams are paid for, as the latest version says: of the others' nothing is told."""

    queryset = IncentiveGoal.objects.all()
    lookup_field = "code"
    lookup_value_converter = "str"
    serializer_class = IncentiveGoalSerializer
    filterset_class = IncentiveGoalFilter
    pagination_class = CodePages

    def get_queryset(self) -> QuerySet[IncentiveGoal]:
        """Those that the caller may read."""
        rows = goals_visible_to(self.caller).select_related("person")
        return rows.prefetch_related("versions__members__person", "versions__kpi", "versions__tier")
