"""Customer growth for other programs."""

from __future__ import annotations

from typing import ClassVar

from django.utils.decorators import method_decorator
from django.views.decorators.cache import cache_control
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.company import today_of
from accounts.context import company_of
from accounts.http import served_or_404
from accounts.rights import Right
from core.shapes import LATEST, READING
from core.strict import Strict
from customers.reading.growth import read_growth
from customers.serializers import GrowthQuery, GrowthSerializer


@method_decorator(cache_control(private=True, no_cache=True), name="dispatch")
class GrowthView(Strict):
    """How many customers came, went and moved."""

    required_right = Right.READ

    queries: ClassVar = {"get": GrowthQuery}

    @extend_schema(operation_id="read_growth", responses={200: GrowthSerializer} | READING)
    def get(self, request: Request) -> Response:
        """Customers by tier: opening + joined + returned + moved in − left − moved out = closing."""
        asked = self.asked()
        period = asked["period"]
        frozen = served_or_404(period, asked.get("edition", LATEST)).section("growth")
        return Response(frozen or GrowthSerializer(read_growth(period, today_of(company_of(request)))).data)
