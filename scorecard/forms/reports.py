"""What a person says of the pack that they ask for, and what they give to have one checked."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms

from core.forms import Form
from core.shapes import LATEST, LIVE
from scorecard.choices import Paper, ReportFormat
from scorecard.reading.reports import mark_of

LARGEST = 25 * 2**20
_NO_MARK = "These are not the twelve characters of a pack: digits and the letters a to f, such as 3553 dfa4 dbfa."


class ReportForm(Form):
    """Of which period and edition, in which form, on which paper. ``periods`` are codes with names."""

    period = forms.ChoiceField(label="Period")
    edition = forms.ChoiceField(
        label="Edition",
        choices=[(LATEST, "The latest, or open values"), (LIVE, "Values of today, marked open")],
        required=False,
    )
    format = forms.ChoiceField(label="Format", choices=ReportFormat.choices)
    paper = forms.ChoiceField(label="Paper", choices=Paper.choices, required=False, help_text="Of a PDF")

    def __init__(
        self, data: Any = None, *, periods: Sequence[tuple[str, str]], numbers: Sequence[int] = (), period: str = ""
    ) -> None:
        super().__init__(data, label_suffix="", initial={"period": period, "edition": LATEST})
        fields: Any = self.fields
        fields["period"].choices = periods
        fields["edition"].choices += [(str(number), f"Edition {number}") for number in numbers]

    def said(self) -> dict[str, Any]:
        """What was said of edition, form and paper."""
        edition = self.cleaned_data["edition"] or LATEST
        return {
            "edition": int(edition) if edition.isdigit() else edition,
            "format": self.cleaned_data["format"],
            "paper": self.cleaned_data["paper"] or Paper.A4,
        }


class FileForm(Form):
    """A file to be checked."""

    file = forms.FileField(label="File", help_text="As it was handed out; it is read, not kept.", allow_empty_file=True)

    def __init__(self, data: Any = None, files: Any = None) -> None:
        super().__init__(data, files, label_suffix="")

    def clean_file(self) -> Any:
        """Refuse what no pack is as large as."""
        file = self.cleaned_data["file"]
        if file.size > LARGEST:
            raise forms.ValidationError("The file is larger than 25 MB: no pack is.")
        return file


class MarkForm(Form):
    """The characters that are printed on every page."""

    mark = forms.CharField(label="Twelve characters", max_length=40, help_text="At the foot of every page.")

    def __init__(self, data: Any = None) -> None:
        super().__init__(data, label_suffix="")

    def clean_mark(self) -> str:
        """Without blanks, in small letters."""
        found = mark_of(self.cleaned_data["mark"])
        if not found:
            raise forms.ValidationError(_NO_MARK)
        return found
