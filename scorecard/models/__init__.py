"""What the scorecard keeps of its own: what became another, periods that were closed, and packs that were made."""

from scorecard.models.editions import Closing, Edition, EditionName, Waiver
from scorecard.models.reports import Report
from scorecard.models.subscriptions import AlertsTold, Follow, Subscription
from scorecard.models.transitions import Comparison, KeptStates, Transition
from scorecard.models.visits import Visit

__all__ = [
    "AlertsTold",
    "Closing",
    "Comparison",
    "Edition",
    "EditionName",
    "Follow",
    "KeptStates",
    "Report",
    "Subscription",
    "Transition",
    "Visit",
    "Waiver",
]
