"""Whether a month really changed, as rollups work it out, and the steps from which on limits are taken anew."""

from __future__ import annotations

from django.conf import settings
from django.core.validators import MaxLengthValidator
from django.db import models
from django.utils import timezone

from core.fields import MonthField, month_is_valid
from core.quick import QuickRow
from customers.models import Tier
from kpis.choices import LONGEST_TEXT, Signal, SignalRule
from kpis.models.definitions import Kpi


class Step(QuickRow):
    """From this month on a KPI's process is another for a known reason: limits are taken of the months since.

    Without a tier it is one of all columns. One that is taken back stays, and counts nowhere.
    """

    kpi = models.ForeignKey(Kpi, on_delete=models.PROTECT, related_name="steps")
    tier = models.ForeignKey(Tier, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    month = MonthField()
    reason = models.TextField(validators=[MaxLengthValidator(LONGEST_TEXT)])
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)
    taken_back_at = models.DateTimeField(null=True, blank=True)
    taken_back_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    why_taken_back = models.TextField(blank=True, default="", db_default="")

    class Meta:
        ordering = ["kpi", "month", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["kpi", "tier", "month"],
                condition=models.Q(taken_back_at=None),
                name="kpi_has_one_step_of_a_column_from_a_month",
            ),
            models.UniqueConstraint(
                fields=["kpi", "month"],
                condition=models.Q(taken_back_at=None, tier=None),
                name="kpi_has_one_step_of_all_columns_from_a_month",
            ),
            month_is_valid("step_month_is_a_month"),
        ]

    def __str__(self) -> str:
        return f"{self.kpi} from {self.month}"


class MonthSignal(models.Model):
    """What the chart of a KPI and tier says of a month; no row where it says nothing.

    ``window`` holds what an assurance is worked out from, when it is read: of at least twelve of the last 24 calendar
    months, this one among them, the month and its value; empty where there are fewer. The KPI's own id, also where
    the value is of another's facts or calculated; made anew by rollups, so no foreign-key trigger looks at it.
    """

    kpi = models.ForeignKey(Kpi, on_delete=models.CASCADE, db_index=False, db_constraint=False, related_name="+")
    tier = models.ForeignKey(Tier, on_delete=models.CASCADE, db_index=False, db_constraint=False, related_name="+")
    month = MonthField()
    signal = models.CharField(max_length=10, choices=Signal, blank=True, default="")
    rule = models.CharField(max_length=15, choices=SignalRule, blank=True, default="")
    window = models.TextField(blank=True, default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["month", "kpi", "tier"], name="one_signal_per_month_kpi_and_tier")
        ]

    def __str__(self) -> str:
        return f"{self.kpi_id} {self.tier_id} {self.month}"


class SignalTouch(models.Model):
    """From this month on the chart of a KPI is another without a change of its facts: by a step, by what the KPI
    means, by its being seasonal. A mark like those of facts: a rollup deletes just those that it saw.
    """

    kpi = models.ForeignKey(Kpi, on_delete=models.CASCADE, related_name="+")
    month = MonthField()
    at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return f"{self.kpi} from {self.month}"
