"""An edition's matrix as the value that pages are made of, so that what writes the live one writes it too."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from core.periods import Month, Period
from customers.choices import TierScope
from customers.models import Tier
from kpis.choices import Assurance, Signal, SignalRule, Status
from kpis.formulas.composite import Blend
from kpis.models import Kpi
from kpis.models.versions import VersionBook
from kpis.reading.matrix import Cell, Composite, Matrix, Row

_SCOPES = {scope.value: scope for scope in (TierScope.ALL, TierScope.UNTIERED)}


def matrix_of_document(found: Mapping[str, Any], period: Period) -> Matrix:
    """The matrix of a document: names, units and values as they were signed, on rows that are of no table.

    Decimals and currency stand in no document: they are those of today, two decimals of a KPI that is gone.
    """
    tiers = [Tier(code=one["code"], name=one["name"], scope=scope_of(one["code"])) for one in found["tiers"]]
    by_code = {tier.code: tier for tier in tiers}
    known = _known(period)
    rows = tuple(_row(row, by_code, known.get(row["kpi"])) for row in found["rows"])
    composites = tuple(
        Composite(by_code[one["tier"]], Blend({}, number(one["index"]), Fraction(one["weight"]), tuple(one["missing"])))
        for one in found["composite"]
    )
    return Matrix(period, found["to_date"], None, None, tuple(tiers), rows, composites)


def scope_of(code: str) -> TierScope:
    """What the column of a code is."""
    return _SCOPES.get(code, TierScope.TIER)


def number(text: str | None) -> Fraction | None:
    """A number of a document; None for none."""
    return None if text is None else Fraction(text)


def _known(period: Period) -> dict[str, Kpi]:
    """The KPIs that are still there, as they mean in the period, by code."""
    library = list(Kpi.objects.all())
    versions = VersionBook.read(library)
    return {kpi.code: versions.at(kpi, period.last) for kpi in library}


def _row(row: Mapping[str, Any], tiers: Mapping[str, Tier], known: Kpi | None) -> Row:
    kpi = Kpi(
        **{name: row[name] for name in ("name", "indicator", "unit", "direction")},
        code=row["kpi"],
        decimals=known.decimals if known else 2,
        currency=known.currency if known else "",
    )
    return Row(kpi, tuple(_cell(cell, tiers[cell["tier"]]) for cell in row["cells"]))


def _cell(cell: Mapping[str, Any], tier: Tier) -> Cell:
    values: dict[str, Any] = {name: number(cell[name]) for name in _VALUES}
    return Cell(
        tier=tier,
        **values,
        status=Status(cell["status"]),
        pace=Status(cell["pace"]) if cell["pace"] else None,
        months_with_data=cell["months_with_data"],
        months_expected=cell["months_expected"],
        facts=cell["facts"],
        last_month=month(cell["last_month"]),
        provisional=cell["provisional"],
        signal=Signal(cell["signal"]) if cell["signal"] else None,
        rule=SignalRule(cell["rule"]) if cell["rule"] else None,
        assurance=Assurance(cell["assurance"]) if cell["assurance"] else None,
        signal_month=month(cell["signal_month"]),
    )


_VALUES = ("actual", "target", "low", "high", "variance", "attainment", "previous", "year_ago")


def month(code: str | None) -> Month | None:
    """``2011-09`` as a month; None for none."""
    return None if code is None else Month(int(code[:4]) * 100 + int(code[5:7]))
