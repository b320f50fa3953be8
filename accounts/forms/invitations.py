"""Forms of invitations: who is invited, and how they come in."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib.auth.forms import SetPasswordForm

from accounts.choices import Role
from accounts.models import User
from accounts.reading.people import who_can_act
from core.fields import WordsFormField
from core.forms import Form

if TYPE_CHECKING:
    _PasswordForm = SetPasswordForm["User"]
else:
    _PasswordForm = SetPasswordForm

BY_MAIL, BY_LINK = "mail", "link"
_WAYS = [(BY_MAIL, "A mail to each"), (BY_LINK, "Links, which I hand over")]


class InviteForm(Form):
    """Whom to invite, as what, and by which way; without a mail server by links alone."""

    addresses = WordsFormField(
        label="E-mail addresses",
        widget=forms.Textarea(attrs={"rows": 4}),
        max_length=20_000,
        help_text="One or many, pasted as they are: a line each, or with commas between. “Elif Aydin &lt;elif@…&gt;” "
        "brings the name along.",
    )
    roles = forms.MultipleChoiceField(
        label="Roles", choices=Role.choices, widget=forms.CheckboxSelectMultiple, required=False
    )
    way = forms.ChoiceField(label="How they get their link", choices=_WAYS, widget=forms.RadioSelect, initial=BY_MAIL)

    def __init__(self, *args: Any, mail: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not mail:
            self.fields["way"] = forms.ChoiceField(
                choices=_WAYS, initial=BY_LINK, required=False, widget=forms.HiddenInput
            )

    @property
    def by_mail(self) -> bool:
        """Whether mails bring the links."""
        return bool(self.cleaned_data.get("way") == BY_MAIL)


class AcceptForm(_PasswordForm):
    """A name and a password: the first thing that who was invited does."""

    name = WordsFormField(
        label="Your name", max_length=150, widget=forms.TextInput(attrs={"autocomplete": "name", "autofocus": True})
    )
    field_order = ("name", "new_password1", "new_password2")


class RolesForm(Form):
    """The roles of a person."""

    roles = forms.MultipleChoiceField(
        label="Roles", choices=Role.choices, widget=forms.CheckboxSelectMultiple, required=False
    )


class DeactivateForm(Form):
    """Who takes over what is a person's."""

    receiver = forms.ModelChoiceField(User.objects.none(), label="Takes over", required=False, empty_label="choose …")

    def __init__(self, *args: Any, person: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        ids = [one.pk for one in who_can_act() if one.pk != person.pk]
        field: Any = self.fields["receiver"]
        field.queryset = User.objects.filter(pk__in=ids).order_by("name", "email")
