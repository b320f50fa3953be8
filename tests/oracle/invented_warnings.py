"""Invents companies whose customers get worse and leave: small ones with odd facts, and ones with a record to show.

Each is invented from a number, so that a failing example is told in a line. The KPI named for value is ``value``; ``a``
and ``b`` may foretell, ``same`` takes the facts of another, and ``late`` is trailing.
"""

from __future__ import annotations

from datetime import date, timedelta
from fractions import Fraction
from random import Random

from hypothesis import strategies as st

from tests.oracle.company import Company, Fact, Kpi
from tests.oracle.events import Life
from tests.oracle.months import first_day, last_day, run_of
from tests.oracle.warnings import Scene

MONTHS = run_of(200901, 40)
METHODS = ("sum", "mean", "ratio")


seeds = st.integers(0, 2**32 - 1)


def invented_scene(seed: int) -> tuple[Scene, int, date]:
    """A small company, a month to warn at, and a day of asking after it."""
    invented = Random(seed)
    months = MONTHS[: invented.choice([14, 20, 26])]
    scene = make_scene(invented, months, invented.randint(2, 7))
    return scene, invented.choice(months[11:]), first_day(MONTHS[len(months)])


def invented_record(seed: int) -> tuple[Scene, date]:
    """A company of a few dozen customers over three years, in which who gets worse leaves more often."""
    invented = Random(seed)
    return make_scene(invented, MONTHS[:38], invented.randint(20, 40), wild=False), date(2012, 3, 1)


def make_kpis(invented: Random) -> list[Kpi]:
    """Two that may foretell, one of the same facts, a trailing one and the one for value."""
    kpis = [make_kpi(invented, code) for code in ("a", "b")]
    source = invented.choice(["a", "b", "value"])
    kpis.append(Kpi("same", invented.choice(["sum", "mean"]), "pool", facts_of=source))
    kpis.append(Kpi("late", "sum", "pool", indicator="trailing"))
    return [*kpis, Kpi("value", "sum", "sum", indicator=invented.choice(["leading", "trailing"]))]


def make_kpi(invented: Random, code: str) -> Kpi:
    """A leading KPI, now and then of a kind that isn't looked at."""
    method = invented.choice([*METHODS, *METHODS, *METHODS, "distinct"])
    return Kpi(
        code,
        method,
        "pool",
        invented.choice(["number", "percent"]),
        invented.choice(["higher", "higher", "lower", "lower", "range"]),
        near_band=invented.choice([None, None, Fraction(25), Fraction(0)]),
        near_band_abs=invented.choice([None, None, None, Fraction("0.5"), Fraction(0)]),
        absent=invented.choice(["missing", "zero"]) if method == "sum" else "missing",
    )


def make_scene(invented: Random, months: tuple[int, ...], customers: int, *, wild: bool = True) -> Scene:
    """Customers of whom some get worse from a month on, and leave some months later."""
    scene = Scene(Company(kpis=make_kpis(invented)), value=invented.choice(["value", "value", None]))
    scene.derived_from = frozenset(invented.choice([[], [], [], ["b"], ["value"]]))
    kept = invented.random() < 0.8
    for number in range(customers):
        customer = f"C{number:02d}"
        worse = invented.choice(months[8:]) if invented.random() < (0.5 if wild else 0.7) else None
        lives = make_lives(invented, customer, months, worse)
        scene.lifecycle += lives if kept else []
        gone = lives[-1].on if lives and lives[-1].kind == "left" else date(2100, 1, 1)
        for kpi in scene.company.kpis:
            if kpi.facts_of is None:
                scene.company.facts += make_facts(invented, kpi, customer, months, worse, gone, wild=wild)
    return scene


def make_lives(invented: Random, customer: str, months: tuple[int, ...], worse: int | None) -> list[Life]:
    """Joined before or within the record, and left, often some months after it got worse."""
    if invented.random() < 0.1:
        return []
    lives = [Life(customer, first_day(invented.choice([200801, 200801, months[3]])), "joined")]
    if worse is not None and invented.random() < 0.7:
        later_on = [month for month in months if month > worse][: invented.choice([2, 5, 9])]
        if later_on:
            lives.append(Life(customer, invented.choice([first_day, last_day])(later_on[-1]), "left"))
            if invented.random() < 0.2:
                lives.append(Life(customer, lives[-1].on + timedelta(days=40), "returned"))
    return lives


def make_facts(
    invented: Random, kpi: Kpi, customer: str, months: tuple[int, ...], worse: int | None, gone: date, *, wild: bool
) -> list[Fact]:
    """A fact in most months until the customer left, worse from a month on."""
    often = invented.choice([0.3, 0.9, 1.0]) if wild else 0.95
    level = invented.choice([0, 1, 10, 10]) if wild else 20
    facts = []
    for month in months:
        if invented.random() > often or (first_day(month) > gone and invented.random() < 0.9):
            continue
        number = level + invented.randint(-1, 1)
        if worse is not None and month >= worse:
            number += (-1 if kpi.direction == "higher" else 1) * invented.choice([1, 3, level // 2])
        below = Fraction(invented.choice([1, 2, 2, 2, 0])) if wild else Fraction(2)
        facts.append(
            Fact(kpi.code, customer, month, Fraction(number), below if kpi.customer_method == "ratio" else None)
        )
    return facts
