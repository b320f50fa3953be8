"""A KPI file that changes a meaning begins a version; formulas are read, checked and exported."""

from __future__ import annotations

import pytest
import time_machine

from accounts.loads import undo_load
from accounts.models import Load
from customers.models import Tier
from kpis.models import Kpi, KpiVersion, SliceTouch
from kpis.rollup.runs import roll_up_now
from tests import factories
from tests.loads.files import Loader, contents

pytestmark = pytest.mark.django_db

HEAD = "code,name,indicator,unit,direction,customer_method,time_method,formula,from_month\n"


def versions(code: str) -> list[tuple[int, str, str, str]]:
    found = KpiVersion.objects.filter(kpi__code=code).order_by("from_month")
    return [(one.from_month, one.direction, f"{one.customer_method}/{one.time_method}", one.formula) for one in found]


def test_another_method_of_a_kpi_with_data_stands_from_its_month_on(filled: Loader) -> None:
    filled.good("kpis", HEAD + "revenue,Net revenue,trailing,currency,higher,mean,pool,,2011-02")
    assert versions("revenue") == [(100001, "higher", "sum/sum", ""), (201102, "higher", "mean/pool", "")]
    kpi = Kpi.objects.get(code="revenue")
    assert (kpi.customer_method, kpi.versions_from) == ("mean", 201102)


def test_without_a_month_it_stands_from_the_current_one(filled: Loader) -> None:
    with time_machine.travel("2012-05-20T12:00:00Z", tick=False):
        filled.good("kpis", HEAD + "revenue,Net revenue,trailing,currency,lower,sum,sum,,")
    assert [version[0] for version in versions("revenue")] == [100001, 201205]


def test_months_that_the_new_version_rests_on_are_marked(filled: Loader) -> None:
    SliceTouch.objects.all().delete()
    filled.good("kpis", HEAD + "revenue,Net revenue,trailing,currency,higher,sum,ttm,,2011-06")
    assert set(SliceTouch.objects.values_list("kpi__code", "month")) == {("revenue", 201101)}


def test_a_kpi_without_data_is_changed_without_a_version(filled: Loader) -> None:
    filled.good("kpis", HEAD + "visits,Visits,leading,number,lower,sum,sum,,")
    assert versions("visits") == []
    assert Kpi.objects.get(code="visits").direction == "lower"


def test_loading_it_twice_changes_nothing(filled: Loader) -> None:
    text = HEAD + "revenue,Net revenue,trailing,currency,higher,mean,pool,,2011-02"
    filled.good("kpis", text)
    report = filled("kpis", text)
    assert (report.counts.updated, report.counts.unchanged) == (0, 1)
    assert len(versions("revenue")) == 2


def test_a_version_cannot_begin_before_the_last_one(filled: Loader) -> None:
    filled.good("kpis", HEAD + "revenue,Net revenue,trailing,currency,higher,mean,pool,,2011-02")
    again = "revenue,Net revenue,trailing,currency,lower,mean,pool,,2011-01"
    assert filled.bad("kpis", HEAD + again) == [(2, "from_month")]


def test_a_ratio_cannot_begin_over_facts_without_denominators(filled: Loader) -> None:
    row = "revenue,Net revenue,trailing,currency,higher,ratio,pool,,{}"
    assert filled.bad("kpis", HEAD + row.format("2011-06")) == [(2, "customer_method")]
    assert filled("kpis", HEAD + row.format("2012-06")).ok


def test_taking_the_load_back_takes_its_versions_back(filled: Loader) -> None:
    before = contents()["Kpi"]
    load = filled.good("kpis", HEAD + "revenue,Net revenue,trailing,currency,higher,mean,pool,,2011-02")
    undo_load(load=load)
    assert versions("revenue") == []
    assert contents()["Kpi"] == before


def test_taking_a_second_change_back_leaves_the_first(filled: Loader) -> None:
    filled.good("kpis", HEAD + "revenue,Net revenue,trailing,currency,higher,mean,pool,,2011-02")
    load = filled.good("kpis", HEAD + "revenue,Net revenue,trailing,currency,lower,mean,pool,,2011-03")
    undo_load(load=load)
    assert [version[0] for version in versions("revenue")] == [100001, 201102]
    assert Kpi.objects.get(code="revenue").versions_from == 201102


def test_a_formula_over_kpis_of_the_same_file_is_taken_in_and_exported(filled: Loader) -> None:
    filled.good(
        "kpis", HEAD + "twice,Twice,trailing,number,higher,,,2 * half,\nhalf,Half,trailing,number,higher,sum,sum,,"
    )
    row = next(row for row in filled.exported("kpis") if row["code"] == "twice")
    assert (row["formula"], row["customer_method"], row["time_method"]) == ("2 * half", "", "")
    assert filled("kpis", filled.export("kpis").read_text("utf-8")).counts.changed == 0


