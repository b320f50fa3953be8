"""Forms about tiers, customers, where they belong and what happened to them."""

from __future__ import annotations

from datetime import date
from typing import Any, ClassVar

from django import forms
from django.utils.text import slugify

from accounts.models import User
from core.forms import DayField, name_blanks
from core.stale import SeenForm
from customers.choices import LAST_RANK, LifecycleKind
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


class FirstTiersForm(forms.Form):
    """The first tiers, best first, a row each: code, name and rank. A row without a name is left out."""

    names = ("Platinum", "Gold", "Silver", "Bronze")
    spare = 2  # rows beside those that are proposed

    def __init__(self, data: Any = None, *, last_rank: int | None = None) -> None:
        super().__init__(data, label_suffix="")
        proposed = () if last_rank is not None else self.names
        self.count = len(proposed) + self.spare
        for at in range(1, self.count + 1):
            name = proposed[at - 1] if at <= len(proposed) else ""
            rank = (last_rank or 0) + at
            self.fields[f"name_{at}"] = forms.CharField(
                max_length=100, required=False, initial=name, label=f"Name of tier {at}"
            )
            self.fields[f"code_{at}"] = forms.CharField(
                max_length=40, required=False, initial=name.lower(), label=f"Code of tier {at}"
            )
            self.fields[f"rank_{at}"] = forms.IntegerField(
                min_value=1, max_value=LAST_RANK, required=False, initial=rank, label=f"Rank of tier {at}"
            )

    @property
    def lines(self) -> list[list[forms.BoundField]]:
        """The fields of each row."""
        return [[self[f"{part}_{at}"] for part in ("name", "code", "rank")] for at in range(1, self.count + 1)]

    @property
    def rows(self) -> list[tuple[int, dict[str, Any]]]:
        """The tiers that were named, each with its row; a code that was left out is made of the name."""
        given = self.cleaned_data
        named = [at for at in range(1, self.count + 1) if given.get(f"name_{at}")]
        return [(at, self._tier(at)) for at in named]

    def _tier(self, at: int) -> dict[str, Any]:
        name, code, rank = (self.cleaned_data.get(f"{part}_{at}") for part in ("name", "code", "rank"))
        return {"name": name, "code": code or slugify(str(name)), "rank": rank or at}

    def clean(self) -> dict[str, Any]:
        """At least one."""
        if not any(value for name, value in self.cleaned_data.items() if name.startswith("name_")):
            raise forms.ValidationError("Name a tier first.")
        return self.cleaned_data


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
