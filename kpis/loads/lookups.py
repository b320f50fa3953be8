"""What the kinds of files name."""

from __future__ import annotations

from core.loading import Reference
from core.loading.columns import CellType
from kpis.formulas.events import LONGEST, clean_rule
from kpis.models import Kpi

KPI = Reference(Kpi, "code", "KPI")

# How a KPI takes its facts from events, written in the one way.
RULE = CellType(clean_rule, longest=LONGEST)
