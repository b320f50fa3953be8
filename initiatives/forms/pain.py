"""What stewards give to enter a pain point."""

from __future__ import annotations

from typing import Any, ClassVar

from django import forms

from core.forms import MonthFormField, name_blanks
from core.stale import SeenForm
from core.texts import out_of, sentence
from customers.choices import TierScope
from customers.models import Tier
from initiatives.models import PainPoint
from initiatives.rules.pain import BAD_SEVERITY, MENTIONS
from initiatives.services.pain import FIELDS


class PainPointForm(SeenForm):
    """A pain point."""

    class Meta:
        model = PainPoint
        fields = FIELDS
        field_classes: ClassVar = {"month": MonthFormField}
        widgets: ClassVar = {
            "month": forms.TextInput(attrs={"size": 9}),
            "severity": forms.Select(choices=[(score, str(score)) for score in range(1, 6)]),
        }
        # Beside these the rule tells the bounds, with all else that is wrong.
        error_messages: ClassVar = {
            "mentions": dict.fromkeys(("invalid", "min_value", "max_value"), sentence(out_of(*MENTIONS))),
            "severity": dict.fromkeys(("invalid", "min_value", "max_value"), sentence(BAD_SEVERITY)),
        }
        labels: ClassVar = {"revenue_at_risk": "Revenue at risk"}
        help_texts: ClassVar = {
            "source": "Where it was told: complaints, survey, lost deals …",
            "department": "The department that it is about",
            "theme": "In few words, the same each time: an initiative of this theme answers it",
            "tier": "Whose customers told it; all customers where the source does not know",
            "mentions": "How often it was named in the month",
            "severity": "1 a nuisance, 5 a reason to leave",
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        tier = self.fields["tier"]
        assert isinstance(tier, forms.ModelChoiceField)  # noqa: S101 - for the type checker
        tier.queryset = Tier.objects.exclude(scope=TierScope.UNTIERED)
        name_blanks(self, department="Choose one", tier="Choose one")
        for name, listed in (("source", "sources"), ("theme", "themes")):
            self.fields[name].widget.attrs["list"] = listed

    def _post_clean(self) -> None:
        """The service validates: it is asked by every door."""

    @property
    def values(self) -> dict[str, Any]:
        """The fields for the service."""
        return {name: self.cleaned_data[name] for name in FIELDS}

    @property
    def known(self) -> dict[str, list[str]]:
        """Sources and themes that were used before, to choose from while typing."""
        return {
            listed: list(PainPoint.objects.order_by(name).values_list(name, flat=True).distinct()[:200])
            for name, listed in (("source", "sources"), ("theme", "themes"))
        }
