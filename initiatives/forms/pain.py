"""What stewards give to enter a pain point."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, ClassVar

from django import forms
from django.core import signing
from django.core.exceptions import ValidationError

from core.forms import MonthFormField, name_blanks
from customers.choices import TierScope
from customers.models import Tier
from initiatives.models import PainPoint
from initiatives.services.pain import FIELDS

_SEEN = ("source", "department_id", "theme", "tier_id", "month", "mentions", "severity", "revenue_at_risk")


class PainPointForm(forms.ModelForm[PainPoint]):
    """A pain point. ``seen`` are its fields as the person saw them: somebody else may have changed them since."""

    seen = forms.CharField(widget=forms.HiddenInput, required=False)

    class Meta:
        model = PainPoint
        fields = FIELDS
        field_classes: ClassVar = {"month": MonthFormField}
        widgets: ClassVar = {
            "month": forms.TextInput(attrs={"size": 9}),
            "severity": forms.Select(choices=[(score, str(score)) for score in range(1, 6)]),
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
        if self.instance.pk:
            self.fields["seen"].initial = signing.dumps([self.instance_value(name) for name in _SEEN])

    def instance_value(self, name: str) -> Any:
        """A column of the point as it is, in a shape that a form can carry."""
        value = getattr(self.instance, name)
        return str(value) if isinstance(value, Decimal) else value

    def clean_seen(self) -> dict[str, Any]:
        """The columns as the form was shown with; none of a new point, or where the text was tampered with."""
        try:
            seen = dict(zip(_SEEN, signing.loads(self.cleaned_data["seen"]), strict=True))
        except (signing.BadSignature, ValueError):
            return {}
        money = seen["revenue_at_risk"]
        return seen | {"revenue_at_risk": None if money is None else Decimal(money)}

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

    def refuse(self, error: ValidationError) -> None:
        """Show what the service found wrong, by field."""
        self.add_error(None, error)
