"""What is done about an early warning, as its page sends it. The service validates."""

from __future__ import annotations

from typing import Any

from django import forms

from accounts.choices import LONGEST_ACTION
from accounts.forms.threads import WordForm
from accounts.models import User
from core.fields import WordsFormField
from scorecard.choices import WarningAnswer


class WarningActionForm(WordForm):
    """Seen, an action with its owner and day, or nothing and why. The button that was pressed says which."""

    text = WordsFormField(max_length=LONGEST_ACTION, required=False, label="Why nothing is to be done")
    kind = forms.ChoiceField(choices=WarningAnswer.choices, error_messages={"required": "Say what was done."})

    def __init__(self, data: Any = None, *, people: list[User], owner: int | None = None) -> None:
        """``owner`` is the id of the person that an action is for unless somebody else is chosen."""
        super().__init__(data, people=people, prefix="warning")
        self.initial = {"owner": owner}

    @property
    def values(self) -> dict[str, Any]:
        """For the service."""
        kind = WarningAnswer(self.cleaned_data["kind"])
        action = self.new_action if kind == WarningAnswer.ACTION and self.takes_action else None
        return {
            "kind": kind,
            "text": self.cleaned_data["text"] if kind == WarningAnswer.NOTHING else "",
            "action": action,
        }
