"""What led from an edition to today's value: rows that add up exactly, each with who did what."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from accounts.loads import undo_load
from accounts.models import AuditEntry, Load, User
from core.decisions import Decision
from core.periods import FiscalCalendar, Month, Period
from customers.services.customers import move_customer
from kpis.choices import CompleteWhen, CustomerMethod, Direction, TimeMethod, Unit
from kpis.loads.facts_removing import Removal, remove_facts
from kpis.models import Kpi
from kpis.rollup.runs import roll_up_now
from kpis.services.decisions import decide
from kpis.services.definitions import change_meaning, edit_kpi, retire_kpi
from kpis.services.meanings import take_back_meaning
from kpis.services.merging import merge_customers
from kpis.services.signals import set_step
from scorecard.models import Edition
from scorecard.reading.bridges import differences_json
from scorecard.services.editions import close_by_command
from tests import factories
from tests.kept import kept
from tests.loads.files import Loader
from tests.scorecard.test_bridges_of_all import adds_up

Q3 = Period.parse("2011-Q3", FiscalCalendar())
HEADER = "kpi,customer,month,numerator,denominator\n"


@pytest.fixture
def loader(tmp_path: Path) -> Loader:
    return Loader(tmp_path)


@kept
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


def told(edition: Edition, kpi: str = "renewal") -> dict[str, dict[str, Any]]:
    """A KPI's cells that differ by tier, each of which adds up, as those of all KPIs do."""
    roll_up_now()
    cells = differences_json(edition, Q3, date(2026, 11, 30))["cells"]
    assert all(adds_up(cell) for cell in cells)
    return {cell["tier"]: cell for cell in cells if cell["kpi"] == kpi}


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


def test_a_calculated_cell_has_the_rows_of_its_inputs_in_the_order_of_time(
    loader: Loader, rate: Kpi, everyone: dict[str, User]
) -> None:
    factories.kpi("calls", customer_method=CustomerMethod.SUM, time_method=TimeMethod.SUM)
    factories.kpi("per_call", formula="renewal / calls", customer_method="", time_method="")
    loader.good("facts", HEADER + "renewal,C1,2011-07,8,10\ncalls,C1,2011-07,4,")
    edition = closed(everyone)
    first = loader.good("facts", HEADER + "calls,C2,2011-08,1,")
    second = loader.good("facts", HEADER + "renewal,C2,2011-08,1,10")
    cell = told(edition, "per_call")["T1"]
    assert causes(cell) == [("load", f"load {first.pk}"), ("load", f"load {second.pk}")]
    assert [row["of"]["kpi"] for row in cell["bridge"]] == ["calls", "renewal"]
    assert [row["effect"] for row in cell["bridge"]] == ["-4.0000", "-7.0000"]  # 80 / 4, 80 / 5, 45 / 5
    assert cell["bridge"][1]["of"] == {
        "kpi": "renewal",
        "numerator": "1.0000",
        "denominator": "10.0000",
        "facts": 1,
        "effect": "-35.0000",
    }


def test_a_value_that_is_not_pooled_has_a_row_for_each_month(
    loader: Loader, rate: Kpi, everyone: dict[str, User]
) -> None:
    Kpi.objects.update(time_method=TimeMethod.MEAN)
    loader.good("facts", HEADER + "renewal,C1,2011-07,8,10\nrenewal,C1,2011-08,8,10\nrenewal,C1,2011-09,8,10")
    edition = closed(everyone)
    late = loader.good("facts", HEADER + "renewal,C1,2011-08,5,10\nrenewal,C1,2011-09,2,10")
    cell = told(edition)["T1"]
    assert [(row["month"], row["reference"], row["effect"]) for row in cell["bridge"]] == [
        ("2011-08", f"load {late.pk}", "-10.0000"),
        ("2011-09", f"load {late.pk}", "-20.0000"),
    ]


