"""What the kinds of files name."""

from __future__ import annotations

from core.loading import Reference
from core.loading.columns import CellType
from core.texts import why_no_text
from kpis.formulas.events import LONGEST, clean_rule
from kpis.models import Kpi

KPI = Reference(Kpi, "code", "KPI")


def _clean_rule(text: str) -> str:
    if why := why_no_text(text, LONGEST):
        raise ValueError(why)
    return clean_rule(text)


# How a KPI takes its facts from events, written in the one way.
RULE = CellType(_clean_rule, longest=LONGEST)