def test_a_ring_within_a_file_is_refused_with_its_path(filled: Loader) -> None:
    text = (
        HEAD
        + "a,A,leading,number,higher,,,b + 1,\nb,B,leading,number,higher,,,c + 1,\nc,C,leading,number,higher,,,a + 1,"
    )
    report = filled("kpis", text)
    assert [error.reason for error in report.errors] == [
        "leads back to itself: a → b → c → a",
        "leads back to itself: b → c → a → b",
        "leads back to itself: c → a → b → c",
    ]


def test_a_ring_through_stored_formulas_is_refused(filled: Loader) -> None:
    filled.good("kpis", HEAD + "a,A,leading,number,higher,,,2 * claims,\nb,B,leading,number,higher,,,a + 1,")
    assert filled.bad("kpis", HEAD + "a,A,leading,number,higher,,,b - 1,") == [(2, "formula")]


def test_money_and_a_percentage_are_not_added(filled: Loader) -> None:
    report = filled("kpis", HEAD + "x,X,leading,currency,higher,,,revenue + repeat_rate,")
    assert "adds" in next(iter(report.errors)).reason


def test_another_unit_is_refused_where_a_stored_formula_would_make_no_sense_of_it(filled: Loader) -> None:
    twice, days = "twice,Twice,trailing,{},higher,,,2 * revenue,", "revenue,Net revenue,trailing,days,higher,sum,sum,,"
    filled.good("kpis", HEAD + twice.format("currency"))
    assert filled.bad("kpis", HEAD + days) == [(2, "unit")]
    filled.good("kpis", HEAD + f"{days}\n{twice.format('days')}")


def test_a_calculated_kpi_takes_neither_facts_nor_tier_actuals(filled: Loader) -> None:
    filled.good("kpis", HEAD + "twice,Twice,trailing,number,higher,,,2 * claims,")
    assert filled.bad("facts", "kpi,customer,month,numerator\ntwice,C1,2011-01,1") == [(2, "kpi")]
    assert filled.bad("tier_actuals", "kpi,tier,month,numerator\ntwice,T1,2011-01,1") == [(2, "kpi")]


def test_a_new_kpi_means_the_same_in_all_months(filled: Loader) -> None:
    filled.good("kpis", HEAD + "x,X,leading,number,higher,sum,sum,,2012-01")
    assert versions("x") == []


def test_actuals_of_a_month_need_what_the_kpi_meant_in_it(filled: Loader) -> None:
    filled.good("kpis", HEAD + "survey,Survey,leading,score,higher,sum,sum,,2011-03")
    actuals = "kpi,tier,month,numerator,denominator\n"
    assert filled.bad("tier_actuals", actuals + "survey,T1,2011-02,1,\nsurvey,T1,2011-03,1,") == [(2, "denominator")]
    filled.good("tier_actuals", actuals + "survey,T1,2011-02,1,4\nsurvey,T1,2011-03,1,")


# -- several rows of one code are its versions

FULL = "code,name,indicator,unit,near_band_abs,direction,customer_method,time_method,formula,from_month\n"
FIRST = "nps,NPS,leading,number,,higher,mean,pool,,"
SECOND = "nps,NPS,leading,percent,2,lower,mean,pool,,2011-03"


def units(code: str) -> list[tuple[int, str, str]]:
    found = KpiVersion.objects.filter(kpi__code=code).order_by("from_month")
    return [(one.from_month, one.unit, f"{one.near_band_abs or ''}") for one in found]


def test_rows_of_one_code_are_its_versions_in_order(filled: Loader) -> None:
    report = filled("kpis", FULL + f"{FIRST}\n{SECOND}")
    assert (report.counts.read, report.counts.created) == (2, 2)
    assert units("nps") == [(100001, "number", ""), (201103, "percent", "2.0000")]
    kpi = Kpi.objects.get(code="nps")
    assert (kpi.unit, kpi.direction, kpi.versions_from) == ("percent", "lower", 201103)


def test_an_export_writes_all_versions_and_changes_nothing(filled: Loader) -> None:
    filled.good("kpis", FULL + f"{FIRST}\n{SECOND}")
    rows = [row for row in filled.exported("kpis") if row["code"] == "nps"]
    assert [(row["unit"], row["near_band_abs"], row["from_month"]) for row in rows] == [
        ("number", "", ""),
        ("percent", "2", "2011-03"),
    ]
    report = filled("kpis", filled.export("kpis").read_text("utf-8"))
    assert (report.counts.changed, report.counts.unchanged) == (0, report.counts.read)


@pytest.mark.parametrize(
    ("second", "wrong"),
    [
        ("nps,NPS,leading,percent,2,lower,mean,pool,,", "from_month"),
        ("nps,Other,leading,percent,2,lower,mean,pool,,2011-03", "name"),
    ],
)
def test_refuses_versions_without_a_month_or_with_other_words(filled: Loader, second: str, wrong: str) -> None:
    assert (3 if wrong == "from_month" else 2, wrong) in filled.bad("kpis", FULL + f"{FIRST}\n{second}")


