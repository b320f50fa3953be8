"""What finance agreed to, in versions."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models

from accounts.models import Load
from core.auditing import Audited
from core.fields import ExactDecimalField, LineField, MonthField, WordsField, month_is_valid
from customers.models import Tier
from kpis.choices import Per, TargetState
from kpis.models.definitions import Kpi
from kpis.querysets import TargetBatchQuerySet, TargetQuerySet


class TargetBatch(models.Model):
    """Targets that were proposed together, with the proposer's note; finance decides on each."""

    audited: ClassVar = Audited(unlabelled=True)

    note = WordsField(blank=True)
    proposed_at = models.DateTimeField(auto_now_add=True)
    proposed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="target_batches")

    objects = TargetBatchQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]
        verbose_name_plural = "target batches"

    def __str__(self) -> str:
        return f"Batch {self.pk} by {self.proposed_by}"


class Target(models.Model):
    """One version of a target row (KPI, tier, from_month, per).

    A trigger in the database keeps what was approved from being changed or deleted, whichever
    door is tried: only its state may go on, to superseded or withdrawn.
    """

    kpi = models.ForeignKey(Kpi, on_delete=models.PROTECT, related_name="targets")
    tier = models.ForeignKey(Tier, on_delete=models.PROTECT, related_name="targets")
    from_month = MonthField()
    per = LineField(max_length=10, choices=Per)
    version = models.PositiveIntegerField(default=1)
    state = models.CharField(max_length=12, choices=TargetState, default=TargetState.DRAFT)
    until_month = MonthField(null=True, blank=True)
    value = ExactDecimalField(null=True, blank=True)
    low = ExactDecimalField(null=True, blank=True)
    high = ExactDecimalField(null=True, blank=True)
    plan_value = ExactDecimalField(null=True, blank=True, help_text="From the annual operating plan")
    note = WordsField(blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    earlier_writers = models.ManyToManyField(
        settings.AUTH_USER_MODEL,
        blank=True,
        related_name="+",
        help_text="Who wrote it before created_by, as a draft; none of them decides on it",
    )
    decided_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    batch = models.ForeignKey(TargetBatch, null=True, blank=True, on_delete=models.PROTECT, related_name="targets")
    decision_note = models.TextField(blank=True)
    supersedes = models.PositiveIntegerField(
        null=True, blank=True, help_text="The version of the row that counted before; taken back, that one stands again"
    )
    load = models.ForeignKey(Load, null=True, blank=True, on_delete=models.PROTECT, related_name="+")

    objects = TargetQuerySet.as_manager()

    class Meta:
        ordering = ["kpi", "tier", "from_month", "per", "version"]
        constraints = [
            models.UniqueConstraint(
                fields=["kpi", "tier", "from_month", "per", "version"], name="target_versions_are_numbered"
            ),
            models.UniqueConstraint(
                fields=["kpi", "tier", "from_month", "per"],
                condition=models.Q(state=TargetState.APPROVED),
                name="one_version_of_a_target_is_approved",
            ),
            models.CheckConstraint(
                condition=models.Q(value__isnull=False, low=None, high=None)
                | models.Q(value=None, low__isnull=False, high__gte=models.F("low")),
                name="target_is_a_value_or_a_range",
            ),
            models.CheckConstraint(
                condition=models.Q(until_month=None) | models.Q(per=Per.MONTH, until_month__gte=models.F("from_month")),
                name="only_a_month_target_ends_and_not_before_it_starts",
            ),
            month_is_valid("target_from_month_is_a_month", "from_month"),
        ]

    def __str__(self) -> str:
        return f"{self.kpi} {self.tier} per {self.per} from {self.from_month}, version {self.version}"
