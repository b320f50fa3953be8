"""How far the data of a company that is being set up are."""

from __future__ import annotations

from django.db.models import Max

from core.periods import Month
from kpis.models import Kpi, RolledSlice, SliceTouch


def has_matrix() -> bool:
    """Whether anything has been rolled up that a matrix shows."""
    return RolledSlice.objects.filter(facts__gt=0).exists()


def last_month_with_data() -> Month | None:
    """The last month of which a fact or actual was rolled up; None before the first."""
    found: Month | None = RolledSlice.objects.filter(facts__gt=0).aggregate(last=Max("month"))["last"]
    return found


def measured_kpis() -> tuple[list[Kpi], set[int], set[int]]:
    """The KPIs that take facts or actuals of their own, and of them, by id, those whose data are rolled up and those
    whose data wait for it.
    """
    measured = list(Kpi.objects.filter(retired_from=None, formula="", facts_of=None))
    ids = {kpi.pk for kpi in measured}
    rolled = set(RolledSlice.objects.filter(facts__gt=0).values_list("kpi", flat=True).distinct())
    waiting = set(SliceTouch.objects.values_list("kpi", flat=True).distinct())
    return measured, rolled & ids, (waiting - rolled) & ids
