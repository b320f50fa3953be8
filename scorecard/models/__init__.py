"""What the scorecard keeps: what became another, closed periods, packs, what people wrote, who is written to, and what
people are paid by.
"""

from scorecard.models.editions import Closing, Edition, EditionDifference, EditionName, Waiver
from scorecard.models.incentives import (
    GoalConfirmation,
    GoalDecision,
    GoalMember,
    GoalVersion,
    IncentiveGoal,
    StopApproval,
)
from scorecard.models.narratives import Narrative, Remark
from scorecard.models.prepared import PreparedText
from scorecard.models.reports import Report
from scorecard.models.subscriptions import AlertsTold, Follow, Subscription
from scorecard.models.transitions import Comparison, KeptStates, Transition
from scorecard.models.visits import Visit
from scorecard.models.warnings import EarlyWarning, WarningLook, WarningResponse, WarningRun

__all__ = [
    "AlertsTold",
    "Closing",
    "Comparison",
    "EarlyWarning",
    "Edition",
    "EditionDifference",
    "EditionName",
    "Follow",
    "GoalConfirmation",
    "GoalDecision",
    "GoalMember",
    "GoalVersion",
    "IncentiveGoal",
    "KeptStates",
    "Narrative",
    "PreparedText",
    "Remark",
    "Report",
    "StopApproval",
    "Subscription",
    "Transition",
    "Visit",
    "Waiver",
    "WarningLook",
    "WarningResponse",
    "WarningRun",
]
