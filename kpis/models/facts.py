"""What was measured: per customer, or per tier where nobody measures customers."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from accounts.models import Load
from core.fields import ExactDecimalField, MonthField, month_is_valid
from customers.models import Customer, Tier
from kpis.models.definitions import Kpi
from kpis.querysets import FactQuerySet


class Fact(models.Model):
    """One measurement of one customer in one month.

    The table is lean, for it holds millions of rows: no surrogate key, no foreign-key triggers, no
    other index. The loader's join refuses unknown keys, rows with facts cannot be deleted, and
    ``manage.py check_facts`` proves that nothing dangles.
    """

    pk = models.CompositePrimaryKey("month", "kpi_id", "customer_id")
    month = MonthField()
    kpi = models.ForeignKey(Kpi, on_delete=models.DO_NOTHING, db_constraint=False, db_index=False, related_name="+")
    customer = models.ForeignKey(
        Customer, on_delete=models.DO_NOTHING, db_constraint=False, db_index=False, related_name="+"
    )
    numerator = ExactDecimalField()
    denominator = ExactDecimalField(null=True)
    load_id = models.BigIntegerField(help_text="The load that wrote the values")

    objects = FactQuerySet.as_manager()

    class Meta:
        constraints = [month_is_valid("fact_month_is_a_month")]

    def __str__(self) -> str:
        return f"{self.kpi_id} {self.customer_id} {self.month}"


class ReplacedFact(models.Model):
    """The value that a load replaced, kept so that the load can be undone and the number traced.

    As lean as the facts, for a load that changes all of its rows keeps each of them.
    """

    pk = models.CompositePrimaryKey("load_id", "month", "kpi_id", "customer_id")
    load_id = models.BigIntegerField()
    month = MonthField()
    kpi_id = models.BigIntegerField()
    customer_id = models.BigIntegerField()
    numerator = ExactDecimalField()
    denominator = ExactDecimalField(null=True)
    replaced_load_id = models.BigIntegerField(help_text="The load that had written the replaced value")

    def __str__(self) -> str:
        return f"{self.kpi_id} {self.customer_id} {self.month} before load {self.load_id}"


class TakenBackFact(models.Model):
    """What a load had said and what it had replaced, kept when the load was taken back: its ``Load`` says who and when.

    As lean as the facts. ``old_load_id`` is the load that had written the replaced value; the old columns are
    empty for what the load had created. Of a deletion both are what it had taken away, which returned. The customer
    or the KPI may be gone since.
    """

    pk = models.CompositePrimaryKey("load_id", "month", "kpi_id", "customer_id")
    load_id = models.BigIntegerField()
    month = MonthField()
    kpi_id = models.BigIntegerField()
    customer_id = models.BigIntegerField()
    numerator = ExactDecimalField()
    denominator = ExactDecimalField(null=True)
    old_numerator = ExactDecimalField(null=True)
    old_denominator = ExactDecimalField(null=True)
    old_load_id = models.BigIntegerField(null=True)

    def __str__(self) -> str:
        return f"{self.kpi_id} {self.customer_id} {self.month} of load {self.load_id}, taken back"


class TierActual(models.Model):
    """A month's actual of a tier, or of all customers, for a KPI that nobody measures per customer."""

    kpi = models.ForeignKey(Kpi, on_delete=models.PROTECT, related_name="tier_actuals")
    tier = models.ForeignKey(Tier, on_delete=models.PROTECT, related_name="+")
    month = MonthField()
    numerator = ExactDecimalField()
    denominator = ExactDecimalField(null=True, blank=True)

    class Meta:
        ordering = ["kpi", "month", "tier"]
        constraints = [
            models.UniqueConstraint(fields=["kpi", "tier", "month"], name="one_actual_per_kpi_tier_and_month"),
            month_is_valid("tier_actual_month_is_a_month"),
        ]

    def __str__(self) -> str:
        return f"{self.kpi} {self.tier} {self.month}"


class Restatement(models.Model):
    """A tier actual that was corrected, by hand or by a load: the old value and the new one, why, and who."""

    kpi = models.ForeignKey(Kpi, on_delete=models.PROTECT, related_name="restatements")
    tier = models.ForeignKey(Tier, on_delete=models.PROTECT, related_name="+")
    month = MonthField()
    old_numerator = ExactDecimalField(null=True, blank=True)
    old_denominator = ExactDecimalField(null=True, blank=True)
    numerator = ExactDecimalField(null=True, blank=True)
    denominator = ExactDecimalField(null=True, blank=True)
    reason = models.TextField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(auto_now_add=True)
    load = models.ForeignKey(Load, null=True, blank=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["-pk"]
        constraints = [month_is_valid("restatement_month_is_a_month")]

    def __str__(self) -> str:
        return f"{self.kpi} {self.tier} {self.month}"


class CompleteMonth(models.Model):
    """A steward's word that all facts of a KPI's month are there: from then on silence means zero."""

    kpi = models.ForeignKey(Kpi, on_delete=models.PROTECT, related_name="complete_months")
    month = MonthField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["kpi", "month"]
        constraints = [
            models.UniqueConstraint(fields=["kpi", "month"], name="month_is_complete_once"),
            month_is_valid("complete_month_is_a_month"),
        ]

    def __str__(self) -> str:
        return f"{self.kpi} {self.month}"


class SliceTouch(models.Model):
    """Facts of this KPI and month changed, and its cells are to be rolled up again.

    Written in the transaction that changed them; a rollup deletes just the marks that it saw
    before it read the facts. The marks are the queue; messages only wake a worker.
    """

    kpi = models.ForeignKey(Kpi, on_delete=models.CASCADE, related_name="+")
    month = MonthField()
    at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return f"{self.kpi} {self.month}"
