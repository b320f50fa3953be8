"""KPIs, their facts and targets, and the cells that rollups make of them."""

from kpis.models.cells import MonthCell, PeriodCell, RolledSlice, RollupRun, RunPart, StagedCell
from kpis.models.definitions import Kpi
from kpis.models.facts import CompleteMonth, Fact, ReplacedFact, SliceTouch, TierActual
from kpis.models.targets import Target

__all__ = [
    "CompleteMonth",
    "Fact",
    "Kpi",
    "MonthCell",
    "PeriodCell",
    "ReplacedFact",
    "RolledSlice",
    "RollupRun",
    "RunPart",
    "SliceTouch",
    "StagedCell",
    "Target",
    "TierActual",
]
