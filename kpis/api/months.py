"""Months that a steward called complete."""

from __future__ import annotations

from typing import ClassVar

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.resources import Readable
from accounts.rights import Right
from core.resources import Pages
from core.routing import resource
from core.shapes import WRITING
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

    @extend_schema(responses={201: CompleteMonthSerializer, 200: CompleteMonthSerializer} | WRITING)
    def create(self, request: Request) -> Response:
        """All of its facts are there: 200 where that was said already, and the first word stays."""
        mark, new = mark_complete(by=self.caller, **self.values())
        return self.shown(mark, status=201 if new else 200, location=self.address_of(mark) if new else "")

    def destroy(self, request: Request, pk: int) -> Response:
        """Silence in it is not known again."""
        unmark_complete(mark=self.get_object(), by=self.caller)
        return Response(status=204)
