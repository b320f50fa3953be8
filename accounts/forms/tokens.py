"""A token for oneself."""

from __future__ import annotations

from typing import Any

from django import forms

from accounts.models import ApiToken, User
from accounts.rights import GRANTS, Right
from core.fields import WordsFormField
from core.forms import Form


class OwnTokenForm(Form):
    """What uses the token, and what it may do of what its person may; reading alone unless more is ticked."""

    name = WordsFormField(
        label="What uses it",
        max_length=ApiToken._meta.get_field("name").max_length,
        initial="My program",
    )
    scopes = forms.MultipleChoiceField(
        label="What it may do",
        widget=forms.CheckboxSelectMultiple,
        initial=[Right.READ.value],
        help_text="Of what your roles allow. Give it no more than it needs.",
    )

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices: Any = self.fields["scopes"]
        choices.choices = [
            (right.value, right.label) for right in Right if user.is_superuser or user.roles & GRANTS[right]
        ]
