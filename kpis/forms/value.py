"""Naming the KPIs of value."""

from __future__ import annotations

from typing import Any

from django import forms

from core.stale import SeenForm
from kpis.choices import KpiState
from kpis.models import Kpi, ValueKpis


class ValueKpisForm(SeenForm):
    """A KPI for each part, or none."""

    class Meta:
        model = ValueKpis
        fields = ("revenue", "margin", "cost")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, label_suffix="", **kwargs)
        offered = Kpi.objects.in_matrix_order().filter(retired_from=None, state=KpiState.PUBLISHED)
        for name in self.Meta.fields:
            field: Any = self.fields[name]
            stored = Kpi.objects.filter(pk=getattr(self.instance, f"{name}_id"))
            field.queryset, field.empty_label = offered | stored, "None"

    def _post_clean(self) -> None:
        """The service sets the values and says what is wrong: the row stays as it was read until then."""

    @property
    def named(self) -> dict[str, Kpi | None]:
        """The KPI of each part."""
        found: dict[str, forms.Field] = self.fields
        return {name: self.cleaned_data[name] for name in self.Meta.fields if name in found}
