"""What somebody gives to write a link down, or to propose one. The service validates."""

from __future__ import annotations

from typing import Any

from django import forms

from core.fields import WordsFormField
from core.forms import Form
from core.stale import SeenField, mark_shown
from kpis.choices import LONGEST_TEXT, LinkSign
from kpis.models import Kpi, Link
from kpis.models.links import ALL_LAGS


class LinkForm(Form):
    """Two KPIs, how their numbers go together, how many months later, and why."""

    leading = forms.ModelChoiceField(
        Kpi.objects.none(), to_field_name="code", empty_label="Choose the KPI that moves first", label="Leading KPI"
    )
    trailing = forms.ModelChoiceField(
        Kpi.objects.none(), to_field_name="code", empty_label="Choose the KPI that follows", label="Trailing KPI"
    )
    sign = forms.ChoiceField(
        choices=LinkSign.choices,
        widget=forms.RadioSelect,
        label="How their numbers go together",
        help_text="Of the numbers, whichever of them is better: fewer repeat contacts with more renewals is opposite.",
    )
    lags = forms.CharField(
        max_length=10,
        initial=ALL_LAGS,
        required=False,
        label="Months later",
        help_text="0-6 looks at all of them; 2 or 1-3 where the mechanism says so. Fewer make it easier to see.",
    )
    mechanism = WordsFormField(
        max_length=LONGEST_TEXT,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="In a sentence: how the one comes to move the other. Written down before it is tested.",
    )
    seen = SeenField()

    def __init__(self, *args: Any, link: Link | None = None, **kwargs: Any) -> None:
        """``link`` is one that is changed: its two KPIs stay."""
        super().__init__(*args, **{"label_suffix": "", **kwargs})
        if link is None:
            kpis = Kpi.objects.in_matrix_order().filter(retired_from=None)
            for name in ("leading", "trailing"):
                self.fields[name].queryset = kpis  # type: ignore[attr-defined]
            return
        del self.fields["leading"], self.fields["trailing"]
        self.initial = {
            **self.initial,
            "sign": link.sign,
            "lags": link.lags,
            "mechanism": link.mechanism,
            "seen": mark_shown(link),
        }

    @property
    def values(self) -> dict[str, Any]:
        """The fields for the service."""
        found = {name: value for name, value in self.cleaned_data.items() if name != "seen"}
        return found | {"lags": found.get("lags") or ALL_LAGS}
