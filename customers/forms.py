"""Forms about tiers and where customers belong."""

from __future__ import annotations

from typing import Any, ClassVar

from django import forms

from core.forms import MonthFormField
from core.stale import SeenField, SeenForm
from customers.models import Tier, TierMembership


class TierForm(forms.ModelForm[Tier]):
    """A tier's name and rank; it is retired on its page, which says first whom that concerns."""

    class Meta:
        model = Tier
        fields = ("code", "name", "rank")


class EditTierForm(SeenForm):
    """A tier's name and rank, as somebody else may have changed them meanwhile."""

    class Meta:
        model = Tier
        fields = ("name", "rank")
        help_texts: ClassVar = {"rank": "1 is the best: the matrix has the tiers in this order"}

    def _post_clean(self) -> None:
        """The service validates: it is asked by every door."""


class NewTierForm(forms.ModelForm[Tier]):
    """A tier that is to be."""

    class Meta:
        model = Tier
        fields = ("code", "name", "rank")
        help_texts: ClassVar = {
            "code": "In files and addresses; it stays",
            "rank": "1 is the best: the matrix has the tiers in this order",
        }

    def _post_clean(self) -> None:
        """As above."""


class RetireTierForm(forms.Form):
    """From when on a tier is retired; ``confirmed`` once the numbers were seen."""

    seen = SeenField()
    from_month = MonthFormField(required=True, label="From")
    confirmed = forms.CharField(required=False, widget=forms.HiddenInput)


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
