"""Board packs for other programs: asked for, looked at, taken."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db.models import QuerySet
from django.http import HttpResponseBase
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.resources import Readable
from core.resources import Pages
from core.routing import resource
from core.shapes import READING_ONE, WRITING
from scorecard.models import Report
from scorecard.reading.reports import reports_of
from scorecard.serializers.reports import ReportInput, ReportSerializer
from scorecard.services.reports import ask_for_report
from scorecard.views.reports import file_of


@resource("reports")
class ReportViewSet(Readable):
    """Board packs that the caller asked for; others' are not there."""

    queryset = Report.objects.all()
    lookup_value_converter = "int"
    serializer_class = ReportSerializer
    pagination_class = Pages
    bodies: ClassVar = {"create": ReportInput}

    def get_queryset(self) -> QuerySet[Report]:
        """One's own."""
        return reports_of(self.caller)

    @extend_schema(request=ReportInput, responses={202: ReportSerializer} | WRITING)
    def create(self, request: Request) -> Response:
        """A worker makes it with your rights; ask at its address how far it is, and where its file is."""
        made = ask_for_report(by=self.caller, **self.values())
        return self.shown(made, status=202, location=self.address_of(made))

    @extend_schema(
        operation_id="read_report_file",
        responses={(200, "application/octet-stream"): OpenApiTypes.BINARY} | READING_ONE,
    )
    @action(detail=True, methods=["get"])
    def download(self, request: Request, pk: int) -> HttpResponseBase:
        """The file, until it expires."""
        return file_of(self.get_object(), self.request)  # type: ignore[arg-type]

    def perform_content_negotiation(self, request: Request, force: bool = False) -> Any:
        """A file comes in its own form, whatever is asked for."""
        return super().perform_content_negotiation(request, force=force or self.action == "download")
