"""What stewards give to create, describe, redefine and retire a KPI. The services validate."""

from __future__ import annotations

from typing import Any, ClassVar

from django import forms
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from core.fields import WordsFormField
from core.forms import Form, MonthFormField, name_blanks
from core.stale import SeenField, SeenForm
from kpis.choices import CustomerMethod, Direction, TimeMethod, Unit
from kpis.formulas.events import usual_rules
from kpis.models import Kpi
from kpis.models.versions import MEANING, VERSIONED
from kpis.rules.kpi import FIXED
from kpis.services.definitions import DESCRIPTION
from kpis.services.versions import meaning_of

PARTS: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    ("What it is", "", ("code", "name", "indicator", "department", "owner", "customer_criterion")),
    ("Why, and from where", "", ("definition", "purpose", "data_source")),
    (
        "How it is computed",
        "Methods for a KPI that is measured, or a formula over other KPIs; not both.",
        (
            "direction",
            "customer_method",
            "time_method",
            "formula",
            "facts_of",
            "source",
            "rule",
            "absent",
            "complete_when",
            "seasonal",
        ),
    ),
    ("Unit and band", "", ("unit", "currency", "decimals", "near_band_abs", "near_band")),
)
_HELP = {
    "code": "In files, addresses and formulas; it stays. Letters, digits and underscores can be used in formulas.",
    "definition": "Of a ratio say both sums so: promoters (numerator), of all answers (denominator). Where actuals are "
    "entered and cells explained, the fields have these names",
    "customer_criterion": "What customers themselves judge you by, as they say it; empty where it is only yours",
    "indicator": "Leading: it moves before customers decide. Trailing: it counts what they decided.",
    "purpose": "Why it is measured, and what one would do if it moved",
    "formula": "Codes of KPIs, numbers, + − * / and ( ), such as promoters - detractors; the list below has them",
    "facts_of": "Another KPI whose facts it counts by other methods",
    "absent": "What it means when nothing was reported",
    "source": "Facts of customers, actuals that people enter per tier, or events by a rule: one of these alone",
    "rule": "Of events: choose one, and change its number where it has one, such as repeat_contacts(days=14). Nobody "
    "else then writes facts of it",
    "complete_when": "Once marked: a month counts in full when a steward has marked it complete; until then "
    "what it is part of is provisional. Of a calculated KPI its inputs say so",
    "seasonal": "Whether a month really changed is then told by its difference from the same month a year before",
    "currency": "The company’s where empty; of money alone",
    "near_band_abs": "In the KPI’s unit; goes before the percentage",
}


_FORMULA = "None: it has a formula"
_BLANKS = {
    "indicator": "Choose one",
    "unit": "Choose one",
    "direction": "Choose one",
    "customer_method": _FORMULA,
    "time_method": _FORMULA,
    "department": "None",
    "owner": "Nobody yet",
    "facts_of": "None: it has facts of its own",
    "source": "What comes first decides",
}


class RuleInput(forms.TextInput):
    """A rule of events to choose, with its number to change."""

    def __init__(self) -> None:
        super().__init__(attrs={"size": 40, "spellcheck": "false", "autocomplete": "off", "list": "rules-of-events"})

    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> SafeString:
        """With the list to choose from."""
        field = super().render(name, value, attrs, renderer)
        options = format_html_join("", '<option value="{}">{}</option>', usual_rules())
        return format_html('{}<datalist id="rules-of-events">{}</datalist>', field, options)


class _ServiceForm(SeenForm):
    """A form whose values a service checks: it is asked by every door."""

    def _post_clean(self) -> None:
        """Nothing: the service validates."""

    @property
    def codes(self) -> list[tuple[str, str]]:
        """Code and name of the KPIs that a formula may take, in matrix order; none where there is no formula."""
        if "formula" not in self.fields:
            return []
        others = Kpi.objects.exclude(pk=self.instance.pk).filter(retired_from=None)
        return list(others.in_matrix_order().values_list("code", "name"))


