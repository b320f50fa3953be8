"""What a steward gives to write weights, and to take them back. The services validate."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django import forms

from core.fields import WordsFormField
from core.forms import Form, MonthFormField
from core.periods import Month
from core.stale import SeenField
from kpis.choices import KpiState
from kpis.models import Kpi
from kpis.rules.weights import field_of, percent_text


class WeightsForm(Form):
    """From when on, and what each KPI weighs in percent; an empty one counts nothing."""

    seen = SeenField()
    from_month = MonthFormField(required=True, label="From")

    def __init__(self, *args: Any, weights: Mapping[str, Decimal], **kwargs: Any) -> None:
        """``weights`` are those that stand, by the KPI's code."""
        super().__init__(*args, **{"label_suffix": "", **kwargs})
        offered = Kpi.objects.in_matrix_order().filter(state=KpiState.PUBLISHED)
        self._kpis = [kpi for kpi in offered if kpi.retired_from is None or kpi.code in weights]
        for kpi in self._kpis:
            self.fields[field_of(kpi.code)] = _weight(kpi, weights.get(kpi.code))

    @property
    def month(self) -> Month:
        """From when on."""
        found: Month = self.cleaned_data["from_month"]
        return found

    @property
    def weights(self) -> dict[Kpi, Decimal]:
        """The KPIs that count, and what each weighs."""
        found = ((kpi, self.cleaned_data[field_of(kpi.code)]) for kpi in self._kpis)
        return {kpi: weight for kpi, weight in found if weight}


def _weight(kpi: Kpi, percent: Decimal | None) -> forms.DecimalField:
    field = forms.DecimalField(
        label=kpi.name,
        required=False,
        max_digits=7,
        decimal_places=4,
        initial=None if percent is None else percent_text(percent),
    )
    field.widget.attrs.update({"min": "0", "max": "100", "step": "any"})
    return field


class TakeWeightsBackForm(Form):
    """Why a set counts no longer."""

    reason = WordsFormField(max_length=500, label="Why they are taken back")
