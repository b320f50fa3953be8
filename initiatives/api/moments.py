"""Moments of truth."""

from __future__ import annotations

from typing import ClassVar

from rest_framework.request import Request
from rest_framework.response import Response

from accounts.resources import Readable
from accounts.rights import Right
from core.resources import CodePages, require_seen
from core.routing import resource
from core.stale import revision_of
from initiatives.filters.moments import MomentFilter
from initiatives.models import Moment
from initiatives.querysets import MOMENT_LISTS
from initiatives.serializers.moments import MomentInput, MomentSerializer
from initiatives.services.moments import create_moment, delete_moment, edit_moment

_STEWARDS = (Right.MANAGE_LINKS,)


@resource("moments")
class MomentViewSet(Readable):
    """Situations in which the customer's success is decided; stewards write them, owners word the criterion."""

    queryset = Moment.objects.prefetch_related(*MOMENT_LISTS)
    lookup_field = "code"
    lookup_value_converter = "str"
    serializer_class = MomentSerializer
    filterset_class = MomentFilter
    pagination_class = CodePages
    rights: ClassVar = {
        "create": _STEWARDS,
        "partial_update": (*_STEWARDS, Right.PROPOSE_LINKS),
        "destroy": _STEWARDS,
    }
    bodies: ClassVar = {"create": MomentInput, "partial_update": MomentInput}

    def create(self, request: Request) -> Response:
        """A new moment; a code that is taken is refused."""
        made = create_moment(by=self.caller, values=self.values())
        return self.stored(made, status=201, location=self.address_of(made))

    def partial_update(self, request: Request, code: str) -> Response:
        """Change what is named and leave the rest. Needs the revision that was read."""
        row, values = self.get_object(), self.values()
        require_seen(request, revision_of(row), values)
        return self.stored(edit_moment(moment=row, by=self.caller, values=values, seen=revision_of(row)))

    def destroy(self, request: Request, code: str) -> Response:
        """It goes with its links; with If-Match only where it is what was read."""
        row = self.get_object()
        if request.headers.get("If-Match"):
            require_seen(request, revision_of(row), {})
        delete_moment(moment=row, by=self.caller, seen=revision_of(row))
        return Response(status=204)
