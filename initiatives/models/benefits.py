"""What an initiative should bring, approved by finance, and what it brought."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from core.fields import ExactDecimalField, LineField, MonthField, WordsField, month_is_valid
from customers.models import Tier
from initiatives.choices import BenefitKind, BenefitState
from initiatives.models.register import Initiative
from kpis.models import Kpi


class Benefit(models.Model):
    """One version of a planned benefit: so much a year, from a month on, in money or in a KPI's unit.

    A later approved version supersedes; an approved one is never changed.
    """

    initiative = models.ForeignKey(Initiative, on_delete=models.PROTECT, related_name="benefits")
    name = LineField(max_length=120)
    version = models.PositiveIntegerField(default=1)
    kind = LineField(max_length=6, choices=BenefitKind)
    kpi = models.ForeignKey(Kpi, null=True, blank=True, on_delete=models.PROTECT, related_name="benefits")
    tier = models.ForeignKey(Tier, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    value_per_year = ExactDecimalField()
    currency = models.CharField(max_length=3, blank=True, help_text="The company's currency where empty")
    from_month = MonthField()
    state = models.CharField(max_length=12, choices=BenefitState, default=BenefitState.DRAFT)
    note = WordsField(blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    proposed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        help_text="Who put a draft before finance; empty where that was who wrote it",
    )
    decided_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    decision_note = models.TextField(blank=True)
    supersedes = models.PositiveIntegerField(
        null=True,
        blank=True,
        help_text="The version of the name that counted before; taken back, that one stands again",
    )

    class Meta:
        ordering = ["initiative", "name", "version"]
        constraints = [
            models.UniqueConstraint(fields=["initiative", "name", "version"], name="benefit_versions_are_numbered"),
            models.UniqueConstraint(
                fields=["initiative", "name"],
                condition=models.Q(state=BenefitState.APPROVED),
                name="one_version_of_a_benefit_is_approved",
            ),
            models.CheckConstraint(
                condition=models.Q(kind=BenefitKind.MONEY, kpi=None, tier=None)
                | models.Q(kind=BenefitKind.KPI, kpi__isnull=False),
                name="benefit_in_a_kpi_names_it",
            ),
            month_is_valid("benefit_from_month_is_a_month", "from_month"),
        ]

    def __str__(self) -> str:
        return f"{self.name} of {self.initiative}, version {self.version}"


class RealisedBenefit(models.Model):
    """What a benefit brought in a month, entered by a person; one that is taken from a KPI needs no row."""

    initiative = models.ForeignKey(Initiative, on_delete=models.PROTECT, related_name="realised_benefits")
    name = LineField(max_length=120, help_text="The planned benefit's name")
    month = MonthField()
    value = ExactDecimalField()
    note = WordsField(blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ["initiative", "name", "month"]
        constraints = [
            models.UniqueConstraint(fields=["initiative", "name", "month"], name="benefit_is_realised_once_a_month"),
            month_is_valid("realised_month_is_a_month"),
        ]

    def __str__(self) -> str:
        return f"{self.name} in {self.month}"
