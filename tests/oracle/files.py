"""Reads a company's files into the oracle's plain lists."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from datetime import date
from fractions import Fraction
from pathlib import Path

from tests.oracle.company import Company, Fact, Kpi, Membership, Target, Tier


def rows(folder: Path, name: str) -> Iterator[dict[str, str]]:
    """The rows of a file by column; none where there is no such file."""
    path = folder / f"{name}.csv"
    if path.exists():
        with path.open(newline="", encoding="utf-8-sig") as file:
            yield from csv.DictReader(file)


def number(text: str | None) -> Fraction | None:
    """An exact number, or nothing."""
    return Fraction(text) if text else None


def month(text: str) -> int:
    """``2011-09`` as 201109."""
    return int(text.replace("-", ""))


def read_company(folder: Path) -> Company:
    """The company in a folder of files; every target row counts as approved."""
    return Company(
        tiers=[Tier(row["code"], int(row["rank"])) for row in rows(folder, "tiers")],
        kpis=[read_kpi(row) for row in rows(folder, "kpis")],
        memberships=[
            Membership(row["customer"], date.fromisoformat(row["starts_on"]), row["tier"] or None)
            for row in rows(folder, "tier_memberships")
        ],
        facts=[
            Fact(
                row["kpi"],
                row["customer"],
                month(row["month"]),
                Fraction(row["numerator"]),
                number(row.get("denominator")),
            )
            for row in rows(folder, "facts")
            if row["numerator"]
        ],
        complete_months=[(row["kpi"], month(row["month"])) for row in rows(folder, "complete_months")],
        targets=[read_target(row) for row in rows(folder, "targets")],
    )


def read_kpi(row: dict[str, str]) -> Kpi:
    """A row of ``kpis.csv``."""
    return Kpi(
        row["code"],
        row["customer_method"],
        row["time_method"],
        row["unit"],
        row["direction"],
        row["indicator"],
        number(row.get("near_band")),
        number(row.get("near_band_abs")),
        row.get("absent") or "missing",
        row.get("facts_of") or None,
        row.get("formula") or "",
        complete_when=row.get("complete_when") or "any",
        seasonal=row.get("seasonal") == "true",
    )


def read_target(row: dict[str, str]) -> Target:
    """A row of ``targets.csv``."""
    until = row.get("until_month")
    return Target(
        row["kpi"],
        row["tier"],
        month(row["from_month"]),
        row["per"],
        number(row.get("value")),
        number(row.get("low")),
        number(row.get("high")),
        month(until) if until else None,
    )
