"""What people give to move a stage."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms

from core.fields import WordsFormField
from core.forms import DayField, Form
from initiatives.choices import Stage

if TYPE_CHECKING:
    from initiatives.pages.stage_moves import Move


class MoveForm(Form):
    """A step from the stage that the person saw; a reason and a day where the step takes them."""

    seen = forms.ChoiceField(choices=Stage.choices, widget=forms.HiddenInput)

    def __init__(self, data: Any = None, *, move: Move, **kwargs: Any) -> None:
        super().__init__(data, label_suffix="", **kwargs)
        words = forms.Textarea(attrs={"rows": 3})
        label = move.reason_label if move.needs_reason else f"{move.reason_label} (optional)"
        self.fields["reason"] = WordsFormField(label=label, widget=words, required=move.needs_reason)
        if move.takes_day:
            self.fields["on"] = DayField(label="On", required=False, help_text="Today where empty.")
