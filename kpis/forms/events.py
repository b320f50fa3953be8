"""How long events are kept."""

from __future__ import annotations

from typing import Any

from django import forms

from core.forms import Form
from core.stale import SeenField, mark_shown
from kpis.models import EventKeeping
from kpis.rules.events import LEAST_KEPT, MOST_KEPT


class KeepingForm(Form):
    """Months; empty is for good."""

    seen = SeenField()
    months = forms.IntegerField(
        required=False,
        min_value=LEAST_KEPT,
        max_value=MOST_KEPT,
        label="Months",
        help_text="Left empty, they are kept for good.",
    )

    def __init__(self, data: Any = None, *, kept: EventKeeping) -> None:
        super().__init__(data, label_suffix="", initial={"seen": mark_shown(kept), "months": kept.months})
