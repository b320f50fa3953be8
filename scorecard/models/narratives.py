"""What people wrote of a cell: why it is as it is and what is done about it, and remarks on a month of its chart."""

from __future__ import annotations

from django.conf import settings
from django.core.validators import MaxLengthValidator
from django.db import models
from django.utils import timezone

from accounts.choices import LONGEST_ACTION
from core.fields import MonthField, month_is_valid
from customers.models import Tier
from kpis.models import Kpi

LONGEST_ANALYSIS = 4000
LONGEST_REMARK = 300


class Narrative(models.Model):
    """What happened in a cell of a period, and the action that came of it: one of each KPI, tier and period.

    ``analysis`` may name other cells (``[[renewal_rate@gold]]``); their values are read when it is shown, and frozen
    in an edition. ``action`` is empty where none was agreed, and then has neither owner nor day. Never deleted: what
    it said before stands in the audit.
    """

    period = models.CharField(max_length=7)
    kpi = models.ForeignKey(Kpi, on_delete=models.PROTECT, related_name="narratives")
    tier = models.ForeignKey(Tier, on_delete=models.PROTECT, related_name="+")
    analysis = models.TextField(validators=[MaxLengthValidator(LONGEST_ANALYSIS)])
    action = models.CharField(max_length=LONGEST_ACTION, blank=True, default="")
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="narrated_actions"
    )
    due = models.DateField(null=True, blank=True)
    done_at = models.DateTimeField(null=True, blank=True)
    done_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)
    revision = models.PositiveIntegerField(default=1)

    class Meta:
        ordering = ["period", "kpi", "tier"]
        constraints = [
            models.UniqueConstraint(fields=["period", "kpi", "tier"], name="a_cell_has_one_narrative"),
            models.CheckConstraint(
                condition=models.Q(action="", owner=None, due=None)
                | (~models.Q(action="") & models.Q(owner__isnull=False, due__isnull=False)),
                name="an_action_of_a_narrative_has_an_owner_and_a_day",
            ),
        ]
        indexes = [
            models.Index(
                fields=["owner"],
                condition=models.Q(done_at=None, owner__isnull=False),
                name="narrated_action_open",
            )
        ]

    def __str__(self) -> str:
        return f"Narrative of {self.kpi}, {self.tier}, {self.period}"


class Remark(models.Model):
    """What somebody knows of a month and the chart should say: of one column, or without a tier of all.

    One that was taken back stays to be read in the audit, and stands on no chart.
    """

    kpi = models.ForeignKey(Kpi, on_delete=models.PROTECT, related_name="remarks")
    tier = models.ForeignKey(Tier, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    month = MonthField()
    text = models.CharField(max_length=LONGEST_REMARK)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)
    taken_back_at = models.DateTimeField(null=True, blank=True)
    taken_back_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        ordering = ["kpi", "month", "pk"]
        constraints = [month_is_valid("remark_month_is_a_month")]
        indexes = [models.Index(fields=["kpi", "month"], name="remark_of_kpi")]

    def __str__(self) -> str:
        return f"Remark on {self.kpi}, {self.month}"
