"""Two customers that turned out to be one: what was moved, kept so that it can be moved back."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models

from core.auditing import Audited
from core.fields import ExactDecimalField, MonthField
from customers.models import Customer


class CustomerMerge(models.Model):
    """One customer took over all that was another's. ``choices`` says of facts that both had which one counts;
    ``parts`` is what each part of the product moved, as it needs it to move it back.
    """

    audited: ClassVar = Audited(unlabelled=True, left_out=frozenset({"parts"}))

    kept = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="+")
    gone = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="+")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(auto_now_add=True)
    undone_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    undone_at = models.DateTimeField(null=True)
    choices = models.JSONField(default=dict)
    parts = models.JSONField(default=dict, encoder=DjangoJSONEncoder)

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["gone"], condition=models.Q(undone_at=None), name="customer_is_merged_away_once"
            ),
        ]

    def __str__(self) -> str:
        return f"Merge {self.pk}"


class MergedFact(models.Model):
    """A fact that a merge moved: as it was of the customer merged away, as the kept customer's was (empty where that
    had none), and as it became. As lean as the facts.
    """

    pk = models.CompositePrimaryKey("merge_id", "month", "kpi_id")
    merge_id = models.BigIntegerField()
    month = MonthField()
    kpi_id = models.BigIntegerField()
    gone_numerator = ExactDecimalField()
    gone_denominator = ExactDecimalField(null=True)
    gone_load_id = models.BigIntegerField()
    kept_numerator = ExactDecimalField(null=True)
    kept_denominator = ExactDecimalField(null=True)
    kept_load_id = models.BigIntegerField(null=True)
    numerator = ExactDecimalField()
    denominator = ExactDecimalField(null=True)
    load_id = models.BigIntegerField()

    def __str__(self) -> str:
        return f"{self.kpi_id} {self.month} of merge {self.merge_id}"
