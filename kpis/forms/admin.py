"""Forms about KPIs, their months, and drafts of targets."""

from __future__ import annotations

from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError

from accounts.company import company, today
from core.formatting import counted
from core.forms import ModelForm, show_refusal
from core.periods import Month
from core.stale import SeenForm
from core.texts import sentence
from customers.choices import TierScope
from customers.models import Tier
from kpis.choices import Per
from kpis.forms.library import DefinitionForm
from kpis.models import CompleteMonth, Kpi, Target
from kpis.models.versions import VersionBook
from kpis.reading.turned_verdicts import turned_by_band
from kpis.rules.actual import month_problem
from kpis.rules.target import TargetCells, target_problems
from kpis.services.definitions import check_kpi

LABELS = {"kpi": "KPI"}


def _without_untiered(form: forms.ModelForm[Any]) -> None:
    """Targets are of a tier or of all, never of those without one."""
    if "tier" in form.fields:
        form.fields["tier"].queryset = Tier.objects.exclude(scope=TierScope.UNTIERED)  # type: ignore[attr-defined]


class KpiForm(DefinitionForm):
    """All of a KPI with its place in the matrix; what must not change any more is left out by the admin."""

    class Meta(DefinitionForm.Meta):
        fields = (*DefinitionForm.Meta.fields, "position")
        help_texts: ClassVar = {**DefinitionForm.Meta.help_texts, "position": "Order in the matrix; last where empty"}

    fixed = ()
    late = ()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "position" in self.fields and not self.instance.pk:
            self.fields["position"].required = False
            self.initial.pop("position", None)

    def clean(self) -> dict[str, Any]:
        """Ask the service beforehand, so that what it refuses is said at its field and nothing typed is lost."""
        data = super().clean() or {}
        stored = self.instance if self.instance.pk else None
        self.tell_too_late()
        if not self.errors:
            try:
                new = check_kpi(values=self.values, kpi=stored)
            except ValidationError as error:
                show_refusal(self, error)
            else:
                self._check_band(stored, new)
        return data

    def _check_band(self, stored: Kpi | None, new: Kpi) -> None:
        """A band that turns verdicts is changed on the KPI's page, which shows them first."""
        turned = turned_by_band(Kpi.objects.get(pk=stored.pk), new, today()) if stored else []
        if turned:
            words = f"It would turn {counted(len(turned), 'verdict')} of ended periods: change it on its page, “Edit”."
            self.add_error("near_band_abs", words)

    @property
    def values(self) -> dict[str, Any]:
        """The fields for the service; without a place the service finds one."""
        found = super().values
        return found if found.get("position") is not None else {n: found[n] for n in found if n != "position"}


class CompleteMonthForm(ModelForm[CompleteMonth]):
    """A month of a KPI whose facts are all there."""

    class Meta:
        model = CompleteMonth
        fields = ("kpi", "month")
        labels: ClassVar = LABELS

    def clean_month(self) -> Month:
        """One that has begun, as the service has it."""
        month: Month = self.cleaned_data["month"]
        if problem := month_problem(month, today()):
            raise ValidationError(sentence(problem))
        return month


class TargetForm(SeenForm):
    """A draft of a target; it counts once finance has approved it."""

    class Meta:
        model = Target
        fields = ("kpi", "tier", "from_month", "per", "until_month", "value", "low", "high", "plan_value", "note")
        labels: ClassVar = LABELS

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _without_untiered(self)

    def clean(self) -> dict[str, Any]:
        """A value or a range as the KPI's direction wants, from the first month of the span it is for.

        A draft that somebody else changed while the form was open is not overwritten.
        """
        data = super().clean() or {}
        self.tell_too_late()
        kept = {
            name: data.get(name, getattr(self.instance, name, None)) for name in ("kpi", "tier", "per", "from_month")
        }
        if all(kept.values()):
            self._check(kept, data)
        return data

    def _check(self, kept: dict[str, Any], data: dict[str, Any]) -> None:
        """The rules of target rows, each said at its field."""
        calendar = company().calendar
        numbers = {name: data.get(name) for name in ("until_month", "value", "low", "high")}
        numbers |= {"tier_ends": kept["tier"].retired_from}
        cells = TargetCells(kept["tier"].code, Month(kept["from_month"]), Per(kept["per"]), **numbers)
        kpi = VersionBook.read([kept["kpi"]]).at(kept["kpi"], cells.from_month)
        for field, problem in target_problems(kpi, cells, calendar):
            self.add_error(field if field in self.fields else None, sentence(f"{field.replace('_', ' ')} {problem}"))