class DefinitionForm(_ServiceForm):
    """All of a KPI. Of one that is there the code and the meaning are left out: they change elsewhere or never."""

    fixed: ClassVar[tuple[str, ...]] = ("code", *MEANING)

    class Meta:
        model = Kpi
        fields: tuple[str, ...] = ("code", *DESCRIPTION, *FIXED, *MEANING, "seasonal")
        help_texts: ClassVar = _HELP
        labels: ClassVar = {
            "facts_of": "Facts of",
            "near_band_abs": "Near band",
            "near_band": "Near band in percent",
            "complete_when": "Months are complete",
        }
        widgets: ClassVar = {
            "customer_criterion": forms.Textarea(attrs={"rows": 2}),
            "definition": forms.Textarea(attrs={"rows": 3}),
            "purpose": forms.Textarea(attrs={"rows": 2}),
            "data_source": forms.Textarea(attrs={"rows": 2}),
            "formula": forms.TextInput(attrs={"size": 60, "spellcheck": "false", "autocomplete": "off"}),
            "rule": RuleInput(),
        }

    late: tuple[str, ...] = ("seasonal",)  # nobody knows before there are two years

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            for name in self.fixed:
                del self.fields[name]
        else:
            for name in self.late:
                del self.fields[name]
        sources = Kpi.objects.filter(facts_of=None, formula="").in_matrix_order()
        if "facts_of" in self.fields:
            self.fields["facts_of"].queryset = sources.exclude(pk=self.instance.pk)  # type: ignore[attr-defined]
        if "complete_when" in self.fields:
            self.fields["complete_when"].required = False
        name_blanks(self, **_BLANKS)

    @property
    def values(self) -> dict[str, Any]:
        """The fields for the service."""
        columns = {field.name for field in Kpi._meta.concrete_fields}
        found = {name: value for name, value in self.cleaned_data.items() if name in columns}
        return found if found.get("complete_when") else {name: found[name] for name in found if name != "complete_when"}

    @property
    def parts(self) -> list[tuple[str, str, list[forms.BoundField]]]:
        """The fields in groups, for the page."""
        groups = ((title, words, [self[one] for one in names if one in self.fields]) for title, words, names in PARTS)
        return [group for group in groups if group[2]]

    def candidate(self) -> Kpi:
        """The KPI as typed, for a preview; never saved."""
        fields = ("code", "name", "unit", "currency", "formula", "rule", "decimals", "direction")
        data = {name: self.cleaned_data.get(name) or "" for name in fields}
        return Kpi(pk=-1, **data | {"decimals": self.cleaned_data.get("decimals") or 0})


class MeaningForm(_ServiceForm):
    """Another unit, direction, method, formula or rule, from when on, and why."""

    unit = forms.ChoiceField(choices=Unit.choices, required=False)
    direction = forms.ChoiceField(choices=Direction.choices)
    customer_method = forms.ChoiceField(choices=[("", _FORMULA), *CustomerMethod.choices], required=False)
    time_method = forms.ChoiceField(choices=[("", _FORMULA), *TimeMethod.choices], required=False)
    from_month = MonthFormField(required=True, label="From")
    reason = WordsFormField(
        widget=forms.Textarea(attrs={"rows": 2}), required=False, help_text="Whoever compares the periods reads it"
    )

    class Meta:
        model = Kpi
        fields = VERSIONED
        help_texts: ClassVar = {name: _HELP[name] for name in ("formula", "rule", "currency", "near_band_abs")}
        labels: ClassVar = {"near_band_abs": "Near band"}
        widgets: ClassVar = {name: DefinitionForm.Meta.widgets[name] for name in ("formula", "rule")}

    field_order = (*VERSIONED, "from_month", "reason")

    @property
    def meaning(self) -> dict[str, Any]:
        """What it is to mean; what was not sent stays."""
        return {name: self.cleaned_data[name] for name in VERSIONED if name in self.data}

    def candidate(self) -> Kpi:
        """The KPI as it would mean, for a preview; never saved."""
        kept = Kpi.objects.get(pk=self.instance.pk)
        for name, value in {**meaning_of(kept), **self.meaning}.items():
            setattr(kept, name, value)
        return kept


class RetireForm(Form):
    """From when on a KPI is out of the matrix, and why."""

    seen = SeenField()
    from_month = MonthFormField(required=True, label="From")
    reason = WordsFormField(max_length=500)


class ProposalForm(DefinitionForm):
    """A KPI as an owner proposes it to the stewards, and why."""

    why = WordsFormField(
        label="Why the library should have it",
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="A sentence for the steward who decides",
    )

    @property
    def parts(self) -> list[tuple[str, str, list[forms.BoundField]]]:
        """With the reason before the rest."""
        return [("Why", "", [self["why"]]), *super().parts]


class DeclineForm(Form):
    """Why a proposed KPI stays out."""

    reason = WordsFormField(widget=forms.Textarea(attrs={"rows": 2}), help_text="The proposer reads it")
