"""The counts of the upward report, and coverage."""

from __future__ import annotations

from django.utils.decorators import method_decorator
from django.views.decorators.cache import cache_control
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.context import company_of
from accounts.rights import Right
from core.shapes import READING
from initiatives.reading.coverage import read_coverage
from initiatives.reading.report import By, read_report
from initiatives.serializers.pain import CoverageSerializer
from initiatives.serializers.summary import CoverageQuery, SummaryQuery, SummarySerializer

private = method_decorator(cache_control(private=True, no_cache=True), name="dispatch")


@private
class SummaryView(APIView):
    """How many initiatives run, and how they stand."""

    required_right = Right.READ

    @extend_schema(
        operation_id="initiatives_summary",
        summary="Running initiatives by schedule status",
        parameters=[SummaryQuery],
        responses={200: SummarySerializer} | READING,
    )
    def get(self, request: Request) -> Response:
        """Counts by group as of a day. Every level and department is a group, with zeros where nothing runs."""
        query = SummaryQuery(data=request.query_params)
        query.is_valid(raise_exception=True)
        by = By(query.validated_data["by"])
        report = read_report(by=[by], as_of=query.validated_data.get("as_of"))
        return Response(SummarySerializer({"as_of": report.as_of, "groups": report.groups[by]}).data)


@private
class CoverageView(APIView):
    """Customers' pain beside what is done about it."""

    required_right = Right.READ

    @extend_schema(
        operation_id="coverage",
        summary="Coverage of a period",
        parameters=[CoverageQuery],
        responses={200: CoverageSerializer} | READING,
    )
    def get(self, request: Request) -> Response:
        """Shares of pain beside shares of what runs and of its budget, and what nothing answers."""
        query = CoverageQuery(data=request.query_params, context={"calendar": company_of(request).calendar})
        query.is_valid(raise_exception=True)
        return Response(CoverageSerializer(read_coverage(query.validated_data["period"])).data)
