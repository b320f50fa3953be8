"""Forms of the admin."""

from __future__ import annotations

from typing import Any

from django import forms

from customers.choices import TierScope
from customers.models import Tier
from initiatives.models import PainPoint


class PainPointForm(forms.ModelForm[PainPoint]):
    """A pain point, of a tier or of all customers."""

    class Meta:
        model = PainPoint
        fields = ("source", "department", "theme", "tier", "month", "mentions", "severity", "revenue_at_risk")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "tier" in self.fields:
            self.fields["tier"].queryset = Tier.objects.exclude(scope=TierScope.UNTIERED)  # type: ignore[attr-defined]

    def clean_severity(self) -> int:
        """1 to 5."""
        severity = int(self.cleaned_data["severity"])
        if not 1 <= severity <= 5:
            raise forms.ValidationError("Severity runs from 1 to 5.")
        return severity

    def clean_revenue_at_risk(self) -> Any:
        """Money, if it is known."""
        amount = self.cleaned_data["revenue_at_risk"]
        if amount is not None and amount < 0:
            raise forms.ValidationError("Must not be negative.")
        return amount
