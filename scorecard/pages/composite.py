"""The composite of each tier as the matrix shows it: one quiet row, beside what it may be compared with."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from core.formatting import Style
from kpis.formulas.composite import LEAST, Blend
from kpis.reading.matrix import Composite, Matrix
from kpis.rules.weights import percent_text

INDEX = Style(decimals=1)


@dataclass(frozen=True, slots=True)
class ShownComposite:
    """An index with one decimal, or a dash; ``change`` is that since the period before, empty where the two cannot
    be compared. ``note`` is the weight that has a verdict where it isn't all of it, ``missing`` are the KPIs without
    one, and ``said`` is the same in sentences.
    """

    tier: str
    index: str
    change: str
    note: str
    missing: str
    said: str


def show_composites(matrix: Matrix, before: Matrix | None) -> tuple[ShownComposite | None, ...]:
    """One for each column of the matrix, None for Untiered; nothing at all where no weights stand."""
    if not matrix.composites:
        return ()
    now = {one.tier.pk: one for one in matrix.composites}
    then = {one.tier.pk: one.blend for one in before.composites} if before else {}
    names = {row.kpi.code: row.kpi.name for row in matrix.rows}
    return tuple(_shown(now[tier.pk], then.get(tier.pk), names) if tier.pk in now else None for tier in matrix.tiers)


def _shown(one: Composite, then: Blend | None, names: dict[str, str]) -> ShownComposite:
    found, missing = one.blend, [names.get(code, code) for code in one.blend.missing]
    change = found.change_since(then) if then else None
    return ShownComposite(
        tier=one.tier.name,
        index=INDEX.bare(found.index),
        change="" if change is None else f"{'+' if change > 0 else ''}{INDEX.showing(change).bare(change)}",
        note=f"of {percent_text(found.weight)} %" if missing else "",
        missing=", ".join(missing),
        said=" ".join(_said(found, missing)),
    )


def _said(found: Blend, missing: list[str]) -> Iterator[str]:
    """What it is of, in sentences."""
    if found.index is None:
        yield f"No index: less than {LEAST} % of the weight has a verdict."
    if missing:
        yield f"Without a verdict: {', '.join(missing)}. {percent_text(found.weight)} % of the weight has one."
    else:
        yield "Every KPI that is weighed has a verdict."
