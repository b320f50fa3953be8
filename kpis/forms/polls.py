"""Forms of polls: opening one, and a KPI from its short list."""

from __future__ import annotations

from typing import Any, ClassVar

from django import forms
from django.db.models import Q
from django.utils.text import slugify

from accounts.choices import Role
from accounts.models import User
from core.fields import WordsFormField
from core.forms import Form, ModelForm, RowsField
from kpis.models import Kpi, PollOption


def people() -> Any:
    """Everybody who may take part: active people with a role, of which an integrator's is a program's."""
    somebody = Q(is_superuser=True) | Q(role_grants__role__in=set(Role) - {Role.INTEGRATOR})
    return User.objects.filter(somebody, is_active=True).distinct().order_by("name", "email")


class PollForm(Form):
    """A question, the points that each person has, and whom it is asked."""

    question = WordsFormField(
        max_length=255, initial="What is the most important customer KPI?", widget=forms.TextInput(attrs={"size": 60})
    )
    points = forms.IntegerField(
        min_value=1, max_value=100, initial=5, help_text="Points that each person gives in the vote"
    )
    invited = RowsField(queryset=User.objects.none(), label="Whom to ask", widget=forms.CheckboxSelectMultiple)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["invited"].queryset = people()  # type: ignore[attr-defined]


class OptionKpiForm(ModelForm[Kpi]):
    """The KPI that a short-listed option becomes; the service validates it."""

    class Meta:
        model = Kpi
        fields = (
            *("code", "name", "indicator", "unit", "direction", "customer_method", "time_method"),
            *("department", "owner", "definition"),
        )
        widgets: ClassVar = {"definition": forms.Textarea(attrs={"rows": 3})}
        help_texts: ClassVar = {
            "code": "How files and addresses name it; it stays",
            "customer_method": "How customers combine into the value of a month",
            "time_method": "How months combine into a quarter or a year",
        }

    def __init__(self, data: Any, *, option: PollOption) -> None:
        name = option.text[:200]
        code = slugify(name).replace("-", "_")[:60]
        super().__init__(data, initial={"name": name, "code": code, "indicator": option.indicator})
        self.fields["owner"].queryset = people()  # type: ignore[attr-defined]

    def _post_clean(self) -> None:
        """The service validates: it is asked by every door."""
