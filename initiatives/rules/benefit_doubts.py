"""What looks odd about a planned benefit: said beside it, and never a reason to refuse it."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from initiatives.models import Benefit
from kpis.choices import Unit
from kpis.rules.plausible import MOST


def doubts(
    benefit: Benefit, before: Benefit | None, planned: Fraction | None, largest: Fraction | None, currency: str
) -> Iterator[str]:
    """Why it should be looked at first: another currency or unit, or more than 3 times what there is.

    ``before`` is the version in force; ``planned`` what it comes to a year in the company's money, ``largest`` the
    most that an approved benefit does, None where there is none; ``currency`` is the company's.
    """
    if benefit.currency and benefit.currency != currency:
        yield f"in {benefit.currency}, not in {currency}"
    if benefit.kpi and benefit.kpi.unit == Unit.PERCENT and benefit.value_per_year > 100:
        yield "more than 100 points"
    if before is None:
        if planned and largest and planned > MOST * largest:
            yield f"more than {MOST} times the largest approved benefit"
    elif _unit(before) != _unit(benefit):
        yield "counted in something else than the version in force"
    elif benefit.value_per_year > MOST * before.value_per_year:
        yield f"more than {MOST} times the version in force"


def _unit(benefit: Benefit) -> tuple[str, int | None, int | None, str]:
    return benefit.kind, benefit.kpi_id, benefit.tier_id, benefit.currency
