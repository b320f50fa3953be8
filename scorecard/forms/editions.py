"""What people write where they close a period."""

from __future__ import annotations

from typing import Any

from django import forms

from core.fields import WordsFormField
from core.forms import Form
from scorecard.models.editions import LONGEST_REASON, LONGEST_SUMMARY


class WaiveForm(Form):
    """Let go of one thing that is missing, or (without ``item``) of all that is left."""

    item = forms.CharField(required=False, max_length=200, widget=forms.HiddenInput)
    reason = WordsFormField(label="Why it may be missing", max_length=LONGEST_REASON)

    def __init__(self, data: Any = None) -> None:
        super().__init__(data, label_suffix="")


class PrepareForm(Form):
    """What a period was like, and of a further edition why it is issued."""

    summary = WordsFormField(
        label="Summary",
        required=False,
        max_length=LONGEST_SUMMARY,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text="What the period was like. It stands in the edition; [[kpi@tier]] is that cell’s value.",
    )
    reason = WordsFormField(
        label="Reason",
        max_length=LONGEST_REASON,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="What arrived, and why it was late. It stands in the edition.",
    )

    def __init__(self, data: Any = None, *, number: int, initial: dict[str, Any] | None = None) -> None:
        super().__init__(data, label_suffix="", initial=initial)
        if number == 1:
            del self.fields["reason"]


class SignForm(Form):
    """What was shown to whoever signs."""

    digest = forms.CharField(max_length=64, widget=forms.HiddenInput)


class RefuseForm(SignForm):
    """The same, and why it is sent back."""

    why = WordsFormField(
        label="Why it is not signed",
        max_length=LONGEST_REASON,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="Whoever prepared it gets this in a mail.",
    )

    def __init__(self, data: Any = None, *, initial: dict[str, Any] | None = None) -> None:
        super().__init__(data, auto_id="refusal-%s", label_suffix="", initial=initial)
