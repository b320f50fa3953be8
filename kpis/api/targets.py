"""Targets on their way, for other programs: drafts, batches before finance, and what finance decides."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, ClassVar

from django.db import transaction
from django.urls import reverse
from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.company import company, today
from accounts.resources import Readable, answer
from accounts.rights import Right
from core.problems import Unprocessable
from core.resources import Pages, is_dry, require_same, require_seen
from core.routing import resource
from core.shapes import WRITING
from core.stale import revision_of
from kpis.choices import TargetState
from kpis.filters import TargetBatchFilter, TargetFilter
from kpis.models import Target, TargetBatch
from kpis.reading.effects import Judged
from kpis.rules.target import is_anothers
from kpis.serializers.targets import (
    DecidedTargetSerializer,
    DecisionQuery,
    TargetApprovalInput,
    TargetBatchSerializer,
    TargetInput,
    TargetProposalInput,
    TargetRejectionInput,
    TargetSerializer,
    TargetsInput,
    TargetTakeBackInput,
)
from kpis.services.decisions import approve, reject, take_back, verdicts_if_approved, verdicts_if_taken_back
from kpis.services.target_rows import values_of
from kpis.services.targets import (
    NewTarget,
    TargetsRefused,
    delete_draft,
    edit_draft,
    pending_of,
    propose,
    require_proposer,
    save_draft,
    withdraw,
)

_PROPOSE = (Right.PROPOSE_TARGETS, Right.PROPOSE_OWN_TARGETS)
_DECIDE = (Right.APPROVE_TARGETS,)
_KEY = ("kpi", "tier", "from_month", "per")
_ALL = {200: TargetSerializer(many=True)} | WRITING
_DECIDED = {200: DecidedTargetSerializer(many=True)} | WRITING


@resource("targets")
class TargetViewSet(Readable):
    """Versions of target rows: of a row all by kpi, tier, from_month and per. Only approved ones count, and at once."""

    queryset = Target.objects.select_related("kpi", "tier", "created_by", "decided_by")
    lookup_value_converter = "int"
    serializer_class = TargetSerializer
    filterset_class = TargetFilter
    pagination_class = Pages
    rights: ClassVar = {
        **dict.fromkeys(("create", "partial_update", "destroy", "propose", "withdraw"), _PROPOSE),
        **dict.fromkeys(("approve", "reject", "take_back"), _DECIDE),
    }
    bodies: ClassVar = {
        "create": TargetInput,
        "partial_update": TargetInput,
        "propose": TargetProposalInput,
        "withdraw": TargetsInput,
        "approve": TargetApprovalInput,
        "reject": TargetRejectionInput,
        "take_back": TargetTakeBackInput,
    }
    compares = ("create",)
    queries: ClassVar = dict.fromkeys(("approve", "reject", "take_back"), DecisionQuery)

    @extend_schema(responses={201: TargetSerializer, 200: TargetSerializer} | WRITING)
    def create(self, request: Request) -> Response:
        """A draft of the row: 201 where it is a new version, 200 where the row's draft was changed, or where a
        version says the same already; then it is that one. Somebody else's draft is changed with its revision alone.
        """
        values = self.values()
        named = {"revision": values.pop("revision")} if "revision" in values else {}
        cell = NewTarget(**values)
        require_proposer(self.caller, {cell.kpi.pk})
        seen = _seen(request, cell, named) if named or request.headers.get("If-Match") else None
        saved, new = save_draft(cell=cell, by=self.caller, seen=seen)
        location = self.address_of(saved) if new else ""
        return self._one(saved, status=201 if new else 200, location=location)

    def partial_update(self, request: Request, pk: int) -> Response:
        """Change what is named; null takes a value out. Needs the revision that was read."""
        row = self.get_object()
        require_proposer(self.caller, {row.kpi_id})
        values = self.values()
        require_seen(request, revision_of(row), values)
        require_same(row, values, _KEY)
        return self._one(edit_draft(target=row, by=self.caller, values=values, seen=values_of(row)))

    def destroy(self, request: Request, pk: int) -> Response:
        """A draft goes; with If-Match, needed for somebody else's, only where it is what was read. What was proposed
        or decided stays.
        """
        row = self.get_object()
        require_proposer(self.caller, {row.kpi_id})
        if request.headers.get("If-Match") or (row.state == TargetState.DRAFT and is_anothers(row, self.caller)):
            require_seen(request, revision_of(row), {})
        delete_draft(target=row, by=self.caller)
        return Response(status=204)

    # -- several at once: all of them or none

    @extend_schema(responses={201: TargetBatchSerializer} | WRITING)
    @action(detail=False, methods=["post"])
    def propose(self, request: Request) -> Response:
        """Drafts go to finance as one batch, with a note."""
        made = propose(by=self.caller, **self.values())
        shown = TargetBatchSerializer(_batches().get(pk=made.pk)).data
        return answer(shown, status=201, location=reverse("api-target-batch-detail", args=[made.pk]))

    @extend_schema(responses=_ALL)
    @action(detail=False, methods=["post"], pagination_class=None)
    def withdraw(self, request: Request) -> Response:
        """What finance has not decided is taken back, as drafts."""
        return self._many(withdraw(by=self.caller, **self.values()))

    @extend_schema(responses=_DECIDED)
    @action(detail=False, methods=["post"], pagination_class=None)
    def approve(self, request: Request) -> Response:
        """Finance approves, never one's own; each supersedes the version before, and counts at once."""
        values = self.values()
        return self._decided(
            request, approve, values, verdicts_if_approved(_named(values), company().calendar, today())
        )

    @extend_schema(responses=_DECIDED)
    @action(detail=False, methods=["post"], pagination_class=None)
    def reject(self, request: Request) -> Response:
        """Finance rejects, with a reason for the proposer."""
        return self._decided(request, reject, self.values(), {})

    @extend_schema(responses=_DECIDED)
    @action(detail=False, methods=["post"], pagination_class=None, url_path="take-back")
    def take_back(self, request: Request) -> Response:
        """Finance takes an approval back, never of one's own, while no later version counts: it becomes withdrawn,
        what it superseded stands again, and the proposer is told.
        """
        values = self.values()
        turned = verdicts_if_taken_back(_named(values), company().calendar, today())
        return self._decided(request, take_back, values, turned)

    # -- shared

    def handle_exception(self, exc: Exception) -> Response:
        """What the rules of target rows refuse is told field by field."""
        if isinstance(exc, TargetsRefused):
            exc = Unprocessable([{"field": one.field, "detail": one.reason} for one in exc.problems])
        return super().handle_exception(exc)

    def _one(self, row: Target, *, status: int = 200, location: str = "") -> Response:
        shown = self.get_queryset().get(pk=row.pk)
        return answer(TargetSerializer(shown).data, status=status, location=location)

    def _decided(
        self,
        request: Request,
        act: Callable[..., list[Target]],
        values: dict[str, Any],
        verdicts: dict[int, list[Judged]],
    ) -> Response:
        """Decide; a dry run is refused for the same reasons, answers the same, and is rolled back."""
        with transaction.atomic():
            done = [row.pk for row in act(by=self.caller, **values)]
            shown = self.get_queryset().filter(pk__in=done).order_by("pk")
            told = DecidedTargetSerializer(shown, many=True, context={"verdicts": verdicts}).data
            transaction.set_rollback(is_dry(request))
        return Response(told)

    def _many(self, rows: Iterable[Target]) -> Response:
        shown = self.get_queryset().filter(pk__in=[row.pk for row in rows]).order_by("pk")
        return Response(TargetSerializer(shown, many=True).data)


def _named(values: dict[str, Any]) -> list[Target]:
    """The targets that a call names."""
    return list(Target.objects.filter(pk__in=values["targets"]).select_related("kpi", "tier"))


def _seen(request: Request, cell: NewTarget, named: dict[str, Any]) -> dict[str, Any] | None:
    """The values of the row's draft, which the caller has read: its revision is the one named. None without a draft.

    Raises PreconditionFailed or StaleWrite where it is another.
    """
    draft = pending_of(cell)
    require_seen(request, revision_of(draft) if draft else "none", named)
    return values_of(draft) if draft else None


def _batches() -> Any:
    return TargetBatch.objects.counted().select_related("proposed_by")


@resource("target-batches")
class TargetBatchViewSet(Readable):
    """Targets that were proposed together, and what became of them."""

    queryset = TargetBatch.objects.all()
    lookup_value_converter = "int"
    serializer_class = TargetBatchSerializer
    filterset_class = TargetBatchFilter
    pagination_class = Pages

    def get_queryset(self) -> Any:
        """With their counts."""
        return _batches()
