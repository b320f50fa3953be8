"""The counts of the upward report, and coverage."""

from __future__ import annotations

from typing import ClassVar

from django.utils.decorators import method_decorator
from django.views.decorators.cache import cache_control
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.http import served_or_404
from accounts.rights import Right
from core.shapes import LATEST, READING
from core.strict import Strict
from initiatives.reading.coverage import read_coverage
from initiatives.reading.report import By, read_report
from initiatives.serializers.pain import CoverageSerializer
from initiatives.serializers.summary import CoverageQuery, SummaryQuery, SummarySerializer

private = method_decorator(cache_control(private=True, no_cache=True), name="dispatch")


@private
class SummaryView(Strict):
    """How many initiatives run, and how they stand."""

    required_right = Right.READ

    queries: ClassVar = {"get": SummaryQuery}

    @extend_schema(operation_id="count_running_initiatives", responses={200: SummarySerializer} | READING)
    def get(self, request: Request) -> Response:
        """Counts by group as of a day. Every level and department is a group, with zeros where nothing runs."""
        asked = self.asked()
        by = By(asked["by"])
        report = read_report(by=[by], as_of=asked.get("as_of"))
        return Response(SummarySerializer({"as_of": report.as_of, "groups": report.groups[by]}).data)


@private
class CoverageView(Strict):
    """Customers' pain beside what is done about it."""

    required_right = Right.READ

    queries: ClassVar = {"get": CoverageQuery}

    @extend_schema(operation_id="read_coverage", responses={200: CoverageSerializer} | READING)
    def get(self, request: Request) -> Response:
        """Shares of pain beside shares of what runs and of its budget, and what nothing answers."""
        asked = self.asked()
        frozen = served_or_404(asked["period"], asked.get("edition", LATEST)).section("coverage")
        return Response(frozen or CoverageSerializer(read_coverage(asked["period"])).data)
