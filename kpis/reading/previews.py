"""What a formula would give: the last quarter's values, before anything is saved."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from django.core.exceptions import ValidationError

from accounts.models import Company
from core.keys import why_no_code
from core.periods import Period
from core.texts import sentence
from customers.choices import TierScope
from customers.models import Tier
from kpis.formulas.calculated import read_formula
from kpis.models import Kpi
from kpis.models.versions import VersionBook
from kpis.reading.actuals import read_actuals
from kpis.reading.freshness import latest_period
from kpis.rules.formula import Shelf, as_sentence, formula_problem
from kpis.wording import style_of


@dataclass(frozen=True, slots=True)
class PreviewRow:
    """A tier: the value of each input, and the result, as they are written and exact; None where there is none."""

    tier: Tier
    inputs: tuple[str, ...]
    result: str
    values: tuple[Fraction | None, ...] = ()
    value: Fraction | None = None


@dataclass(frozen=True, slots=True)
class Preview:
    """A formula on the last quarter with data; ``problem`` says why it cannot be taken, and then there are no rows."""

    period: Period | None
    names: tuple[str, ...]
    rows: tuple[PreviewRow, ...]
    problem: str = ""
    codes: tuple[str, ...] = ()


def preview_formula(candidate: Kpi, company: Company) -> Preview:
    """What the formula of an unsaved KPI gives in the last ended quarter with data, by tier."""
    stored = list(Kpi.objects.in_matrix_order())
    others = [kpi for kpi in stored if kpi.pk != candidate.pk]
    shelf = Shelf.of([*others, candidate], company.currency, before=stored)
    if problem := formula_problem(candidate.code, candidate.formula, shelf):
        return Preview(None, (), (), as_sentence(problem, "The formula cannot be taken"))
    by_code = {kpi.code: kpi for kpi in others}
    taken = [by_code[code] for code in read_formula(candidate.formula).inputs]
    period = latest_period(company)
    tiers = [tier for tier in Tier.objects.exclude(scope=TierScope.UNTIERED) if tier.stands_in(period.last)]
    actuals = read_actuals([period], [*others, candidate], VersionBook.read(others), tiers)[period]

    styles = [style_of(kpi, company.currency) for kpi in (*taken, candidate)]

    def row(tier: Tier) -> PreviewRow:
        found = (actuals.get((kpi.pk, tier.pk)) for kpi in (*taken, candidate))
        *values, value = (one.number if one else None for one in found)
        *words, result = (style.full(one) for style, one in zip(styles, (*values, value), strict=True))
        return PreviewRow(tier, tuple(words), result, tuple(values), value)

    names, codes = tuple(kpi.name for kpi in taken), tuple(kpi.code for kpi in taken)
    return Preview(period, names, tuple(map(row, tiers)), codes=codes)


def candidate_for(code: str, formula: str, given: Mapping[str, Any]) -> Kpi:
    """The KPI that a formula is tried for, never to be saved: the stored one of the code, or one to be.

    ``given`` are model fields that stand for the stored ones. Raises ValidationError by field for a code
    that is none, and where the unit of one that is not there yet is not said.
    """
    if why := why_no_code(code, Kpi._meta.get_field("code").max_length or 0):
        raise ValidationError({"code": sentence(why)})
    kpi = Kpi.objects.filter(code=code).first() or Kpi(pk=-1, code=code, name=code)
    for name, value in {**given, "formula": formula, "customer_method": "", "time_method": ""}.items():
        setattr(kpi, name, value)
    if not kpi.unit:
        raise ValidationError({"unit": f"There is no KPI {code} yet: say in which unit it is to be."})
    return kpi
