"""KPIs made of templates, a chosen set at once."""

from __future__ import annotations

from collections.abc import Collection
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction

from accounts.models import User
from kpis.choices import KpiState
from kpis.models import Kpi
from kpis.reading.templates import BY_CODE, TEMPLATES, KpiTemplate
from kpis.rules.formula import inputs_of
from kpis.services.definitions import create_kpi, require_steward


@transaction.atomic
def take_templates(*, by: User, codes: Collection[str]) -> list[Kpi]:
    """A published KPI of each template, and of those that a chosen one is calculated from or takes its facts from.

    What the library has by that code stays as it is. Those that were made, in the order of the templates, what others
    rest on first. Raises PermissionDenied, ValidationError.
    """
    require_steward(by)
    if unknown := set(codes) - set(BY_CODE):
        raise ValidationError({"templates": f"There is no template “{min(unknown)}”."})
    there = {kpi.code: kpi for kpi in Kpi.objects.all()}
    wanted = {code for chosen in codes for code in (chosen, *needed_by(BY_CODE[chosen]))} - set(there)
    made = []
    for template in sorted((BY_CODE[code] for code in wanted), key=_order):
        there[template.code] = create_kpi(by=by, values=_values(template, there))
        made.append(there[template.code])
    return made


def needed_by(template: KpiTemplate) -> set[str]:
    """The codes of what a template is calculated from or takes its facts from."""
    return inputs_of(template.formula) | ({template.facts_of} if template.facts_of else set())


def _order(template: KpiTemplate) -> tuple[bool, int]:
    return bool(needed_by(template)), TEMPLATES.index(template)


def _values(template: KpiTemplate, there: dict[str, Kpi]) -> dict[str, Any]:
    bands = {
        name: Decimal(text) if (text := template.values[name]) else None for name in ("near_band", "near_band_abs")
    }
    source = {"facts_of": there[template.facts_of]} if template.facts_of else {}
    return template.values | bands | source | {"state": KpiState.PUBLISHED}