def test_different_customers_are_counted_once_whoever_moved_or_came(
    loader: Loader, rate: Kpi, everyone: dict[str, User]
) -> None:
    Kpi.objects.update(customer_method=CustomerMethod.DISTINCT, unit=Unit.NUMBER)
    loader.good("facts", HEADER + "renewal,C1,2011-07,8,\nrenewal,C2,2011-08,8,\nrenewal,C3,2011-09,8,")
    edition = closed(everyone)
    loader.good("facts", HEADER + "renewal,C1,2011-09,1,\nrenewal,C4,2011-09,1,")
    move_customer(customer=rate_customer("C2"), by=everyone["steward"], tier=tier("T2"), day=date(2011, 7, 1))
    cells = told(edition)
    assert [(row["cause"], row["effect"]) for row in cells["T1"]["bridge"]] == [
        ("load", "0.0000"),  # a fact more, nobody more
        ("tier move", "-1.0000"),
    ]
    assert [(row["cause"], row["effect"]) for row in cells["all"]["bridge"]] == [("load", "1.0000")]


def test_a_deletion_that_is_taken_back_says_which_facts_returned(
    loader: Loader, rate: Kpi, everyone: dict[str, User]
) -> None:
    loader.good("facts", HEADER + "renewal,C1,2011-07,8,10\nrenewal,C2,2011-07,1,10")
    gone = remove_facts(Removal(rate, Month(201107), None), reason="Twice.", by=everyone["steward"], source="page")
    assert gone is not None
    edition = closed(everyone)
    undo_load(load=gone, by=everyone["steward"])
    assert causes(told(edition)["T1"]) == [("undo", f"load {gone.pk}")]


def test_what_turns_a_verdict_or_a_signal_alone_is_a_row_without_an_effect(
    loader: Loader, rate: Kpi, everyone: dict[str, User]
) -> None:
    steward, finance = everyone["steward"], everyone["finance"]
    factories.target(rate, tier("T1"), 201107, 88)
    loader.good("facts", HEADER + "".join(f"renewal,C1,2011-0{month},8,10\n" for month in (7, 8, 9)))
    edition = closed(everyone)
    edit_kpi(kpi=Kpi.objects.get(), by=steward, values={"near_band": 1})
    edit_kpi(kpi=Kpi.objects.get(), by=steward, values={"complete_when": CompleteWhen.MARKED})
    better = factories.target(rate, tier("T1"), 201107, 70, state="proposed", version=2, created_by=steward)
    decide(decisions=[Decision(better.pk, True, "")], by=finance)
    rows = told(edition)["T1"]["bridge"]
    assert [row["cause"] for row in rows] == ["band", "complete_when", "target"]
    assert all(row["numerator"] is row["effect"] is None and row["facts"] == 0 for row in rows)
    assert (rows[2]["reference"], rows[2]["by"]) == ("version 2", {"person": finance.pk})


def test_a_version_that_a_target_does_not_reach_is_told_where_the_value_stays(
    loader: Loader, rate: Kpi, everyone: dict[str, User]
) -> None:
    steward = everyone["steward"]
    factories.target(rate, tier("T1"), 201101, 88)
    loader.good("facts", HEADER + "".join(f"renewal,{who},2011-09,8,10\n" for who in ("C1", "C3")))
    edition = closed(everyone)

    def changed(month: int, **meaning: Any) -> str:
        kpi = Kpi.objects.get()
        change_meaning(kpi=kpi, by=steward, meaning=meaning, from_month=Month(month), reason="Agreed.")
        return f"audit {AuditEntry.objects.latest('pk').pk}"

    changed(201110, direction=Direction.LOWER)
    assert told(edition) == {}
    take_back_meaning(kpi=Kpi.objects.get(), by=steward)
    reference = changed(201109, time_method=TimeMethod.LAST)
    (cell,) = told(edition).values()
    assert (cell["then"]["status"], cell["now"]["status"]) == ("near", "no_target")
    assert causes(cell) == [("KPI version", reference)]
    assert cell["bridge"][0]["effect"] is None


