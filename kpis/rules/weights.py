"""Which weights may be written: of KPIs that everybody sees, summing to 100 %, from a month that is not closed."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from decimal import Decimal
from fractions import Fraction

from core.numbers import rounded_text
from core.periods import YEARS, Month, month_code, year_is_kept
from core.writes import Problem
from kpis.formulas.composite import WHOLE
from kpis.models import Kpi

_OF = "weight-"


def field_of(code: str) -> str:
    """The field of a KPI's weight, at every door."""
    return f"{_OF}{code}"


def weights_problems(from_month: Month, weights: Mapping[Kpi, Decimal], covered: Collection[Month]) -> list[Problem]:
    """What is wrong with weights in percent from a month on; empty where all is well.

    ``covered``: the months in which they would stand that an edition covers.
    """
    found = [("from_month", reason) for reason in _of_month(from_month, covered)]
    for kpi, weight in weights.items():
        found += [(field_of(kpi.code), reason) for reason in _of_kpi(kpi, from_month, weight)]
    total = sum(weights.values(), Decimal(0))
    if total != WHOLE:
        found.append(("weights", f"must add up to 100 %, not to {percent_text(total)} %"))
    return found


def percent_text(percent: Decimal | Fraction) -> str:
    """A percentage in as few decimals as it has: ``33.3``."""
    return rounded_text(percent).rstrip("0").rstrip(".")


def _of_month(month: Month, covered: Collection[Month]) -> Iterator[str]:
    if not year_is_kept(month // 100):
        yield f"is out of range: {YEARS}"
    if covered:
        yield f"would change {month_code(max(covered))}, which an edition covers: choose a later month"


def _of_kpi(kpi: Kpi, month: Month, weight: Decimal) -> Iterator[str]:
    if not 0 < weight <= WHOLE:
        yield "must lie above 0 % and not above 100 %; leave it empty for a KPI that counts nothing"
    if kpi.is_draft:
        yield "is of a draft, which is in no matrix: publish the KPI first"
    elif kpi.retired_from is not None and kpi.retired_from <= month:
        yield "is of a KPI that is retired by then"
