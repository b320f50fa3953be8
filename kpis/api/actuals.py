"""Actuals that no system delivers, and what was corrected of them, for other programs."""

from __future__ import annotations

from typing import Any, ClassVar

from django.shortcuts import get_object_or_404
from django.urls import reverse
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.resources import Resource, answer
from accounts.rights import Right
from core.periods import Month
from core.problems import Unprocessable
from core.resources import Pages, require_same, require_seen, revision_of
from core.shapes import READING, READING_ONE, WRITING
from kpis.filters import RestatementFilter, TierActualFilter
from kpis.models import Restatement, TierActual
from kpis.serializers.actuals import (
    RemovalQuery,
    RestatementSerializer,
    TierActualInput,
    TierActualKeyQuery,
    TierActualSerializer,
)
from kpis.services.actuals import ActualsRefused, Entry, Pair, enter_actuals, require_enterer

_ENTER = (Right.ENTER_ACTUALS, Right.ENTER_OWN_ACTUALS)
_KEY = ("kpi", "tier", "month")
_ONE = {200: TierActualSerializer} | WRITING


class TierActualViewSet(Resource):
    """A KPI's actuals by tier and month, where nobody measures customers."""

    queryset = TierActual.objects.select_related("kpi", "tier")
    lookup_value_converter = "int"
    serializer_class = TierActualSerializer
    filterset_class = TierActualFilter
    pagination_class = Pages
    rights: ClassVar = dict.fromkeys(("create", "partial_update", "destroy", "patch_by_key", "delete_by_key"), _ENTER)

    @extend_schema(summary="Actuals of tiers", responses={200: TierActualSerializer(many=True)} | READING)
    def list(self, request: Request) -> Response:
        """Those that pass the filters. With kpi, tier and month it is the one actual, not in a page; 404 without it."""
        if all(request.query_params.get(name) for name in _KEY):
            return answer(TierActualSerializer(self.get_object()).data)
        page = self.paginate_queryset(self.filter_queryset(self.get_queryset()))
        return self.get_paginated_response(TierActualSerializer(page, many=True).data)

    @extend_schema(summary="One actual", responses={200: TierActualSerializer} | READING_ONE)
    def retrieve(self, request: Request, pk: int) -> Response:
        """As it stands."""
        return answer(TierActualSerializer(self.get_object()).data)

    @extend_schema(summary="Enter an actual", request=TierActualInput, responses={201: TierActualSerializer, **_ONE})
    def create(self, request: Request) -> Response:
        """A month's first actual of a tier: 200 where it is there already, 409 where another one is."""
        values = self.values(TierActualInput)
        key = {name: values[name] for name in _KEY}
        new = self._enter(TierActual(**key), _entry(values, (None, None)))
        made = self.get_queryset().get(**key)
        location = reverse("api-tier-actual-detail", args=[made.pk]) if new else ""
        return answer(TierActualSerializer(made).data, status=201 if new else 200, location=location)

    @extend_schema(summary="Correct an actual", request=TierActualInput, responses=_ONE)
    def partial_update(self, request: Request, pk: int | None = None) -> Response:
        """Another value, with a reason: the old one stays on record. Needs the revision that was read."""
        row = self.get_object()
        require_enterer(self.caller, row.kpi)
        values = self.values(TierActualInput, partial=True)
        require_seen(request, revision_of(row), values)
        require_same(row, values, _KEY)
        seen = {"tier": row.tier, "numerator": row.numerator, "denominator": row.denominator}
        self._enter(row, _entry(seen | values, _pair(row)))
        return answer(TierActualSerializer(self.get_queryset().get(pk=row.pk)).data)

    @extend_schema(summary="Take an actual away", parameters=[RemovalQuery], responses={204: None} | WRITING)
    def destroy(self, request: Request, pk: int | None = None) -> Response:
        """From now on the month has none; the old value and the reason stay. With If-Match only what was read."""
        row = self.get_object()
        require_enterer(self.caller, row.kpi)
        query = RemovalQuery(data=request.query_params)
        query.is_valid(raise_exception=True)
        if request.headers.get("If-Match"):
            require_seen(request, revision_of(row), {})
        self._enter(row, Entry(row.tier, None, reason=query.validated_data["reason"], seen=_pair(row), clear=True))
        return Response(status=204)

    @extend_schema(
        operation_id="correct_tier_actual_of_key",
        summary="Correct the actual of a key",
        parameters=[TierActualKeyQuery],
        request=TierActualInput,
        responses=_ONE,
    )
    def patch_by_key(self, request: Request) -> Response:
        """Another value, with a reason: the old one stays on record. Needs the revision that was read."""
        return self.partial_update(request)

    @extend_schema(
        operation_id="remove_tier_actual_of_key",
        summary="Take the actual of a key away",
        parameters=[TierActualKeyQuery, RemovalQuery],
        responses={204: None} | WRITING,
    )
    def delete_by_key(self, request: Request) -> Response:
        """From now on the month has none; the old value and the reason stay. With If-Match only what was read."""
        return self.destroy(request)

    # -- shared

    def get_object(self) -> TierActual:
        """That of the number, or of the key, in the address. Raises Http404."""
        if self.lookup_field in self.kwargs:
            found: TierActual = super().get_object()
            return found
        key = TierActualKeyQuery(data=self.request.query_params)
        key.is_valid(raise_exception=True)
        of_key: TierActual = get_object_or_404(self.get_queryset(), **key.validated_data)
        return of_key

    def handle_exception(self, exc: Exception) -> Response:
        """What the rules of actuals refuse is told field by field."""
        if isinstance(exc, ActualsRefused):
            exc = Unprocessable([{"field": one.field, "detail": one.reason} for one in exc.problems])
        return super().handle_exception(exc)

    def _enter(self, row: TierActual, entry: Entry) -> int:
        return enter_actuals(kpi=row.kpi, month=Month(row.month), entries=[entry], by=self.caller)


def _pair(row: TierActual) -> Pair:
    return row.numerator, row.denominator


def _entry(values: dict[str, Any], seen: Pair) -> Entry:
    numbers = values["numerator"], values.get("denominator")
    return Entry(values["tier"], *numbers, reason=values.get("reason", ""), seen=seen)


class RestatementViewSet(Resource):
    """What was corrected by hand. Nothing is taken out of it."""

    queryset = Restatement.objects.select_related("kpi", "tier", "by")
    lookup_value_converter = "int"
    serializer_class = RestatementSerializer
    filterset_class = RestatementFilter
    pagination_class = Pages

    @extend_schema(summary="Corrections of actuals", responses={200: RestatementSerializer(many=True)} | READING)
    def list(self, request: Request) -> Response:
        """Those that pass the filters, in the order in which they were made."""
        page = self.paginate_queryset(self.filter_queryset(self.get_queryset()))
        return self.get_paginated_response(RestatementSerializer(page, many=True).data)

    @extend_schema(summary="One correction", responses={200: RestatementSerializer} | READING_ONE)
    def retrieve(self, request: Request, pk: int) -> Response:
        """What it was, what it is, why, and who."""
        return Response(RestatementSerializer(self.get_object()).data)
