"""What the company set for its register, and when people want to be reminded."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models

from core.auditing import Audited
from core.fields import ExactDecimalField
from initiatives.choices import Level

if TYPE_CHECKING:
    from decimal import Decimal


class Policy(models.Model):
    """The register's settings: one row, made with the database.

    A cost on a threshold is in the band above it: below the first is band 1, from the fourth on 5.
    Silence is the number of days after which what runs counts as not reported.
    """

    cost_band_2 = ExactDecimalField(default=10_000, help_text="Costs from here on are in band 2")
    cost_band_3 = ExactDecimalField(default=50_000)
    cost_band_4 = ExactDecimalField(default=250_000, help_text="From here on a cost is high")
    cost_band_5 = ExactDecimalField(default=1_000_000)
    silence_key_account = models.PositiveSmallIntegerField(default=30, validators=[MinValueValidator(1)])
    silence_business_unit = models.PositiveSmallIntegerField(default=30, validators=[MinValueValidator(1)])
    silence_corporate = models.PositiveSmallIntegerField(default=30, validators=[MinValueValidator(1)])

    class Meta:
        verbose_name_plural = "policy"
        constraints = [
            models.CheckConstraint(condition=models.Q(pk=1), name="there_is_one_policy"),
            models.CheckConstraint(
                condition=models.Q(cost_band_2__gt=0)
                & models.Q(cost_band_3__gt=models.F("cost_band_2"))
                & models.Q(cost_band_4__gt=models.F("cost_band_3"))
                & models.Q(cost_band_5__gt=models.F("cost_band_4")),
                name="cost_bands_ascend",
            ),
        ]

    def __str__(self) -> str:
        return "The register's settings"

    @property
    def cost_bands(self) -> tuple[Decimal, ...]:
        """The four thresholds, ascending."""
        return (self.cost_band_2, self.cost_band_3, self.cost_band_4, self.cost_band_5)

    def silence_of(self, level: str) -> int:
        """Days of silence that a level allows."""
        days: int = getattr(self, f"silence_{Level(level).value}")
        return days


class ReminderTime(models.Model):
    """When in the week a person wants the reminder, in the company's time zone; Monday at 8 where none is set.

    ``handled_at`` is the latest such moment that was dealt with, whether or not anything was asked then.
    """

    audited: ClassVar = Audited(unlabelled=True)

    user = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="reminder_time")
    weekday = models.PositiveSmallIntegerField(default=0, validators=[MaxValueValidator(6)], help_text="0 is Monday")
    hour = models.PositiveSmallIntegerField(default=8, validators=[MaxValueValidator(23)])
    handled_at = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(weekday__lte=6, hour__lte=23), name="reminder_time_is_in_a_week")
        ]

    def __str__(self) -> str:
        return f"{self.user}"
