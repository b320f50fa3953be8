"""What the scorecard keeps of its own: what became another, and periods that were closed."""

from scorecard.models.editions import Closing, Edition, EditionName, Waiver
from scorecard.models.subscriptions import AlertsTold, Follow, Subscription
from scorecard.models.transitions import Comparison, KeptStates, Transition

__all__ = [
    "AlertsTold",
    "Closing",
    "Comparison",
    "Edition",
    "EditionName",
    "Follow",
    "KeptStates",
    "Subscription",
    "Transition",
    "Waiver",
]
