"""Tiers given anew by rank: what was decided, and the load that wrote the memberships."""

from __future__ import annotations

from django.db import models

from accounts.choices import LoadState
from accounts.models import Load
from core.fields import ExactDecimalField, MonthField, month_is_valid
from kpis.choices import CutBy
from kpis.models.definitions import Kpi


class Retiering(models.Model):
    """One re-tiering that was applied; its load says by whom and when, and whether it was undone.

    ``cuts`` are the cuts as they were given, by the code of the tier on their better side. ``percent`` and ``ends``
    are its hysteresis.
    """

    kpi = models.ForeignKey(Kpi, on_delete=models.PROTECT, related_name="+")
    end = MonthField()
    months = models.PositiveSmallIntegerField()
    cut_by = models.CharField(max_length=10, choices=CutBy)
    cuts = models.JSONField()
    percent = ExactDecimalField(null=True)
    ends = models.PositiveSmallIntegerField(default=0)
    starts_on = models.DateField()
    up = models.PositiveIntegerField()
    down = models.PositiveIntegerField()
    new = models.PositiveIntegerField()
    load = models.OneToOneField(Load, on_delete=models.PROTECT, related_name="retiering")

    class Meta:
        ordering = ["-pk"]
        constraints = [month_is_valid("retiering_ends_with_a_month", "end")]

    def __str__(self) -> str:
        return f"Re-tiering by {self.kpi.name} from {self.starts_on}"

    @property
    def stands(self) -> bool:
        """Whether it was not undone."""
        return self.load.state == LoadState.APPLIED
