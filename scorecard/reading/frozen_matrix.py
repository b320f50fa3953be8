"""The matrix of a closed period as it was signed, as the value that pages show: what the document says, no more.

What the document does not hold of a KPI (how many decimals are shown, whose it is) is taken from the KPI of today.
"""

from __future__ import annotations

from collections.abc import Mapping
from copy import copy
from dataclasses import dataclass
from datetime import date, datetime
from fractions import Fraction
from typing import Any

from core.periods import Month, Period, stored_month
from core.shapes import LATEST, LIVE
from customers.choices import TierScope
from customers.models import Tier
from kpis.choices import Assurance, Signal, SignalRule, Status
from kpis.formulas.composite import Blend
from kpis.models import Kpi
from kpis.reading.matrix import Cell, Composite, Matrix, Row
from kpis.reading.thin_months import ThinMonth
from scorecard.models import Edition
from scorecard.reading.edition_document import read_matrix
from scorecard.reading.editions import differing_cells, document_of, edition_of, latest_edition
from scorecard.reading.served_editions import no_edition

_NUMBERS = ("actual", "target", "low", "high", "variance", "attainment", "previous", "year_ago")


@dataclass(frozen=True, slots=True)
class SignedMatrix:
    """A matrix as an edition has it; ``differs`` counts its cells of which the live values say something else."""

    edition: Edition
    matrix: Matrix
    differs: int


@dataclass(frozen=True, slots=True, order=True)
class SignedThinMonth(ThinMonth):
    """A month that looked incomplete when the period was signed; of how many facts is not kept."""

    @property
    def counts(self) -> str:
        """What is known of it."""
        return "it looked incomplete when it was signed"


def signed_matrix(period: Period, edition: str, live: Matrix, today: date) -> SignedMatrix | None:
    """The matrix of the edition that an address names (a number, or nothing for the latest); None of an open period,
    and where the live values are asked for.

    Raises LookupError for a number that the period has no edition of.
    """
    if edition == LIVE:
        return None
    found = latest_edition(period) if edition in {"", LATEST} else _numbered(period, edition)
    if found is None:
        return None
    document = document_of(found)["matrix"]
    differs = len(differing_cells(document, read_matrix(period, today)))
    return SignedMatrix(found, _Frozen(document, live).matrix(), differs)


def latest_signed(period: Period, live: Matrix) -> tuple[int, Matrix] | None:
    """The latest edition of a period by number, and its matrix; None of an open one. Three queries."""
    found = latest_edition(period)
    return None if found is None else (found.number, _Frozen(document_of(found)["matrix"], live).matrix())


def _numbered(period: Period, edition: str) -> Edition:
    found = edition_of(period, int(edition)) if edition.isdecimal() and len(edition) < 6 else None
    if found is None:
        raise LookupError(no_edition(period, edition))
    return found


class _Frozen:
    """Turns a document back into the values that it was made of."""

    def __init__(self, document: Mapping[str, Any], live: Matrix) -> None:
        self._document, self._live = document, live
        self._tiers = {tier.code: tier for tier in Tier.objects.all()}
        rows = Kpi.objects.filter(code__in=[row["kpi"] for row in document["rows"]]).select_related("department")
        self._kpis = {kpi.code: kpi for kpi in rows} | {row.kpi.code: row.kpi for row in live.rows}

    def matrix(self) -> Matrix:
        """The whole."""
        tiers = {tier["code"]: self._tier(tier) for tier in self._document["tiers"]}
        rows = tuple(self._row(row, tiers) for row in self._document["rows"])
        computed = self._document["computed_at"]
        return Matrix(
            self._live.period,
            self._document["to_date"],
            datetime.fromisoformat(computed) if computed else None,
            self._live.data_until,
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
        numbers = {name: None if told[name] is None else Fraction(told[name]) for name in _NUMBERS}
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
        index = None if told["index"] is None else Fraction(told["index"])
        return Composite(tiers[told["tier"]], Blend({}, index, Fraction(told["weight"]), tuple(told["missing"])))


def _thin(kpi: Kpi, code: str) -> SignedThinMonth:
    return SignedThinMonth(stored_month(code), kpi.pk or 0, 0, Fraction(0), kpi.name)


def _month(code: str | None) -> Month | None:
    return stored_month(code) if code else None
