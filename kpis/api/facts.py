"""Facts by their key for other programs: read, given, corrected, and taken away with a reason."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, ClassVar
from urllib.parse import urlencode

from django.db.models import QuerySet
from django.urls import reverse
from drf_spectacular.utils import extend_schema
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.loads.doors import load_rows
from accounts.resources import Resource, answer
from accounts.rights import Right
from core.loading import LoadReport
from core.loading.objects import table_of
from core.numbers import to_text
from core.periods import Month, month_code
from core.problems import Conflict, Unprocessable
from core.registry import load_kinds
from core.resources import KeyPages, is_dry, require_seen
from core.shapes import READING, WRITING
from core.stale import revision_of
from customers.models import Customer
from kpis.filters import FactFilter
from kpis.loads.facts_removing import Removal, remove_facts
from kpis.models import Fact
from kpis.rules.facts import FROM_EVENTS
from kpis.serializers.facts import (
    FactChange,
    FactInput,
    FactKeyQuery,
    FactRemovalQuery,
    FactSerializer,
    RemovedSerializer,
)

_READ = (Right.READ_CUSTOMERS, Right.READ_OWN_CUSTOMERS)
_LOAD = (Right.LOAD,)
_KEY = ("kpi", "customer", "month")
_ONE = {200: FactSerializer} | WRITING
_SOURCE = "API"
FACT_VERBS: dict[str, Any] = {"get": "list", "post": "create", "patch": "partial_update", "delete": "destroy"}


class FactViewSet(Resource):
    """What was measured per customer and month. A fact has no number of its own: its key addresses it."""

    queryset = Fact.objects.prefetch_related("kpi", "customer")
    serializer_class = FactSerializer
    filterset_class = FactFilter
    pagination_class = KeyPages
    rights: ClassVar = {"list": _READ, **dict.fromkeys(("create", "partial_update", "destroy"), _LOAD)}
    queries: ClassVar = {"partial_update": FactKeyQuery, "destroy": FactRemovalQuery}
    bodies: ClassVar = {"create": FactInput, "partial_update": FactChange}

    @extend_schema(operation_id="list_facts", responses={200: FactSerializer(many=True)} | READING)
    def list(self, request: Request) -> Response:
        """Those that pass the filters, by month, of customers that the caller may read. With kpi, customer and month
        it is the one fact, not in a page; 404 where there is none.
        """
        if all(request.query_params.get(name) for name in _KEY):
            return answer(FactSerializer(self._fact(request, readable=True)).data)
        page = self.paginate_queryset(self.filter_queryset(self._readable()))
        return self.get_paginated_response(FactSerializer(page, many=True).data)

    def retrieve(self, request: Request, **kwargs: Any) -> Response:
        """As it stands, for a change to be held against."""
        return answer(FactSerializer(self._fact(request)).data)

    @extend_schema(operation_id="create_fact", responses={201: FactSerializer} | _ONE)
    def create(self, request: Request) -> Response:
        """A month's first fact of a customer: 200 where it is there already, 409 where another one is."""
        values = self.values()
        row = {**values, "month": month_code(values["month"])}
        row |= {name: _cell(values[name]) for name in ("numerator", "denominator") if name in values}
        stored = self._facts(values["kpi"], values["customer"], values["month"]).first()
        if stored is not None and not _same(stored, values):
            raise Conflict("There is a fact of that KPI, customer and month with other values; correct it by PATCH.")
        made = self._load(row).counts.created
        found = FactSerializer(self._facts(values["kpi"], values["customer"], values["month"]).get()).data
        location = f"{reverse('api_facts')}?{urlencode({name: row[name] for name in _KEY})}" if made else ""
        return answer(found, status=201 if made else 200, location=location)

    @extend_schema(operation_id="change_fact", responses=_ONE)
    def partial_update(self, request: Request) -> Response:
        """Other values, as a load that can be taken back. With If-Match or a revision only what was read."""
        fact, values = self._fact(request), self.values()
        self._require_seen(request, fact, values)
        numbers = {"numerator": fact.numerator, "denominator": fact.denominator} | values
        key = {"kpi": fact.kpi.code, "customer": fact.customer.external_id, "month": month_code(Month(fact.month))}
        self._load(key | {name: _cell(numbers[name]) for name in ("numerator", "denominator")})
        return answer(FactSerializer(self._fact(request)).data)

    @extend_schema(operation_id="delete_facts", responses={200: RemovedSerializer} | WRITING)
    def destroy(self, request: Request) -> Response:
        """One fact, or without a customer all of the KPI's month; as a load that can be taken back, with a reason."""
        removal, reason, dry = *self._removal(request), is_dry(request)
        if not (reason or dry):
            raise Unprocessable([{"field": "reason", "detail": "is missing: say why the facts go"}])
        if removal.customer is not None:
            self._require_seen(request, self._fact(request), {})
        if removal.kpi.takes_events:
            raise Unprocessable([{"field": "kpi", "detail": FROM_EVENTS}])
        count = removal.facts().count() if dry else 0
        load = None if dry else remove_facts(removal, reason=reason, by=self.caller, source=_SOURCE)
        if not (dry or load):
            raise NotFound(_nothing(removal.name))
        return Response({"count": load.removed if load else count, "dry_run": dry, "load": load.pk if load else None})

    # -- shared

    def _readable(self) -> QuerySet[Fact]:
        facts = self.get_queryset()
        if self.caller.has_perm(Right.READ_CUSTOMERS):
            return facts
        return facts.filter(customer__in=Customer.objects.visible_to(self.caller))

    def _facts(self, kpi: str, customer: str, month: Month) -> QuerySet[Fact]:
        """None or one."""
        return self.get_queryset().filter(kpi__code=kpi, customer__external_id=customer, month=month)

    def _fact(self, request: Request, *, readable: bool = False) -> Fact:
        """That of the address. Raises NotFound."""
        key = _checked(FactKeyQuery, request)
        among = self._readable() if readable else self.get_queryset()
        found = among.filter(kpi=key["kpi"], customer__external_id=key["customer"], month=key["month"]).first()
        if found is None:
            raise NotFound(_nothing(f"{key['kpi'].code} | {key['customer']} | {month_code(key['month'])}"))
        return found

    def _removal(self, request: Request) -> tuple[Removal, str]:
        key = _checked(FactRemovalQuery, request)
        name = key.get("customer")
        customer = Customer.objects.filter(external_id=name).first() if name else None
        removal = Removal(key["kpi"], key["month"], customer)
        if name and customer is None:
            raise NotFound(_nothing(f"{key['kpi'].code} | {name} | {month_code(key['month'])}"))
        return removal, key.get("reason", "")

    def _require_seen(self, request: Request, fact: Fact, values: Mapping[str, Any]) -> None:
        if request.headers.get("If-Match") or "revision" in values:
            require_seen(request, revision_of(fact), values)

    def _load(self, row: dict[str, Any]) -> LoadReport:
        """One row by the way of all. Raises Unprocessable."""
        table = table_of([row], load_kinds()["facts"].columns)
        report = load_rows(kind="facts", table=table, by=self.caller, source=_SOURCE)
        if not report.ok:
            raise Unprocessable([{"field": one.column or None, "detail": one.reason} for one in report.errors])
        return report


def _checked(shape: Any, request: Request) -> dict[str, Any]:
    query = shape(data=request.query_params)
    query.is_valid(raise_exception=True)
    found: dict[str, Any] = query.validated_data
    return found


def _cell(value: Decimal | None) -> str | None:
    """A number as a cell of a file."""
    return None if value is None else to_text(int(value.scaleb(4)))


def _same(fact: Fact, values: Mapping[str, Any]) -> bool:
    return all(getattr(fact, name) == values[name] for name in ("numerator", "denominator") if name in values)


def _nothing(name: str) -> str:
    return f"There is no fact {name}."
