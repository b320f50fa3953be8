"""What a formula would give: the last quarter's values, before anything is saved."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from django.db.models import Max

from accounts.models import Company
from accounts.services import today_of
from core.periods import Kind, Month, Period, month_of, shift
from customers.choices import TierScope
from customers.models import Tier
from kpis.calculated import read_formula
from kpis.formula_rules import formula_problem, shelf
from kpis.models import Kpi, RolledSlice
from kpis.past import read_actuals
from kpis.trends import newest_quarter
from kpis.versions import VersionBook
from kpis.wording import style_of


@dataclass(frozen=True, slots=True)
class PreviewRow:
    """A tier: the value of each input, and the result, as they are written."""

    tier: Tier
    inputs: tuple[str, ...]
    result: str


@dataclass(frozen=True, slots=True)
class Preview:
    """A formula on the last quarter with data; ``problem`` says why it cannot be taken, and then there are no rows."""

    period: Period | None
    names: tuple[str, ...]
    rows: tuple[PreviewRow, ...]
    problem: str = ""


def preview_formula(candidate: Kpi, company: Company) -> Preview:
    """What the formula of an unsaved KPI gives in the last ended quarter with data, by tier."""
    others = [kpi for kpi in Kpi.objects.in_matrix_order() if kpi.pk != candidate.pk]
    units, formulas = shelf([*others, candidate], company.currency)
    if problem := formula_problem(candidate.code, candidate.formula, units, formulas):
        return Preview(None, (), (), problem)
    by_code = {kpi.code: kpi for kpi in others}
    taken = [by_code[code] for code in read_formula(candidate.formula).inputs]
    period = last_quarter(company)
    tiers = [tier for tier in Tier.objects.all() if tier.scope != TierScope.UNTIERED and not tier.retired]
    actuals = read_actuals([period], [*others, candidate], VersionBook.read(others), tiers)[period]

    def written(kpi: Kpi, tier: Tier) -> str:
        found = actuals.get((kpi.pk, tier.pk))
        number: Fraction | None = found.number if found else None
        return style_of(kpi, company.currency).full(number)

    rows = (PreviewRow(tier, tuple(written(one, tier) for one in taken), written(candidate, tier)) for tier in tiers)
    return Preview(period, tuple(kpi.name for kpi in taken), tuple(rows))


def last_quarter(company: Company) -> Period:
    """The last quarter that has ended and has data of any KPI; without data the last one that has ended."""
    last = shift(month_of(today_of(company)), -1)
    newest: Month | None = RolledSlice.objects.filter(facts__gt=0).aggregate(last=Max("month"))["last"]
    return newest_quarter(company.calendar.period(Kind.MONTH, last), newest)
