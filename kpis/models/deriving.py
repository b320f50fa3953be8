"""How far the facts of KPIs that take them from events are derived."""

from __future__ import annotations

from django.db import models

from kpis.models.definitions import Kpi


class Derivation(models.Model):
    """What the facts of a KPI were last derived by: where it differs from what holds now, they are owed.

    ``rules`` are its rules with their first months and the month from which on it is retired; ``begins``, by rule, the
    month from which on it has facts and the later ones in which nobody has; ``day`` the company's day on which it was.
    ``error`` says why it could not be derived, empty where it could; then ``rules`` are empty, and all of it is owed.
    """

    kpi = models.OneToOneField(Kpi, on_delete=models.CASCADE, primary_key=True, related_name="derivation")
    rules = models.JSONField(default=list)
    begins = models.JSONField(default=dict)
    day = models.DateField()
    at = models.DateTimeField(auto_now=True)
    error = models.TextField(blank=True)

    def __str__(self) -> str:
        return f"{self.kpi} as derived on {self.day}"
