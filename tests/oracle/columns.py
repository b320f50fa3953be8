"""Which columns a matrix has, and all its cells."""

from __future__ import annotations

from datetime import date

from tests.oracle.calculated import has_fact
from tests.oracle.company import ALL, UNTIERED, Company
from tests.oracle.months import Span
from tests.oracle.targets import has_target
from tests.oracle.verdicts import Cell, cell


def column_codes(company: Company, span: Span, today: date) -> list[str]:
    """The tiers by rank, a retired one where it has a fact or a target; untiered where not empty; all last."""
    codes, kpis = [], company.kpis_of(span.last)
    for tier in sorted(company.tiers, key=lambda t: (t.rank, t.code)):
        stays = tier.retired_from is None or span.last < tier.retired_from
        if stays or any(
            has_fact(company, kpi, tier.code, span, today) or has_target(company, kpi, tier.code, span, today)
            for kpi in kpis
        ):
            codes.append(tier.code)
    if any(has_fact(company, kpi, UNTIERED, span, today) for kpi in kpis):
        codes.append(UNTIERED)
    return [*codes, ALL]


def all_cells(company: Company, span: Span, today: date) -> dict[tuple[str, str], Cell]:
    """Every cell of the matrix by (KPI, column); leading KPIs first."""
    columns = column_codes(company, span, today)
    kpis = sorted(company.kpis_of(span.last), key=lambda kpi: kpi.indicator)
    return {(kpi.code, code): cell(company, kpi, code, span, today) for kpi in kpis for code in columns}
