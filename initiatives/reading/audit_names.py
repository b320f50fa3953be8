"""How the audit tells of initiatives, their steps, updates and benefits, pain points, moments of truth, settings."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.urls import reverse

from accounts.reading.audit_names import rows_of
from core.records import Told
from initiatives.models import (
    Benefit,
    Initiative,
    Milestone,
    Moment,
    MomentProposal,
    PainPoint,
    StatusUpdate,
    Turnaround,
)


def _initiative(row: Any) -> str:
    """The page of the initiative that a row hangs on."""
    return reverse("initiative", args=[row.initiative.code])


TOLD: Mapping[str, Told] = {
    "initiatives.initiative": Told(
        "initiative", {}, rows_of(Initiative, lambda row: reverse("initiative", args=[row.code]))
    ),
    "initiatives.milestone": Told(
        "milestone", {"dropped_reason": "why dropped"}, rows_of(Milestone, _initiative, "initiative")
    ),
    "initiatives.statusupdate": Told("status update", {}, rows_of(StatusUpdate, _initiative, "initiative")),
    "initiatives.benefit": Told("benefit", {}, rows_of(Benefit, _initiative, "initiative")),
    "initiatives.realisedbenefit": Told("realised benefit"),
    "initiatives.turnaround": Told("turnaround", {}, rows_of(Turnaround, _initiative, "initiative")),
    "initiatives.painpoint": Told(
        "pain point", {}, rows_of(PainPoint, lambda row: reverse("pain_point", args=[row.pk]), "department")
    ),
    "initiatives.moment": Told(
        "moment of truth",
        {"customer_win": "what the customer wins", "our_win": "what we win"},
        rows_of(Moment, lambda row: reverse("moment", args=[row.code])),
    ),
    "initiatives.momentproposal": Told(
        "proposed moment of truth", {}, rows_of(MomentProposal, lambda row: reverse("moment_proposals"))
    ),
    "initiatives.policy": Told("settings of the register"),
    "initiatives.savedview": Told("saved view"),
    "initiatives.document": Told("document"),
}
