"""What each KPI weighs in the composite of a tier, from a month on."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, ClassVar

from django.conf import settings
from django.core.validators import MaxLengthValidator
from django.db import models
from django.utils import timezone

from core.auditing import Audited
from core.fields import ExactDecimalField, MonthField, month_is_valid
from core.periods import Month, month_code
from kpis.choices import LONGEST_TEXT
from kpis.models.definitions import Kpi

_PERSON: Any = {"null": True, "blank": True, "on_delete": models.PROTECT, "related_name": "+"}


def _weights(row: Any) -> dict[str, Any]:
    """The KPIs and what each weighs, as the audit keeps them."""
    return {"weights": {one.kpi.code: f"{one.percent:.4f}" for one in row.weights.select_related("kpi")}}


class WeightSet(models.Model):
    """Weights of KPIs that sum to 100 %, for all columns, from a month until the next set's.

    A set is never changed: of two from the same month the later one stands. One that is taken back stays to be read,
    and counts nowhere.
    """

    from_month = MonthField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, **_PERSON)
    at = models.DateTimeField(default=timezone.now)
    taken_back_at = models.DateTimeField(null=True, blank=True)
    taken_back_by = models.ForeignKey(settings.AUTH_USER_MODEL, **_PERSON)
    why_taken_back = models.TextField(
        blank=True, default="", db_default="", validators=[MaxLengthValidator(LONGEST_TEXT)]
    )

    audited: ClassVar = Audited(lists=_weights)

    class Meta:
        ordering = ["-from_month", "-pk"]
        constraints = [month_is_valid("weights_are_from_a_month", "from_month")]

    def __str__(self) -> str:
        return f"from {month_code(Month(self.from_month))}" if self.from_month else "weights"

    @property
    def shares(self) -> Iterator[tuple[str, Any]]:
        """The KPIs by code, and what each weighs in percent."""
        for one in self.weights.all():
            yield one.kpi.code, one.percent


class Weight(models.Model):
    """What one KPI weighs in a set, in percent."""

    set = models.ForeignKey(WeightSet, on_delete=models.CASCADE, related_name="weights")
    kpi = models.ForeignKey(Kpi, on_delete=models.PROTECT, related_name="+")
    percent = ExactDecimalField()

    class Meta:
        ordering = ["set", "kpi__indicator", "kpi__position", "kpi__code"]
        constraints = [
            models.UniqueConstraint(fields=["set", "kpi"], name="a_kpi_has_one_weight_in_a_set"),
            models.CheckConstraint(
                condition=models.Q(percent__gt=0, percent__lte=100), name="a_weight_is_a_part_of_100_percent"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.percent} % {self.kpi}"
