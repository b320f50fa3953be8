"""What customers suffer from, as points."""

from __future__ import annotations

from django.core.validators import MaxValueValidator
from django.db import models

from accounts.models import Department, Load
from core.fields import ExactDecimalField, KeyField, MonthField, month_is_valid
from customers.models import Tier
from initiatives.choices import MOST_MENTIONS


class PainPoint(models.Model):
    """How often a theme was named in a month by a tier's customers, about a department, in one source.

    Weight = mentions × severity. The tier may be the reserved ``all`` where the source knows none.
    """

    source = KeyField(max_length=120)
    department = models.ForeignKey(Department, on_delete=models.PROTECT, related_name="pain_points")
    theme = KeyField(max_length=120)
    tier = models.ForeignKey(Tier, on_delete=models.PROTECT, related_name="pain_points")
    month = MonthField()
    mentions = models.PositiveIntegerField(validators=[MaxValueValidator(MOST_MENTIONS)])
    severity = models.PositiveSmallIntegerField(help_text="1 to 5")
    revenue_at_risk = ExactDecimalField(null=True, blank=True, help_text="In the company's currency")
    load = models.ForeignKey(Load, null=True, blank=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["month", "department", "theme", "tier", "source"]
        indexes = [models.Index(fields=["month"], name="pain_by_month")]
        constraints = [
            models.UniqueConstraint(
                fields=["source", "department", "theme", "tier", "month"], name="pain_point_is_counted_once"
            ),
            models.CheckConstraint(
                condition=models.Q(severity__gte=1, severity__lte=5), name="severity_runs_from_one_to_five"
            ),
            month_is_valid("pain_point_month_is_a_month"),
        ]

    def __str__(self) -> str:
        return f"{self.theme} ({self.department})"

    @property
    def weight(self) -> int:
        """Mentions × severity."""
        return self.mentions * self.severity
