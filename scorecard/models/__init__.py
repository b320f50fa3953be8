"""What the scorecard keeps of its own."""

from scorecard.models.transitions import Comparison, KeptStates, Transition

__all__ = ["Comparison", "KeptStates", "Transition"]
