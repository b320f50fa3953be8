"""KPIs chosen from templates, and targets that are sent to finance."""

from __future__ import annotations

from typing import Any

from django import forms

from core.fields import WordsFormField
from core.forms import Form
from kpis.reading.templates import TEMPLATES


class TemplatesForm(Form):
    """The templates that are taken; those whose KPI is there already are not offered."""

    templates = forms.MultipleChoiceField(
        choices=[(one.code, one.name) for one in TEMPLATES],
        widget=forms.CheckboxSelectMultiple,
        label="Templates",
        error_messages={"required": "Choose a template first."},
    )

    def __init__(self, data: Any = None) -> None:
        super().__init__(data, label_suffix="")
        self.chosen = set(data.getlist("templates")) if data is not None else set()


class ProposeDraftsForm(Form):
    """A word to finance, beside all drafts."""

    note = WordsFormField(required=False, max_length=500, label="Note for finance")

    def __init__(self, data: Any = None) -> None:
        super().__init__(data, label_suffix="")
