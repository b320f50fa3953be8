"""What the scorecard keeps: what became another, periods that were closed, and what people wrote of cells."""

from scorecard.models.editions import Closing, Edition, EditionDifference, EditionName, Waiver
from scorecard.models.narratives import Narrative, Remark
from scorecard.models.transitions import Comparison, KeptStates, Transition

__all__ = [
    "Closing",
    "Comparison",
    "Edition",
    "EditionDifference",
    "EditionName",
    "KeptStates",
    "Narrative",
    "Remark",
    "Transition",
    "Waiver",
]
