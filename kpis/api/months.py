"""Months that a steward called complete."""

from __future__ import annotations

from typing import ClassVar

from rest_framework.request import Request
from rest_framework.response import Response

from accounts.resources import Readable
from accounts.rights import Right
from core.resources import Pages
from core.routing import resource
from kpis.filters import CompleteMonthFilter
from kpis.models import CompleteMonth
from kpis.serializers.months import CompleteMonthInput, CompleteMonthSerializer
from kpis.services.actuals import mark_complete, unmark_complete

_STEWARDS = (Right.MANAGE_KPIS,)


@resource("complete-months")
class CompleteMonthViewSet(Readable):
    """A steward's word that a KPI's month has all its facts: from then on silence means zero."""

    queryset = CompleteMonth.objects.select_related("kpi", "by")
    lookup_value_converter = "int"
    serializer_class = CompleteMonthSerializer
    filterset_class = CompleteMonthFilter
    pagination_class = Pages
    rights: ClassVar = {"create": _STEWARDS, "destroy": _STEWARDS}
    bodies: ClassVar = {
        "create": CompleteMonthInput,
    }

    def create(self, request: Request) -> Response:
        """All of its facts are there; said twice, the first word stays."""
        made = mark_complete(by=self.caller, **self.values())
        location = self.address_of(made)
        return self.shown(made, status=201, location=location)

    def destroy(self, request: Request, pk: int) -> Response:
        """Silence in it is not known again."""
        unmark_complete(mark=self.get_object(), by=self.caller)
        return Response(status=204)
