"""Early warnings: what was found at the end of a month, its record, and what people did about a warning."""

from __future__ import annotations

from fractions import Fraction
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils import timezone

from accounts.choices import LONGEST_ACTION
from core.auditing import Audited
from core.fields import MonthField, WideIntegerField, month_is_valid
from core.numbers import SCALE
from customers.models import Customer
from kpis.formulas.warnings import Record
from kpis.models import Kpi
from scorecard.choices import WarningAnswer


class WarningLook(models.Model):
    """How things stood when warnings were last made, and how far who makes them is: one row, made by the first look.

    ``beat_at`` is empty while nobody does; who does says so now and then, so that one who was lost is taken over.
    """

    seen = models.CharField(max_length=1000, blank=True)
    beat_at = models.DateTimeField(null=True)
    done = models.PositiveIntegerField(default=0)
    of = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [models.CheckConstraint(condition=models.Q(pk=1), name="there_is_one_look_for_warnings")]

    def __str__(self) -> str:
        return "The look for warnings"


class WarningRun(models.Model):
    """What was found at the end of a month, made anew where facts changed: the record that stands beside the list.

    ``warned`` and ``lost`` are those that count in the record, ``listed`` who is warned at the month's end, of ``able``
    who could be. ``kpis`` are those that were looked at, ``value_kpi`` the one that customers are ranked by; None where
    none is named. The lead is the median of months, twice, for it may be a half.
    """

    month = MonthField(unique=True)
    at = models.DateTimeField(default=timezone.now)
    warned = models.PositiveIntegerField()
    lost = models.PositiveIntegerField()
    base_numerator = WideIntegerField(null=True)
    base_denominator = WideIntegerField(null=True)
    lead_twice = models.PositiveSmallIntegerField(null=True)
    shown = models.BooleanField()
    able = models.PositiveIntegerField()
    listed = models.PositiveIntegerField()
    value_kpi = models.ForeignKey(Kpi, null=True, on_delete=models.SET_NULL, related_name="+")
    kpis = models.JSONField(default=list)

    class Meta:
        ordering = ["-month"]
        constraints = [month_is_valid("warnings_are_of_a_month")]

    def __str__(self) -> str:
        return f"Warnings of {self.month}"

    @property
    def record(self) -> Record:
        """The record, exact."""
        base = Fraction(self.base_numerator or 0, self.base_denominator) if self.base_denominator else None
        lead = None if self.lead_twice is None else Fraction(self.lead_twice, 2)
        return Record(self.warned, self.lost, base, lead)


class EarlyWarning(models.Model):
    """A customer who is warned at the end of a month; there are rows of a run that is shown alone.

    ``reasons`` are ``{"kpi": 3, "before": "7/2", "now": "9/1", "severe": false}``, values exact in the KPI's unit.
    ``value`` is what the KPI for value adds up to over twelve months, in ten-thousandths.
    """

    run = models.ForeignKey(WarningRun, on_delete=models.CASCADE, related_name="warnings")
    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="+")
    place = models.PositiveIntegerField(help_text="From 1, by value at risk")
    value = models.BigIntegerField(null=True)
    reasons = models.JSONField()

    class Meta:
        ordering = ["run", "place"]
        constraints = [models.UniqueConstraint(fields=["run", "customer"], name="customer_is_warned_once_a_month")]

    def __str__(self) -> str:
        return f"Warning of customer {self.customer_id}"

    @property
    def worth(self) -> Fraction | None:
        """The value at risk; None without a KPI for it."""
        return None if self.value is None else Fraction(self.value, SCALE)


class WarningResponse(models.Model):
    """What somebody did about a warning of a month: seen, an action with an owner and a day, or nothing, with why.

    The latest one that was not taken back stands. None is deleted, so it stays where the warning itself is made anew.
    """

    audited: ClassVar = Audited(unlabelled=True)

    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="+")
    month = MonthField()
    kind = models.CharField(max_length=10, choices=WarningAnswer)
    text = models.CharField(max_length=LONGEST_ACTION, blank=True, default="")
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    due = models.DateField(null=True, blank=True)
    done_at = models.DateTimeField(null=True, blank=True)
    done_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)
    taken_back_at = models.DateTimeField(null=True, blank=True)
    taken_back_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        ordering = ["-at", "-pk"]
        constraints = [
            month_is_valid("warning_response_month_is_a_month"),
            models.CheckConstraint(
                condition=(models.Q(kind=WarningAnswer.ACTION, owner__isnull=False, due__isnull=False))
                | (~models.Q(kind=WarningAnswer.ACTION) & models.Q(owner=None, due=None, done_at=None)),
                name="an_action_about_a_warning_has_an_owner_and_a_day",
            ),
        ]
        indexes = [
            models.Index(fields=["customer", "-month"], name="warning_response_of_customer"),
            models.Index(
                fields=["owner"],
                condition=models.Q(done_at=None, taken_back_at=None, owner__isnull=False),
                name="warning_action_open",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} about a warning"
