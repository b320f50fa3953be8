"""KPIs, their facts and targets, and the cells that rollups make of them."""

from kpis.models.cells import MonthCell, PeriodCell, RolledSlice, RollupRun, RunPart, StagedCell
from kpis.models.definitions import Kpi, KpiVersion
from kpis.models.deriving import Derivation
from kpis.models.events import (
    EVENT_MODELS,
    Contact,
    Deal,
    Event,
    EventKeeping,
    EventTouch,
    Invoice,
    Issue,
    Referral,
    ReplacedEvent,
)
from kpis.models.facts import CompleteMonth, Fact, ReplacedFact, Restatement, SliceTouch, TakenBackFact, TierActual
from kpis.models.links import Link, LinkEvidence
from kpis.models.merges import CustomerMerge, MergedFact
from kpis.models.polls import Poll, PollAnswer, PollOption, PollVote
from kpis.models.proposals import KpiProposal
from kpis.models.retiering import Retiering
from kpis.models.signals import MonthSignal, SignalTouch, Step
from kpis.models.targets import Target, TargetBatch
from kpis.models.value import ValueKpis
from kpis.models.weights import Weight, WeightSet

__all__ = [
    "EVENT_MODELS",
    "CompleteMonth",
    "Contact",
    "CustomerMerge",
    "Deal",
    "Derivation",
    "Event",
    "EventKeeping",
    "EventTouch",
    "Fact",
    "Invoice",
    "Issue",
    "Kpi",
    "KpiProposal",
    "KpiVersion",
    "Link",
    "LinkEvidence",
    "MergedFact",
    "MonthCell",
    "MonthSignal",
    "PeriodCell",
    "Poll",
    "PollAnswer",
    "PollOption",
    "PollVote",
    "Referral",
    "ReplacedEvent",
    "ReplacedFact",
    "Restatement",
    "Retiering",
    "RolledSlice",
    "RollupRun",
    "RunPart",
    "SignalTouch",
    "SliceTouch",
    "StagedCell",
    "Step",
    "TakenBackFact",
    "Target",
    "TargetBatch",
    "TierActual",
    "ValueKpis",
    "Weight",
    "WeightSet",
]
