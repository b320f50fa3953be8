"""Forms about KPIs, what was entered for them, and drafts of targets."""

from __future__ import annotations

from typing import Any, ClassVar

from django import forms

from accounts.services import company
from core.periods import Month
from customers.choices import TierScope
from customers.models import Tier
from kpis.choices import CustomerMethod, Per
from kpis.marks import has_facts, slices_with_data
from kpis.models import CompleteMonth, Kpi, Target, TierActual
from kpis.target_rules import TargetCells, last_month, target_problems
from kpis.versions import VersionBook

# What decides how facts become values: changed later it would relabel history.
MEANING = ("direction", "customer_method", "time_method", "absent", "facts_of")
LABELS = {"kpi": "KPI"}


def _without_untiered(form: forms.ModelForm[Any]) -> None:
    """Actuals and targets are of a tier or of all, never of those without one."""
    if "tier" in form.fields:
        form.fields["tier"].queryset = Tier.objects.exclude(scope=TierScope.UNTIERED)  # type: ignore[attr-defined]


def has_data(kpi: Kpi) -> bool:
    """Whether anything was measured, entered or promised for the KPI, by its own name or its source's."""
    return bool(slices_with_data({kpi.pk, kpi.source_id})) or Target.objects.filter(kpi=kpi).exists()


class KpiForm(forms.ModelForm[Kpi]):
    """A KPI. Its meaning is fixed as soon as it has data."""

    class Meta:
        model = Kpi
        fields = (
            "code",
            "name",
            "department",
            "indicator",
            "unit",
            "currency",
            "direction",
            "customer_method",
            "time_method",
            "absent",
            "facts_of",
            "near_band",
            "near_band_abs",
            "decimals",
            "owner",
            "customer_criterion",
            "definition",
            "position",
        )

    def clean(self) -> dict[str, Any]:
        """Refuse what would relabel history, and facts of facts."""
        data = super().clean() or {}
        changed = [name for name in MEANING if name in self.changed_data]
        if self.instance.pk and changed and has_data(Kpi.objects.get(pk=self.instance.pk)):
            for name in changed:
                self.add_error(name, "The KPI has data, and changing this would relabel its history. Make a new KPI.")
        self._check_source(data.get("facts_of"))
        return data

    def _check_source(self, source: Kpi | None) -> None:
        if source is None:
            return
        if source.facts_of_id:
            self.add_error("facts_of", f"{source} takes its facts from another KPI itself; choose that one.")
        elif self.instance.pk and (source.pk == self.instance.pk or self.instance.dependants.exists()):
            self.add_error("facts_of", "Other KPIs take their facts from this one, so that it needs its own.")


class CompleteMonthForm(forms.ModelForm[CompleteMonth]):
    """A month of a KPI whose facts are all there."""

    class Meta:
        model = CompleteMonth
        fields = ("kpi", "month")
        labels: ClassVar = LABELS


class TierActualForm(forms.ModelForm[TierActual]):
    """A month's actual of a tier."""

    class Meta:
        model = TierActual
        fields = ("kpi", "tier", "month", "numerator", "denominator")
        labels: ClassVar = LABELS

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _without_untiered(self)

    def clean(self) -> dict[str, Any]:
        """A KPI takes facts or tier actuals, never both; some methods need a denominator."""
        data = super().clean() or {}
        kpi = data.get("kpi") or getattr(self.instance, "kpi", None)
        if kpi is None:
            return data
        if kpi.facts_of_id or has_facts(kpi.pk):
            self.add_error(None, f"{kpi} takes facts of customers, and so no tier actuals.")
        self._check_denominator(kpi, data.get("denominator"))
        return data

    def _check_denominator(self, kpi: Kpi, denominator: Any) -> None:
        needed = kpi.customer_method in {CustomerMethod.RATIO, CustomerMethod.MEAN}
        if "denominator" in self.errors:
            return
        if needed and denominator is None:
            self.add_error("denominator", f"{kpi} is a {kpi.customer_method}, which needs a denominator.")
        if denominator is not None and denominator < 0:
            self.add_error("denominator", "A denominator cannot be negative.")


class TargetForm(forms.ModelForm[Target]):
    """A draft of a target; it counts once finance has approved it."""

    class Meta:
        model = Target
        fields = ("kpi", "tier", "from_month", "per", "until_month", "value", "low", "high", "plan_value", "note")
        labels: ClassVar = LABELS

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _without_untiered(self)

    def clean(self) -> dict[str, Any]:
        """A value or a range as the KPI's direction wants, from the first month of the span it is for."""
        data = super().clean() or {}
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
        cells = TargetCells(kept["tier"].code, Month(kept["from_month"]), Per(kept["per"]), **numbers)
        kpi = VersionBook.read([kept["kpi"]]).at(kept["kpi"], last_month(cells, calendar))
        for field, problem in target_problems(kpi, cells, calendar):
            self.add_error(
                field if field in self.fields else None, f"{field.replace('_', ' ').capitalize()} {problem}."
            )
