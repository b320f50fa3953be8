"""Forms about tiers and where customers belong."""

from __future__ import annotations

from typing import Any

from django import forms

from customers.models import Tier, TierMembership


class TierForm(forms.ModelForm[Tier]):
    """A tier's name, rank, and whether it is still given."""

    class Meta:
        model = Tier
        fields = ("code", "name", "rank", "retired")


class MembershipForm(forms.ModelForm[TierMembership]):
    """From a day on a customer is in a tier, or in none."""

    class Meta:
        model = TierMembership
        fields = ("customer", "starts_on", "tier")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "tier" in self.fields:
            self.fields["tier"].queryset = Tier.objects.real()  # type: ignore[attr-defined]
            self.fields["tier"].empty_label = "No tier"  # type: ignore[attr-defined]
