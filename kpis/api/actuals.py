"""Actuals that no system delivers, and what was corrected of them, for other programs."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import transaction
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import PolymorphicProxySerializer, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.resources import Readable
from accounts.rights import Right
from core.periods import Month
from core.problems import Unprocessable
from core.resources import Pages, is_dry, require_same, require_seen
from core.routing import resource
from core.shapes import READING, WRITING
from core.stale import revision_of
from kpis.filters import RestatementFilter, TierActualFilter
from kpis.models import Restatement, TierActual
from kpis.serializers.actuals import (
    ActualRemovedSerializer,
    RemovalQuery,
    RestatementSerializer,
    TierActualInput,
    TierActualKeyQuery,
    TierActualPageSerializer,
    TierActualRemovalQuery,
    TierActualSerializer,
)
from kpis.services.actuals import ActualsRefused, Entry, Pair, enter_actuals, require_enterer

_ENTER = (Right.ENTER_ACTUALS, Right.ENTER_OWN_ACTUALS)
_KEY = ("kpi", "tier", "month")
_DRY = "A dry run"  # stands for the reason of what is rolled back
_GONE = {204: None, 200: ActualRemovedSerializer} | WRITING
_PAGE_OR_ONE: Any = PolymorphicProxySerializer(
    component_name="TierActualsOrOne",
    serializers=[TierActualPageSerializer, TierActualSerializer],
    resource_type_field_name=None,
)


@resource("tier-actuals")
class TierActualViewSet(Readable):
    """A KPI's actuals by tier and month, where nobody measures customers."""

    queryset = TierActual.objects.select_related("kpi", "tier")
    lookup_value_converter = "int"
    serializer_class = TierActualSerializer
    filterset_class = TierActualFilter
    pagination_class = Pages
    rights: ClassVar = dict.fromkeys(("create", "partial_update", "destroy", "patch_by_key", "delete_by_key"), _ENTER)
    compares = ("patch_by_key", "delete_by_key")
    queries: ClassVar = {
        "destroy": RemovalQuery,
        "patch_by_key": TierActualKeyQuery,
        "delete_by_key": TierActualRemovalQuery,
    }
    bodies: ClassVar = {
        "create": TierActualInput,
        "partial_update": TierActualInput,
        "patch_by_key": TierActualInput,
    }

    @extend_schema(responses={201: TierActualSerializer, 200: TierActualSerializer} | WRITING)
    def create(self, request: Request) -> Response:
        """A month's first actual of a tier: 200 where it is there already, 409 where another one is."""
        values = self.values()
        key = {name: values[name] for name in _KEY}
        new = self._enter(TierActual(**key), _entry(values, (None, None)))
        made = self.get_queryset().get(**key)
        location = self.address_of(made) if new else ""
        return self.shown(made, status=201 if new else 200, location=location)

    @extend_schema(responses={200: _PAGE_OR_ONE} | READING)
    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Those that pass the filters. With kpi, tier and month it is the one actual, not in a page; 404 without it."""
        if all(request.query_params.get(name) for name in _KEY):
            return self.shown(self.get_object())
        return super().list(request, *args, **kwargs)

    def partial_update(self, request: Request, pk: int | None = None) -> Response:
        """Another value, with a reason: the old one stays on record. Needs the revision that was read."""
        row = self.get_object()
        require_enterer(self.caller, row.kpi)
        values = self.values(partial=True)
        require_seen(request, revision_of(row), values)
        require_same(row, values, _KEY)
        seen = {"tier": row.tier, "numerator": row.numerator, "denominator": row.denominator}
        self._enter(row, _entry(seen | values, _pair(row)))
        return self.stored(row)

    @extend_schema(responses=_GONE)
    def destroy(self, request: Request, pk: int | None = None) -> Response:
        """From now on the month has none; the old value and the reason stay. With If-Match only what was read.

        A dry run is refused for the same reasons but for a missing one, and changes nothing.
        """
        row, dry = self.get_object(), is_dry(request)
        require_enterer(self.caller, row.kpi)
        if request.headers.get("If-Match"):
            require_seen(request, revision_of(row), {})
        reason = self.asked().get("reason", "")
        if not (reason or dry):
            raise Unprocessable([{"field": "reason", "detail": "is missing: say why the actual goes"}])
        with transaction.atomic():
            self._enter(row, Entry(row.tier, None, reason=reason or _DRY, seen=_pair(row), clear=True))
            transaction.set_rollback(dry)
        return Response({"count": 1, "dry_run": True}) if dry else Response(status=204)

    @extend_schema(operation_id="change_tier_actual_of_key", responses={200: TierActualSerializer} | WRITING)
    def patch_by_key(self, request: Request) -> Response:
        """Another value, with a reason: the old one stays on record. Needs the revision that was read."""
        return self.partial_update(request)

    @extend_schema(operation_id="delete_tier_actual_of_key", responses=_GONE)
    def delete_by_key(self, request: Request) -> Response:
        """From now on the month has none; the old value and the reason stay. With If-Match only what was read.

        A dry run is refused for the same reasons but for a missing one, and changes nothing.
        """
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


@resource("restatements")
class RestatementViewSet(Readable):
    """What was corrected, by hand or by a load; a load that is taken back takes its corrections with it."""

    queryset = Restatement.objects.select_related("kpi", "tier", "by")
    lookup_value_converter = "int"
    serializer_class = RestatementSerializer
    filterset_class = RestatementFilter
    pagination_class = Pages
