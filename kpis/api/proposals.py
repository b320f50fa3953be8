"""Proposed KPIs: owners propose, stewards decide."""

from __future__ import annotations

from typing import Any, ClassVar

from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.resources import Readable
from accounts.rights import Right
from core.resources import Pages
from core.routing import resource
from kpis.access import proposals_of
from kpis.filters import KpiProposalFilter
from kpis.models import KpiProposal
from kpis.serializers.proposals import (
    AcceptInput,
    DeclineInput,
    KpiProposalInput,
    KpiProposalSerializer,
    ProposalTakeBackInput,
)
from kpis.services.proposal_decisions import take_back_proposal
from kpis.services.proposals import accept_proposal, decline_proposal, propose_kpi, withdraw_proposal

_STEWARDS = (Right.MANAGE_KPIS,)
_OWNERS = (Right.PROPOSE_KPIS,)


@resource("kpi-proposals")
class KpiProposalViewSet(Readable):
    """KPIs that owners propose. Stewards see all of them, everybody else their own."""

    queryset = KpiProposal.objects.all()
    lookup_value_converter = "int"
    serializer_class = KpiProposalSerializer
    filterset_class = KpiProposalFilter
    pagination_class = Pages
    rights: ClassVar = {
        **dict.fromkeys(("create", "withdraw"), _OWNERS),
        **dict.fromkeys(("accept", "decline", "take_back"), _STEWARDS),
    }
    bodies: ClassVar = {
        "create": KpiProposalInput,
        "accept": AcceptInput,
        "decline": DeclineInput,
        "take_back": ProposalTakeBackInput,
    }

    def get_queryset(self) -> Any:
        """Those that the caller may look at."""
        return proposals_of(self.caller)

    def retrieve(self, request: Request, pk: int) -> Response:
        """As it was proposed, and what became of it."""
        return _one(self.get_object())

    def create(self, request: Request) -> Response:
        """Checked as a new KPI is; it waits for a steward."""
        values = self.values()
        made = propose_kpi(by=self.caller, why=values.pop("why"), values=values)
        return _one(made, status=201, location=self.address_of(made))

    @action(detail=True, methods=["post"])
    def accept(self, request: Request, pk: int) -> Response:
        """It becomes a KPI, once, as proposed or with what the body changes."""
        row = self.get_object()
        accept_proposal(proposal=row, by=self.caller, values=self.values(partial=True))
        return _one(row)

    @action(detail=True, methods=["post"])
    def decline(self, request: Request, pk: int) -> Response:
        """It stays out, with a reason that the proposer reads."""
        row = self.get_object()
        decline_proposal(proposal=row, by=self.caller, reason=self.values()["reason"])
        return _one(row)

    @action(detail=True, methods=["post"], url_path="take-back")
    def take_back(self, request: Request, pk: int) -> Response:
        """A steward takes a decision back, never on what they proposed: it waits again, and a KPI that was made of it
        goes, where nothing rests on it yet. The proposer is told.
        """
        return _one(take_back_proposal(proposal=self.get_object(), by=self.caller, **self.values()))

    @action(detail=True, methods=["post"])
    def withdraw(self, request: Request, pk: int) -> Response:
        """The proposer takes back what nobody has decided."""
        row = self.get_object()
        withdraw_proposal(proposal=row, by=self.caller)
        return _one(row)


def _one(row: KpiProposal, *, status: int = 200, location: str = "") -> Response:
    """The proposal as it is stored."""
    stored = KpiProposal.objects.select_related("proposed_by", "decided_by", "kpi").get(pk=row.pk)
    headers = {"Location": location} if location else {}
    return Response(KpiProposalSerializer(stored).data, status=status, headers=headers)
