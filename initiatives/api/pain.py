"""Pain points."""

from __future__ import annotations

from typing import ClassVar

from rest_framework.request import Request
from rest_framework.response import Response

from accounts.resources import Readable
from accounts.rights import Right
from core.resources import Pages, require_seen
from core.routing import resource
from core.stale import revision_of
from initiatives.filters.pain import PainPointFilter
from initiatives.models import PainPoint
from initiatives.serializers.pain import PainPointInput, PainPointSerializer
from initiatives.services.pain import delete_pain_point, edit_pain_point, enter_pain_point

_STEWARDS = (Right.MANAGE_KPIS,)


@resource("pain-points")
class PainPointViewSet(Readable):
    """What customers suffer from, as points; stewards enter them."""

    queryset = PainPoint.objects.select_related("department", "tier")
    lookup_value_converter = "int"
    serializer_class = PainPointSerializer
    filterset_class = PainPointFilter
    pagination_class = Pages
    rights: ClassVar = {"create": _STEWARDS, "partial_update": _STEWARDS, "destroy": _STEWARDS}
    bodies: ClassVar = {
        "create": PainPointInput,
        "partial_update": PainPointInput,
    }

    def create(self, request: Request) -> Response:
        """A new point; one of the same source, department, theme, tier and month is refused."""
        made = enter_pain_point(by=self.caller, values=self.values())
        location = self.address_of(made)
        return self.shown(made, status=201, location=location)

    def partial_update(self, request: Request, pk: int) -> Response:
        """Change what is named. Needs the revision that was read."""
        row = self.get_object()
        values = self.values()
        require_seen(request, revision_of(row), values)
        return self.shown(edit_pain_point(pain_point=row, by=self.caller, values=values, seen=revision_of(row)))

    def destroy(self, request: Request, pk: int) -> Response:
        """It goes; with If-Match only where it is what was read."""
        row = self.get_object()
        if request.headers.get("If-Match"):
            require_seen(request, revision_of(row), {})
        delete_pain_point(pain_point=row, by=self.caller)
        return Response(status=204)
