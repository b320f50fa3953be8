"""What rollups make: cells with actuals and their components. Targets are applied when read."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from core.fields import MonthField, WideIntegerField
from customers.models import Tier
from kpis.choices import RunState, Trigger
from kpis.models.definitions import Kpi
from kpis.querysets import PeriodCellQuerySet


class Components(models.Model):
    """What a cell keeps so that it can be merged and explained; sums are in ten-thousandths.

    Cells are made from facts and can be made again, so no foreign-key trigger looks at each of them: that
    took a third of a publication.
    """

    kpi = models.ForeignKey(Kpi, on_delete=models.CASCADE, db_index=False, db_constraint=False, related_name="+")
    tier = models.ForeignKey(Tier, on_delete=models.CASCADE, db_index=False, db_constraint=False, related_name="+")
    numerator = WideIntegerField()
    denominator = WideIntegerField()
    facts = models.PositiveIntegerField(help_text="Facts, or rows of tier actuals")
    customers = models.PositiveIntegerField(help_text="Different customers with a fact above 0")

    class Meta:
        abstract = True


class MonthCell(Components):
    """All facts of a KPI, tier and month in one row; the KPI is the one that owns the facts."""

    month = MonthField()
    entered = models.BooleanField(default=False, help_text="From tier actuals, not from facts")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["kpi", "month", "tier"], name="one_cell_per_kpi_month_and_tier")]

    def __str__(self) -> str:
        return f"{self.kpi_id} {self.tier_id} {self.month}"


class PeriodCell(Components):
    """The actual of a KPI, tier and period, as an exact fraction, with the components behind it.

    A trailing-twelve-months KPI has cells for months alone: a longer period shows that of its last
    ended month. No value: both parts of the fraction are empty. ``months_with_data`` counts those that are
    confirmed, where the KPI asks for that; ``provisional``: one that isn't counts in the value.
    """

    period = models.CharField(max_length=7)
    value_numerator = WideIntegerField(null=True)
    value_denominator = WideIntegerField(null=True)
    months_with_data = models.PositiveSmallIntegerField()
    months_expected = models.PositiveSmallIntegerField()
    last_month = MonthField(null=True, help_text="The last month that has a value")
    provisional = models.BooleanField(default=False, db_default=False)

    objects = PeriodCellQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["period", "kpi", "tier"], name="one_cell_per_period_kpi_and_tier")
        ]

    def __str__(self) -> str:
        return f"{self.kpi_id} {self.tier_id} {self.period}"


class RolledSlice(models.Model):
    """A (KPI, month) that has been rolled up, and when."""

    kpi = models.ForeignKey(Kpi, on_delete=models.CASCADE, related_name="+")
    month = MonthField()
    facts = models.PositiveIntegerField()
    computed_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["kpi", "month"], name="slice_is_rolled_up_once")]

    def __str__(self) -> str:
        return f"{self.kpi_id} {self.month}"


class RollupRun(models.Model):
    """One rollup of everything that was touched when it began."""

    state = models.CharField(max_length=10, choices=RunState, default=RunState.RUNNING)
    trigger = models.CharField(max_length=10, choices=Trigger)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    started_at = models.DateTimeField(auto_now_add=True)
    heartbeat_at = models.DateTimeField(auto_now_add=True, help_text="When a worker reported, or it was sent again")
    sent_again = models.PositiveSmallIntegerField(
        default=0, db_default=0, help_text="How often since a worker last reported"
    )
    finished_at = models.DateTimeField(null=True)
    slice_touches = models.JSONField(default=list, help_text="The marks that it saw before it read facts")
    tier_touches = models.JSONField(default=list)
    signal_touches = models.JSONField(default=list, db_default=models.Value([], models.JSONField()))
    slices = models.PositiveIntegerField(default=0)
    cells = models.PositiveIntegerField(default=0)
    error = models.TextField(blank=True)

    class Meta:
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"Rollup {self.pk}"


class RunPart(models.Model):
    """One piece of a run's work: the touched KPIs of one month, or distinct counts of one period."""

    run = models.ForeignKey(RollupRun, on_delete=models.CASCADE, related_name="parts")
    period = models.CharField(max_length=7)
    distinct = models.BooleanField(default=False, help_text="Distinct counts over the period, not month cells")
    kpis = models.JSONField(help_text="Ids of the KPIs that own the facts")
    staged_at = models.DateTimeField(null=True)
    failed = models.JSONField(
        default=dict,
        db_default=models.Value({}, models.JSONField()),  # for the release before, which may still write
        help_text="Why it could not be computed, by the id of the KPI",
    )

    class Meta:
        constraints = [models.UniqueConstraint(fields=["run", "period", "distinct"], name="a_run_has_a_part_once")]

    def __str__(self) -> str:
        return f"{self.run} {self.period}"


class StagedCell(Components):
    """A cell that a run has computed and not published."""

    part = models.ForeignKey(RunPart, on_delete=models.CASCADE, related_name="cells")
    entered = models.BooleanField(default=False)

    def __str__(self) -> str:
        return f"{self.part} {self.kpi_id} {self.tier_id}"
