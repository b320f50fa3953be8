"""Early warnings for other programs."""

from __future__ import annotations

from typing import Any, ClassVar

from drf_spectacular.utils import extend_schema
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.resources import Resource
from accounts.rights import Right
from core.periods import Month
from core.routing import resource
from core.shapes import READING
from scorecard.reading.warnings import read_warnings, run_of, warnings_of
from scorecard.serializers.warnings import WarningQuery, WarningsSerializer


@resource("warnings")
class WarningViewSet(Resource):
    """Customers whose leading KPIs got worse, with the record of such warnings: no list where it tells nothing."""

    rights: ClassVar = {"read": (Right.READ_WARNINGS, Right.READ_OWN_WARNINGS)}
    queries: ClassVar = {"list": WarningQuery}
    pagination_class = None
    filter_backends = ()

    @extend_schema(operation_id="read_warnings", responses={200: WarningsSerializer} | READING)
    def list(self, request: Request) -> Response:
        """The record of a month and, where it is shown, those of the list whose names the caller may read."""
        run = run_of(self.asked().get("month"))
        if run is None:
            raise NotFound("Warnings of this month were not kept: they are of the last twelve months with facts.")
        found: dict[str, Any] = {
            "month": Month(run.month),
            "computed_at": run.at,
            "record": run.record,
        }
        if run.shown:
            found["customers"] = read_warnings(warnings_of(run, self.caller), run)
        return Response(WarningsSerializer(found).data)
