"""Facts or tier actuals, never both: a KPI says which, or what comes first decides; and months that look incomplete."""

from __future__ import annotations

from decimal import Decimal
from importlib import import_module

import pytest
import time_machine
from django.apps import apps
from django.test import Client

from accounts.loads import undo_load
from accounts.models import Load, User
from core.periods import Month
from kpis.models import Kpi, KpiVersion, PeriodCell
from kpis.rollup.runs import roll_up_now
from kpis.services.actuals import ActualsRefused, Entry, enter_actuals
from tests import factories
from tests.loads.bulk import send
from tests.loads.files import Loader, by_page, command, lines, write

KPI = "code,name,indicator,unit,direction,customer_method,time_method"
ROW = "{0},{0},leading,number,higher,sum,sum"
FACT = "kpi,customer,month,numerator\n{0},C1,2011-01,5"
ACTUAL = "kpi,tier,month,numerator\n{0},T1,2011-01,5"


def source(code: str) -> str:
    return Kpi.objects.get(code=code).source


def said(filled: Loader, code: str, which: str) -> None:
    """A KPI that says where its numbers come from."""
    filled.good("kpis", f"{KPI},source\n{ROW.format(code)},{which}")


def test_what_comes_first_decides_and_is_written_out(filled: Loader) -> None:
    assert (source("revenue"), source("survey"), source("visits"), source("revenue_ttm")) == (
        *("facts", "tier_actuals", "", ""),
    )
    assert {row["code"]: row["source"] for row in filled.exported("kpis")}["survey"] == "tier_actuals"
    filled.good("facts", FACT.format("visits"))
    assert source("visits") == "facts"


def test_refuses_facts_of_a_kpi_that_says_it_takes_tier_actuals(filled: Loader) -> None:
    said(filled, "entered", "tier_actuals")
    assert filled.bad("facts", FACT.format("entered")) == [(2, "kpi")]
    filled.good("tier_actuals", ACTUAL.format("entered"))


def test_refuses_tier_actuals_of_a_kpi_that_says_it_takes_facts(filled: Loader, stella: User) -> None:
    said(filled, "counted", "facts")
    assert filled.bad("tier_actuals", ACTUAL.format("counted")) == [(2, "kpi")]
    kpi, tier = Kpi.objects.get(code="counted"), factories.tier("T9")
    with pytest.raises(ActualsRefused, match="nothing was"):
        enter_actuals(kpi=kpi, month=Month(201101), entries=[Entry(tier, Decimal(5))], by=stella)
    filled.good("facts", FACT.format("counted"))


def test_an_actual_that_is_entered_by_hand_decides_too(filled: Loader, stella: User) -> None:
    said(filled, "open", "")
    kpi, tier = Kpi.objects.get(code="open"), factories.tier("T9")
    enter_actuals(kpi=kpi, month=Month(201101), entries=[Entry(tier, Decimal(5))], by=stella)
    assert source("open") == "tier_actuals"


def test_taking_the_first_data_back_opens_it_again(filled: Loader) -> None:
    for kind, text in (("facts", FACT), ("tier_actuals", ACTUAL)):
        loaded = filled.good(kind, text.format("visits"))
        assert source("visits") == kind
        undo_load(load=loaded)
        assert source("visits") == ""


def test_taking_data_back_leaves_what_somebody_said(filled: Loader) -> None:
    said(filled, "counted", "facts")
    undo_load(load=filled.good("facts", FACT.format("counted")))
    assert source("counted") == "facts"


def test_what_data_decided_stands_in_the_way_of_no_undo(filled: Loader) -> None:
    new = filled.good("kpis", f"{KPI}\n{ROW.format('fresh')}")
    renamed = filled.good("kpis", f"{KPI}\n{ROW.format('fresh').replace('fresh,fresh', 'fresh,Fresh')}")
    facts = filled.good("facts", FACT.format("fresh"))
    undo_load(load=renamed)
    assert (Kpi.objects.get(code="fresh").name, source("fresh")) == ("fresh", "facts")
    undo_load(load=facts)
    undo_load(load=new)
    assert not Kpi.objects.filter(code="fresh").exists()


