"""What is loaded: random files, the same for the same seed."""

from __future__ import annotations

import csv
import random
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from core.periods import Month, month_code, months_between

MONTHS = [month_code(month) for month in months_between(Month(202501), Month(202602))]
PERIODS = ("2025-03", "2025-12", "2026-01", "2025-Q1", "2025-Q3", "2026-Q1", "2025", "2026")
TIERS = ("T1", "T2", "T3")
CUSTOMERS = [f"C{number}" for number in range(400)]
# code, indicator, unit, customer method, time method, absent, facts_of
KPIS = (
    ("revenue", "trailing", "currency", "sum", "sum", "", ""),
    ("revenue_ttm", "trailing", "currency", "sum", "ttm", "", "revenue"),
    ("rate", "leading", "percent", "ratio", "pool", "", ""),
    ("order_value", "leading", "number", "mean", "mean", "", ""),
    ("visits", "leading", "number", "distinct", "pool", "", ""),
    ("active", "leading", "number", "distinct", "ttm", "", ""),
    ("claims", "trailing", "number", "sum", "sum", "zero", ""),
    ("score", "leading", "score", "mean", "last", "", ""),
    ("survey", "leading", "score", "mean", "pool", "", ""),
)
# code, indicator, unit, formula
CALCULATED = (
    ("per_visit", "trailing", "currency", "revenue / visits"),
    ("twice_per_visit", "trailing", "currency", "2 * per_visit"),
    ("gap", "leading", "score", "score - survey"),
)
MEANINGS = ("mean", "pool", "last")  # that the order value may get from a month on
MEASURED = [code for code, *_, source in KPIS if not source and code != "survey"]  # the survey is told per tier
HEADERS = {
    "tiers": "code,name,rank",
    "customers": "external_id,name",
    "tier_memberships": "customer,starts_on,tier",
    "kpis": "code,name,indicator,unit,direction,customer_method,time_method,absent,facts_of,formula,from_month",
    "facts": "kpi,customer,month,numerator,denominator",
    "complete_months": "kpi,month",
    "tier_actuals": "kpi,tier,month,numerator,denominator",
    "targets": "kpi,tier,from_month,per,value",
}
Rows = Iterable[Iterable[object]]


@dataclass(frozen=True, slots=True)
class File:
    """One file to load, and whether it is a good one."""

    kind: str
    path: Path
    good: bool = True


class Files:
    """Writes one file after the other into a folder."""

    def __init__(self, seed: int, folder: Path) -> None:
        self.chance, self.folder, self.number = random.Random(seed), folder, 0  # noqa: S311 - no secret
        self.meant_until = 3  # which of the months the order value changed its meaning in last

    def beginning(self) -> Iterator[File]:
        """Everything that facts need, and the first facts."""
        yield self._file("tiers", ((code, f"Tier {code}", code[1]) for code in TIERS))
        yield self._file("customers", ((code, f"Account {code}") for code in CUSTOMERS))
        yield self._file(
            "tier_memberships", ((code, "2024-01-01", self.chance.choice(TIERS)) for code in CUSTOMERS if code != "C7")
        )
        yield self._file("kpis", ((k[0], k[0].title(), k[1], k[2], "higher", *k[3:], "", "") for k in KPIS))
        calculated = ((*k[:1], k[0].title(), *k[1:3], "higher", "", "", "", "", k[3], "") for k in CALCULATED)
        yield self._file("kpis", calculated)
        yield self._file("facts", (row for kpi in MEASURED for month in MONTHS for row in self._slice(kpi, month, 150)))
        yield self._targets()

    def another(self) -> File:
        """Any file that may come on any day; one in twenty is bad."""
        makers: dict[Callable[[], File], int] = {
            self._facts: 10,
            self._moves: 4,
            self._targets: 2,
            self._tier_actuals: 2,
            self._complete: 1,
            self._meaning: 1,
            self._bad: 1,
        }
        return self.chance.choices(list(makers), list(makers.values()))[0]()

    def _file(self, kind: str, rows: Rows, *, good: bool = True) -> File:
        self.number += 1
        path = self.folder / f"{self.number:04}-{kind}.csv"
        with path.open("w", newline="", encoding="utf-8") as file:
            writer = csv.writer(file)
            writer.writerow(HEADERS[kind].split(","))
            writer.writerows(rows)
        return File(kind, path, good)

    def _slice(self, kpi: str, month: str, customers: int) -> Iterator[tuple[object, ...]]:
        """Facts of one KPI and month; one in thirty is blank, which is no fact."""
        for customer in self.chance.sample(CUSTOMERS, customers):
            numerator = "" if self.chance.random() < 0.03 else round(self.chance.uniform(-20, 1000), 4)
            yield kpi, customer, month, numerator, self.chance.randint(0, 50) if kpi == "rate" else ""

    def _facts(self) -> File:
        """New facts, and others over those that are there."""
        kpis = self.chance.sample(MEASURED, self.chance.randint(1, 3))
        months = self.chance.sample(MONTHS, self.chance.choice([1, 1, 2, 6]))
        size = self.chance.choice([5, 100, 400])
        return self._file("facts", (row for kpi in kpis for month in months for row in self._slice(kpi, month, size)))

    def _moves(self) -> File:
        days = [f"{self.chance.choice(MONTHS)}-{self.chance.randint(1, 28):02}" for _ in range(20)]
        customers = self.chance.sample(CUSTOMERS, 20)
        return self._file(
            "tier_memberships", zip(customers, days, self.chance.choices([*TIERS, ""], k=20), strict=True)
        )

    def _targets(self) -> File:
        """Per month; of the trailing twelve months per year, as these must be."""
        kpis = self.chance.sample([(code, method) for code, _, _, _, method, _, _ in KPIS], 4)
        rows = (
            (
                kpi,
                tier,
                MONTHS[0] if method == "ttm" else self.chance.choice(MONTHS),
                "year" if method == "ttm" else "month",
            )
            for kpi, method in kpis
            for tier in (*TIERS, "all")
        )
        return self._file("targets", ((*row, self.chance.randint(1, 90_000)) for row in rows))

    def _tier_actuals(self) -> File:
        months = self.chance.sample(MONTHS, 3)
        return self._file(
            "tier_actuals", (("survey", tier, m, self.chance.randint(50, 99), 1) for m in months for tier in TIERS)
        )

    def _complete(self) -> File:
        return self._file("complete_months", (("claims", month) for month in self.chance.sample(MONTHS, 2)))

    def _meaning(self) -> File:
        """The order value combines its months in another way from a month on, never one before the last change."""
        self.meant_until = min(self.meant_until + 1, len(MONTHS) - 1)
        code, indicator, unit, customers, *_ = next(kpi for kpi in KPIS if kpi[0] == "order_value")
        method, month = self.chance.choice(MEANINGS), MONTHS[self.meant_until]
        row = (code, code.title(), indicator, unit, "higher", customers, method, "", "", "", month)
        return self._file("kpis", [row])

    def _bad(self) -> File:
        """A good row and one of a customer whom nobody knows: nothing may be kept."""
        rows = (("revenue", "C1", MONTHS[0], 987654, ""), ("revenue", "nobody", MONTHS[0], 1, ""))
        return self._file("facts", rows, good=False)
