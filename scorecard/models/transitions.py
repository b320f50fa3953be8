"""What became another verdict, signal or assurance, and what is kept to see it by."""

from __future__ import annotations

from django.db import models
from django.utils import timezone

from customers.models import Tier
from kpis.models import Kpi
from scorecard.choices import Aspect, Cause


class Transition(models.Model):
    """A cell of a period whose verdict, signal or assurance is another than it was.

    ``before`` and ``after`` are values of ``kpis.choices``: a Status, Signal or Assurance; empty for no signal and no
    assurance. Written by comparing alone, and never changed.
    """

    period = models.CharField(max_length=10)
    kpi = models.ForeignKey(Kpi, on_delete=models.CASCADE, related_name="+")
    tier = models.ForeignKey(Tier, on_delete=models.CASCADE, related_name="+")
    aspect = models.CharField(max_length=10, choices=Aspect)
    before = models.CharField(max_length=15, blank=True)
    after = models.CharField(max_length=15, blank=True)
    cause = models.CharField(max_length=12, choices=Cause)
    at = models.DateTimeField(default=timezone.now, db_index=True)

    class Meta:
        ordering = ["-at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=~models.Q(before=models.F("after")), name="a_transition_is_from_one_state_to_another"
            )
        ]

    def __str__(self) -> str:
        return f"{self.kpi_id} {self.tier_id} {self.period}: {self.before or 'none'} → {self.after or 'none'}"


class KeptStates(models.Model):
    """What the cells of a period were when they were last looked at.

    ``states`` is by ``KPI:tier`` (their ids) ``verdict|signal|assurance``. A period that is looked at no longer has
    no row.
    """

    period = models.CharField(max_length=10, unique=True)
    states = models.JSONField(default=dict)

    class Meta:
        verbose_name_plural = "kept states"

    def __str__(self) -> str:
        return self.period


class Comparison(models.Model):
    """How far the record was when cells were last compared; one row.

    ``seen`` is what changes with every change that a verdict can rest on. ``entry`` is the newest audit entry, ``run``
    the newest rollup, ``day`` the company's day of then. ``settled`` is the newest entry of a comparison at which no
    rollup was owed: what acts through a rollup is a cause until then. ``alerted`` is what changes with everything that
    an alert can rest on, as of the last look that wrote all of them.
    """

    seen = models.CharField(max_length=200, blank=True, default="")
    entry = models.PositiveBigIntegerField(default=0)
    settled = models.PositiveBigIntegerField(default=0)
    run = models.PositiveBigIntegerField(default=0)
    day = models.DateField(null=True)
    alerted = models.CharField(max_length=400, blank=True, default="")

    class Meta:
        constraints = [models.CheckConstraint(condition=models.Q(pk=1), name="there_is_one_comparison")]

    def __str__(self) -> str:
        return f"As of {self.day}"
