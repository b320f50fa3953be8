"""Which KPIs say what a customer tier is worth."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.db import models

from kpis.choices import ValueRole
from kpis.models.definitions import Kpi

_OF: Any = {"on_delete": models.PROTECT, "null": True, "blank": True, "related_name": "+"}


class ValueKpis(models.Model):
    """The KPIs that a steward named for revenue, margin and cost to serve; one row, made with the database.

    An empty one is not named. They may be any KPIs that everybody sees; each has one part.
    """

    revenue = models.ForeignKey(Kpi, **_OF, help_text="What customers bring")
    margin = models.ForeignKey(Kpi, **_OF, help_text="What is left of it")
    cost = models.ForeignKey(Kpi, **_OF, verbose_name="cost to serve", help_text="What serving them takes")

    class Meta:
        verbose_name_plural = "KPIs of value"
        constraints = [models.CheckConstraint(condition=models.Q(pk=1), name="there_is_one_set_of_value_kpis")]

    def __str__(self) -> str:
        return "The KPIs of value"

    @property
    def named(self) -> Iterator[tuple[ValueRole, Kpi]]:
        """Those that are named, each with its part."""
        for role in ValueRole:
            kpi = getattr(self, role.value)
            if kpi is not None:
                yield role, kpi
