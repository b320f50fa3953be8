"""What the scorecard keeps of its own: what became another, and periods that were closed."""

from scorecard.models.editions import Closing, Edition, EditionName, Waiver
from scorecard.models.transitions import Comparison, KeptStates, Transition
from scorecard.models.visits import Visit

__all__ = ["Closing", "Comparison", "Edition", "EditionName", "KeptStates", "Transition", "Visit", "Waiver"]
