"""Links from leading to trailing for other programs."""

from __future__ import annotations

from typing import Any, ClassVar

from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.resources import Readable
from accounts.rights import Right
from core.decisions import Decision
from core.periods import month_code
from core.problems import Unprocessable
from core.resources import Pages, require_same, require_seen
from core.routing import resource
from core.shapes import READING
from core.stale import revision_of
from kpis.access import links_for
from kpis.filters import LinkFilter
from kpis.models import Link
from kpis.reading.links import LinkBook, with_state
from kpis.serializers.links import (
    LinkDeclineInput,
    LinkEvidenceSerializer,
    LinkInput,
    LinkQuery,
    LinkSerializer,
    LinkTakeBackInput,
    Told,
)
from kpis.services.link_tests import last_ended
from kpis.services.linking import change_link, decide_links, delete_link, enter_link, take_back_link, withdraw_link

_STEWARDS = (Right.MANAGE_LINKS,)
_OWNERS = (Right.PROPOSE_LINKS,)
_PAIR = ("leading", "trailing")


@resource("links")
class LinkViewSet(Readable):
    """Which KPI is believed to lead which. Stewards write links down, owners propose them."""

    queryset = Link.objects.all()
    lookup_value_converter = "int"
    serializer_class = LinkSerializer
    filterset_class = LinkFilter
    pagination_class = Pages
    rights: ClassVar = {
        "create": (*_STEWARDS, *_OWNERS),
        **dict.fromkeys(("partial_update", "destroy", "accept", "decline", "take_back"), _STEWARDS),
        "withdraw": _OWNERS,
    }
    queries: ClassVar = {"list": LinkQuery}
    bodies: ClassVar = {
        **dict.fromkeys(("create", "partial_update"), LinkInput),
        "decline": LinkDeclineInput,
        "take_back": LinkTakeBackInput,
    }

    def get_queryset(self) -> Any:
        """Those that the caller may look at."""
        return with_state(links_for(self.caller))

    @extend_schema(operation_id="list_links", responses={200: LinkSerializer(many=True)} | READING)
    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Those that pass the filters. With leading and trailing it is the one link that is written down, not in a
        page: its state as of the month, and all tests; 404 where there is none.
        """
        month = self.asked().get("month")
        if all(request.query_params.get(name) for name in _PAIR):
            return Response(LinkEvidenceSerializer(self._told(request, month)).data)
        if month is not None:
            raise Unprocessable([{"field": "month", "detail": "is asked of one link: name leading and trailing too"}])
        return super().list(request, *args, **kwargs)

    def create(self, request: Request) -> Response:
        """Written down by stewards, and so tested from now on; proposed by owners."""
        made = enter_link(by=self.caller, values=self.values())
        return self.stored(made, status=201, location=self.address_of(made))

    def partial_update(self, request: Request, pk: int) -> Response:
        """Change sign, lags or mechanism. Needs the revision that was read; the two KPIs stay."""
        row, values = self.get_object(), self.values()
        require_seen(request, revision_of(row), values)
        require_same(row, values, _PAIR)
        return self.stored(change_link(link=row, by=self.caller, values=values, seen=revision_of(row)))

    def destroy(self, request: Request, pk: int) -> Response:
        """It goes with what was tested of it; with If-Match only where it is what was read."""
        row = self.get_object()
        if request.headers.get("If-Match"):
            require_seen(request, revision_of(row), {})
        delete_link(link=row, by=self.caller, seen=revision_of(row))
        return Response(status=204)

    @action(detail=True, methods=["post"])
    def accept(self, request: Request, pk: int) -> Response:
        """A steward writes a proposed link down."""
        row = self.get_object()
        decide_links(decisions=[Decision(row.pk, True)], by=self.caller)
        return self.stored(row)

    @action(detail=True, methods=["post"])
    def decline(self, request: Request, pk: int) -> Response:
        """A steward leaves a proposed link out, with a reason that the proposer reads."""
        row = self.get_object()
        decide_links(decisions=[Decision(row.pk, False, self.values()["reason"])], by=self.caller)
        return self.stored(row)

    @action(detail=True, methods=["post"], url_path="take-back")
    def take_back(self, request: Request, pk: int) -> Response:
        """A steward takes a decision back, never on what they proposed: it waits again, unless it was tested."""
        return self.stored(take_back_link(link=self.get_object(), by=self.caller, **self.values()))

    @action(detail=True, methods=["post"])
    def withdraw(self, request: Request, pk: int) -> Response:
        """The proposer takes back what nobody has decided."""
        return self.stored(withdraw_link(link=self.get_object(), by=self.caller))

    # -- shared

    def _told(self, request: Request, month: Any) -> Told:
        """The link of the address, tested now. Raises NotFound, Unprocessable for a month that has not ended."""
        last = last_ended()
        if month is not None and month > last:
            raise Unprocessable([{"field": "month", "detail": f"has not ended; {month_code(last)} is the last"}])
        codes = [request.query_params[name] for name in _PAIR]
        rows = with_state(Link.objects.standing()).filter(leading__code=codes[0], trailing__code=codes[1])
        link = rows.select_related("by", "decided_by").first()
        if link is None:
            raise NotFound(f"There is no link from “{codes[0]}” to “{codes[1]}”.")
        book = LinkBook([link], month or last)
        evidence = book.evidence(link, month or last)
        return Told(link, month or last, evidence, {tier.pk: tier.code for tier in book.tiers})