def test_a_file_of_versions_is_told_where_it_turns_a_verdict_alone(
    loader: Loader, rate: Kpi, everyone: dict[str, User]
) -> None:
    factories.target(rate, tier("T1"), 201101, 88)
    loader.good("facts", HEADER + "renewal,C1,2011-09,8,10\n")
    edition = closed(everyone)
    columns = "code,name,indicator,unit,direction,customer_method,time_method,from_month\n"
    row = f"renewal,{rate.name},{rate.indicator},percent,higher,ratio,"
    loader.good("kpis", f"{columns}{row}pool,\n{row}last,2011-09\n")
    load = Load.objects.latest("pk")
    assert causes(told(edition)["T1"]) == [("KPI version", f"load {load.pk}")]


def test_a_cell_without_data_says_why_it_is_in_the_matrix_no_longer(
    loader: Loader, rate: Kpi, everyone: dict[str, User]
) -> None:
    loader.good("facts", HEADER + "renewal,C1,2011-08,8,10\n")
    edition = closed(everyone)
    retire_kpi(kpi=rate, by=everyone["steward"], from_month=Month(201109), reason="Nobody asks.")
    cells = told(edition)
    assert set(cells) == {"T1", "T2", "all"}
    assert all([cause for cause, _ in causes(cell)] == ["KPI retired"] for cell in cells.values())
    assert (cells["T2"]["then"]["status"], cells["T2"]["now"]) == ("no_data", None)


def test_a_step_and_a_season_are_told_where_they_turn_a_signal(
    loader: Loader, rate: Kpi, everyone: dict[str, User]
) -> None:
    months = [f"{year}-{month:02}" for year in (2009, 2010, 2011) for month in range(1, 13)][:33]
    quiet = "".join(f"renewal,C1,{month},{40 + place % 3},100\n" for place, month in enumerate(months[:-1]))
    loader.good("facts", HEADER + quiet + "renewal,C1,2011-09,90,100")
    edition = closed(everyone)
    step = set_step(kpi=rate, tier=None, month=Month(201109), reason="New counting.", by=everyone["steward"])
    cell = told(edition)["T1"]
    assert causes(cell) == [("step", f"audit {entry_of(step)}")]
    edit_kpi(kpi=Kpi.objects.get(), by=everyone["steward"], values={"seasonal": True})
    assert [cause for cause, _ in causes(told(edition)["T1"])] == ["step", "seasonal"]


def test_the_bridge_costs_the_same_however_much_happened(
    loader: Loader, rate: Kpi, everyone: dict[str, User], django_assert_max_num_queries: Any
) -> None:
    loader.good("facts", HEADER + "renewal,C1,2011-07,8,10")
    edition = closed(everyone)
    for number in range(12):
        loader.good("facts", HEADER + f"renewal,C2,2011-0{7 + number % 3},{number},10")
        move_customer(customer=rate_customer("C2"), by=everyone["steward"], tier=None, day=date(2011, 7, number + 1))
    roll_up_now()
    with django_assert_max_num_queries(45):
        differences_json(edition, Q3, date(2026, 11, 30))


def entry_of(obj: Any) -> int:
    return AuditEntry.objects.get(object_type=obj._meta.label_lower, object_id=str(obj.pk)).pk


def test_two_customers_made_one_are_counted_once_though_they_have_no_month_in_common(
    loader: Loader, rate: Kpi, everyone: dict[str, User]
) -> None:
    Kpi.objects.update(customer_method=CustomerMethod.DISTINCT, unit=Unit.NUMBER)
    loader.good("facts", HEADER + "renewal,C1,2011-07,8,\nrenewal,C2,2011-08,8,")
    edition = closed(everyone)
    kept, gone = rate_customer("C1"), rate_customer("C2")
    merge_customers(kept=kept, gone=gone, by=everyone["steward"], choices={}, today=date(2026, 11, 30))
    assert [(row["cause"], row["facts"], row["effect"]) for row in told(edition)["T1"]["bridge"]] == [
        ("customers merged", 0, "-1.0000")
    ]
