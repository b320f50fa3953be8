"""The target-versus-actual matrix of a period: the one value behind page, API, export and PDF."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from fractions import Fraction

from core.periods import Month, Period
from customers.models import Tier
from kpis.choices import Status
from kpis.models import Kpi


@dataclass(frozen=True, slots=True)
class Cell:
    """One KPI in one tier and period: actual beside target, and the verdict.

    Values are exact, in the KPI's unit (percent values times 100); None where there is none.
    ``variance`` is actual less target and, like ``attainment``, is empty for ranges and for
    ``partial`` cells, where a part is not compared with a whole. ``previous`` is empty where the
    change is withheld. ``entered`` tells tier actuals from facts.
    """

    tier: Tier
    actual: Fraction | None
    target: Fraction | None
    low: Fraction | None
    high: Fraction | None
    variance: Fraction | None
    attainment: Fraction | None
    status: Status
    pace: Status | None
    previous: Fraction | None
    months_with_data: int
    months_expected: int
    facts: int
    last_month: Month | None = None


@dataclass(frozen=True, slots=True)
class Row:
    """A KPI and its cells, in the order of the matrix's tiers."""

    kpi: Kpi
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class Matrix:
    """All KPIs of a period by tier: leading rows first; tiers by rank, untiered, all customers last.

    ``computed_at`` is when the newest of its cells was rolled up, ``data_until`` the last month
    of the period that has any data; both None where nothing has been rolled up.
    """

    period: Period
    to_date: bool
    computed_at: datetime | None
    data_until: Month | None
    tiers: tuple[Tier, ...]
    rows: tuple[Row, ...]


def build_matrix(period: Period, *, today: date | None = None) -> Matrix:
    """The matrix of a period as of today (the company's day where not given)."""
    raise NotImplementedError
