"""What stewards give to set a step, and to take one back. The services validate."""

from __future__ import annotations

from typing import Any

from django import forms

from core.fields import WordsFormField
from core.forms import Form, MonthFormField
from customers.choices import TierScope
from customers.models import Tier


class StepForm(Form):
    """From when on limits are taken anew, for which column, and why."""

    month = MonthFormField(required=True, label="From")
    tier = forms.ModelChoiceField(
        Tier.objects.exclude(scope=TierScope.UNTIERED), required=False, empty_label="All columns", label="Column"
    )
    reason = WordsFormField(
        widget=forms.Textarea(attrs={"rows": 2}), help_text="What changed the process; it stands in the chart"
    )

    @property
    def values(self) -> dict[str, Any]:
        """The fields for the service."""
        return self.cleaned_data


class TakeStepBackForm(Form):
    """Why a step counts no longer."""

    reason = WordsFormField(max_length=500, label="Why it is taken back")
