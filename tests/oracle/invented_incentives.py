"""Invents editions as documents of JSON, further editions of them, and goals of every measure, each from a number."""

from __future__ import annotations

from copy import deepcopy
from datetime import date
from fractions import Fraction
from random import Random
from typing import Any

from hypothesis import strategies as st

from tests.oracle.incentives import Goal

TIERS = ("T1", "T2", "all")
KPIS = ("rate", "amount", "between")
MONTHS = ("2011-07", "2011-08", "2011-09")
CODES = ("i1", "i2", "i3", "i4")
DAYS = (date(2011, 6, 30), date(2011, 7, 1), date(2011, 8, 15), date(2011, 9, 30), date(2011, 10, 1))

seeds = st.integers(0, 2**32 - 1)


def invented_statement(seed: int) -> tuple[dict[str, Any], dict[str, Any], list[Goal]]:
    """An edition, the one after it, and the goals of a person, which weigh 100 together."""
    invented = Random(seed)
    first = make_document(invented)
    second = deepcopy(first) | {"edition": 2, "reason": "Late invoices"}
    for name, again in make_document(invented).items():
        if name not in ("edition", "reason", "period") and invented.random() < 0.4:
            second[name] = again
    weights = invented.choice([[100], [50, 50], [33, 33, 34], [10, 20, 30, 40]])
    goals = [make_goal(invented, f"g{place}", Fraction(weight)) for place, weight in enumerate(weights)]
    return first, second, goals


def make_document(invented: Random) -> dict[str, Any]:
    """What a statement reads of an edition."""
    return {
        "period": "2011-Q3",
        "edition": 1,
        "reason": None,
        "matrix": {"rows": [make_row(invented, kpi) for kpi in KPIS]},
        "initiatives": [make_initiative(invented, code) for code in CODES if invented.random() < 0.9],
        "growth": {"rows": [make_growth(invented, tier) for tier in TIERS]},
        "composite": [
            {"tier": tier, "index": invented.choice([None, "83.3", "61.0", "100.0"])}
            for tier in TIERS
            if invented.random() < 0.9
        ],
        "benefits": [make_benefit(invented, code) for code in CODES if invented.random() < 0.7],
    }


def make_row(invented: Random, kpi: str) -> dict[str, Any]:
    """A KPI with a cell for each tier: a ratio in percent, a sum, or a range."""
    ratio = kpi == "rate"
    return {
        "kpi": kpi,
        "unit": "percent" if ratio else "number",
        "direction": "range" if kpi == "between" else "higher",
        "cells": [make_cell(invented, tier, ratio=ratio) for tier in TIERS],
    }


def make_cell(invented: Random, tier: str, *, ratio: bool) -> dict[str, Any]:
    """A cell of any status; now and then a ratio is a mean of months, and no quotient of its parts."""
    status = invented.choice(["met", "near", "missed", "no_target", "partial", "no_data"])
    above, below = invented.randint(0, 9), invented.choice([3, 7, 8])
    pooled = invented.random() < 0.8
    value = Fraction(above * 100, below) if ratio and pooled else Fraction(above) * 7
    known = status != "no_data"
    return {
        "tier": tier,
        "actual": as_text(value) if known else None,
        "status": status,
        "numerator": f"{above}.0000" if known and ratio else None,
        "denominator": f"{below}.0000" if known and ratio else None,
        "method": {"customers": "ratio" if ratio else "sum", "time": "pool" if pooled else "mean", "formula": None},
    }


def as_text(value: Fraction) -> str:
    """With four decimals, half away from zero; of what isn't below 0."""
    tens = int(value * 10_000 + Fraction(1, 2))
    return f"{tens // 10_000}.{tens % 10_000:04d}"


def make_initiative(invented: Random, code: str) -> dict[str, Any]:
    """An initiative that was finished, or wasn't."""
    stage = invented.choice(["done", "done", "in_progress", "on_hold", "cancelled"])
    finished = invented.choice(DAYS).isoformat() if stage == "done" else None
    return {"code": code, "stage": stage, "finished_on": finished}


def make_growth(invented: Random, tier: str) -> dict[str, Any]:
    """A tier's flows."""
    return {"tier": tier} | {name: invented.randint(0, 9) for name in ("joined", "returned", "left")}


def make_benefit(invented: Random, code: str) -> dict[str, Any]:
    """A benefit in money, some without a rate, or in a KPI."""
    months = {month: as_text(Fraction(invented.randint(0, 90), 7)) for month in ("2011-06", *MONTHS, "2011-10")}
    return {
        "initiative": code,
        "name": "Less work",
        "kind": invented.choice(["money", "money", "money", "kpi"]),
        "rate": invented.choice(["1", "1.25", "0.0333", None]),
        "months": {month: one for month, one in months.items() if invented.random() < 0.5},
    }


def make_goal(invented: Random, code: str, weight: Fraction) -> Goal:
    """A goal of any measure, its points in either order."""
    steps = [Fraction(invented.choice(["0", "10", "0.5"]))]
    steps += [steps[0] + invented.randint(1, 40), steps[0] + invented.randint(41, 90)]
    threshold, target, maximum = steps if invented.random() < 0.7 else steps[::-1]
    return Goal(
        code=code,
        weight=weight,
        measure=invented.choice(["cell", "cell", "on_time", "growth", "composite", "benefit"]),
        threshold=threshold,
        target=target,
        maximum=maximum,
        at_threshold=Fraction(invented.choice([0, 50, 80])),
        at_maximum=Fraction(invented.choice([120, 150, 200])),
        months=MONTHS,
        kpi=invented.choice([*KPIS, "rate"]),
        tier=invented.choice(TIERS),
        initiatives=tuple(one for one in CODES if invented.random() < 0.6),
        same_version=invented.random() < 0.9,
        due={one: invented.choice(DAYS) for one in CODES},
        let_off={one: invented.choice(DAYS) for one in CODES if invented.random() < 0.4},
        decided=invented.choice([None, None, Fraction(40)]),
        unconfirmed=invented.random() < 0.15,
    )
