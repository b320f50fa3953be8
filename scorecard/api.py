"""The scorecard for other programs."""

from __future__ import annotations

from typing import ClassVar

from django.http import HttpResponse, HttpResponseBase
from django.utils.cache import get_conditional_response
from django.utils.decorators import method_decorator
from django.views.decorators.cache import cache_control
from django.views.decorators.http import conditional_page
from drf_spectacular.utils import extend_schema
from rest_framework.exceptions import NotFound
from rest_framework.request import Request

from accounts.company import today_of
from accounts.context import company_of
from accounts.rights import Right
from core.shapes import READING
from core.strict import Strict
from kpis.reading.matrix import build_matrix
from scorecard.reading.caching import kept, page_tag
from scorecard.serializers import MatrixQuery, MatrixSerializer, matrix_text


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
        asked = self.asked(calendar=company.calendar)
        period, edition = asked["period"], asked.get("edition")
        if edition is not None:
            raise NotFound(f"Period {period.code} has no edition {edition}: it has not been closed.")
        unchanged = get_conditional_response(request, etag=tag)
        if unchanged is not None:
            return unchanged
        text = kept(request, lambda: matrix_text(build_matrix(period, today=today_of(company))))
        return HttpResponse(text, content_type="application/json", headers={"ETag": tag} if tag else None)
