"""Forms about people and tokens."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib.auth import authenticate
from django.contrib.auth.forms import (
    AdminUserCreationForm,
    AuthenticationForm,
    PasswordChangeForm,
    SetPasswordForm,
    UserChangeForm,
)
from django.http import HttpRequest

from accounts.choices import Role
from accounts.company import today
from accounts.models import ApiToken, RoleGrant, User
from accounts.rights import Right
from accounts.rules import people as rules
from accounts.rules import tokens as token_rules
from accounts.services.tokens import live_tokens
from core.forms import ModelForm

if TYPE_CHECKING:
    _PasswordForm = SetPasswordForm["User"]
else:
    _PasswordForm = SetPasswordForm


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


class TokenForm(ModelForm[ApiToken]):
    """A new token: whose, for what, until when. ``by`` makes it."""

    by: User

    scopes = forms.MultipleChoiceField(
        choices=[(right.value, right.label) for right in Right],
        widget=forms.CheckboxSelectMultiple,
        help_text="The token may do what is ticked here and the person’s roles allow, nothing else.",
    )

    class Meta:
        model = ApiToken
        fields = ("user", "name", "scopes", "expires_on")

    def clean(self) -> dict[str, Any]:
        """What the service would refuse, beside its field."""
        values = self.cleaned_data
        if "user" in values and "scopes" in values:
            chosen = {"user": values["user"], "scopes": values["scopes"], "expires_on": values.get("expires_on")}
            for field, said in token_rules.problems(**chosen, by=self.by, today=today()):
                self.add_error(field, said)
        return values


class _KeepsTokens(_PasswordForm):
    """A new password, after which the person's API tokens go on where they say so."""

    keep_tokens = forms.BooleanField(
        required=False,
        label="Keep my API tokens",
        help_text="Otherwise they are refused from now on: whoever knew the old password may have seen or used them.",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not live_tokens(self.user).exists():
            del self.fields["keep_tokens"]

    def save(self, commit: bool = True) -> Any:
        """Set the password; it ends the tokens that are not kept when it is saved."""
        self.user.keeps_tokens = bool(self.cleaned_data.get("keep_tokens"))
        return super().save(commit)


class NewPasswordForm(_KeepsTokens):
    """A new password by the link in a mail."""


class ChangedPasswordForm(_KeepsTokens, PasswordChangeForm):
    """A new password of somebody who knows the old one, which is guessed here as seldom as at sign-in."""

    def __init__(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        self.request = request
        super().__init__(*args, **kwargs)

    def clean_old_password(self) -> str:
        """The old password, asked as signing in asks it: failures count, and after too many none is looked at."""
        typed = str(self.cleaned_data["old_password"])
        if authenticate(self.request, username=self.user.get_username(), password=typed) is None:
            raise forms.ValidationError(self.error_messages["password_incorrect"], code="password_incorrect")
        return typed


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

    def clean(self) -> dict[str, Any]:
        """The last administrator stays one."""
        values = super().clean() or {}
        person = self.instance
        no_more = "is_superuser" in values and person.is_superuser and not values["is_superuser"]
        rules.one_at_a_time()
        if no_more and Role.ADMINISTRATOR not in person.roles and rules.leaves_nobody(person):
            self.add_error("is_superuser", "This is the last administrator who can sign in.")
        return values


if TYPE_CHECKING:
    _RoleForms = forms.BaseInlineFormSet[RoleGrant, User, forms.ModelForm[RoleGrant]]
else:
    _RoleForms = forms.BaseInlineFormSet


class RoleForms(_RoleForms):
    """The roles of a person, as the admin changes them: by the rules of the page of people."""

    def clean(self) -> None:
        """The last administrator keeps the role."""
        super().clean()
        kept = [form.cleaned_data for form in self.forms if form.is_valid() and form.cleaned_data]
        roles = {str(one["role"]) for one in kept if not one.get("DELETE")}
        rules.one_at_a_time()
        if self.instance.pk and (found := list(rules.role_problems(self.instance, roles))):
            raise forms.ValidationError([reason for _, reason in found])
