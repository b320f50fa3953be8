"""Links from a leading KPI to a trailing one, written down before they are tested, and what tests said of them."""

from __future__ import annotations

from typing import Any, ClassVar

from django.conf import settings
from django.core.validators import MaxLengthValidator, RegexValidator
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from accounts.models import Load
from core.auditing import Audited
from core.fields import LineField, MonthField, WordsField, month_is_valid
from kpis.choices import LIVE_LINKS, LONGEST_TEXT, LinkSign, LinkStage, LinkState
from kpis.models.definitions import Kpi
from kpis.querysets import LinkQuerySet

ALL_LAGS = "0-6"
LAGS = r"^[0-6](-[0-6])?$"
_PERSON: Any = {"null": True, "blank": True, "on_delete": models.PROTECT, "related_name": "+"}


class Link(models.Model):
    """That one KPI leads another: with which sign of their numbers, after how many months, and by what mechanism.

    ``by`` wrote or proposed it ``at`` a moment; what is proposed is not tested before it is written down. ``lags`` is
    the span of months looked at: ``0-6``, or one number. A pair has one link that stands or waits.
    """

    leading = models.ForeignKey(Kpi, on_delete=models.PROTECT, related_name="links_onward")
    trailing = models.ForeignKey(Kpi, on_delete=models.PROTECT, related_name="links_back")
    sign = LineField(max_length=10, choices=LinkSign)
    lags = models.CharField(
        max_length=3, default=ALL_LAGS, validators=[RegexValidator(LAGS, "Lags run from 0 to 6 months, such as 0-6.")]
    )
    mechanism = WordsField(validators=[MaxLengthValidator(LONGEST_TEXT)])
    stage = models.CharField(max_length=10, choices=LinkStage, default=LinkStage.WRITTEN)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, **_PERSON)
    at = models.DateTimeField(default=timezone.now)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, **_PERSON)
    decided_at = models.DateTimeField(null=True, blank=True)
    decision_note = models.TextField(blank=True, default="", validators=[MaxLengthValidator(LONGEST_TEXT)])
    load = models.ForeignKey(Load, null=True, blank=True, on_delete=models.PROTECT, related_name="+")

    objects = LinkQuerySet.as_manager()
    audited: ClassVar = Audited()

    class Meta:
        ordering = ["leading__position", "leading__code", "trailing__position", "trailing__code", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["leading", "trailing"],
                condition=Q(stage__in=LIVE_LINKS),
                name="one_link_of_two_kpis_stands_or_waits",
            ),
            models.CheckConstraint(condition=~Q(leading=F("trailing")), name="a_link_is_of_two_kpis"),
            models.CheckConstraint(condition=~Q(mechanism=""), name="a_link_says_its_mechanism"),
            models.CheckConstraint(
                condition=~Q(stage=LinkStage.DECLINED) | ~Q(decision_note=""), name="a_declined_link_says_why"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.leading} → {self.trailing}"

    @property
    def months(self) -> tuple[int, ...]:
        """The lags looked at, in months."""
        first, _, last = self.lags.partition("-")
        return tuple(range(int(first), int(last or first) + 1))

    @property
    def waits(self) -> bool:
        """Whether nobody has decided on it yet."""
        return self.stage == LinkStage.PROPOSED

    @property
    def stands(self) -> bool:
        """Whether it is written down, and so tested."""
        return self.stage == LinkStage.WRITTEN


class LinkEvidence(models.Model):
    """What the tests of a link said as of a month, when they were last made; of what the link said then.

    ``tests`` is a list with one object for each tier and lag: ``tier`` (code), ``lag``, ``pairs``, ``r``, ``p``,
    ``effective``, ``passes``, ``untested``. ``least_r`` is the smallest correlation that could have been seen.
    """

    link = models.ForeignKey(Link, on_delete=models.CASCADE, related_name="evidence")
    month = MonthField()
    sign = LineField(max_length=10, choices=LinkSign)
    lags = models.CharField(max_length=3)
    state = models.CharField(max_length=10, choices=LinkState)
    best_lag = models.PositiveSmallIntegerField(null=True)
    least_r = models.FloatField(null=True)
    tests = models.JSONField(default=list)
    tested_at = models.DateTimeField()

    class Meta:
        ordering = ["link", "-month"]
        constraints = [
            models.UniqueConstraint(fields=["link", "month", "sign", "lags"], name="a_link_has_one_result_of_a_month"),
            month_is_valid("link_evidence_month_is_a_month"),
        ]

    def __str__(self) -> str:
        return f"{self.link_id} as of {self.month}"
