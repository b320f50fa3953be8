"""The KPIs that an initiative should move, by search: what is chosen stays ticked, more are typed by name or code."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Q

from accounts.company import today
from core.periods import month_of
from customers.models import Tier
from initiatives.models import Initiative, Moment
from kpis.models import Kpi

TYPED, TYPED_TIER = "kpi_typed", "kpi_typed_tier"
_LINES = 3  # empty lines to type in


class KpiPicker(forms.SelectMultiple):
    """Reads what is ticked, and lines of a KPI's name or code beside a tier."""

    def value_from_datadict(self, data: Any, files: Any, name: str) -> list[str]:
        """Each as ``nps`` or ``nps@T1``; a name that nobody has stays as it was typed."""
        ticked = data.getlist(name) if hasattr(data, "getlist") else list(data.get(name) or ())
        typed, tiers = (data.getlist(one) if hasattr(data, "getlist") else [] for one in (TYPED, TYPED_TIER))
        tiers = [*tiers, *[""] * len(typed)]
        lines = [f"{text.strip()}@{tier}" if tier else text.strip() for text, tier in zip(typed, tiers, strict=False)]
        return [*ticked, *(line for line in lines if line and not line.startswith("@"))]


class KpiField(forms.Field):
    """KPIs with a tier each, or for all tiers of what names them: ``nps``, ``nps@T1`` or ``Net promoter score@T1``.

    The tiers are those in use, and any other in which the initiative, or the moment of truth, names a KPI already.
    """

    widget = KpiPicker

    def __init__(self, instance: Initiative | Moment | None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        named: Any = instance.kpi_links.values("tier") if instance and instance.pk else []
        self.kpis = list(Kpi.objects.in_matrix_order())
        self.tiers = list(Tier.objects.filter(Q(pk__in=Tier.objects.in_use(month_of(today()))) | Q(pk__in=named)))
        self._by_code = {kpi.code: kpi for kpi in self.kpis}
        self._by_name = {kpi.name.casefold(): kpi for kpi in self.kpis}

    def found(self, text: str) -> tuple[Kpi, Tier | None] | None:
        """The KPI and its tier; None where one of them is not there."""
        tiers: Mapping[str, Tier | None] = {"": None, **{tier.code: tier for tier in self.tiers}}
        name, at, code = text.rpartition("@")
        name, code = (name, code) if at and code in tiers else (text, "")
        kpi = self._by_code.get(name) or self._by_name.get(name.casefold())
        return (kpi, tiers[code]) if kpi else None

    def clean(self, value: Any) -> list[tuple[Kpi, Tier | None]]:
        """Pairs of KPI and tier, each once. Raises ValidationError with the names that no KPI has."""
        pairs = {text: self.found(str(text)) for text in value or ()}
        if unknown := [text for text, pair in pairs.items() if pair is None]:
            names = ", ".join(f"“{text}”" for text in unknown)
            raise ValidationError(f"No KPI is called {names}: choose one of the list, or give its code.")
        return list(dict.fromkeys(pair for pair in pairs.values() if pair))


@dataclass(frozen=True, slots=True)
class ChosenKpis:
    """What a page shows: ticked ones as (value, words), lines to type in as (text, tier), and what can be chosen."""

    field: forms.BoundField
    ticked: list[tuple[str, str]]
    lines: list[tuple[str, str]]
    known: list[Kpi]
    tiers: list[Tier]

    @classmethod
    def of(cls, bound: forms.BoundField) -> ChosenKpis:
        """Of a form's field, as it was sent or as it begins."""
        field = bound.field
        assert isinstance(field, KpiField)  # noqa: S101 - for the type checker
        ticked, lines = dict[str, str](), []
        for text in bound.value() or ():
            if pair := field.found(str(text)):
                kpi, tier = pair
                value, words = (f"{kpi.code}@{tier.code}", tier.name) if tier else (kpi.code, "all its tiers")
                ticked[value] = f"{kpi.name}, {words}"
            else:
                lines.append((str(text), ""))
        return cls(bound, list(ticked.items()), [*lines, *[("", "")] * _LINES], field.kpis, field.tiers)
