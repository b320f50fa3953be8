"""What led from an edition to today's value: rows that add up exactly, each with who did what."""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from accounts.loads import undo_load
from accounts.models import User
from core.periods import FiscalCalendar, Month, Period
from customers.services.customers import move_customer
from kpis.choices import CustomerMethod, Direction, TimeMethod, Unit
from kpis.loads.removing import Removal, remove_facts
from kpis.models import Kpi
from kpis.rollup.runs import roll_up_now
from scorecard.models import Edition
from scorecard.reading.bridges import differences_json
from scorecard.services.editions import close_by_command
from tests import factories
from tests.loads.files import Loader

Q3 = Period.parse("2011-Q3", FiscalCalendar())
HEADER = "kpi,customer,month,numerator,denominator\n"


@pytest.fixture
def loader(tmp_path: Path) -> Loader:
    return Loader(tmp_path)


@pytest.fixture
def rate(db: None) -> Kpi:
    """A pooled rate in percent of two customers, one in each of two tiers, and one without a tier."""
    gold, silver = factories.tier("T1"), factories.tier("T2")
    for code, tier in (("C1", gold), ("C2", gold), ("C3", silver), ("C4", None)):
        factories.customer(code, tier=tier)
    return factories.kpi(
        "renewal",
        unit=Unit.PERCENT,
        direction=Direction.HIGHER,
        customer_method=CustomerMethod.RATIO,
        time_method=TimeMethod.POOL,
    )


def closed(everyone: dict[str, User]) -> Edition:
    roll_up_now()
    return close_by_command(
        period=Q3, prepared_by=everyone["finance"], signed_by=everyone["executive"], anyway="It is small."
    )


def told(edition: Edition) -> dict[str, dict[str, Any]]:
    """The cells that differ by tier, each of which adds up."""
    roll_up_now()
    cells = differences_json(edition, Q3, date(2026, 11, 30))["cells"]
    for cell in cells:
        then, now = cell["then"] or {}, cell["now"] or {}
        for name, effect in (("numerator", False), ("denominator", False), ("actual", True)):
            parts = sum(Fraction(row["effect" if effect else name] or 0) for row in cell["bridge"])
            assert parts == Fraction(now.get(name) or 0) - Fraction(then.get(name) or 0), cell
        assert sum(row["facts"] for row in cell["bridge"]) == now.get("facts", 0) - then.get("facts", 0)
    return {cell["tier"]: cell for cell in cells}


def causes(cell: dict[str, Any]) -> list[tuple[str, str | None]]:
    return [(row["cause"], row["reference"]) for row in cell["bridge"]]


def test_loads_corrections_deletions_and_undone_loads_are_rows_that_add_up(
    loader: Loader, rate: Kpi, everyone: dict[str, User]
) -> None:
    loader.good("facts", HEADER + "renewal,C1,2011-07,8,10\nrenewal,C3,2011-07,5,10\nrenewal,C4,2011-08,1,4")
    wrong = loader.good("facts", HEADER + "renewal,C2,2011-08,1,9\nrenewal,C1,2011-07,7,11")
    edition = closed(everyone)
    undo_load(load=wrong, by=everyone["steward"])
    late = loader.good("facts", HEADER + "renewal,C2,2011-09,3,3", by=everyone["steward"])
    again = loader.good("facts", HEADER + "renewal,C2,2011-09,2,3\nrenewal,C1,2011-09,1,1")
    passing = loader.good("facts", HEADER + "renewal,C1,2011-08,500,500")
    undo_load(load=passing)
    removal = Removal(rate, Month(201108), None)
    gone = remove_facts(removal, reason="Twice in the file.", by=everyone["steward"], source="page")
    assert gone is not None
    cells = told(edition)
    assert causes(cells["T1"]) == [
        ("undo", f"load {wrong.pk}"),
        ("load", f"load {late.pk}"),
        ("correction", f"load {again.pk}"),
        ("load", f"load {again.pk}"),
    ]
    assert causes(cells["untiered"]) == [("deletion", f"load {gone.pk}")]
    assert set(causes(cells["all"])) == {*causes(cells["T1"]), *causes(cells["untiered"])}
    assert cells["T1"]["bridge"][0]["by"] == {"person": everyone["steward"].pk}
    assert "T2" not in cells


def test_a_move_between_tiers_stands_in_the_order_of_time(loader: Loader, rate: Kpi, everyone: dict[str, User]) -> None:
    loader.good("facts", HEADER + "renewal,C1,2011-07,8,10\nrenewal,C2,2011-07,1,10\nrenewal,C3,2011-07,5,10")
    edition = closed(everyone)
    mover = rate_customer("C2")
    move_customer(customer=mover, by=everyone["steward"], tier=tier("T2"), day=date(2011, 7, 1))
    late = loader.good("facts", HEADER + "renewal,C2,2011-08,2,2")
    cells = told(edition)
    assert [cause for cause, _ in causes(cells["T1"])] == ["tier move"]
    assert [cause for cause, _ in causes(cells["T2"])] == ["tier move", "load"]
    assert causes(cells["T2"])[1] == ("load", f"load {late.pk}")
    assert [cause for cause, _ in causes(cells["all"])] == ["load"]
    assert cells["T1"]["bridge"][0]["by"] == {"person": everyone["steward"].pk}


def test_what_nothing_tells_is_one_row(rate: Kpi, everyone: dict[str, User]) -> None:
    factories.fact(rate, rate_customer("C1"), 201107, 1, 2)
    edition = closed(everyone)
    factories.fact(rate, rate_customer("C2"), 201107, 1, 1)
    assert causes(told(edition)["T1"]) == [("not in the record", None)]


def rate_customer(code: str) -> Any:
    from customers.models import Customer

    return Customer.objects.get(external_id=code)


def tier(code: str) -> Any:
    from customers.models import Tier

    return Tier.objects.get(code=code)
