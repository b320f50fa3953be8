"""The form of a re-tiering: by which KPI, where the cuts lie, who is kept near one, and from when on."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from fractions import Fraction
from typing import Any

from django import forms

from core.forms import DayField, Form, MonthFormField
from core.periods import Month
from customers.models import Tier
from kpis.choices import CutBy
from kpis.forms.lifecycle import measured_kpis
from kpis.models import Kpi
from kpis.rules.retiering import LONGEST_WINDOW, MOST_ENDS, Terms

_AMOUNT = forms.NumberInput(attrs={"step": "any", "size": 10})


class RetieringForm(Form):
    """The terms of a re-tiering, with a field for each cut: ``cut_0`` is that of the best tier."""

    kpi = forms.ModelChoiceField(
        Kpi.objects.none(), to_field_name="code", label="Ranked by", empty_label="Choose a KPI"
    )
    months = forms.IntegerField(
        min_value=1,
        max_value=LONGEST_WINDOW,
        label="Over how many months",
        help_text="A trailing KPI always takes twelve",
    )
    end = MonthFormField(required=True, label="Until the end of")
    by = forms.ChoiceField(choices=CutBy.choices, label="Cut by")
    percent = forms.DecimalField(
        required=False,
        min_value=0,
        max_digits=7,
        decimal_places=4,
        label="Moves only when past the line by (%)",
        help_text="Empty: everybody moves as ranked",
        widget=_AMOUNT,
    )
    ends = forms.IntegerField(
        required=False,
        min_value=2,
        max_value=MOST_ENDS,
        label="Or when ranked there at so many month ends in a row",
        help_text=f"How many, 2 to {MOST_ENDS}; empty: not asked",
    )
    starts_on = DayField(label="In force from")

    def __init__(self, *args: Any, tiers: Sequence[Tier], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["kpi"].queryset = measured_kpis()  # type: ignore[attr-defined]
        for number, tier in enumerate(tiers[:-1]):
            self.fields[f"cut_{number}"] = forms.DecimalField(
                max_digits=16,
                decimal_places=4,
                label=f"{tier.name} down to",
                help_text="" if number else "In percent, in customers or in the KPI’s unit, as chosen above",
                widget=_AMOUNT,
            )
        names = [f"cut_{number}" for number in range(len(tiers[:-1]))]
        self.order_fields(["kpi", "months", "end", "by", *names, "percent", "ends", "starts_on"])
        self.cut_names = names

    def add_refusal(self, field: str, reasons: Any) -> None:
        """What a service refused, beside the field that it names: of the cuts beside the first."""
        name = self.cut_names[0] if field == "cuts" and self.cut_names else field
        self.add_error(name if name in self.fields else None, reasons)

    @property
    def sent(self) -> list[tuple[str, str]]:
        """What was sent, for the act that follows a look."""
        return [(name, self.data.get(name, "")) for name in self.fields]

    @property
    def terms(self) -> Terms:
        """What was asked for."""
        data = self.cleaned_data
        percent = data["percent"]
        return Terms(
            kpi=data["kpi"],
            end=Month(data["end"]),
            months=data["months"],
            by=CutBy(data["by"]),
            cuts=tuple(Fraction(data[name]) for name in self.cut_names),
            starts_on=data["starts_on"],
            percent=None if percent is None else Fraction(percent),
            ends=data["ends"] or 0,
        )


def first_terms(end: Month, starts_on: date, tiers: Sequence[Tier]) -> dict[str, Any]:
    """What the form begins with: twelve months, shares, and a tenth of the cut's amount."""
    shares = (5, 20, 50, 80, 90, 95, 97, 98, 99)
    cuts = {f"cut_{number}": share for number, share in zip(range(len(tiers) - 1), shares, strict=False)}
    return {"months": 12, "end": end, "by": CutBy.SHARE.value, "percent": 10, "starts_on": starts_on, **cuts}
