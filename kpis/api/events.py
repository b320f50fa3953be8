"""What happened, for other programs: each event by its own id, read, given, corrected, taken away with a reason."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, ClassVar

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.loads.doors import load_rows
from accounts.resources import Readable
from accounts.rights import Right
from core.loading import LoadReport
from core.loading.objects import table_of
from core.numbers import to_text
from core.problems import Conflict, Unprocessable
from core.resources import ROW_STAYS, Pages, is_dry, require_seen
from core.routing import resource
from core.shapes import WRITING
from core.stale import revision_of
from core.writes import TransitionRefused
from customers.models import Customer
from kpis import filters
from kpis.loads.events import Contacts, Deals, Events, Invoices, Issues, Referrals
from kpis.loads.events_removing import removal_problem, remove_event
from kpis.models import Contact, Deal, Event, Invoice, Issue, Referral
from kpis.serializers import events as shapes
from kpis.serializers.facts import RemovedSerializer

_READ = (Right.READ_CUSTOMERS, Right.READ_OWN_CUSTOMERS)
_SOURCE = "API"


class EventPages(Pages):
    """In the order of the events' own ids."""

    ordering = "external_id"


class EventTable(Readable):
    """Events of a kind. Each row goes the way of a file of one row, and is a load that can be taken back."""

    kind: ClassVar[Events]
    customer: ClassVar[str] = "customer"  # where a row names whose it is
    lookup_field = "external_id"
    lookup_value_converter = "path"  # an id of another system may have a slash
    pagination_class = EventPages
    rights: ClassVar = {"read": _READ, **dict.fromkeys(("create", "partial_update", "destroy"), (Right.LOAD,))}
    queries: ClassVar = {"destroy": shapes.EventRemovalQuery}

    def get_queryset(self) -> Any:
        """Of the customers that the caller may read; who loads events corrects those of all."""
        every = super().get_queryset()
        if self.caller.has_perm(Right.READ_CUSTOMERS) or self.action in {"create", "partial_update", "destroy"}:
            return every
        return every.filter(**{f"{self.customer}__in": Customer.objects.visible_to(self.caller)})

    def create(self, request: Request) -> Response:
        """A new event: 200 where it is there already, 409 where another one of that id is."""
        values = self.values()
        stored = self._event(values["id"])
        if stored is not None and not _same(self.kind, stored, values):
            raise Conflict("There is an event of that id with other values; correct it by PATCH.")
        made = self._load(values).counts.created
        found = self._event(values["id"])
        location = self.address_of(found) if made else ""
        return self.shown(found, status=201 if made else 200, location=location)

    def partial_update(self, request: Request, **kwargs: Any) -> Response:
        """Other values, as a load that can be taken back. With If-Match or a revision only what was read."""
        event, values = self.get_object(), self.values()
        self._require_seen(request, event, values)
        if values.get("id", event.external_id) != event.external_id:
            raise Unprocessable([{"field": "id", "detail": ROW_STAYS}])
        self._load(values | {"id": event.external_id})
        return self.shown(self._event(event.external_id))

    @extend_schema(responses={200: RemovedSerializer} | WRITING)
    def destroy(self, request: Request, **kwargs: Any) -> Response:
        """It goes, as a load that can be taken back, with a reason; an issue after its contacts."""
        event, dry = self.get_object(), is_dry(request)
        reason = self.asked().get("reason", "")
        if not (reason or dry):
            raise Unprocessable([{"field": "reason", "detail": "is missing: say why the event goes"}])
        self._require_seen(request, event, {})
        if problem := removal_problem(event):
            raise TransitionRefused(problem)
        load = None if dry else remove_event(self.kind, event, reason=reason, by=self.caller, source=_SOURCE)
        return Response({"count": 1, "dry_run": dry, "load": load.pk if load else None})

    # -- shared

    def _event(self, external_id: str) -> Any:
        """The event of an id; None where there is none."""
        return super().get_queryset().filter(external_id=external_id).first()

    def _require_seen(self, request: Request, event: Event, values: Mapping[str, Any]) -> None:
        if request.headers.get("If-Match") or "revision" in values:
            require_seen(request, revision_of(event), values)

    def _load(self, values: Mapping[str, Any]) -> LoadReport:
        """One row by the way of all. Raises Unprocessable."""
        row = {name: _cell(value) for name, value in values.items() if name != "revision"}
        table = table_of([row], self.kind.columns)
        report = load_rows(kind=self.kind.name, table=table, by=self.caller, source=_SOURCE)
        if not report.ok:
            raise Unprocessable([{"field": one.column or None, "detail": one.reason} for one in report.errors])
        return report


def _cell(value: Any) -> Any:
    """A value as a field of a row has it."""
    if isinstance(value, Decimal):
        return to_text(int(value.scaleb(4)))
    return value if value is None or isinstance(value, bool) else str(value)


def _same(kind: Events, event: Event, values: Mapping[str, Any]) -> bool:
    """Whether an event says what the values say."""
    for column in kind.columns:
        stored = getattr(event, column.attribute)
        stored = getattr(stored, column.reference.field) if column.reference else stored
        if column.name in values and stored != values[column.name]:
            return False
    return True


@resource("issues")
class IssueViewSet(EventTable):
    """What customers had to be helped with."""

    kind = Issues()
    queryset = Issue.objects.select_related("customer")
    serializer_class = shapes.IssueSerializer
    filterset_class = filters.IssueFilter
    bodies: ClassVar = dict.fromkeys(("create", "partial_update"), shapes.IssueInput)


@resource("contacts")
class ContactViewSet(EventTable):
    """Who got in touch, about which issue."""

    kind, customer = Contacts(), "issue__customer"
    queryset = Contact.objects.select_related("issue")
    serializer_class = shapes.ContactSerializer
    filterset_class = filters.ContactFilter
    bodies: ClassVar = dict.fromkeys(("create", "partial_update"), shapes.ContactInput)


@resource("deals")
class DealViewSet(EventTable):
    """What was won and lost, and at which price."""

    kind = Deals()
    queryset = Deal.objects.select_related("customer")
    serializer_class = shapes.DealSerializer
    filterset_class = filters.DealFilter
    bodies: ClassVar = dict.fromkeys(("create", "partial_update"), shapes.DealInput)


@resource("referrals")
class ReferralViewSet(EventTable):
    """Who referred somebody."""

    kind = Referrals()
    queryset = Referral.objects.select_related("customer")
    serializer_class = shapes.ReferralSerializer
    filterset_class = filters.ReferralFilter
    bodies: ClassVar = dict.fromkeys(("create", "partial_update"), shapes.ReferralInput)


@resource("invoices")
class InvoiceViewSet(EventTable):
    """What was charged, and when it was paid."""

    kind = Invoices()
    queryset = Invoice.objects.select_related("customer")
    serializer_class = shapes.InvoiceSerializer
    filterset_class = filters.InvoiceFilter
    bodies: ClassVar = dict.fromkeys(("create", "partial_update"), shapes.InvoiceInput)
