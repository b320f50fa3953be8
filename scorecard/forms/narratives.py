"""What people write of a cell, and remark on a month of its chart. The services validate."""

from __future__ import annotations

from typing import Any

from django import forms

from accounts.forms.threads import WordForm
from accounts.models import User
from core.fields import WordsFormField
from core.forms import Form, MonthFormField
from core.stale import SeenField, mark_shown
from customers.models import Tier
from scorecard.models import Narrative
from scorecard.models.narratives import LONGEST_ANALYSIS, LONGEST_REMARK


class NarrativeForm(WordForm):
    """What happened, and the action that came of it; of a narrative that is there with what it says."""

    text = None  # type: ignore[assignment]  # a word's own
    analysis = WordsFormField(
        label="What happened",
        max_length=LONGEST_ANALYSIS,
        required=False,
        widget=forms.Textarea(attrs={"rows": 5}),
    )
    seen = SeenField()

    field_order = ("analysis", "action", "owner", "due", "seen")

    def __init__(self, data: Any = None, *, people: list[User], row: Narrative | None = None) -> None:
        doer = row.owner if row else None
        within = [*people, *([doer] if doer and doer not in people else [])]
        super().__init__(data, people=within, prefix="narrative")
        if row is not None:
            shown = {"analysis": row.analysis, "action": row.action, "owner": row.owner_id, "due": row.due}
            self.initial = {**shown, "seen": mark_shown(row)}


class RemarkForm(Form):
    """A remark on a month: of the page's column, or of all."""

    month = MonthFormField(required=True, label="Month")
    text = WordsFormField(max_length=LONGEST_REMARK, required=False, label="What the chart should tell")
    everywhere = forms.BooleanField(required=False, label="In all columns")

    def __init__(self, data: Any = None, *, initial: Any = None) -> None:
        super().__init__(data, initial=initial, auto_id="remark-%s", label_suffix="")

    def values(self, tier: Tier) -> dict[str, Any]:
        """For the service."""
        given = self.cleaned_data
        column = None if given["everywhere"] else tier
        return {"month": given["month"], "text": given["text"], "tier": column}
