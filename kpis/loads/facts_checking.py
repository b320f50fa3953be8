"""Proof that no fact dangles."""

from __future__ import annotations

from collections.abc import Iterator

from django.db import transaction

from kpis.loads import facts_sql
from kpis.loads.staging import stream
from kpis.models import Fact


def dangling_facts() -> Iterator[str]:
    """A sentence for each fact whose KPI, customer or load is missing, or replaced value without a fact."""
    with transaction.atomic():
        for what, kpi, customer, month in stream(facts_sql.DANGLING):
            yield f"{what} of KPI {kpi}, customer {customer}, month {month}: what it refers to is missing"


def count_facts() -> int:
    """How many facts there are."""
    return Fact.objects.count()
