"""What the first administrator fills in."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError

from accounts.choices import Role
from accounts.models import User
from core.fields import WordsFormField
from core.forms import Form

# What one takes for oneself while setting up; an integrator's role is for a program.
OWN_ROLES = tuple(role for role in Role if role not in {Role.INTEGRATOR, Role.ADMINISTRATOR})
_PASSWORD = forms.PasswordInput(attrs={"autocomplete": "new-password"})


class FirstAdministratorForm(Form):
    """A name, an e-mail address to sign in with, and a password, twice."""

    name = WordsFormField(max_length=150, label="Your name", widget=forms.TextInput(attrs={"autocomplete": "name"}))
    email = forms.EmailField(
        max_length=254,
        label="E-mail address",
        help_text="You sign in with it. No mail is sent now.",
        widget=forms.EmailInput(attrs={"autocomplete": "username"}),
    )
    password1 = forms.CharField(
        label="Password",
        strip=False,
        widget=_PASSWORD,
        help_text="At least 10 characters; not one that is easy to guess.",
    )
    password2 = forms.CharField(label="Password, again", strip=False, widget=_PASSWORD)

    def __init__(self, data: Any = None) -> None:
        super().__init__(data, label_suffix="")

    def clean(self) -> dict[str, Any]:
        """The same password twice, and one that will do."""
        values = super().clean() or {}
        first, again = values.get("password1"), values.get("password2")
        if first and again and first != again:
            self.add_error("password2", "The two passwords differ.")
        elif first:
            try:
                validate_password(first, User(email=values.get("email", ""), name=values.get("name", "")))
            except ValidationError as error:
                self.add_error("password1", error)
        return values

    @property
    def values(self) -> dict[str, str]:
        """What was given, as the service takes it."""
        given = self.cleaned_data
        return {"name": given["name"], "email": given["email"], "password": given["password1"]}


class OwnRolesForm(Form):
    """Further roles that an administrator takes."""

    roles = forms.MultipleChoiceField(
        choices=[(role.value, role.label) for role in OWN_ROLES],
        widget=forms.CheckboxSelectMultiple,
        label="Take roles yourself",
        error_messages={"required": "Choose a role first."},
    )

    def __init__(self, person: User, data: Any = None) -> None:
        super().__init__(data, label_suffix="")
        open_to = [role for role in OWN_ROLES if role not in person.roles]
        self.fields["roles"].choices = [(role.value, role.label) for role in open_to]  # type: ignore[attr-defined]
