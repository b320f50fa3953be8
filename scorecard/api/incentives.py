"""Incentive goals for other programs: one's own, and all of them for who writes them."""

from __future__ import annotations

from typing import ClassVar

from django.db.models import QuerySet
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.context import company_of
from accounts.resources import Readable
from accounts.rights import Right
from core.resources import CodePages, require_same, require_seen
from core.routing import resource
from scorecard.access import goals_visible_to
from scorecard.filters import IncentiveGoalFilter
from scorecard.models import IncentiveGoal
from scorecard.serializers.incentives import IncentiveGoalInput, IncentiveGoalSerializer, goal_draft
from scorecard.services.incentives import write_goal

_WRITE = (Right.INCENTIVE_GOALS,)


@resource("incentive-goals")
class IncentiveGoalViewSet(Readable):
    """What people and teams are paid for, as the latest version says: of the others' nothing is told.

    What is written is a draft until somebody else approves it on its page. None is deleted: what was approved stays.
    """

    queryset = IncentiveGoal.objects.all()
    lookup_field = "code"
    lookup_value_converter = "str"
    serializer_class = IncentiveGoalSerializer
    filterset_class = IncentiveGoalFilter
    pagination_class = CodePages
    rights: ClassVar = {"create": _WRITE, "partial_update": _WRITE}
    bodies: ClassVar = dict.fromkeys(("create", "partial_update"), IncentiveGoalInput)

    def get_queryset(self) -> QuerySet[IncentiveGoal]:
        """Those that the caller may read."""
        rows = goals_visible_to(self.caller).select_related("person")
        return rows.prefetch_related("versions__members__person", "versions__kpi", "versions__tier")

    def create(self, request: Request) -> Response:
        """A new goal, a draft; a code that is taken is refused."""
        draft = goal_draft(self.values(), None, company_of(request).calendar)
        made = write_goal(draft=draft, by=self.caller)
        return self.stored(made, status=201, location=self.address_of(made))

    def partial_update(self, request: Request, code: str) -> Response:
        """A further version that says what is named otherwise. Needs the revision that was read."""
        row, values = self.get_object(), self.values()
        require_seen(request, row.revision, values)
        require_same(row, values, ("code",))
        draft = goal_draft(values, row, company_of(request).calendar)
        return self.stored(write_goal(draft=draft, by=self.caller, seen=row.revision))
