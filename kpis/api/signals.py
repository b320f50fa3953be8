"""Signals for other programs."""

from __future__ import annotations

from typing import ClassVar

from django.utils.decorators import method_decorator
from django.views.decorators.cache import cache_control
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.company import today_of
from accounts.context import company_of
from accounts.rights import Right
from core.periods import month_of, shift
from core.shapes import READING
from core.strict import Strict
from kpis.reading.signals import read_chart
from kpis.serializers.signals import SignalQuery, SignalSerializer


@method_decorator(cache_control(private=True, no_cache=True), name="dispatch")
class SignalView(Strict):
    """Whether the process behind a KPI and tier really changed."""

    required_right = Right.READ

    queries: ClassVar = {"get": SignalQuery}

    @extend_schema(operation_id="read_signals", responses={200: SignalSerializer} | READING)
    def get(self, request: Request) -> Response:
        """The chart of a column up to a month: its points since the last step, limits, signal, assurance and steps."""
        today = today_of(company_of(request))
        asked = self.asked()
        month = asked.get("month") or shift(month_of(today), -1)
        return Response(SignalSerializer(read_chart(asked["kpi"], asked["tier"], month, today=today)).data)
