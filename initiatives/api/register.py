"""Initiatives: the register's list with its filters, writes that compare and swap, and the steps of their life."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any, ClassVar

from django.utils.decorators import method_decorator
from django.views.decorators.cache import cache_control
from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.resources import Resource, answer
from accounts.rights import Right
from core.resources import CodePages, refuse_unread, require_seen
from core.routing import resource
from core.shapes import READING, READING_ONE, WRITING
from core.stale import revision_of
from core.writes import StaleTransition
from initiatives.api.rights import EDIT
from initiatives.choices import Stage
from initiatives.filters.register import InitiativeFilter
from initiatives.models import Initiative
from initiatives.querysets import InitiativeQuerySet
from initiatives.reading.names import Linked, Names
from initiatives.reading.standings import Standing, read_standings
from initiatives.reading.takeovers import takeovers
from initiatives.serializers.register import (
    ApprovalInput,
    ApprovalTakeBackInput,
    InitiativeInput,
    InitiativeSerializer,
    ReasonInput,
    StepInput,
    ThanksInput,
    ThanksSerializer,
)
from initiatives.serializers.summary import AsOfQuery
from initiatives.services.recognition import thank
from initiatives.services.register import create_initiative, edit_initiative
from initiatives.services.stage_decisions import take_back_approval
from initiatives.services.stages import approve_initiative, move_stage, override_initiative
from initiatives.services.trail import require_editor

_STEPS = ("start", "hold", "finish", "cancel", "return_to_candidate", "return_to_approved")


@method_decorator(cache_control(private=True, no_cache=True), name="dispatch")
@resource("initiatives")
class InitiativeViewSet(Resource):
    """The register of initiatives, by code."""

    queryset = Initiative.objects.all()
    lookup_field = "code"
    lookup_value_converter = "str"
    serializer_class = InitiativeSerializer
    filterset_class = InitiativeFilter
    pagination_class = CodePages
    rights: ClassVar = {
        "create": (Right.CREATE_CANDIDATE,),
        "partial_update": EDIT,
        "approve": (Right.APPROVE_INITIATIVES,),
        "override": (Right.APPROVE_INITIATIVES,),
        "take_back": (Right.APPROVE_INITIATIVES,),
        **dict.fromkeys(_STEPS, EDIT),
        "thank": (Right.COMMENT,),
    }
    compares = ("approve", "override", "take_back", *_STEPS)
    queries: ClassVar = {"retrieve": AsOfQuery}
    bodies: ClassVar = {
        "create": InitiativeInput,
        "partial_update": InitiativeInput,
        "approve": ApprovalInput,
        "override": ReasonInput,
        "take_back": ApprovalTakeBackInput,
        **dict.fromkeys(_STEPS, StepInput),
        "thank": ThanksInput,
    }

    def list(self, request: Request) -> Response:
        """Those that pass the filters of the register, in the order of their codes, as they stood on the day."""
        asked = InitiativeFilter(request.query_params, Initiative.objects.all(), request=request)
        refuse_unread(asked)
        page = self.paginate_queryset(asked.qs.order_by("code").only("code")) or []
        rows = _shown_whole().filter(pk__in=[row.pk for row in page]).order_by("code")
        return self.get_paginated_response(self._shown(read_standings(rows, as_of=asked.day)))

    @extend_schema(responses={200: InitiativeSerializer} | READING)
    def retrieve(self, request: Request, code: str) -> Response:
        """As it stands, or as it stood on a day; 404 where it was not known yet."""
        return self._one(self.get_object(), self.asked().get("as_of"))

    def create(self, request: Request) -> Response:
        """A new candidate; an owner who names no owner becomes it."""
        made = create_initiative(by=self.caller, values=self.values())
        return self._one(made, status=201, location=self.address_of(made))

    def partial_update(self, request: Request, code: str) -> Response:
        """Change what is named and leave the rest. Needs the revision that was read."""
        row = self.get_object()
        require_editor(self.caller, row)
        values = self.values()
        require_seen(request, revision_of(row), values)
        reason = values.get("reason", "")
        return self._one(
            edit_initiative(initiative=row, by=self.caller, values=values, seen=revision_of(row), reason=reason)
        )

    # -- the steps of its life

    @action(detail=True, methods=["post"])
    def approve(self, request: Request, code: str) -> Response:
        """An executive's approval, as what its quadrant is now."""
        row, values = self._row_seen(), self.values()
        words = values.get("justification", "")
        seen = Stage(values.get("stage", row.stage))
        return self._one(approve_initiative(initiative=row, by=self.caller, seen=seen, justification=words))

    @action(detail=True, methods=["post"])
    def override(self, request: Request, code: str) -> Response:
        """An executive lets it start although its impact is low for its burden."""
        reason = self.values()["reason"]
        return self._one(override_initiative(initiative=self._row_seen(), by=self.caller, reason=reason))

    @extend_schema(operation_id="take_back_approval_of_initiative")
    @action(detail=True, methods=["post"], url_path="take-back")
    def take_back(self, request: Request, code: str) -> Response:
        """An executive takes an approval or override back before the start, never of what they have a part in: it is a
        candidate again, and its owner is told.
        """
        reason = self.values()["reason"]
        return self._one(take_back_approval(initiative=self._row_seen(), by=self.caller, reason=reason))

    @action(detail=True, methods=["post"])
    def start(self, request: Request, code: str) -> Response:
        """In progress from that day on."""
        return self._step(Stage.IN_PROGRESS)

    @action(detail=True, methods=["post"])
    def hold(self, request: Request, code: str) -> Response:
        """It waits; needs a reason."""
        return self._step(Stage.ON_HOLD)

    @action(detail=True, methods=["post"])
    def finish(self, request: Request, code: str) -> Response:
        """Done on that day."""
        return self._step(Stage.DONE)

    @action(detail=True, methods=["post"])
    def cancel(self, request: Request, code: str) -> Response:
        """It ends without being done; needs a reason."""
        return self._step(Stage.CANCELLED)

    @extend_schema(operation_id="return_initiative_to_candidate")
    @action(detail=True, methods=["post"], url_path="return-to-candidate")
    def return_to_candidate(self, request: Request, code: str) -> Response:
        """Approval and override are taken back; needs a reason."""
        return self._step(Stage.CANDIDATE)

    @extend_schema(operation_id="return_initiative_to_approved")
    @action(detail=True, methods=["post"], url_path="return-to-approved")
    def return_to_approved(self, request: Request, code: str) -> Response:
        """Approved and not started, as before it was put on hold."""
        return self._step(Stage.APPROVED)

    @extend_schema(operation_id="list_thanks_of_initiative", responses={200: ThanksSerializer(many=True)} | READING_ONE)
    @action(detail=True, methods=["get"], pagination_class=None)
    def thanks(self, request: Request, code: str) -> Response:
        """The newest first."""
        return Response(ThanksSerializer(self.get_object().thanks.select_related("by"), many=True).data)

    @extend_schema(responses={201: ThanksSerializer} | WRITING)
    @action(detail=True, methods=["post"])
    def thank(self, request: Request, code: str) -> Response:
        """Thank those who work on it; the same thanks sent twice are one."""
        given = thank(initiative=self.get_object(), by=self.caller, text=self.values()["text"])
        return Response(ThanksSerializer(given).data, status=201)

    # -- shared

    def _row_seen(self) -> Initiative:
        """The initiative, whose If-Match, if any, is the present revision."""
        row: Initiative = self.get_object()
        if self.request.headers.get("If-Match"):
            require_seen(self.request, revision_of(row), {})
        return row

    def _step(self, to: Stage) -> Response:
        row = self._row_seen()
        require_editor(self.caller, row)
        values = self.values()
        seen = Stage(values.get("stage", row.stage))
        if seen == to:
            raise StaleTransition(f"“{row.title}” is “{to.label.lower()}” already; nothing was changed.")
        on, reason = values.get("on"), values.get("reason", "")
        return self._one(move_stage(initiative=row, to=to, by=self.caller, seen=seen, reason=reason, on=on))

    def _one(self, row: Initiative, day: date | None = None, *, status: int = 200, location: str = "") -> Response:
        standings = read_standings(_shown_whole().filter(pk=row.pk), as_of=day)
        if not standings:
            raise NotFound(f"“{row.title}” was not known yet on {day}.")
        return answer(self._shown(standings)[0], status=status, location=location)

    def _shown(self, standings: Iterable[Standing]) -> Any:
        found = list(standings)
        rows = [standing.initiative for standing in found]
        context = {"names": Names.of(self.caller, rows), "takeovers": takeovers(rows), "linked": Linked.of(rows)}
        return InitiativeSerializer(found, many=True, context=context).data


def _shown_whole() -> InitiativeQuerySet:
    """With what the shape names beyond a list's names, so that rows cost no query each."""
    return Initiative.objects.select_related("approved_by")
