"""What people give to write a milestone, or to link a document."""

from __future__ import annotations

from django import forms

from core.fields import WordsFormField
from core.forms import DayField, Form
from core.keys import why_no_key
from core.stale import SeenField


class MilestoneForm(Form):
    """A new milestone."""

    title = WordsFormField(max_length=200, why=why_no_key, label="Milestone")
    due = DayField(label="Due")


class RedateForm(Form):
    """Another day for a milestone, and why."""

    due = DayField(label="Due")
    reason = WordsFormField(label="Why", max_length=2000)
    seen = SeenField()


class RenameForm(Form):
    """Another title for a milestone."""

    title = WordsFormField(max_length=200, why=why_no_key, label="Title")


class DropForm(Form):
    """Why a milestone counts no more."""

    reason = WordsFormField(label="Why", max_length=2000)


class DocumentForm(Form):
    """A link to something written."""

    title = WordsFormField(max_length=200, why=why_no_key, label="Title")
    url = forms.URLField(max_length=500, label="Address", assume_scheme="https")