def test_a_kpi_with_data_cannot_change_it_by_file_nor_by_hand(filled: Loader, stella: User) -> None:
    row = f"{KPI},source\nrevenue,Net revenue,trailing,currency,higher,sum,sum,tier_actuals"
    assert filled.bad("kpis", row) == [(2, "source")]
    browser = factories.signed_in(stella)
    seen = browser.get("/api/v1/kpis/revenue/").json()
    assert (seen["source"], seen["complete_when"]) == ("facts", "any")
    body = {"source": "tier_actuals", "revision": seen["revision"]}
    answer = browser.patch("/api/v1/kpis/revenue/", body, content_type="application/json")
    assert (answer.status_code, [one["field"] for one in answer.json()["errors"]]) == (422, ["source"])
    page = browser.get("/kpis/revenue/edit/").content.decode()
    assert "Once marked complete" in page
    assert source("revenue") == "facts"


def test_an_empty_cell_says_nothing_and_what_came_first_stays(filled: Loader) -> None:
    row = f"{KPI},source\nrevenue,Net revenue,trailing,currency,higher,sum,sum,"
    assert filled.good("kpis", row).unchanged == 1
    assert source("revenue") == "facts"


@pytest.mark.parametrize(("which", "column"), [("both", "source"), ("events", "rule")])  # events need a rule
def test_refuses_a_source_that_there_is_not(filled: Loader, which: str, column: str) -> None:
    assert filled.bad("kpis", f"{KPI},source\n{ROW.format('odd')},{which}") == [(2, column)]


def test_refuses_a_source_of_a_kpi_without_data_of_its_own(filled: Loader) -> None:
    calculated = "code,name,indicator,unit,direction,customer_method,time_method,formula,source\n"
    assert filled.bad("kpis", calculated + "twice,Twice,leading,number,higher,,,visits * 2,facts") == [(2, "source")]
    taking = f"{KPI},facts_of,source\n{ROW.format('taker')},visits,facts"
    assert filled.bad("kpis", taking) == [(2, "source")]


def test_months_that_must_be_confirmed_are_said_by_file_and_make_new_cells(filled: Loader) -> None:
    roll_up_now()
    cells = PeriodCell.objects.filter(kpi__code="revenue", period="2011-01", tier__code="T1")
    assert not cells.get().provisional
    filled.good("kpis", f"{KPI},complete_when\nrevenue,Net revenue,trailing,currency,higher,sum,sum,marked")
    roll_up_now()
    assert cells.get().provisional
    filled.good("complete_months", "kpi,month\nrevenue,2011-01")
    roll_up_now()
    assert not cells.get().provisional
    assert {row["code"]: row["complete_when"] for row in filled.exported("kpis")}["revenue"] == "marked"
    assert filled.bad("kpis", f"{KPI},complete_when\n{ROW.format('odd')},sometimes") == [(2, "complete_when")]


# -- months that look incomplete


def half_a_year(filled: Loader, last: int) -> str:
    """Facts of six customers in each of six months, and of some in the seventh."""
    names = [f"N{n}" for n in range(6)]
    filled.good("customers", "external_id,name\n" + "\n".join(f"{name},{name}" for name in names))
    rows = [f"visits,{name},2012-0{month},1" for month in range(1, 7) for name in names]
    filled.good("facts", "kpi,customer,month,numerator\n" + "\n".join(rows))
    return "kpi,customer,month,numerator\n" + "\n".join(f"visits,{name},2012-07,1" for name in names[:last])


def test_the_report_of_a_load_names_months_that_look_incomplete(filled: Loader) -> None:
    text = half_a_year(filled, 2)
    path = write(filled.folder / "facts.csv", text)
    status, told = command("load", "facts", str(path), "--dry-run")
    words = "July looks incomplete: 2 facts, usually about 6"
    assert (status, words in told) == (0, True)
    report = filled("facts", text)
    assert lines(report.warnings) == [f"line 2, kpi, month, “visits | 2012-07”: {words}"]
    assert Load.objects.get(pk=report.load or 0).created == 2


