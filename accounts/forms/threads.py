"""What is asked, answered and agreed, as pages send it."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from accounts.choices import LONGEST_ACTION, LONGEST_WORD
from accounts.models import User
from accounts.rules.threads import NewAction
from core.fields import WordsFormField
from core.forms import DayField, Form, id_of

_ACTION = ("action", "owner", "due")


class WordForm(Form):
    """A question or an answer; where the person may note one, with an action."""

    text = WordsFormField(max_length=LONGEST_WORD, required=False, widget=forms.Textarea(attrs={"rows": 2}))
    action = WordsFormField(max_length=LONGEST_ACTION, required=False, label="What is to be done")
    owner = forms.ChoiceField(required=False, label="By whom")
    due = DayField(required=False, label="Until")

    def __init__(self, data: Any = None, *, people: list[User], prefix: str) -> None:
        """``people`` may be given an action; none: no action can be noted. ``prefix`` tells forms of a page apart."""
        super().__init__(data, auto_id=f"{prefix}-%s", label_suffix="")
        self.people = people
        choices = [(str(person.pk), str(person)) for person in people]
        self.fields["owner"].choices = [("", "Choose"), *choices]  # type: ignore[attr-defined]
        if not people:
            for name in _ACTION:
                del self.fields[name]

    @property
    def takes_action(self) -> bool:
        """Whether an action can be noted."""
        return "action" in self.fields

    @property
    def has_action(self) -> bool:
        """Whether anything of an action was written, or is wrong with it."""
        return any(field.errors or field.value() for field in self.action_fields)

    @property
    def action_fields(self) -> list[forms.BoundField]:
        """What an action is made of; none where none can be noted."""
        return [self[name] for name in _ACTION if name in self.fields]

    @property
    def new_action(self) -> NewAction | None:
        """The action; None where nothing of one was written."""
        given = self.cleaned_data
        if not any(given.get(name) for name in _ACTION):
            return None
        pk = id_of(given.get("owner") or "")
        owner = next((person for person in self.people if person.pk == pk), None)
        return NewAction(given.get("action") or "", owner, given.get("due"))

    def refuse(self, error: ValidationError) -> None:
        """Put what a service refuses at its field."""
        for name, texts in error.message_dict.items():
            self.add_error(name if name in self.fields else None, texts)
