"""Forms of one's own account."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django import forms
from django.contrib.auth import authenticate
from django.http import HttpRequest

from accounts.choices import DateFormat, NumberFormat
from accounts.company import today
from accounts.forms.tokens import OwnTokenForm
from accounts.models import User
from accounts.models.people import TOKEN_DAYS
from accounts.rules import people as rules
from accounts.rules.tokens import LONGEST_DAYS
from accounts.wording import WORDS
from core.fields import WordsFormField
from core.forms import DayField, Form, ModelForm
from core.texts import sentence

WRONG = "That is not your password. Nothing was changed."


class ProfileForm(ModelForm[User]):
    """Name, how numbers and dates are written, and single keys."""

    name = WordsFormField(label="Name", max_length=150, widget=forms.TextInput(attrs={"autocomplete": "name"}))
    number_format = forms.ChoiceField(label="Numbers", choices=NumberFormat.choices, widget=forms.RadioSelect)
    date_format = forms.ChoiceField(label="Dates", choices=DateFormat.choices, widget=forms.RadioSelect)
    single_keys = forms.BooleanField(
        label="Single keys lead on: [ to the period before, ] to the one after",
        required=False,
        help_text="Switch them off where you dictate, or press keys by chance.",
    )

    class Meta:
        model = User
        fields = ("name", "number_format", "date_format", "single_keys")


class MailForm(Form):
    """A new address, which the password confirms: whoever finds a browser open must not take the account with it."""

    email = forms.EmailField(label="New e-mail address", max_length=254)
    password = forms.CharField(
        label="Your password",
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
        strip=False,
    )

    def __init__(self, *args: Any, request: HttpRequest, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.request, self.user = request, user

    def clean_email(self) -> str:
        """In lower case, and nobody else's."""
        email = str(self.cleaned_data["email"]).strip().lower()
        if found := list(rules.address_problems(email, but=self.user)):
            raise forms.ValidationError([sentence(reason) for _, reason in found])
        return email

    def clean_password(self) -> str:
        """The password, asked as signing in asks it: failures count."""
        typed = str(self.cleaned_data["password"])
        if authenticate(self.request, username=self.user.get_username(), password=typed) is None:
            raise forms.ValidationError(WRONG)
        return typed


class ProfileTokenForm(OwnTokenForm):
    """A token of one's own, with its scopes in words and its last day."""

    expires_on = DayField(
        label="Last day",
        required=False,
        help_text=f"{TOKEN_DAYS} days from now unless you choose another day; a year at most.",
    )

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, user=user, **kwargs)
        scopes: Any = self.fields["scopes"]
        scopes.choices = [(value, WORDS[value]) for value, _ in scopes.choices]
        day = today()
        self.fields["expires_on"].initial = day + timedelta(days=TOKEN_DAYS)
        self.fields["expires_on"].widget.attrs |= {
            "min": day.isoformat(),
            "max": (day + timedelta(days=LONGEST_DAYS)).isoformat(),
        }
