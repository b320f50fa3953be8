"""Forms about people and tokens."""

from __future__ import annotations

from typing import Any, cast

from django import forms
from django.contrib.auth.forms import AuthenticationForm

from accounts.models import ApiToken, User
from accounts.rights import Right


class SignInForm(AuthenticationForm):
    """E-mail address and password."""

    error_messages = {
        "invalid_login": "This e-mail address and password do not belong together. Try again, or set a new password.",
        "inactive": "This account is closed. Ask an administrator.",
    }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["username"].label = "E-mail address"
        self.fields["username"].widget = forms.EmailInput(attrs={"autofocus": True, "autocomplete": "username"})


class TokenForm(forms.ModelForm[ApiToken]):
    """A new token: whose, for what, until when."""

    scopes = forms.MultipleChoiceField(
        choices=[(right.value, right.label) for right in Right],
        widget=forms.CheckboxSelectMultiple,
        help_text="The token may do what is ticked here and the person's roles allow, nothing else.",
    )

    class Meta:
        model = ApiToken
        fields = ("user", "name", "scopes", "expires_on")

    def clean_user(self) -> User:
        """Somebody who may sign in at all."""
        user = cast("User", self.cleaned_data["user"])
        if not user.is_active:
            raise forms.ValidationError("This person's account is closed, so that a token would be refused.")
        return user
