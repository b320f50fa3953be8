"""Milestones and status updates."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import transaction
from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.models import User
from accounts.resources import Readable
from accounts.rights import Right
from core.resources import Pages, require_seen
from core.routing import resource
from core.shapes import WRITING
from core.stale import revision_of
from initiatives.api.rights import EDIT
from initiatives.filters.progress import MilestoneFilter, StatusUpdateFilter
from initiatives.models import Milestone, StatusUpdate
from initiatives.serializers.progress import (
    MilestoneInput,
    MilestoneSerializer,
    ResponseInput,
    StatusUpdateInput,
    StatusUpdateSerializer,
    UpdateResponseSerializer,
)
from initiatives.serializers.register import ReasonInput
from initiatives.services.milestones import (
    add_milestone,
    drop_milestone,
    redate_milestone,
    rename_milestone,
    tick_milestone,
    untick_milestone,
)
from initiatives.services.status_updates import give_update, latest_mark, respond
from initiatives.services.trail import require_editor


@resource("milestones")
class MilestoneViewSet(Readable):
    """The steps of initiatives. None is deleted: one that is dropped says since when and why."""

    queryset = Milestone.objects.select_related("initiative")
    lookup_value_converter = "int"
    serializer_class = MilestoneSerializer
    filterset_class = MilestoneFilter
    pagination_class = Pages
    rights: ClassVar = {"create": EDIT, "partial_update": EDIT, "drop": EDIT}
    bodies: ClassVar = {
        "create": MilestoneInput,
        "partial_update": MilestoneInput,
        "drop": ReasonInput,
    }

    def create(self, request: Request) -> Response:
        """A new step, known from today."""
        values = self.values()
        with transaction.atomic():
            made = add_milestone(
                initiative=values["initiative"], by=self.caller, title=values["title"], due=values["due"]
            )
            if values.get("done_on"):
                made = tick_milestone(milestone=made, by=self.caller, on=values["done_on"])
        return self.shown(made, status=201, location=self.address_of(made))

    def partial_update(self, request: Request, pk: int) -> Response:
        """Change what is named. Needs the revision that was read; another due date needs a reason."""
        row = self.get_object()
        require_editor(self.caller, row.initiative)
        values = self.values()
        require_seen(request, revision_of(row), values)
        return self.shown(_change(row, self.caller, values))

    @action(detail=True, methods=["post"])
    def drop(self, request: Request, pk: int) -> Response:
        """From today on it counts no more."""
        row = self.get_object()
        require_editor(self.caller, row.initiative)
        return self.shown(drop_milestone(milestone=row, by=self.caller, reason=self.values()["reason"]))


@transaction.atomic
def _change(row: Milestone, by: User, values: dict[str, Any]) -> Milestone:
    """All of the changes or none."""
    if values.get("title", row.title) != row.title:
        row = rename_milestone(milestone=row, by=by, title=values["title"])
    if values.get("due", row.due) != row.due:
        row = redate_milestone(milestone=row, by=by, due=values["due"], reason=values.get("reason", ""))
    if "done_on" in values and values["done_on"] != row.done_on:
        row = untick_milestone(milestone=row, by=by)
        if values["done_on"]:
            row = tick_milestone(milestone=row, by=by, on=values["done_on"])
    return row


@resource("status-updates")
class StatusUpdateViewSet(Readable):
    """The owners' words, one a day. A second one that day replaces it; the audit keeps both."""

    queryset = StatusUpdate.objects.select_related("initiative", "author", "load__by").prefetch_related("responses__by")
    lookup_value_converter = "int"
    serializer_class = StatusUpdateSerializer
    filterset_class = StatusUpdateFilter
    pagination_class = Pages
    rights: ClassVar = {"create": EDIT, "respond": (Right.COMMENT,)}
    bodies: ClassVar = {
        "create": StatusUpdateInput,
        "respond": ResponseInput,
    }

    @extend_schema(responses={201: StatusUpdateSerializer, 200: StatusUpdateSerializer} | WRITING)
    def create(self, request: Request) -> Response:
        """Today's word, with milestones that are done or moved; 200 where the caller has said the same already.

        With ``seen`` it is refused (409) where somebody else reported meanwhile.
        """
        values = self.values()
        initiative, redated = values.pop("initiative"), values.pop("redated", [])
        seen = values.pop("seen", None)
        update, new = give_update(
            initiative=initiative,
            by=self.caller,
            seen=latest_mark(initiative) if seen is None else seen,
            redated={one["milestone"]: (one["due"], one["reason"]) for one in redated},
            **values,
        )
        shown = self.get_queryset().get(pk=update.pk)
        return self.shown(shown, status=201 if new else 200, location=self.address_of(update) if new else "")

    @extend_schema(operation_id="respond_to_status_update", responses={201: UpdateResponseSerializer} | WRITING)
    @action(detail=True, methods=["post"])
    def respond(self, request: Request, pk: int) -> Response:
        """A reviewer's answer; never to one's own update."""
        values = self.values()
        given = respond(update=self.get_object(), by=self.caller, **values)
        return Response(UpdateResponseSerializer(given).data, status=201)
