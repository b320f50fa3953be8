"""Fields of the API that name KPIs, as files do."""

from __future__ import annotations

from typing import Any

from accounts.serializers import by_code
from kpis.models import Kpi


def kpi_field(**options: Any) -> Any:
    """A KPI by code."""
    return by_code(Kpi, **options)
