"""Months that a steward called complete."""

from __future__ import annotations

from typing import ClassVar

from django.urls import reverse
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.resources import Resource
from accounts.rights import Right
from core.resources import Pages
from core.shapes import READING, READING_ONE, WRITING
from kpis.filters import CompleteMonthFilter
from kpis.models import CompleteMonth
from kpis.serializers.months import CompleteMonthInput, CompleteMonthSerializer
from kpis.services.actuals import mark_complete, unmark_complete

_STEWARDS = (Right.MANAGE_KPIS,)


class CompleteMonthViewSet(Resource):
    """A steward's word that a KPI's month has all its facts: from then on silence means zero."""

    queryset = CompleteMonth.objects.select_related("kpi", "by")
    lookup_value_converter = "int"
    serializer_class = CompleteMonthSerializer
    filterset_class = CompleteMonthFilter
    pagination_class = Pages
    rights: ClassVar = {"create": _STEWARDS, "destroy": _STEWARDS}

    @extend_schema(summary="Complete months", responses={200: CompleteMonthSerializer(many=True)} | READING)
    def list(self, request: Request) -> Response:
        """Those that pass the filters."""
        page = self.paginate_queryset(self.filter_queryset(self.get_queryset()))
        return self.get_paginated_response(CompleteMonthSerializer(page, many=True).data)

    @extend_schema(summary="One complete month", responses={200: CompleteMonthSerializer} | READING_ONE)
    def retrieve(self, request: Request, pk: int) -> Response:
        """Whose word it is."""
        return Response(CompleteMonthSerializer(self.get_object()).data)

    @extend_schema(
        summary="Mark a month complete", request=CompleteMonthInput, responses={201: CompleteMonthSerializer} | WRITING
    )
    def create(self, request: Request) -> Response:
        """All of its facts are there; said twice, the first word stays."""
        made = mark_complete(by=self.caller, **self.values(CompleteMonthInput))
        location = reverse("api-complete-month-detail", args=[made.pk])
        return Response(CompleteMonthSerializer(made).data, status=201, headers={"Location": location})

    @extend_schema(summary="Take a complete month back", responses={204: None} | WRITING)
    def destroy(self, request: Request, pk: int) -> Response:
        """Silence in it is not known again."""
        unmark_complete(mark=self.get_object(), by=self.caller)
        return Response(status=204)
