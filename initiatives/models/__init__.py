"""Initiatives, how they go, the pain that they answer, what they bring, and thanks."""

from initiatives.models.benefits import Benefit, RealisedBenefit
from initiatives.models.moments import Moment, MomentKpi, MomentProposal, MomentTheme
from initiatives.models.pain import PainPoint
from initiatives.models.policy import Policy, ReminderTime
from initiatives.models.progress import Milestone, StatusUpdate, TrackedChange, UpdateResponse
from initiatives.models.recognition import Thanks, Turnaround
from initiatives.models.register import Document, Initiative, InitiativeKpi

__all__ = [
    "Benefit",
    "Document",
    "Initiative",
    "InitiativeKpi",
    "Milestone",
    "Moment",
    "MomentKpi",
    "MomentProposal",
    "MomentTheme",
    "PainPoint",
    "Policy",
    "RealisedBenefit",
    "ReminderTime",
    "StatusUpdate",
    "Thanks",
    "TrackedChange",
    "Turnaround",
    "UpdateResponse",
]
