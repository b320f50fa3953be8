"""Initiatives that finished: what a KPI does since may be another process."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from core.periods import month_of, shift
from core.registry import StepCause
from initiatives.choices import Stage
from initiatives.models import InitiativeKpi


def steps_of_finished(kpi: int, first: date, last: date) -> Iterator[StepCause]:
    """A cause for the month after each finish of an initiative that names the KPI, by its id, in the tiers that it is
    for, None where it is for all. Two queries.
    """
    links = InitiativeKpi.objects.filter(kpi=kpi, initiative__stage=Stage.DONE)
    links = links.filter(initiative__finished_on__gte=first, initiative__finished_on__lte=last)
    for link in links.select_related("initiative").prefetch_related("initiative__tiers"):
        plan = link.initiative
        own: list[int | None] = [link.tier_id] if link.tier_id else [tier.pk for tier in plan.tiers.all()]
        for tier in own or [None]:
            if plan.finished_on:
                yield StepCause(shift(month_of(plan.finished_on), 1), tier, f"“{plan.title}” finished")
