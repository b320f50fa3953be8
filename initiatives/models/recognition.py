"""Thanks, and turnarounds that deserve them."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models

from core.auditing import Audited
from initiatives.choices import TurnaroundKind, TurnaroundState
from initiatives.models.register import Initiative


class Thanks(models.Model):
    """An executive or a peer thanks an owner or team for an initiative."""

    audited: ClassVar = Audited(unlabelled=True)

    initiative = models.ForeignKey(Initiative, on_delete=models.CASCADE, related_name="thanks")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="thanks_given")
    text = models.TextField()
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-at", "-pk"]
        verbose_name_plural = "thanks"

    def __str__(self) -> str:
        return f"{self.by} for {self.initiative}"


class Turnaround(models.Model):
    """Something that turned for the better, nominated once by itself for an executive to confirm.

    ``what`` names the thing that turned (``schedule``, or KPI code @ tier code and the period in
    which it was met); ``evidence`` is a sentence with its dates and numbers.
    """

    initiative = models.ForeignKey(Initiative, on_delete=models.CASCADE, related_name="turnarounds")
    kind = models.CharField(max_length=10, choices=TurnaroundKind)
    what = models.CharField(max_length=160)
    evidence = models.TextField()
    nominated_on = models.DateField()
    state = models.CharField(max_length=10, choices=TurnaroundState, default=TurnaroundState.NOMINATED)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    decided_at = models.DateTimeField(null=True, blank=True)
    decision_note = models.TextField(blank=True)

    class Meta:
        ordering = ["-nominated_on", "-pk"]
        constraints = [
            models.UniqueConstraint(fields=["initiative", "kind", "what"], name="turnaround_is_nominated_once")
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.initiative}"