def test_refuses_versions_out_of_order(filled: Loader) -> None:
    third = SECOND.replace("2011-03", "2011-02")
    assert (4, "from_month") in filled.bad("kpis", FULL + f"{FIRST}\n{SECOND}\n{third}")


def test_one_row_without_a_month_is_compared_with_the_version_of_today(filled: Loader) -> None:
    filled.good("kpis", FULL + f"{FIRST}\n{SECOND}")
    with time_machine.travel("2011-02-10T12:00:00Z", tick=False):
        report = filled("kpis", FULL + FIRST)
        assert (report.counts.changed, report.counts.unchanged) == (0, 1)
        assert filled.bad("kpis", FULL + FIRST.replace("higher", "lower")) == [(2, "from_month")]
    with time_machine.travel("2011-05-10T12:00:00Z", tick=False):
        assert filled("kpis", FULL + SECOND.replace("2011-03", "")).counts.changed == 0


def test_refuses_another_beginning_of_what_was_measured(filled: Loader) -> None:
    rows = (
        "revenue,Net revenue,trailing,{},,higher,sum,sum,,\nrevenue,Net revenue,trailing,days,,higher,sum,sum,,2011-03"
    )
    assert filled.bad("kpis", FULL + rows.format("number")) == [(2, "unit")]
    assert units("revenue") == []


def test_another_unit_is_a_version_and_its_band_is_given_anew(filled: Loader) -> None:
    filled.good("kpis", FULL + "revenue,Net revenue,trailing,currency,5,higher,sum,sum,,")
    other = "revenue,Net revenue,trailing,days,higher,sum,sum,,2011-06"
    assert filled.bad("kpis", HEAD + other) == [(2, "near_band_abs")]
    filled.good("kpis", FULL + "revenue,Net revenue,trailing,days,7,higher,sum,sum,,2011-06")
    assert units("revenue") == [(100001, "currency", "5.0000"), (201106, "days", "7.0000")]


def test_a_band_alone_stands_for_the_whole_version(filled: Loader) -> None:
    filled.good("kpis", FULL + f"{FIRST}\n{SECOND}")
    load = filled.good("kpis", FULL + SECOND.replace("percent,2,", "percent,3,"))
    assert units("nps") == [(100001, "number", ""), (201103, "percent", "3.0000")]
    undo_load(load=load)
    assert units("nps") == [(100001, "number", ""), (201103, "percent", "2.0000")]


def test_a_file_says_which_targets_a_change_withdraws_and_gives_them_back(filled: Loader) -> None:
    kpi = Kpi.objects.get(code="revenue")
    made = factories.target(kpi, Tier.objects.get(code="T1"), 202706, 5)
    row = "revenue,Net revenue,trailing,days,higher,sum,sum,,2027-06"
    report = filled("kpis", HEAD + row)
    assert [one.reason for one in report.warnings] == [
        "withdraws 1 approved target of the meaning that it ends: T1 per month from 2027-06"
    ]
    made.refresh_from_db()
    assert made.state == "withdrawn"
    undo_load(load=Load.objects.latest("pk"))
    made.refresh_from_db()
    assert made.state == "approved"


def test_retired_from_is_written_and_read(filled: Loader) -> None:
    head = "code,name,indicator,unit,direction,customer_method,time_method,retired_from\n"
    filled.good("kpis", head + "revenue,Net revenue,trailing,currency,higher,sum,sum,2011-02")
    row = next(row for row in filled.exported("kpis") if row["code"] == "revenue")
    assert row["retired_from"] == "2011-02"
    assert filled("kpis", head + "revenue,Net revenue,trailing,currency,higher,sum,sum,2011-02").counts.changed == 0
    facts = "kpi,customer,month,numerator\nrevenue,C1,{},1"
    assert filled.bad("facts", facts.format("2011-02")) == [(2, "month")]
    assert filled("facts", facts.format("2011-01")).ok
    targets = "kpi,tier,from_month,per,value\nrevenue,T1,{},month,1"
    assert filled.bad("targets", targets.format("2011-02")) == [(2, "from_month")]
    assert filled("targets", targets.format("2011-01")).ok


@pytest.mark.slow
def test_a_file_says_which_verdicts_of_ended_periods_a_band_turns(filled: Loader) -> None:
    kpi = Kpi.objects.get(code="revenue")
    factories.target(kpi, Tier.objects.get(code="all"), 201101, 1_000_000)
    roll_up_now()
    row = FULL + "revenue,Net revenue,trailing,currency,{},higher,sum,sum,,"
    report = filled("kpis", row.format("10000000"))
    [warning] = report.warnings
    assert warning.column == "near_band_abs"
    assert warning.reason.startswith("turns ")
    assert "2011-01 all to near" in warning.reason
    assert not filled("kpis", row.format("10000000")).warnings
