"""The form of deriving lifecycle events: from which KPI, and with which window."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import Q

from core.forms import Form
from kpis.choices import Source
from kpis.models import Kpi
from kpis.reading.lifecycle import LONGEST_WINDOW


def measured_kpis() -> Any:
    """The KPIs that can have facts of customers."""
    return Kpi.objects.in_matrix_order().filter(~Q(source=Source.TIER_ACTUALS), formula="").select_related("facts_of")


class LifecycleForm(Form):
    """A KPI and a window of months."""

    kpi = forms.ModelChoiceField(
        Kpi.objects.none(),
        to_field_name="code",
        label="Active in",
        empty_label="Choose a KPI",
        help_text="Who has a fact above 0 in a month was active in it",
    )
    months = forms.IntegerField(
        min_value=1,
        max_value=LONGEST_WINDOW,
        label="Silent for how many months",
        help_text="Who is silent for so many months in a row has left",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["kpi"].queryset = measured_kpis()  # type: ignore[attr-defined]
