"""Who wants to be written to: digests of periods, and alerts of what somebody follows; and what they were told."""

from __future__ import annotations

from datetime import date
from typing import ClassVar

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils import timezone

from accounts.models import Department
from core.auditing import Audited
from core.periods import Kind
from customers.models import Tier
from scorecard.choices import Followed

LAST_DAY = 28  # so that every month has it


class Subscription(models.Model):
    """A person's digest: of which kinds of period, from which day after their end on, with what, cut down to what.

    Without tiers it is of all, without departments as well. ``since`` is the day from which on it runs: what ended
    before is not made up for. A subscription that ended keeps its row.
    """

    audited: ClassVar = Audited(unlabelled=True)

    person = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="subscription")
    months = models.BooleanField("every month", default=False)
    quarters = models.BooleanField("every quarter", default=True)
    years = models.BooleanField("every fiscal year", default=True)
    day = models.PositiveSmallIntegerField(
        "day of the month", default=10, validators=[MinValueValidator(1), MaxValueValidator(LAST_DAY)]
    )
    format = models.CharField("board pack", max_length=5, blank=True, help_text="A word of ReportFormat, or none")
    tiers = models.ManyToManyField(Tier, blank=True, related_name="+")
    departments = models.ManyToManyField(Department, blank=True, related_name="+")
    since = models.DateField(default=date.today)
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(day__range=(1, LAST_DAY)), name="a_digest_comes_on_a_day_of_every_month"
            )
        ]

    def __str__(self) -> str:
        return f"Digest for {self.person}"

    @property
    def kinds(self) -> tuple[Kind, ...]:
        """The kinds of period that it is of."""
        chosen = {Kind.MONTH: self.months, Kind.QUARTER: self.quarters, Kind.YEAR: self.years}
        return tuple(kind for kind, wanted in chosen.items() if wanted)

    @property
    def is_on(self) -> bool:
        """Whether it runs."""
        return self.ended_at is None


class Follow(models.Model):
    """Somebody wants a mail when what they follow really gets worse, and one when it recovers.

    ``kind`` and ``key`` name it: a cell as ``nps@gold``, a KPI, tier or initiative by its code, a theme as
    ``sales/waiting``.
    """

    audited: ClassVar = Audited(unlabelled=True)

    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="follows")
    kind = models.CharField(max_length=12, choices=Followed)
    key = models.CharField(max_length=300)
    since = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["kind", "key"]
        constraints = [
            models.UniqueConstraint(fields=["person", "kind", "key"], name="one_follows_a_thing_once"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.key}"


class AlertsTold(models.Model):
    """What a person knows of what they follow, so that nothing is told twice.

    ``bad`` holds what was worse when they were last written to, or when they began to follow it: by its name the
    month or day from which on. ``word`` is the newest word of a thread that was looked at, ``mails`` how many went.
    """

    person = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    bad = models.JSONField(default=dict)
    word = models.PositiveBigIntegerField(default=0)
    mails = models.PositiveIntegerField(default=0)

    class Meta:
        verbose_name_plural = "alerts told"

    def __str__(self) -> str:
        return f"Alerts told to {self.person}"
