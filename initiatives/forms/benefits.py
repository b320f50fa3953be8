"""What people give to propose a benefit, and to say what it brought."""

from __future__ import annotations

from typing import Any

from django import forms

from core.fields import ExactFormField, WordsFormField
from core.forms import Form, MonthFormField
from customers.models import Tier
from initiatives.choices import BenefitKind
from kpis.models import Kpi


def _month(label: str) -> MonthFormField:
    picker = {"type": "month", "placeholder": "2026-09", "pattern": r"\d{4}-\d{2}"}
    field = MonthFormField(label=label, widget=forms.TextInput(attrs=picker))
    field.help_text = ""  # the picker says how one looks
    return field


class BenefitForm(Form):
    """A planned benefit."""

    name = WordsFormField(max_length=120, label="What it brings")
    kind = forms.ChoiceField(choices=BenefitKind.choices, label="Counted in")
    value_per_year = ExactFormField(
        label="So much a year", help_text="In money, or in the KPI’s unit: 2 for two points."
    )
    currency = forms.CharField(max_length=3, required=False, help_text="The company’s where empty.")
    kpi = forms.ModelChoiceField(
        Kpi.objects.filter(formula=""),
        required=False,
        label="KPI",
        empty_label="none: it is counted in money",
        help_text="Where it is counted in one.",
    )
    tier = forms.ModelChoiceField(
        Tier.objects.real(), required=False, label="Tier", empty_label="all customers", help_text="Of the KPI."
    )
    from_month = _month("From")
    note = WordsFormField(required=False, widget=forms.Textarea(attrs={"rows": 3}), label="Why that much")

    def __init__(self, data: Any = None) -> None:
        super().__init__(data, label_suffix="")


class RealisedForm(Form):
    """What a benefit brought in a month."""

    month = _month("Month")
    value = ExactFormField(
        label="Brought", required=False, help_text="In the benefit’s currency; empty takes the month out."
    )
    note = WordsFormField(required=False, max_length=2000, label="Note")
    seen = ExactFormField(label="Seen", required=False, widget=forms.HiddenInput)

    def __init__(self, data: Any = None) -> None:
        super().__init__(data, label_suffix="")
