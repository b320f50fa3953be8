"""Proposed KPIs: owners propose, stewards decide."""

from __future__ import annotations

from typing import Any, ClassVar

import django_filters
from django.urls import reverse
from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.resources import Resource
from accounts.rights import Right
from core.resources import Pages
from core.shapes import READING, READING_ONE, WRITING
from kpis.access import proposals_of
from kpis.choices import ProposalState
from kpis.models import KpiProposal
from kpis.serializers.proposals import AcceptInput, DeclineInput, KpiProposalInput, KpiProposalSerializer
from kpis.services.proposals import accept_proposal, decline_proposal, propose_kpi, withdraw_proposal

_STEWARDS = (Right.MANAGE_KPIS,)
_OWNERS = (Right.PROPOSE_KPIS,)
_ONE = {200: KpiProposalSerializer} | WRITING


class KpiProposalFilter(django_filters.FilterSet):  # type: ignore[misc]  # the library is not typed
    """In a state."""

    state = django_filters.MultipleChoiceFilter(choices=ProposalState.choices)

    class Meta:
        model = KpiProposal
        fields: tuple[str, ...] = ()


class KpiProposalViewSet(Resource):
    """KPIs that owners propose. Stewards see all of them, everybody else their own."""

    queryset = KpiProposal.objects.all()
    lookup_value_converter = "int"
    serializer_class = KpiProposalSerializer
    filterset_class = KpiProposalFilter
    pagination_class = Pages
    rights: ClassVar = {"create": _OWNERS, "withdraw": _OWNERS, "accept": _STEWARDS, "decline": _STEWARDS}

    def get_queryset(self) -> Any:
        """Those that the caller may look at."""
        return proposals_of(self.caller)

    @extend_schema(summary="Proposed KPIs", responses={200: KpiProposalSerializer(many=True)} | READING)
    def list(self, request: Request) -> Response:
        """Those that pass the filter, the oldest first."""
        page = self.paginate_queryset(self.filter_queryset(self.get_queryset()))
        return self.get_paginated_response(KpiProposalSerializer(page, many=True).data)

    @extend_schema(summary="One proposed KPI", responses={200: KpiProposalSerializer} | READING_ONE)
    def retrieve(self, request: Request, pk: int) -> Response:
        """As it was proposed, and what became of it."""
        return _one(self.get_object())

    @extend_schema(summary="Propose a KPI", request=KpiProposalInput, responses={201: KpiProposalSerializer} | WRITING)
    def create(self, request: Request) -> Response:
        """Checked as a new KPI is; it waits for a steward."""
        values = self.values(KpiProposalInput)
        made = propose_kpi(by=self.caller, why=values.pop("why"), values=values)
        return _one(made, status=201, location=reverse("api-kpi-proposal-detail", args=[made.pk]))

    @extend_schema(summary="Accept", request=AcceptInput, responses=_ONE)
    @action(detail=True, methods=["post"])
    def accept(self, request: Request, pk: int) -> Response:
        """It becomes a KPI, once, as proposed or with what the body changes."""
        row = self.get_object()
        accept_proposal(proposal=row, by=self.caller, values=self.values(AcceptInput, partial=True))
        return _one(row)

    @extend_schema(summary="Decline", request=DeclineInput, responses=_ONE)
    @action(detail=True, methods=["post"])
    def decline(self, request: Request, pk: int) -> Response:
        """It stays out, with a reason that the proposer reads."""
        row = self.get_object()
        decline_proposal(proposal=row, by=self.caller, reason=self.values(DeclineInput)["reason"])
        return _one(row)

    @extend_schema(summary="Withdraw", request=None, responses=_ONE)
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
