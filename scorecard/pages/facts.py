"""The facts behind a number, a page at a time, by the whole key."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.core.exceptions import PermissionDenied
from django.db.models import OuterRef, QuerySet, Subquery
from django.http import Http404
from django.urls import reverse

from accounts.models import Load, User
from accounts.rights import Right
from core.forms import id_of
from core.numbers import to_text
from core.periods import Month, PeriodError, last_day, month_code, parse_month
from customers.choices import TierScope
from customers.models import Customer, Tier, TierMembership
from kpis.models import Fact, Kpi, RolledSlice

PAGE_SIZE = 100


@dataclass(frozen=True, slots=True)
class FactQuery:
    """Which facts: of a KPI, in a month, of the customers who were in a tier at its end (None: all).

    With a ``customer``, by external id, those of that one; without a month in all months.
    """

    kpi: Kpi
    month: Month | None
    tier: Tier | None
    after: int
    customer: str = ""

    def address(self, after: int | None = None) -> str:
        """The query string of this page, or of the one after a customer."""
        month = month_code(self.month) if self.month else ""
        parts = {"kpi": self.kpi.code, "month": month, "tier": self.tier.code if self.tier else ""}
        more = {"customer": self.customer, "after": str(after or "")}
        return urlencode({**parts, **{name: value for name, value in more.items() if value}})


@dataclass(frozen=True, slots=True)
class ShownFact:
    """One fact, with the load that wrote it; ``load`` is None where no load did."""

    customer: Customer
    month: Month
    numerator: str
    denominator: str
    load: Load | None
    events_url: str = ""  # what it was derived from


@dataclass(frozen=True, slots=True)
class FactPage:
    """A page of facts; ``next_query`` is empty on the last one."""

    query: FactQuery
    facts: tuple[ShownFact, ...]
    next_query: str

    @property
    def month_code(self) -> str:
        """The month as addresses write it."""
        return month_code(self.query.month) if self.query.month else ""

    @property
    def deletable(self) -> bool:
        """Whether what is shown can be deleted as one: of a month of the KPI's own facts, and of no tier's alone."""
        query = self.query
        whole = query.tier is None or query.tier.scope == TierScope.ALL
        return bool(self.facts and query.month and whole and not (query.kpi.facts_of or query.kpi.takes_events))


def may_read_facts(user: User) -> bool:
    """Whether the person may read any customer's facts."""
    return user.has_perm(Right.READ_CUSTOMERS) or user.has_perm(Right.READ_OWN_CUSTOMERS)


def require_reader(user: User) -> None:
    """Raises PermissionDenied for those who may read no customer's facts."""
    if not may_read_facts(user):
        raise PermissionDenied("Your roles do not include customers’ facts. Ask an administrator if you need them.")


def parse_query(params: Any) -> FactQuery | None:
    """The facts that an address asks for; None where it names no KPI. Raises Http404 with a sentence."""
    if not params.get("kpi"):
        return None
    kpi = Kpi.objects.select_related("facts_of").filter(code=params["kpi"]).first()
    if kpi is None:
        raise Http404(f"There is no KPI “{params['kpi']}”.")
    tier = Tier.objects.filter(code=params["tier"]).first() if params.get("tier") else None
    if params.get("tier") and tier is None:
        raise Http404(f"There is no customer tier “{params['tier']}”.")
    customer = params.get("customer", "")
    try:
        month = None if customer and not params.get("month") else parse_month(params.get("month", ""))
    except PeriodError as error:
        raise Http404(f"{error}.") from error
    return FactQuery(kpi, month, tier, id_of(params.get("after", "")) or 0, customer)


def fact_page(query: FactQuery, user: User) -> FactPage:
    """A page of the facts that the person may read, in the order of the key; of one customer the newest first."""
    found = _facts(query, user).filter(customer_id__gt=query.after).order_by("-month", "customer_id")
    rows = list(found.values_list("customer_id", "numerator", "denominator", "load_id", "month")[: PAGE_SIZE + 1])
    shown = rows[:PAGE_SIZE]
    customers = Customer.objects.in_bulk([row[0] for row in shown])
    loads = Load.objects.select_related("by").in_bulk({row[3] for row in shown})
    facts = tuple(
        ShownFact(
            *(customers[customer], Month(month), _text(above), _text(below), loads.get(load)),
            _events_url(query.kpi, customers[customer], Month(month)),
        )
        for customer, above, below, load, month in shown
    )
    more = query.address(shown[-1][0]) if len(rows) > PAGE_SIZE and query.month else ""
    return FactPage(query, facts, more)


def _events_url(kpi: Kpi, customer: Customer, month: Month) -> str:
    """The page of the events behind a fact; empty where it is not derived from any."""
    if not kpi.takes_events:
        return ""
    asked = {"kpi": kpi.code, "customer": customer.external_id, "month": month_code(month)}
    return f"{reverse('fact_events')}?{urlencode(asked)}"


def _text(value: Any) -> str:
    return "" if value is None else to_text(int(value.scaleb(4)))


def _facts(query: FactQuery, user: User) -> QuerySet[Fact]:
    found = Fact.objects.of(query.kpi).in_months([query.month] if query.month else _months(query.kpi))
    if query.customer:
        found = found.filter(customer__in=Customer.objects.filter(external_id=query.customer))
    if not user.has_perm(Right.READ_CUSTOMERS):
        found = found.filter(customer__in=Customer.objects.visible_to(user))
    if query.month is None or query.tier is None or query.tier.scope == TierScope.ALL:
        return found
    held = TierMembership.objects.filter(customer=OuterRef("customer_id"), starts_on__lte=last_day(query.month))
    wanted = None if query.tier.scope == TierScope.UNTIERED else query.tier.pk
    return found.annotate(held=Subquery(held.order_by("-starts_on").values("tier_id")[:1])).filter(held=wanted)


def _months(kpi: Kpi) -> list[Month]:
    """The months with data: the key of a fact begins with one, so that all facts of a customer are looked up."""
    return [Month(one) for one in RolledSlice.objects.filter(kpi=kpi.source_id).values_list("month", flat=True)]
