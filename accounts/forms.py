"""Forms about people and tokens."""

from __future__ import annotations

from typing import Any, cast
from zoneinfo import available_timezones

from django import forms
from django.contrib.auth.forms import AdminUserCreationForm, AuthenticationForm, UserChangeForm

from accounts.models import ApiToken, Company, User
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
        help_text="The token may do what is ticked here and the person’s roles allow, nothing else.",
    )

    class Meta:
        model = ApiToken
        fields = ("user", "name", "scopes", "expires_on")

    def clean_user(self) -> User:
        """Somebody who may sign in at all."""
        user = cast("User", self.cleaned_data["user"])
        if not user.is_active:
            raise forms.ValidationError("This person’s account is closed, so that a token would be refused.")
        return user


class _LowerCaseEmail:
    """An e-mail address is one address whatever its case."""

    cleaned_data: dict[str, Any]

    def clean_email(self) -> str:
        """In lower case, as it is kept."""
        return str(self.cleaned_data["email"]).strip().lower()


class PersonCreationForm(_LowerCaseEmail, AdminUserCreationForm[User]):
    """A new person, with a password or, for now, without a way to sign in."""

    class Meta:
        model = User
        fields = ("email", "name")


class PersonChangeForm(_LowerCaseEmail, UserChangeForm[User]):
    """A person."""

    class Meta:
        model = User
        fields = ("email", "name", "is_active", "is_superuser")


class CompanyForm(forms.ModelForm[Company]):
    """The company's name, currency and time zone."""

    class Meta:
        model = Company
        fields = ("name", "currency", "time_zone")

    def clean_currency(self) -> str:
        """A code of three letters."""
        code = str(self.cleaned_data["currency"]).upper()
        if not (len(code) == 3 and code.isalpha() and code.isascii()):
            raise forms.ValidationError("A currency is three letters, such as EUR.")
        return code

    def clean_time_zone(self) -> str:
        """A name that this machine knows."""
        name = str(self.cleaned_data["time_zone"])
        if name not in available_timezones():
            raise forms.ValidationError("A time zone has a name such as Europe/Berlin.")
        return name
