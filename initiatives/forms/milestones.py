"""What people give to write a milestone, or to link a document."""

from __future__ import annotations

from django import forms

from core.forms import DayField
from core.stale import SeenField


class MilestoneForm(forms.Form):
    """A new milestone."""

    title = forms.CharField(max_length=200, label="Milestone")
    due = DayField(label="Due")


class RedateForm(forms.Form):
    """Another day for a milestone, and why."""

    due = DayField(label="Due")
    reason = forms.CharField(label="Why", max_length=2000)
    seen = SeenField()


class RenameForm(forms.Form):
    """Another title for a milestone."""

    title = forms.CharField(max_length=200, label="Title")


class DropForm(forms.Form):
    """Why a milestone counts no more."""

    reason = forms.CharField(label="Why", max_length=2000)


class DocumentForm(forms.Form):
    """A link to something written."""

    title = forms.CharField(max_length=200, label="Title")
    url = forms.URLField(max_length=500, label="Address", assume_scheme="https")
