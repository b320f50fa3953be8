"""What an administrator sets for the register, and finance's yearly rates."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django import forms

from accounts.models import ExchangeRate
from core.fields import ExactFormField
from core.forms import Form
from core.stale import SeenField, carry, mark_shown
from initiatives.models import Policy
from initiatives.services.settings import POLICY_FIELDS

_LABELS = {
    "cost_band_2": "Band 2 from",
    "cost_band_3": "Band 3 from",
    "cost_band_4": "Band 4 from",
    "cost_band_5": "Band 5 from",
    "silence_key_account": "Key accounts",
    "silence_business_unit": "Business units",
    "silence_corporate": "Corporate",
}


class PolicyForm(Form):
    """Thresholds of cost bands, and the days of silence by level."""

    seen = SeenField()

    def __init__(self, data: Any = None, *, policy: Policy) -> None:
        super().__init__(data, label_suffix="", initial={"seen": mark_shown(policy)})
        for name in POLICY_FIELDS:
            self.fields[name] = self._field(name, initial=getattr(policy, name), label=_LABELS[name])

    @staticmethod
    def _field(name: str, **options: Any) -> forms.Field:
        if name.startswith("cost"):
            return ExactFormField(**options)
        return forms.IntegerField(min_value=1, max_value=3650, **options)

    @property
    def bands(self) -> list[forms.BoundField]:
        """The fields of money."""
        return [self[name] for name in POLICY_FIELDS if name.startswith("cost")]

    @property
    def silences(self) -> list[forms.BoundField]:
        """The fields of days."""
        return [self[name] for name in POLICY_FIELDS if name.startswith("silence")]

    @property
    def values(self) -> dict[str, Decimal | int]:
        """What was given, by field."""
        return {name: self.cleaned_data[name] for name in POLICY_FIELDS}


class RateForm(Form):
    """A rate; empty takes it out."""

    currency = forms.CharField(max_length=3, label="Currency")
    year = forms.IntegerField(min_value=1900, max_value=9999, label="Fiscal year")
    rate = forms.DecimalField(max_digits=18, decimal_places=8, required=False, label="One unit is worth")
    seen = forms.DecimalField(max_digits=18, decimal_places=8, required=False, widget=forms.HiddenInput)

    def __init__(self, data: Any = None) -> None:
        super().__init__(data, label_suffix="")

    def show_again(self) -> None:
        """Carry the rate that is there now: what was typed, sent once more, is then a decision."""
        row = self.row
        carry(self, f"{row.rate.normalize():f}" if row else "")

    @property
    def row(self) -> ExchangeRate | None:
        """The rate that is there now."""
        given = self.cleaned_data
        return ExchangeRate.objects.filter(currency=given["currency"].strip().upper(), year=given["year"]).first()
