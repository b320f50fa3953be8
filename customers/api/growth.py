"""Customer growth for other programs."""

from __future__ import annotations

from typing import Any, ClassVar

from django.utils.decorators import method_decorator
from django.views.decorators.cache import cache_control
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.company import today_of
from accounts.context import company_of
from accounts.rights import Right
from core.periods import Period
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
        company = company_of(request)
        asked = self.asked(calendar=company.calendar)
        period = asked["period"]
        frozen = self.of_edition(period, asked.get("edition", LATEST))
        return Response(frozen or GrowthSerializer(read_growth(period, today_of(company))).data)

    def of_edition(self, period: Period, edition: int | str) -> Any:
        """What an edition says; None where live values are asked for, or the period is open."""
