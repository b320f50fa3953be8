"""What people give to propose a benefit, and to say what it brought."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from core.fields import WordsFormField
from core.periods import Month, PeriodError, parse_month
from customers.models import Tier
from initiatives.choices import BenefitKind
from kpis.models import Kpi


class MonthInput(forms.CharField):
    """A month as ``2026-09``."""

    widget = forms.TextInput(attrs={"type": "month", "placeholder": "2026-09", "pattern": r"\d{4}-\d{2}"})

    def clean(self, value: Any) -> Month | None:
        """The month. Raises ValidationError where the text is none."""
        text = str(super().clean(value) or "")
        try:
            return parse_month(text) if text else None
        except PeriodError as error:
            raise ValidationError(f"{error}.") from error


def _amount(label: str, **options: Any) -> forms.DecimalField:
    return forms.DecimalField(label=label, max_digits=16, decimal_places=4, **options)


class BenefitForm(forms.Form):
    """A planned benefit."""

    name = WordsFormField(max_length=120, label="What it brings")
    kind = forms.ChoiceField(choices=BenefitKind.choices, label="Counted in")
    value_per_year = _amount("So much a year", help_text="In money, or in the KPI’s unit: 2 for two points.")
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
    from_month = MonthInput(label="From")
    note = WordsFormField(required=False, widget=forms.Textarea(attrs={"rows": 3}), label="Why that much")

    def __init__(self, data: Any = None) -> None:
        super().__init__(data, label_suffix="")


class RealisedForm(forms.Form):
    """What a benefit brought in a month."""

    month = MonthInput(label="Month")
    value = _amount("Brought", required=False, help_text="In the benefit’s currency; empty takes the month out.")
    note = WordsFormField(required=False, max_length=2000, label="Note")
    seen = _amount("Seen", required=False, widget=forms.HiddenInput)

    def __init__(self, data: Any = None) -> None:
        super().__init__(data, label_suffix="")
