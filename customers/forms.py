"""Forms about tiers, customers, where they belong and what happened to them."""

from __future__ import annotations

from datetime import date
from typing import Any, ClassVar

from django import forms

from accounts.models import User
from core.forms import DayField, name_blanks
from core.stale import SeenForm
from customers.choices import LifecycleKind
from customers.models import Customer, Tier, TierMembership


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


def _day(label: str, **options: Any) -> DayField:
    return DayField(label=label, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"), **options)


class CustomerForm(SeenForm):
    """A customer; its number is given once, for files and programs know it by that."""

    class Meta:
        model = Customer
        fields = ("external_id", "name", "business_unit", "region", "is_key_account", "account_manager")
        labels: ClassVar = {"external_id": "Number", "is_key_account": "Key account"}
        help_texts: ClassVar = {
            "external_id": "As your other systems know it; it cannot be changed later",
            "account_manager": "Who looks after it, and is asked about it",
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        manager = self.fields["account_manager"]
        assert isinstance(manager, forms.ModelChoiceField)  # noqa: S101 - for the type checker
        manager.queryset = User.objects.filter(is_active=True).order_by("name", "email")
        name_blanks(self, business_unit="None", account_manager="Nobody")
        if self.instance.pk:
            del self.fields["external_id"]

    def _post_clean(self) -> None:
        """The service validates: it is asked by every door."""

    @property
    def values(self) -> dict[str, Any]:
        """The fields for the service."""
        return {name: value for name, value in self.cleaned_data.items() if name != "seen"}


class MoveForm(forms.Form):
    """To a tier, or to none, from a day on."""

    tier = forms.ModelChoiceField(
        Tier.objects.current(), to_field_name="code", required=False, empty_label="No tier", label="Tier"
    )
    starts_on = _day("From")

    @classmethod
    def of(cls, data: Any, today: date) -> MoveForm:
        """As an address fills it in; from today where it says nothing."""
        return cls(data) if "starts_on" in data else cls(initial={**data.dict(), "starts_on": today})


class EventForm(forms.Form):
    """What happened to a customer on a day."""

    kind = forms.ChoiceField(choices=LifecycleKind.choices, label="What happened")
    on = _day("On")


class RetirementForm(forms.Form):
    """From which day on a customer is in no picker and no list."""

    retired_from = _day("Retired from")
