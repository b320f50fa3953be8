"""What people give to move a stage, to write a milestone, a document, a saved view."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms

from core.forms import DayField
from core.stale import SeenField
from initiatives.choices import Stage

if TYPE_CHECKING:
    from initiatives.pages.stage_moves import Move


def _day(**kwargs: Any) -> forms.DateField:
    return DayField(widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"), **kwargs)


class MoveForm(forms.Form):
    """A step from the stage that the person saw; a reason and a day where the step takes them."""

    seen = forms.ChoiceField(choices=Stage.choices, widget=forms.HiddenInput)

    def __init__(self, data: Any = None, *, move: Move, **kwargs: Any) -> None:
        super().__init__(data, label_suffix="", **kwargs)
        words = forms.Textarea(attrs={"rows": 3})
        label = move.reason_label if move.needs_reason else f"{move.reason_label} (optional)"
        self.fields["reason"] = forms.CharField(label=label, widget=words, required=move.needs_reason)
        if move.takes_day:
            self.fields["on"] = _day(label="On", required=False, help_text="Today where empty.")


class MilestoneForm(forms.Form):
    """A new milestone."""

    title = forms.CharField(max_length=200, label="Milestone")
    due = _day(label="Due")


class RedateForm(forms.Form):
    """Another day for a milestone, and why."""

    due = _day(label="Due")
    reason = forms.CharField(label="Why", max_length=2000)
    seen = SeenField()


class RenameForm(forms.Form):
    """Another title for a milestone."""

    title = forms.CharField(max_length=200, label="Title")


class DropForm(forms.Form):
    """Why a milestone counts no more."""

    reason = forms.CharField(label="Why", max_length=2000)


class DocumentForm(forms.Form):
    """A link to something written."""

    title = forms.CharField(max_length=200, label="Title")
    url = forms.URLField(max_length=500, label="Address", assume_scheme="https")
