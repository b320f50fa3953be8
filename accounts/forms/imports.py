"""What a person gives to have a file looked at, and what they say of how it is read."""

from __future__ import annotations

from typing import Any

from django import forms

from accounts.loads.doors import kinds_for
from accounts.loads.importing import Asked
from accounts.models import User
from accounts.rights import Right
from core.forms import Form

LARGEST = 100 * 2**20
GUESS = ("", "Found out from its first line")


def _kinds(user: User) -> list[tuple[str, str]]:
    return [(kind.name, kind.title) for kind in kinds_for(user).values()]


class UploadForm(Form):
    """A file, and what it holds where its person wants to say so."""

    file = forms.FileField(
        label="File", help_text="CSV (UTF-8) or XLSX, up to 100 MB. It is looked at first; nothing changes yet."
    )
    kind = forms.ChoiceField(label="What it holds", required=False)

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["kind"].choices = [GUESS, *_kinds(user)]  # type: ignore[attr-defined]

    def clean_file(self) -> Any:
        """Refuse what a page cannot take in while a browser waits."""
        file = self.cleaned_data["file"]
        if file.size > LARGEST:
            raise forms.ValidationError("The file is larger than 100 MB; load it with “python manage.py load”.")
        return file


class ReadingForm(Form):
    """How a file is read: what it holds, which of its ``sheets``, by which decimals; and whether who may approve
    targets approves with it what others have proposed.
    """

    kind = forms.ChoiceField(label="What it holds", required=False)
    sheet = forms.ChoiceField(label="Worksheet", required=False)
    decimal = forms.ChoiceField(
        label="Decimals",
        required=False,
        choices=[("", "As the file has them"), (",", "With a comma: 45.000,50"), (".", "With a point: 45000.50")],
    )
    approve = forms.BooleanField(
        label="I approve what others have proposed",
        required=False,
        help_text=(
            "Rows that say what somebody else has proposed count at once, but for those that the file marks as draft. "
            "Every other row becomes a draft: nobody approves what they load."
        ),
    )

    def __init__(self, data: Any, *, user: User, asked: Asked, kind: str, sheets: list[str]) -> None:
        begin = {"kind": kind, "sheet": asked.sheet, "decimal": asked.decimal, "approve": asked.approve}
        super().__init__(data, initial=begin)
        fields: Any = self.fields
        fields["kind"].choices = _kinds(user) if kind else [GUESS, *_kinds(user)]
        fields["sheet"].choices = [("", "The first one"), *((name, name) for name in sheets)]
        chosen = kinds_for(user).get(self["kind"].value() or kind)
        if len(sheets) < 2:
            del self.fields["sheet"]
        if not (chosen and chosen.takes_approval and user.has_perm(Right.APPROVE_TARGETS)):
            del self.fields["approve"]

    def said(self) -> dict[str, Any]:
        """What was said of the file, all of it."""
        return {"sheet": "", "approve": False, **self.cleaned_data}
