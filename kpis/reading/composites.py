"""The composite of each tier, of a matrix that is built: no query of its own."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction

from customers.choices import TierScope
from customers.models import Tier
from kpis.choices import Status
from kpis.formulas.composite import blend, score
from kpis.formulas.values import Goal
from kpis.reading.goals import band_of
from kpis.reading.matrix_values import Cell, Composite, Row


def composites(weights: Mapping[str, Fraction], tiers: Sequence[Tier], rows: Sequence[Row]) -> tuple[Composite, ...]:
    """One of each column but Untiered, in their order; none where no weights stand in the period's last month."""
    if not weights:
        return ()
    weighed = {row.kpi.code: row for row in rows if row.kpi.code in weights}
    of_rows = {code: weights[code] for code in (*weighed, *sorted(weights.keys() - weighed.keys()))}
    return tuple(
        Composite(tier, blend(of_rows, dict(_scores(weighed, place))))
        for place, tier in enumerate(tiers)
        if tier.scope != TierScope.UNTIERED
    )


def _scores(rows: Mapping[str, Row], place: int) -> Iterator[tuple[str, Fraction]]:
    """Those of the KPIs with a verdict in a column."""
    for code, row in rows.items():
        if (found := score_of(row, row.cells[place])) is not None:
            yield code, found


def score_of(row: Row, cell: Cell) -> Fraction | None:
    """What a cell scores; None without a verdict: no value, no target, or a part of a whole."""
    if cell.actual is None or cell.status not in {Status.MET, Status.NEAR, Status.MISSED}:
        return None
    return score(cell.actual, Goal(cell.target, cell.low, cell.high), row.kpi.direction, band_of(row.kpi))
