"""Planned benefits, finance's decisions, and what they brought."""

from __future__ import annotations

from typing import ClassVar

from django.db import transaction
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.resources import Readable
from accounts.rights import Right
from core.resources import Pages, is_dry
from core.routing import resource
from initiatives.api.rights import PROPOSE
from initiatives.filters.progress import BenefitFilter
from initiatives.models import Benefit
from initiatives.reading.benefits import brought, read_benefits
from initiatives.serializers.benefits import (
    BenefitInput,
    BenefitSerializer,
    DecisionInput,
    DryRunQuery,
    RealisedInput,
    TakeBackInput,
)
from initiatives.services.benefit_decisions import decide_benefit, take_back_benefit
from initiatives.services.benefits import (
    propose_benefit,
    realise_benefit,
    submit_benefit,
    withdraw_benefit,
)

_DECIDE = (Right.APPROVE_TARGETS,)


@resource("benefits")
class BenefitViewSet(Readable):
    """Versions of planned benefits. An approved one is never changed: propose a new version."""

    queryset = Benefit.objects.all()
    lookup_value_converter = "int"
    serializer_class = BenefitSerializer
    filterset_class = BenefitFilter
    pagination_class = Pages
    rights: ClassVar = {
        **dict.fromkeys(("create", "submit", "withdraw", "realise"), PROPOSE),
        "approve": _DECIDE,
        "reject": _DECIDE,
        "take_back": _DECIDE,
    }
    bodies: ClassVar = {
        "create": BenefitInput,
        "approve": DecisionInput,
        "reject": DecisionInput,
        "take_back": TakeBackInput,
        "realise": RealisedInput,
    }

    queries: ClassVar = {"take_back": DryRunQuery}

    def list(self, request: Request) -> Response:
        """All versions that pass the filters, with what they brought."""
        rows = self.get_queryset().select_related("initiative", "kpi", "tier", "created_by", "decided_by")
        page = self.paginate_queryset(self.filter_queryset(rows)) or []
        return self.get_paginated_response(BenefitSerializer(brought(page), many=True).data)

    def retrieve(self, request: Request, pk: int) -> Response:
        """With what it brought."""
        return self._one(self.get_object())

    def create(self, request: Request) -> Response:
        """A new version that waits for finance; the approved one stays in force until then."""
        values = self.values()
        made = propose_benefit(initiative=values.pop("initiative"), by=self.caller, values=values)
        return self._one(made, status=201, location=self.address_of(made))

    @action(detail=True, methods=["post"])
    def submit(self, request: Request, pk: int) -> Response:
        """It waits for finance."""
        return self._one(submit_benefit(benefit=self.get_object(), by=self.caller))

    @action(detail=True, methods=["post"])
    def approve(self, request: Request, pk: int) -> Response:
        """Finance approves, never one's own proposal; the version before is superseded."""
        return self._decide(approve=True)

    @action(detail=True, methods=["post"])
    def reject(self, request: Request, pk: int) -> Response:
        """Finance rejects, with a reason."""
        return self._decide(approve=False)

    @action(detail=True, methods=["post"])
    def withdraw(self, request: Request, pk: int) -> Response:
        """What nobody has decided goes."""
        return self._one(withdraw_benefit(benefit=self.get_object(), by=self.caller))

    @action(detail=True, methods=["post"])
    def realise(self, request: Request, pk: int) -> Response:
        """What it brought in a month, in money; 409 where somebody else entered another value meanwhile."""
        row, values = self.get_object(), self.values()
        realise_benefit(initiative=row.initiative, by=self.caller, name=row.name, **values)
        return self._one(row)

    @action(detail=True, methods=["post"], url_path="take-back")
    def take_back(self, request: Request, pk: int) -> Response:
        """Finance takes an approval back, never of one's own, while no later version counts: it becomes withdrawn,
        what it superseded stands again, and the proposer is told. A dry run is refused for the same reasons, answers
        the same, and is rolled back.
        """
        with transaction.atomic():
            done = take_back_benefit(benefit=self.get_object(), by=self.caller, **self.values())
            told = self._one(done)
            transaction.set_rollback(is_dry(request))
        return told

    def _decide(self, *, approve: bool) -> Response:
        reason = self.values()["reason"]
        return self._one(decide_benefit(benefit=self.get_object(), by=self.caller, approve=approve, reason=reason))

    def _one(self, row: Benefit, *, status: int = 200, location: str = "") -> Response:
        (brought,) = read_benefits(Benefit.objects.filter(pk=row.pk))
        headers = {"Location": location} if location else {}
        return Response(BenefitSerializer(brought).data, status=status, headers=headers)
