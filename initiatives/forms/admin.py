"""Forms of the admin."""

from __future__ import annotations

from typing import Any

from core.forms import ModelForm
from core.texts import sentence
from customers.choices import TierScope
from customers.models import Tier
from initiatives.models import PainPoint
from initiatives.rules.pain import pain_problems


class PainPointForm(ModelForm[PainPoint]):
    """A pain point, of a tier or of all customers."""

    class Meta:
        model = PainPoint
        fields = ("source", "department", "theme", "tier", "month", "mentions", "severity", "revenue_at_risk")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "tier" in self.fields:
            self.fields["tier"].queryset = Tier.objects.exclude(scope=TierScope.UNTIERED)  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """The rules of a point, each said at its field; of one that is there the tier is none of the form's."""
        data = super().clean() or {}
        tier = data.get("tier") or (self.instance.tier if self.instance.pk else None)
        mentions, severity = data.get("mentions"), data.get("severity")
        if tier and mentions is not None and severity is not None:
            for field, reason in pain_problems(tier.code, mentions, severity, data.get("revenue_at_risk")):
                self.add_error(field if field in self.fields else None, sentence(reason))
        return data
