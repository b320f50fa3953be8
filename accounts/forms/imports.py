"""What a person gives to have a file checked."""

from __future__ import annotations

from typing import Any

from django import forms

from accounts.models import User
from accounts.rights import Right
from core.registry import load_kinds

LARGEST = 100 * 2**20


class UploadForm(forms.Form):
    """A file and its kind; who may approve targets can approve with it what others have proposed."""

    kind = forms.ChoiceField(label="What it holds")
    file = forms.FileField(
        label="File", help_text="CSV (UTF-8) or XLSX, up to 100 MB. It is checked first; nothing changes yet."
    )
    sheet = forms.CharField(
        label="Worksheet", required=False, max_length=100, help_text="Where a workbook has several with rows: its name."
    )
    decimal = forms.ChoiceField(
        label="Decimals",
        required=False,
        choices=[("", "As the file has them"), (",", "With a comma: 45.000,50"), (".", "With a point: 45000.50")],
        help_text="Where a file may mean 45 or 45,000 by 45.000.",
    )
    approve = forms.BooleanField(
        label="I approve what others have proposed",
        required=False,
        help_text=(
            "Targets alone: rows that say what somebody else has proposed count at once, but for those that the file "
            "marks as draft. Every other row becomes a draft: nobody approves what they load."
        ),
    )

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        kind = self.fields["kind"]
        assert isinstance(kind, forms.ChoiceField)  # noqa: S101 - for the type checker
        kind.choices = [(kind.name, kind.title) for kind in load_kinds().values()]
        if not user.has_perm(Right.APPROVE_TARGETS):
            del self.fields["approve"]

    def clean_file(self) -> Any:
        """Refuse what a page cannot take in while a browser waits."""
        file = self.cleaned_data["file"]
        if file.size > LARGEST:
            raise forms.ValidationError("The file is larger than 100 MB; load it with “python manage.py load”.")
        return file

    def clean(self) -> dict[str, Any]:
        """Only kinds that need approval can be approved."""
        cleaned = super().clean() or {}
        kind = load_kinds().get(cleaned.get("kind", ""))
        if cleaned.get("approve") and kind and not kind.takes_approval:
            self.add_error("approve", f"{kind.title} need no approval; leave the box empty.")
        return cleaned
