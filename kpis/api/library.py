"""KPIs: the library's list with its filters, writes that compare and swap, what they meant, and formulas to try."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, ClassVar

from django.core.exceptions import ValidationError
from django.utils.decorators import method_decorator
from django.views.decorators.cache import cache_control
from drf_spectacular.utils import PolymorphicProxySerializer, extend_schema
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.company import today_of
from accounts.context import company_of
from accounts.resources import Resource, answer
from accounts.rights import Right
from core.periods import month_of
from core.resources import CodePages, Seen, is_dry, refuse_unread, require_seen
from core.routing import resource
from core.shapes import READING_ONE, WRITING
from core.stale import revision_of
from kpis.filters import KpiFilter
from kpis.models import Kpi
from kpis.pages.definition import DefinitionPage
from kpis.pages.library_lines import Shelf
from kpis.pages.meanings import SHOWN, EndedTargets
from kpis.reading.previews import candidate_for, preview_formula
from kpis.reading.turned_verdicts import Turned, turned_by_band
from kpis.serializers.library import (
    DryQuery,
    KpiEffectSerializer,
    KpiInput,
    KpiSerializer,
    KpiVersionSerializer,
    MeaningInput,
    PreviewInput,
    PreviewSerializer,
    RetireInput,
)
from kpis.services.definitions import (
    bring_back_kpi,
    change_meaning,
    check_kpi,
    create_kpi,
    delete_kpi,
    edit_kpi,
    has_history,
    retire_kpi,
)
from kpis.services.meanings import check_meaning, take_back_meaning

_STEWARDS = (Right.MANAGE_KPIS,)
_EITHER: Any = PolymorphicProxySerializer(
    component_name="KpiOrEffect", serializers=[KpiSerializer, KpiEffectSerializer], resource_type_field_name=None
)
_OR_EFFECT: Any = {200: _EITHER} | WRITING
_WRITES = ("create", "partial_update", "destroy", "change_meaning", "take_back_meaning", "retire", "bring_back")


@method_decorator(cache_control(private=True, no_cache=True), name="dispatch")
@resource("kpis")
class KpiViewSet(Resource):
    """The KPI library, by code. What was measured is retired, never deleted."""

    queryset = Kpi.objects.select_related("department", "owner", "facts_of")
    lookup_field = "code"
    lookup_value_converter = "str"
    serializer_class = KpiSerializer
    filterset_class = KpiFilter
    pagination_class = CodePages
    rights: ClassVar = {
        **dict.fromkeys(_WRITES, _STEWARDS),
        "preview": (Right.MANAGE_KPIS, Right.PROPOSE_KPIS),
    }
    compares = ("change_meaning", "take_back_meaning", "retire", "bring_back")
    queries: ClassVar = {"partial_update": DryQuery, "change_meaning": DryQuery}
    bodies: ClassVar = {
        "create": KpiInput,
        "partial_update": KpiInput,
        "change_meaning": MeaningInput,
        "retire": RetireInput,
        "preview": PreviewInput,
        "bring_back": Seen,
        "take_back_meaning": Seen,
    }

    def filter_queryset(self, queryset: Any) -> Any:
        """All: a KPI is found by its code whether it is in use or not; the list asks the filter itself."""
        return queryset

    def list(self, request: Request) -> Response:
        """Those that pass the filters of the library's page, in the order of their codes; not retired, unless asked."""
        asked = KpiFilter(request.query_params, self.get_queryset(), request=request)
        refuse_unread(asked)
        page = self.paginate_queryset(asked.qs.order_by("code")) or []
        return self.get_paginated_response(_shown(page))

    def retrieve(self, request: Request, code: str) -> Response:
        """As it was last defined; where ``from_month`` lies ahead, its versions tell what holds until then."""
        return _one(self.get_object())

    def create(self, request: Request) -> Response:
        """A new KPI, the last of its kind in the matrix; its meaning stands for all months."""
        made = create_kpi(by=self.caller, values=_without_seen(self.values()))
        return _one(made, status=201, location=self.address_of(made))

    @extend_schema(responses=_OR_EFFECT)
    def partial_update(self, request: Request, code: str) -> Response:
        """Change what is named and leave the rest. Needs the revision that was read. Dry: what its band would turn."""
        row, values = self.get_object(), self.values()
        require_seen(request, revision_of(row), values)
        if is_dry(request):
            meant = check_kpi(values=_without_seen(values), kpi=row)
            return _effect(turned=turned_by_band(row, meant, today_of(company_of(request))))
        return _one(edit_kpi(kpi=row, by=self.caller, values=values, seen=revision_of(row)))

    def destroy(self, request: Request, code: str) -> Response:
        """One that nothing refers to goes; 409 names what does. With If-Match only what was read."""
        row, seen = self._row_seen({})
        delete_kpi(kpi=row, by=self.caller, seen=seen)
        return Response(status=204)

    @extend_schema(operation_id="change_kpi_meaning", responses=_OR_EFFECT)
    @action(detail=True, methods=["post"], url_path="change-meaning")
    def change_meaning(self, request: Request, code: str) -> Response:
        """Another direction, method or formula from a month on; earlier periods keep the old. Dry: what it ends."""
        values = self.values()
        row, seen = self._row_seen(values)
        reason, meaning = values.pop("reason"), _without_seen(values)
        since = meaning.pop("from_month", month_of(today_of(company_of(request))))
        if is_dry(request):
            meant = check_meaning(kpi=row, meaning=meaning, from_month=since)
            return _effect(ends=EndedTargets(company_of(request), row, since, meant) if has_history(row) else None)
        done = change_meaning(kpi=row, by=self.caller, meaning=meaning, from_month=since, reason=reason, seen=seen)
        return _one(done)

    @extend_schema(operation_id="take_back_kpi_meaning")
    @action(detail=True, methods=["post"], url_path="take-back-meaning")
    def take_back_meaning(self, request: Request, code: str) -> Response:
        """The meaning before stands again, with the approved targets that the change withdrew."""
        row, seen = self._row_seen({})
        return _one(take_back_meaning(kpi=row, by=self.caller, seen=seen))

    @action(detail=True, methods=["post"])
    def retire(self, request: Request, code: str) -> Response:
        """Out of the matrix from a month on; what it has is kept."""
        values = self.values()
        row, seen = self._row_seen(values)
        return _one(retire_kpi(kpi=row, by=self.caller, **_without_seen(values), seen=seen))

    @extend_schema(operation_id="bring_kpi_back")
    @action(detail=True, methods=["post"], url_path="bring-back")
    def bring_back(self, request: Request, code: str) -> Response:
        """Into the matrix again."""
        row, seen = self._row_seen(self.values())
        return _one(bring_back_kpi(kpi=row, by=self.caller, seen=seen))

    @extend_schema(operation_id="preview_kpi_formula", responses={200: PreviewSerializer} | WRITING)
    @action(detail=True, methods=["post"])
    def preview(self, request: Request, code: str) -> Response:
        """What it gives in the last quarter with data, for the KPI of that code or one to be; nothing is saved."""
        values = self.values()
        candidate = candidate_for(code, values.pop("formula"), values)
        preview = preview_formula(candidate, company_of(request))
        if preview.problem:
            raise ValidationError({"formula": preview.problem})
        return Response(PreviewSerializer(preview).data)

    @extend_schema(operation_id="list_kpi_versions", responses={200: KpiVersionSerializer(many=True)} | READING_ONE)
    @action(detail=True, methods=["get"], pagination_class=None)
    def versions(self, request: Request, code: str) -> Response:
        """The newest first; of one that was never changed its only meaning."""
        page = DefinitionPage(company_of(request), self.get_object(), self.caller)
        return Response(KpiVersionSerializer(page.versions, many=True).data)

    def _row_seen(self, values: Mapping[str, Any]) -> tuple[Kpi, str | None]:
        """The KPI and its revision, which is that of If-Match or the body; None where neither names one."""
        row = self.get_object()
        if not (self.request.headers.get("If-Match") or "revision" in values):
            return row, None
        require_seen(self.request, revision_of(row), values)
        return row, revision_of(row)


def _effect(*, turned: Sequence[Turned] = (), ends: EndedTargets | None = None) -> Response:
    """What a change would turn and end."""
    ended = ends.by_effect if ends else dict.fromkeys(("withdrawn", "shortened", "undecided"), ())
    told = {"dry_run": True, "turned_count": len(turned), "turned": turned[:SHOWN], **ended}
    return Response(KpiEffectSerializer(told).data)


def _without_seen(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if name != "revision"}


def _one(row: Kpi, *, status: int = 200, location: str = "") -> Response:
    """The KPI as it is stored, so that its revision is the one that the next reader sees."""
    (shown,) = _shown(KpiViewSet.queryset.filter(pk=row.pk))
    return answer(shown, status=status, location=location)


def _shown(rows: Iterable[Kpi]) -> Any:
    shelf = Shelf.read(list(Kpi.objects.named()))
    return KpiSerializer(rows, many=True, context={"shelf": shelf}).data
