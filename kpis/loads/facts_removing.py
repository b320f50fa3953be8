"""Facts that are taken away, with a reason: a load like any other, which can be taken back."""

from __future__ import annotations

from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import QuerySet

from accounts.audit import record
from accounts.choices import ChangeKind, Verb
from accounts.loads.doors import one_load_at_a_time
from accounts.loads.taking import UndoRefused
from accounts.loads.undoing import named
from accounts.models import Load, LoadChange, User
from core.auditing import key_of
from core.periods import Month, month_code
from core.registry import cells_touched
from customers.models import Customer
from kpis.loads import facts_sql, staging
from kpis.loads.fact_rules import kpi_rules
from kpis.models import Fact, Kpi, ReplacedFact
from kpis.rules.facts import FROM_EVENTS
from kpis.services.sources import settle_sources
from kpis.services.touches import touch_slices

_CANNOT = "Load {} cannot be taken back: {}. Nothing was changed"


@dataclass(frozen=True, slots=True)
class Removal:
    """What is to go: the facts of a KPI in a month, of one customer or of all."""

    kpi: Kpi
    month: Month
    customer: Customer | None = None

    @property
    def name(self) -> str:
        """As records name it."""
        who = [self.customer.external_id] if self.customer else []
        return " | ".join([self.kpi.code, *who, month_code(self.month)])

    def facts(self) -> QuerySet[Fact]:
        """The facts that are there."""
        found = Fact.objects.filter(month=self.month, kpi=self.kpi)
        return found.filter(customer=self.customer) if self.customer else found


def remove_facts(removal: Removal, *, reason: str, by: User, source: str) -> Load | None:
    """Take the facts away and keep what they were; None where there are none. Their cells are rolled up again.

    Raises ValidationError for a KPI whose facts are derived from events: they would be there again.
    """
    if removal.kpi.takes_events:
        raise ValidationError({"kpi": FROM_EVENTS})
    with transaction.atomic():
        one_load_at_a_time()
        count = removal.facts().count()
        if not count:
            return None
        load = Load.objects.create(kind="facts", source=source, by=by, reason=reason, removed=count)
        staging.execute(facts_sql.KEEP_REMOVED.format(customers=_customers(removal)), [load.pk, *_place(removal)])
        removal.facts().delete()
        _record(removal, load)
        settle_sources([removal.kpi.pk])
        touch_slices([(removal.kpi.pk, removal.month)])
        cells_touched(by)
        return load


def _customers(removal: Removal) -> str:
    return "AND customer_id = %s" if removal.customer else ""


def _place(removal: Removal) -> list[int]:
    return [removal.month, removal.kpi.pk, *([removal.customer.pk] if removal.customer else [])]


def _record(removal: Removal, load: Load) -> None:
    said = {"kpi": removal.kpi.code, "month": month_code(removal.month), "removed": load.removed}
    LoadChange.objects.create(load=load, kind="facts", key=removal.name, change=ChangeKind.REMOVED, after=said)
    after = {**said, "customer": key_of(removal.customer), "reason": load.reason}
    record(by=load.by, verb=Verb.DELETED_FACTS, obj=load, after=after)


def put_back(load: Load) -> None:
    """Return the facts that were taken away, and keep which. Raises UndoRefused where they could not be given today."""
    kept = ReplacedFact.objects.filter(load_id=load.pk)
    _refuse_gone(load, kept)
    slices = [(kpi, Month(month)) for kpi, month in kept.values_list("kpi_id", "month").distinct()]
    staging.execute(facts_sql.KEEP_PUT_BACK, [load.pk])
    staging.execute(facts_sql.PUT_BACK, [load.pk])
    kept.delete()
    settle_sources(kpi for kpi, _ in slices)
    touch_slices(slices)


def _refuse_gone(load: Load, kept: QuerySet[ReplacedFact]) -> None:
    there = Customer.objects.filter(pk__in=kept.values("customer_id"))
    if kept.values("customer_id").distinct().count() != there.count():
        raise UndoRefused(_CANNOT.format(load.pk, "a customer of its facts is there no more"))
    rules = {rule.pk: (code, rule) for code, rule in kpi_rules().items()}
    for kpi in kept.values_list("kpi_id", flat=True).distinct():
        code, rule = rules.get(kpi, ("", None))
        if rule is None:
            raise UndoRefused(_CANNOT.format(load.pk, "the KPI of its facts is there no more"))
        if rule.refusal:
            raise UndoRefused(_CANNOT.format(load.pk, f"{code} {rule.refusal}"))
        bare = kept.filter(kpi_id=kpi, denominator=None) | kept.filter(kpi_id=kpi, denominator__lt=0)
        if rule.needs_denominator and bare.exists():
            raise UndoRefused(_CANNOT.format(load.pk, f"{code} is a ratio by now, and a fact of it had no denominator"))
    _refuse_replaced(load)


def _refuse_replaced(load: Load) -> None:
    again = list(staging.stream(facts_sql.GIVEN_AGAIN, [load.pk]))
    if again:
        names = named([f"{kpi} | {customer} | {month_code(Month(month))}" for kpi, customer, month in again])
        raise UndoRefused(_CANNOT.format(load.pk, f"{names} has been given again since; take that back first"))
