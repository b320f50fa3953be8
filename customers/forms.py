"""Forms about tiers, customers, where they belong and what happened to them."""

from __future__ import annotations

from datetime import date
from typing import Any, ClassVar

from django import forms
from django.utils.text import slugify

from accounts.company import today
from accounts.models import User
from core.fields import WordsFormField
from core.forms import DayField, Form, ModelForm, MonthFormField, name_blanks
from core.keys import why_no_code
from core.periods import month_of
from core.stale import SeenField, SeenForm
from customers.choices import LAST_RANK, LifecycleKind
from customers.models import Customer, Tier, TierMembership


class TierForm(ModelForm[Tier]):
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


class NewTierForm(ModelForm[Tier]):
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


class RetireTierForm(Form):
    """From when on a tier is retired; ``confirmed`` once the numbers were seen."""

    seen = SeenField()
    from_month = MonthFormField(required=True, label="From")
    confirmed = forms.CharField(required=False, widget=forms.HiddenInput)


class MembershipForm(ModelForm[TierMembership]):
    """From a day on a customer is in a tier, or in none."""

    class Meta:
        model = TierMembership
        fields = ("customer", "starts_on", "tier")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "tier" in self.fields:
            self.fields["tier"].queryset = Tier.objects.real()  # type: ignore[attr-defined]
            self.fields["tier"].empty_label = "No tier"  # type: ignore[attr-defined]


class FirstTiersForm(Form):
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
            self.fields[f"name_{at}"] = WordsFormField(
                max_length=100, required=False, initial=name, label=f"Name of tier {at}"
            )
            self.fields[f"code_{at}"] = WordsFormField(
                max_length=40, why=why_no_code, required=False, initial=name.lower(), label=f"Code of tier {at}"
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


class MoveForm(Form):
    """To a tier, or to none, from a day on."""

    tier = forms.ModelChoiceField(
        Tier.objects.real(), to_field_name="code", required=False, empty_label="No tier", label="Tier"
    )
    starts_on = DayField(label="From")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        tier = self.fields["tier"]
        assert isinstance(tier, forms.ModelChoiceField)  # noqa: S101 - for the type checker
        tier.queryset = Tier.objects.in_use(month_of(today()))

    @classmethod
    def of(cls, data: Any, day: date) -> MoveForm:
        """As an address fills it in; from today where it says nothing."""
        return cls(data) if "starts_on" in data else cls(initial={**data.dict(), "starts_on": day})


class EventForm(Form):
    """What happened to a customer on a day."""

    kind = forms.ChoiceField(choices=LifecycleKind.choices, label="What happened")
    on = DayField(label="On")


class RetirementForm(Form):
    """From which day on a customer is in no picker and no list."""

    retired_from = DayField(label="Retired from")
