"""What the kinds of files name."""

from __future__ import annotations

from core.loading import Reference
from kpis.models import Kpi

KPI = Reference(Kpi, "code", "KPI")
