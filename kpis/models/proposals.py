"""KPIs that owners would like the library to have."""

from __future__ import annotations

from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q

from accounts.models import User
from core.auditing import Audited, key_of
from kpis.choices import ProposalState
from kpis.models.definitions import Kpi

_DECIDED = (ProposalState.ACCEPTED, ProposalState.DECLINED)
_UNDECIDED = (ProposalState.PROPOSED, ProposalState.WITHDRAWN)


def _proposed(proposal: KpiProposal) -> dict[str, Any]:
    """The proposed values for the audit, their owner by key."""
    owner = User.objects.filter(email=proposal.values["owner"]).first() if proposal.values.get("owner") else None
    return {**proposal.values, "owner": key_of(owner)}


class KpiProposal(models.Model):
    """A KPI as an owner proposes it, and what became of that: stewards accept it, once, or decline with a reason.

    ``values`` holds the fields of the KPI as files write them: references by code or e-mail address,
    numbers as text. They stay as they were proposed; ``kpi`` is what came of them.
    """

    audited: ClassVar = Audited(lists=_proposed, left_out=frozenset({"values"}))

    values = models.JSONField()
    why = models.TextField(help_text="Why the library should have it, for the stewards")
    state = models.CharField(max_length=10, choices=ProposalState, default=ProposalState.PROPOSED)
    proposed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="kpi_proposals")
    proposed_at = models.DateTimeField(auto_now_add=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    decided_at = models.DateTimeField(null=True, blank=True)
    decision_note = models.TextField(blank=True)
    kpi = models.ForeignKey(Kpi, null=True, blank=True, on_delete=models.PROTECT, related_name="proposals")

    class Meta:
        verbose_name = "KPI proposal"
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(condition=~Q(why=""), name="a_proposed_kpi_says_why"),
            models.CheckConstraint(
                condition=Q(state=ProposalState.ACCEPTED, kpi__isnull=False)
                | ~Q(state=ProposalState.ACCEPTED) & Q(kpi=None),
                name="an_accepted_proposal_has_its_kpi_and_no_other_one",
            ),
            models.CheckConstraint(
                condition=Q(state__in=_DECIDED, decided_by__isnull=False, decided_at__isnull=False)
                | Q(state__in=_UNDECIDED, decided_by=None, decided_at=None),
                name="a_decided_proposal_says_who_and_when",
            ),
            models.CheckConstraint(
                condition=~Q(state=ProposalState.DECLINED) | ~Q(decision_note=""), name="a_declined_proposal_says_why"
            ),
        ]

    def __str__(self) -> str:
        return str(self.values.get("name", ""))

    @property
    def look(self) -> ProposalState:
        """Its state, with how it looks."""
        return ProposalState(self.state)

    @property
    def waits(self) -> bool:
        """Whether nobody has decided yet."""
        return self.state == ProposalState.PROPOSED
