"""What the matrix of a period is made of, as plain values."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from typing import NamedTuple

from core.periods import Month, Period
from customers.models import Tier
from kpis.choices import Assurance, Beyond, Signal, SignalRule, Status
from kpis.formulas.composite import Blend
from kpis.models import Kpi
from kpis.reading.cells import Actuals
from kpis.reading.thin_months import ThinMonth


class Cell(NamedTuple):
    """One KPI in one tier and period: actual beside target, and the verdict.

    Values are exact, in the KPI's unit (percent values times 100); None where there is none.
    ``variance`` is actual less target and, like ``attainment``, is empty for ranges and for
    ``partial`` cells, where a part is not compared with a whole. ``previous`` and ``year_ago``, the
    value of the same period a year before, are empty where the change is withheld. ``last_month`` is
    the last month that has a value. ``provisional``: a month that is still to be confirmed counts in
    the value; ``thin`` are its months with far fewer facts than usual.
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
    provisional: bool = False
    thin: tuple[ThinMonth, ...] = ()
    year_ago: Fraction | None = None
    signal: Signal | None = None
    rule: SignalRule | None = None
    assurance: Assurance | None = None
    signal_month: Month | None = None

    @property
    def beyond(self) -> tuple[Beyond, ...]:
        """What of it goes beyond the noise."""
        found = (Beyond(self.signal.value),) if self.signal else ()
        return (*found, Beyond.GAP) if self.is_gap else found

    @property
    def is_gap(self) -> bool:
        """Whether it is a capability gap: as it runs, the process misses its target."""
        return self.assurance is not None and self.assurance.is_gap


@dataclass(frozen=True, slots=True)
class Earlier:
    """What a period's values are compared with: those of an earlier period of the same kind.

    ``comparable`` are the KPIs of whose values nothing changed its version since; none while a period runs.
    """

    period: Period
    actuals: Actuals
    comparable: frozenset[int]


@dataclass(frozen=True, slots=True)
class Row:
    """A KPI and its cells, in the order of the matrix's tiers."""

    kpi: Kpi
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class Composite:
    """What the verdicts of a tier come to by the weights that stand in the period's last month."""

    tier: Tier
    blend: Blend


@dataclass(frozen=True, slots=True)
class Matrix:
    """All KPIs of a period by tier: leading rows first; tiers by rank, untiered, all customers last.

    ``computed_at`` is when the newest of its cells was rolled up, ``data_until`` the last month up to
    the period's end that has any data; both None where nothing has been rolled up. ``composites`` are of
    each column but Untiered, none where no weights were written.
    """

    period: Period
    to_date: bool
    computed_at: datetime | None
    data_until: Month | None
    tiers: tuple[Tier, ...]
    rows: tuple[Row, ...]
    composites: tuple[Composite, ...] = ()
