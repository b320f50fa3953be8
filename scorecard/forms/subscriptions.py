"""How a person wants their digest."""

from __future__ import annotations

from typing import Any

from django import forms

from accounts.models import Department
from core.forms import Form
from customers.choices import TierScope
from customers.models import Tier
from scorecard.choices import Followed, ReportFormat
from scorecard.models.subscriptions import LAST_DAY

PACKS = (("", "none, the mail is enough"), *ReportFormat.choices)


class SubscriptionForm(Form):
    """Which periods, from which day on, with what, cut down to what."""

    months = forms.BooleanField(label="Every month", required=False)
    quarters = forms.BooleanField(label="Every quarter", required=False)
    years = forms.BooleanField(label="Every fiscal year", required=False)
    day = forms.IntegerField(
        label="From this day of the month after",
        min_value=1,
        max_value=LAST_DAY,
        help_text="A period that was closed by then is told as it was signed, as soon as it is. "
        "One that is still open is told on this day with the numbers of then, marked so.",
    )
    format = forms.ChoiceField(label="Board pack", choices=PACKS, required=False)
    tiers = forms.ModelMultipleChoiceField(
        label="Tiers", queryset=Tier.objects.none(), required=False, widget=forms.CheckboxSelectMultiple
    )
    departments = forms.ModelMultipleChoiceField(
        label="Departments", queryset=Department.objects.none(), required=False, widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, data: Any = None, *, initial: dict[str, Any] | None = None) -> None:
        super().__init__(data, label_suffix="", initial=initial)
        tiers: Any = self.fields["tiers"]
        tiers.queryset = Tier.objects.exclude(scope=TierScope.UNTIERED)
        tiers.help_text = "None ticked: all of them."
        departments: Any = self.fields["departments"]
        departments.queryset = Department.objects.order_by("name")
        departments.help_text = "None ticked: all of them."


class FollowForm(Form):
    """A thing by its kind and key."""

    kind = forms.ChoiceField(choices=Followed.choices, widget=forms.HiddenInput)
    key = forms.CharField(max_length=300, widget=forms.HiddenInput)
    next = forms.CharField(required=False, max_length=500, widget=forms.HiddenInput)