def test_the_page_of_files_names_them_too(filled: Loader, stella: User) -> None:
    browser: Client = factories.signed_in(stella)
    text = half_a_year(filled, 2)
    file = filled.folder / "facts.csv"
    write(file, text)
    with file.open("rb") as opened:
        answer = browser.post("/imports/", {"kind": "facts", "file": opened}, follow=True)
    assert "July looks incomplete: 2 facts, usually about 6" in answer.content.decode()
    assert "loaded" in by_page(browser, "facts", text)


@pytest.mark.parametrize("marked", [True, False])
def test_a_month_with_half_of_the_usual_or_a_mark_is_not_named(filled: Loader, *, marked: bool) -> None:
    text = half_a_year(filled, 2 if marked else 3)
    if marked:
        filled.good("complete_months", "kpi,month\nvisits,2012-07")
    assert lines(filled("facts", text).warnings) == []


def test_the_rest_of_the_month_in_another_load_ends_it(filled: Loader) -> None:
    filled("facts", half_a_year(filled, 1))
    rest = "kpi,customer,month,numerator\nvisits,N1,2012-07,1\nvisits,N2,2012-07,1"
    assert lines(filled("facts", rest).warnings) == []


def test_what_is_there_has_decided_on_upgrade(company: object) -> None:
    measured, entered, open_ = factories.kpi("measured"), factories.kpi("entered"), factories.kpi("open")
    factories.fact(measured, factories.customer(), 201101, 1)
    factories.tier_actual(entered, factories.tier("T1"), 201101, 1)
    import_module("kpis.migrations.0012_source_and_confirmed_months").fill_source(apps, None)
    assert [source(kpi.code) for kpi in (measured, entered, open_)] == ["facts", "tier_actuals", ""]


# -- beside versions

CHANGING = "code,name,indicator,unit,direction,customer_method,time_method,formula,from_month,source\n"
CALCULATED = "revenue,Net revenue,trailing,currency,higher,,,revenue_ttm * 2,2011-06,"


def test_a_formula_from_a_month_on_takes_the_source_with_it_and_an_undo_brings_both_back(filled: Loader) -> None:
    Kpi.objects.filter(facts_of__code="revenue").update(facts_of=None)
    assert filled.bad("kpis", f"{CHANGING}{CALCULATED}facts") == [(2, "source")]
    load = filled.good("kpis", f"{CHANGING}{CALCULATED}")
    assert (source("revenue"), Kpi.objects.get(code="revenue").formula) == ("", "revenue_ttm * 2")
    undo_load(load=load)
    assert (source("revenue"), Kpi.objects.get(code="revenue").formula) == ("facts", "")


def test_a_formula_that_is_taken_back_leaves_the_source_that_the_data_decide(filled: Loader, stella: User) -> None:
    Kpi.objects.filter(facts_of__code="revenue").update(facts_of=None)
    filled.good("kpis", f"{CHANGING}{CALCULATED}")
    answer = factories.signed_in(stella).post(
        "/api/v1/kpis/revenue/take-back-meaning/", {}, content_type="application/json"
    )
    assert (answer.status_code, source("revenue")) == (200, "facts")


def test_a_row_that_lacks_cells_keeps_those_of_the_version_of_its_month(filled: Loader, stella: User) -> None:
    filled.good("kpis", f"{CHANGING}revenue,Net revenue,trailing,currency,lower,mean,pool,,2011-06,")
    with time_machine.travel("2011-05-20T12:00:00Z", tick=False):
        answer = send(stella, "kpis", [{"code": "revenue", "name": "Revenue"}])
    assert answer.status_code == 200, answer.content
    kpi = Kpi.objects.get(code="revenue")
    assert (kpi.name, kpi.direction, kpi.customer_method, kpi.versions.count()) == ("Revenue", "lower", "mean", 2)


def test_what_is_written_out_with_its_versions_is_unchanged_when_read_again(filled: Loader) -> None:
    filled.good("kpis", f"{CHANGING}revenue,Net revenue,trailing,currency,lower,mean,pool,,2011-06,")
    rows = filled.exported("kpis")
    assert [row["source"] for row in rows if row["code"] == "revenue"] == ["facts", "facts"]
    head = ",".join(rows[0])
    text = "\n".join([head, *(",".join(row.values()) for row in rows)])
    assert (filled.good("kpis", text).created, KpiVersion.objects.count()) == (0, 2)
