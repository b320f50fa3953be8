"""The events behind one fact, and the way back to it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.http import Http404
from django.urls import reverse

from accounts.company import today
from accounts.models import User
from core.formatting import trimmed
from core.periods import Month, PeriodError, month_code, parse_month
from customers.choices import TierScope
from customers.models import Customer
from kpis.formulas.events import Rule, rule_in
from kpis.models import Fact, Kpi
from kpis.models.versions import VersionBook
from kpis.reading.traces import Trace, Traced, trace

SHOWN = 500  # events that a page writes out


@dataclass(frozen=True, slots=True)
class FactEvents:
    """A fact that was derived, or that might have been, and what is behind it. ``fact`` is None where there is none."""

    kpi: Kpi
    customer: Customer
    month: Month
    rule: Rule
    fact: Fact | None
    trace: Trace

    @property
    def shown(self) -> Sequence[Traced]:
        """The first of the events."""
        return self.trace.events[:SHOWN]

    @property
    def more(self) -> int:
        """How many are not written out."""
        return len(self.trace.events) - len(self.shown)

    @property
    def parts(self) -> tuple[str, str]:
        """What the fact counts, in words."""
        return self.rule.words

    @property
    def numbers(self) -> tuple[str, str]:
        """The fact's numerator and denominator; empty without one."""
        if self.fact is None:
            return "", ""
        return trimmed(self.fact.numerator, 4), trimmed(self.fact.denominator, 4)

    @property
    def facts_url(self) -> str:
        """Back to the customer's facts."""
        return f"{reverse('facts')}?{urlencode({'kpi': self.kpi.code, 'customer': self.customer.external_id})}"

    @property
    def month_url(self) -> str:
        """Back to the month's facts of all customers."""
        return f"{reverse('facts')}?{urlencode({'kpi': self.kpi.code, 'month': month_code(self.month)})}"

    @property
    def cell_url(self) -> str:
        """Back to the cell that counts it."""
        return reverse("cell", args=[month_code(self.month), self.kpi.code, TierScope.ALL.value])


def fact_events(params: Any, user: User) -> FactEvents | None:
    """What an address asks for; None where it names no KPI. Raises Http404 with a sentence."""
    if not params.get("kpi"):
        return None
    kpi = Kpi.objects.filter(code=params["kpi"]).first()
    if kpi is None:
        raise Http404(f"There is no KPI “{params['kpi']}”.")
    named = params.get("customer", "")
    customer = Customer.objects.visible_to(user).filter(external_id=named).first()
    if customer is None:
        raise Http404(f"There is no customer “{named}” that you may read.")
    try:
        month = parse_month(params.get("month", ""))
    except PeriodError as error:
        raise Http404(f"{error}.") from error
    rule = rule_in(VersionBook.read([kpi]).at(kpi, month).rule)
    if rule is None:
        raise Http404(f"The facts of {kpi.name} are not derived from events in that month.")
    fact = Fact.objects.filter(month=month, kpi=kpi, customer=customer).first()
    return FactEvents(kpi, customer, month, rule, fact, trace(rule, customer, month, today()))
