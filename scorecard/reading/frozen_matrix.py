"""The matrix of a closed period as it was signed, as the value that pages and board packs show: what the document says,
no more.

What the document does not hold of a KPI (how many decimals are shown, whose it is) is taken from the KPI of today.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from copy import copy
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from typing import Any

from core.periods import Month, Period, stored_month
from customers.choices import TierScope
from customers.models import Tier
from customers.reading.tiers import every_tier
from kpis.choices import Assurance, Signal, SignalRule, Status
from kpis.formulas.composite import Blend
from kpis.models import Kpi
from kpis.models.versions import VersionBook
from kpis.reading.matrix import Cell, Composite, Matrix, MatrixBuilder, Row
from kpis.reading.thin_months import ThinMonth
from scorecard.reading.edition_document import told_matrix
from scorecard.reading.editions import differing_cells

_NUMBERS = ("actual", "target", "low", "high", "variance", "attainment", "previous", "year_ago")


@dataclass(frozen=True, slots=True, order=True)
class SignedThinMonth(ThinMonth):
    """A month that looked incomplete when the period was signed; of how many facts is not kept."""

    @property
    def counts(self) -> str:
        """What is known of it."""
        return "it looked incomplete when it was signed"


def signed_matrix(document: Mapping[str, Any], live: Matrix) -> Matrix:
    """The matrix of an edition's document, beside the live one."""
    return _frozen(document["matrix"], live).matrix()


def matrix_of_document(document: Mapping[str, Any], period: Period) -> Matrix:
    """The same where no live one was built. Four queries."""
    library = list(Kpi.objects.select_related("department"))
    versions = VersionBook.read(library)
    known = (versions.at(kpi, period.last) for kpi in library)
    return _Frozen(document["matrix"], period, known).matrix()


def signed_rows(document: Mapping[str, Any], kpis: Iterable[Kpi], period: Period) -> Matrix:
    """The matrix of an edition's document with the rows of these KPIs alone; it may have none of some."""
    known = {kpi.code: kpi for kpi in kpis}
    rows = [row for row in document["matrix"]["rows"] if row["kpi"] in known]
    return _Frozen({**document["matrix"], "rows": rows}, period, known.values()).matrix()


def cells_that_differ(document: Mapping[str, Any], builder: MatrixBuilder, live: Matrix) -> int:
    """How many cells say something else by now, by a live matrix and what built it. Two queries."""
    return len(differing_cells(document["matrix"], told_matrix(builder, live)))


@dataclass(frozen=True, slots=True)
class SignedCell:
    """A cell as an edition has it, with its KPI as it meant then; ``differs``: it says something else by now."""

    kpi: Kpi
    cell: Cell
    differs: bool


def signed_cell(document: Mapping[str, Any], kpi: Kpi, tier: Tier, builder: MatrixBuilder) -> SignedCell | None:
    """One cell of an edition's document beside the live one, which ``builder`` builds; None where it has no such cell.

    ``kpi`` is the KPI as it means in the period.
    """
    matrix = document["matrix"]
    matrix = {**matrix, "rows": [row for row in matrix["rows"] if row["kpi"] == kpi.code]}
    live = builder.build()
    others = differing_cells(matrix, told_matrix(builder, live))
    for row in _frozen(matrix, live).matrix().rows:
        for cell in row.cells:
            if cell.tier.code == tier.code:
                differs = any((one.kpi, one.tier) == (kpi.code, tier.code) for one in others)
                return SignedCell(row.kpi, cell, differs)
    return None


def exact(text: str | None) -> Fraction | None:
    """A number of a document; None for none."""
    return None if text is None else Fraction(text)


def _frozen(document: Mapping[str, Any], live: Matrix) -> _Frozen:
    return _Frozen(document, live.period, (row.kpi for row in live.rows), live.data_until)


class _Frozen:
    """Turns a document's matrix back into the values that it was made of. ``kpis`` are known, as they mean in the
    period; others are read.
    """

    def __init__(
        self, document: Mapping[str, Any], period: Period, kpis: Iterable[Kpi], data_until: Month | None = None
    ) -> None:
        self._document, self._period, self._data_until = document, period, data_until
        self._tiers = {tier.code: tier for tier in every_tier()}
        self._kpis = {kpi.code: kpi for kpi in kpis}
        if gone := {row["kpi"] for row in document["rows"]} - self._kpis.keys():
            rows = Kpi.objects.filter(code__in=gone).select_related("department")
            self._kpis |= {kpi.code: kpi for kpi in rows}

    def matrix(self) -> Matrix:
        """The whole."""
        tiers = {tier["code"]: self._tier(tier) for tier in self._document["tiers"]}
        rows = tuple(self._row(row, tiers) for row in self._document["rows"])
        computed = self._document["computed_at"]
        return Matrix(
            self._period,
            self._document["to_date"],
            datetime.fromisoformat(computed) if computed else None,
            self._data_until,
            tuple(tiers.values()),
            rows,
            tuple(self._composite(one, tiers) for one in self._document["composite"]),
        )

    def _tier(self, told: Mapping[str, Any]) -> Tier:
        """The column by the name that it had."""
        known = self._tiers.get(told["code"])
        found = copy(known) if known else Tier(code=told["code"], scope=TierScope.TIER)
        found.name = told["name"]
        return found

    def _row(self, told: Mapping[str, Any], tiers: Mapping[str, Tier]) -> Row:
        """The KPI as it was called and meant."""
        known = self._kpis.get(told["kpi"])
        kpi = copy(known) if known else Kpi(code=told["kpi"])
        for name in ("name", "indicator", "unit", "direction"):
            setattr(kpi, name, told[name])
        method = told["cells"][0]["method"] if told["cells"] else None
        if method:
            kpi.customer_method, kpi.time_method = method["customers"] or "", method["time"] or ""
            kpi.formula = method["formula"] or ""
        return Row(kpi, tuple(self._cell(kpi, cell, tiers[cell["tier"]]) for cell in told["cells"]))

    def _cell(self, kpi: Kpi, told: Mapping[str, Any], tier: Tier) -> Cell:
        numbers = {name: exact(told[name]) for name in _NUMBERS}
        return Cell(
            tier=tier,
            **numbers,
            status=Status(told["status"]),
            pace=Status(told["pace"]) if told["pace"] else None,
            months_with_data=told["months_with_data"],
            months_expected=told["months_expected"],
            facts=told["facts"],
            last_month=_month(told["last_month"]),
            provisional=told["provisional"],
            thin=tuple(_thin(kpi, code) for code in told["thin"]),
            signal=Signal(told["signal"]) if told["signal"] else None,
            rule=SignalRule(told["rule"]) if told["rule"] else None,
            assurance=Assurance(told["assurance"]) if told["assurance"] else None,
            signal_month=_month(told["signal_month"]),
        )

    def _composite(self, told: Mapping[str, Any], tiers: Mapping[str, Tier]) -> Composite:
        blend = Blend({}, exact(told["index"]), Fraction(told["weight"]), tuple(told["missing"]))
        return Composite(tiers[told["tier"]], blend)


def _thin(kpi: Kpi, code: str) -> SignedThinMonth:
    return SignedThinMonth(stored_month(code), kpi.pk or 0, 0, Fraction(0), kpi.name)


def _month(code: str | None) -> Month | None:
    return stored_month(code) if code else None
