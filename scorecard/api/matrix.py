"""The scorecard for other programs."""

from __future__ import annotations

from datetime import date
from typing import ClassVar

from django.http import HttpResponse, HttpResponseBase
from django.utils.cache import get_conditional_response
from django.utils.decorators import method_decorator
from django.views.decorators.cache import cache_control
from django.views.decorators.http import conditional_page
from drf_spectacular.utils import extend_schema
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.company import today_of
from accounts.context import company_of
from accounts.rights import Right
from core.periods import Period
from core.registry import search_for
from core.shapes import LATEST, LIVE, READING
from core.strict import Strict
from customers.models import Tier
from kpis.models import Kpi
from kpis.reading.changes import Against, explain_change
from kpis.reading.explanations import explain_months
from scorecard.pages.matrix_parts import json_part
from scorecard.reading.caching import kept, kept_part, page_tag
from scorecard.reading.editions import edition_of
from scorecard.reading.served_editions import cell_of_edition, no_edition
from scorecard.serializers.scorecards import (
    CellQuery,
    CellSerializer,
    MatrixQuery,
    MatrixSerializer,
    SearchQuery,
    SearchSerializer,
    cell_text,
)


@method_decorator([cache_control(private=True, no_cache=True), conditional_page], name="dispatch")
class MatrixView(Strict):
    """The target-versus-actual matrix of a period."""

    required_right = Right.READ

    queries: ClassVar = {"get": MatrixQuery}

    @extend_schema(operation_id="read_matrix", responses={200: MatrixSerializer} | READING)
    def get(self, request: Request) -> HttpResponseBase:
        """Target versus actual of each KPI in each tier. With If-None-Match: 304 where nothing changed."""
        tag = page_tag(request)  # reads the company as well
        company = company_of(request)
        asked = self.asked()
        period, edition = asked["period"], asked.get("edition", LATEST)
        if edition not in {LATEST, LIVE} and edition_of(period, edition) is None:
            raise NotFound(no_edition(period, edition))
        unchanged = get_conditional_response(request, etag=tag)
        if unchanged is not None:
            return unchanged
        text = kept_part(request, json_part(period, today_of(company), edition))
        return HttpResponse(text, content_type="application/json", headers={"ETag": tag} if tag else None)


@method_decorator([cache_control(private=True, no_cache=True), conditional_page], name="dispatch")
class CellView(Strict):
    """One cell explained: its months, and its change split into parts."""

    required_right = Right.READ

    queries: ClassVar = {"get": CellQuery}

    @extend_schema(operation_id="read_cell", responses={200: CellSerializer} | READING)
    def get(self, request: Request) -> HttpResponseBase:
        """The live cell, what its months hold, and the change since the period before (or a year ago) in parts."""
        tag = page_tag(request)  # reads the company as well
        asked = self.asked()
        unchanged = get_conditional_response(request, etag=tag)
        if unchanged is not None:
            return unchanged
        text = kept(request, lambda: _cell_text(today_of(company_of(request)), **asked))
        return HttpResponse(text, content_type="application/json", headers={"ETag": tag} if tag else None)


class SearchView(Strict):
    """What somebody looks for, by name, code or part, as they may read it."""

    required_right = Right.READ

    queries: ClassVar = {"get": SearchQuery}

    @extend_schema(operation_id="search", responses={200: SearchSerializer} | READING)
    def get(self, request: Request) -> Response:
        """The best twenty: a whole code, a whole name, how they begin, how a word begins, a part."""
        found = search_for(self.asked()["q"], request.user)
        return Response(SearchSerializer({"results": found}).data)


def _cell_text(today: date, *, period: Period, kpi: Kpi, tier: Tier, against: str = Against.PREVIOUS) -> str:
    change = explain_change(period, kpi, tier, against=Against(against), today=today)
    frozen = cell_of_edition(period, kpi.code, tier.code)
    return cell_text(change, explain_months(period, change.kpi, tier, today=today), frozen)
