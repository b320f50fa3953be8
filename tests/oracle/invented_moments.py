"""Invents moments of truth and what stands behind them in a period, each from a number."""

from __future__ import annotations

from fractions import Fraction
from random import Random

from hypothesis import strategies as st

from tests.oracle.moments import Benefit, Cell, Moment, Pain, Shown, Work

TIERS = ("T1", "T2", "T3")
KPIS = ("a", "b", "c")
THEMES = ("price", "speed")
CODES = ("i1", "i2", "i3")
STATUSES = ("met", "met", "met", "near", "near", "missed", "partial", "no_target", "no_data")

seeds = st.integers(0, 2**32 - 1)


def invented_moments(seed: int) -> tuple[Shown, list[Moment]]:
    """A period and some moments, of which a few are whole to the end."""
    invented = Random(seed)
    shown = Shown(TIERS)
    sound = invented.random() < 0.4
    for kpi in KPIS:
        for tier in (*TIERS, "all"):
            if invented.random() < 0.85:
                shown.cells.append(make_cell(invented, kpi, tier, sound=sound))
    for code in CODES:
        shown.work.append(make_work(invented, code))
        for name in ("less work", "more orders")[: invented.randint(0, 2)]:
            shown.benefits.append(make_benefit(invented, code, name))
    for _ in range(invented.randint(0, 6)):
        place = invented.choice(THEMES), invented.choice([*TIERS, None])
        shown.pain.append(Pain(*place, invented.randint(0, 4), invented.randint(1, 5)))
    return shown, [make_moment(invented, f"m{number}") for number in range(invented.randint(1, 4))]


def make_cell(invented: Random, kpi: str, tier: str, *, sound: bool) -> Cell:
    """A cell whose parts agree with its status."""
    status = "met" if sound else invented.choice(STATUSES)
    has_value = status != "no_data"
    aimed = status in ("met", "near", "missed") or (status != "no_target" and invented.random() < 0.5)
    return Cell(kpi, tier, has_value, invented.randint(1, 3) if has_value else 0, aimed, status)


def make_work(invented: Random, code: str) -> Work:
    """An initiative that names a KPI or two."""
    names = tuple((kpi, invented.choice([None, None, "T1", "T2"])) for kpi in KPIS if invented.random() < 0.5)
    status = invented.choice(["on_schedule", "at_risk", "late", "not_reported"])
    tiers = tuple(tier for tier in TIERS if invented.random() < 0.5)
    return Work(code, invented.random() < 0.7, status, names, tiers)


def make_benefit(invented: Random, code: str, name: str) -> Benefit:
    """A benefit that was approved or waits, and brought what it should or didn't."""
    amounts = [invented.choice([None, Fraction(0), Fraction(10), Fraction(20)]) for _ in range(2)]
    return Benefit(code, name, invented.random() < 0.8, *amounts)


def make_moment(invented: Random, code: str) -> Moment:
    """A moment, now and then without its criterion, metrics or tiers."""
    metrics = tuple((kpi, invented.choice([None, None, "T1", "all"])) for kpi in KPIS if invented.random() < 0.5)
    return Moment(
        code,
        invented.choice(["It starts at once", "It starts at once", "  "]),
        metrics,
        tuple(tier for tier in TIERS if invented.random() < 0.3),
        tuple(theme for theme in THEMES if invented.random() < 0.5),
        tuple(one for one in CODES if invented.random() < 0.5),
    )
