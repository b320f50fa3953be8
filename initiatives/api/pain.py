"""Pain points."""

from __future__ import annotations

from typing import Any, ClassVar

import django_filters
from django.urls import reverse
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.models import Department
from accounts.resources import Resource, answer
from accounts.rights import Right
from core.resources import Pages, require_seen, revision_of
from core.shapes import READING, READING_ONE, WRITING
from customers.models import Tier
from initiatives.models import PainPoint
from initiatives.serializers.pain import PainPointInput, PainPointSerializer
from initiatives.services.pain import FIELDS, delete_pain_point, edit_pain_point, enter_pain_point

_STEWARDS = (Right.MANAGE_KPIS,)


class PainPointFilter(django_filters.FilterSet):  # type: ignore[misc]  # the library is not typed
    """By department, tier, theme, source, and a span of months such as 202601."""

    department = django_filters.ModelChoiceFilter(queryset=Department.objects.all(), to_field_name="code")
    tier = django_filters.ModelChoiceFilter(queryset=Tier.objects.all(), to_field_name="code")
    theme = django_filters.CharFilter(lookup_expr="iexact")
    source = django_filters.CharFilter()
    from_month = django_filters.NumberFilter(field_name="month", lookup_expr="gte")
    until_month = django_filters.NumberFilter(field_name="month", lookup_expr="lte")

    class Meta:
        model = PainPoint
        fields: tuple[str, ...] = ()


class PainPointViewSet(Resource):
    """What customers suffer from, as points; stewards enter them."""

    queryset = PainPoint.objects.select_related("department", "tier")
    lookup_value_converter = "int"
    serializer_class = PainPointSerializer
    filterset_class = PainPointFilter
    pagination_class = Pages
    rights: ClassVar = {"create": _STEWARDS, "partial_update": _STEWARDS, "destroy": _STEWARDS}

    @extend_schema(summary="Pain points", responses={200: PainPointSerializer(many=True)} | READING)
    def list(self, request: Request) -> Response:
        """Those that pass the filters."""
        page = self.paginate_queryset(self.filter_queryset(self.get_queryset()))
        return self.get_paginated_response(PainPointSerializer(page, many=True).data)

    @extend_schema(summary="One pain point", responses={200: PainPointSerializer} | READING_ONE)
    def retrieve(self, request: Request, pk: int) -> Response:
        """As it stands."""
        return answer(PainPointSerializer(self.get_object()).data)

    @extend_schema(summary="Enter a pain point", request=PainPointInput, responses={201: PainPointSerializer} | WRITING)
    def create(self, request: Request) -> Response:
        """A new point; one of the same source, department, theme, tier and month is refused."""
        made = enter_pain_point(by=self.caller, values=self.values(PainPointInput))
        location = reverse("api-pain-point-detail", args=[made.pk])
        return answer(PainPointSerializer(made).data, status=201, location=location)

    @extend_schema(summary="Edit a pain point", request=PainPointInput, responses={200: PainPointSerializer} | WRITING)
    def partial_update(self, request: Request, pk: int) -> Response:
        """Change what is named. Needs the revision that was read."""
        row = self.get_object()
        values = self.values(PainPointInput, partial=True)
        require_seen(request, revision_of(row), values)
        edited = edit_pain_point(pain_point=row, by=self.caller, values=values, seen=_seen(row))
        return answer(PainPointSerializer(edited).data)

    @extend_schema(summary="Delete a pain point", responses={204: None} | WRITING)
    def destroy(self, request: Request, pk: int) -> Response:
        """It goes; with If-Match only where it is what was read."""
        row = self.get_object()
        if request.headers.get("If-Match"):
            require_seen(request, revision_of(row), {})
        delete_pain_point(pain_point=row, by=self.caller)
        return Response(status=204)


def _seen(row: PainPoint) -> dict[str, Any]:
    """What the service compares once it holds the row."""
    return {name: getattr(row, name) for name in FIELDS}
