"""Bad input: each row error with its line and column, and nothing changed."""

from __future__ import annotations

import pytest

from accounts.loads import load_file
from accounts.models import Company
from kpis.models import ReplacedFact
from tests.loads.files import Loader, contents

FACTS = "kpi,customer,month,numerator,denominator\n"


@pytest.mark.parametrize(
    ("row", "column"),
    [
        ("nothing,C1,2011-03,1,", "kpi"),
        (",C1,2011-03,1,", "kpi"),
        ("revenue,C9,2011-03,1,", "customer"),
        ("revenue,,2011-03,1,", "customer"),
        ("revenue,C9,2011-03,,", "customer"),
        ("revenue,C1,2011-13,1,", "month"),
        ("revenue,C1,2011-3,1,", "month"),
        ("revenue,C1,2011-03-01,1,", "month"),
        ("revenue,C1,0999-03,1,", "month"),
        ("revenue,C1,,1,", "month"),
        ("revenue,C1,2011-03,twelve,", "numerator"),
        ("revenue,C1,2011-03,NaN,", "numerator"),
        ("revenue,C1,2011-03,Infinity,", "numerator"),
        ("revenue,C1,2011-03,-inf,", "numerator"),
        ("revenue,C1,2011-03,1e400,", "numerator"),
        ("revenue,C1,2011-03,1e3,", "numerator"),
        ("revenue,C1,2011-03,1.23456,", "numerator"),
        ("revenue,C1,2011-03,٣,", "numerator"),
        ("revenue,C1,2011-03,1_000,", "numerator"),
        ("revenue,C1,2011-03,1000000000000,", "numerator"),
        ("revenue,C1,2011-03,-1000000000000,", "numerator"),
        ('revenue,C1,2011-03,"1,5",', "numerator"),
        ('revenue,C1,2011-03,"1,000.00",', "numerator"),
        ("revenue,C1,2011-03,1,x", "denominator"),
        ("repeat_rate,C1,2011-03,1,", "denominator"),
        ("repeat_rate,C1,2011-03,1,-4", "denominator"),
        ("survey,C1,2011-03,1,", "kpi"),
        ("revenue_ttm,C1,2011-03,1,", "kpi"),
        ("revenue,C1,2011-03,1", ""),
        ("revenue,C1,2011-03,1,,x", "column 6"),
    ],
)
def test_a_bad_fact_is_told_and_changes_nothing(filled: Loader, row: str, column: str) -> None:
    path = filled.folder / "facts.csv"
    path.write_text(f"{FACTS}revenue,C1,2011-02,5,\n{row}\n", "utf-8")
    before = contents()
    report = load_file(kind="facts", path=path)
    assert [(error.line, error.column) for error in report.errors] == [(3, column)]
    assert contents() == before


def test_a_fact_twice_with_other_values_is_told_with_both_lines(filled: Loader) -> None:
    report = filled("facts", FACTS + "revenue,C1,2012-01,5,\nrevenue,C2,2012-01,5,\nrevenue,C1,2012-01,6,")
    assert [error.line for error in report.errors] == [4]
    assert "line 2" in report.errors.first(1)[0].reason


def test_a_fact_twice_with_other_values_is_told_where_facts_are_stored_already(filled: Loader) -> None:
    assert filled.bad("facts", FACTS + "revenue,C1,2011-01,5,\nrevenue,C1,2011-01,6,") == [(3, "kpi, customer, month")]


def test_a_fact_twice_of_which_one_is_as_stored_is_told(filled: Loader) -> None:
    rows = "revenue,C1,2011-01,761.74,\nclaims,C2,2011-02,1,\nrevenue,C1,2011-01,6,"
    assert filled.bad("facts", FACTS + rows) == [(4, "kpi, customer, month")]


def test_unknown_customers_are_told_where_facts_are_stored_already(filled: Loader) -> None:
    rows = "revenue,C1,2011-01,761.74,\nrevenue,C8,2011-01,1,\nrevenue,C9,2011-01,,\nclaims,C2,2011-02,2,"
    assert filled.bad("facts", FACTS + rows) == [(3, "customer"), (4, "customer")]


def test_a_fact_twice_with_the_same_values_counts_once(filled: Loader) -> None:
    report = filled("facts", FACTS + "revenue,C1,2012-01,5,\nrevenue,C1,2012-01,5.00,")
    assert (report.counts.created, report.counts.unchanged) == (1, 1)
    report = filled("facts", FACTS + "revenue,C1,2012-01,6,\nrevenue,C1,2012-01,6,\nrevenue,C2,2012-01,6,")
    assert (report.counts.created, report.counts.updated, report.counts.unchanged) == (1, 1, 1)
    report = filled("facts", FACTS + "revenue,C1,2012-01,7,\nrevenue,C1,2012-01,7,\nrevenue,C2,2012-01,6,")
    assert (report.counts.created, report.counts.updated, report.counts.unchanged) == (0, 1, 2)


def test_a_blank_numerator_is_no_fact_and_leaves_a_stored_one_alone(filled: Loader) -> None:
    report = filled("facts", FACTS + "revenue,C1,2011-01,,\nrevenue,C2,2011-01,  ,")
    assert (report.counts.read, report.counts.blank, report.counts.changed) == (2, 2, 0)
    assert "761.74" in {row["numerator"] for row in filled.exported("facts")}


def test_a_ratio_takes_a_denominator_of_nought(filled: Loader) -> None:
    assert filled("facts", FACTS + "repeat_rate,C1,2011-03,0,0").counts.created == 1


def test_facts_of_a_kpi_need_a_denominator_where_a_ratio_takes_them(filled: Loader) -> None:
    filled.good(
        "kpis",
        """code,name,indicator,unit,direction,customer_method,time_method,facts_of
        calls,Calls,leading,number,higher,sum,sum,
        call_share,Share of calls,leading,number,higher,ratio,pool,calls""",
    )
    assert filled.bad("facts", FACTS + "calls,C1,2011-01,1,") == [(2, "denominator")]
    assert filled("facts", FACTS + "calls,C1,2011-01,1,2").ok


def test_every_bad_cell_is_told_in_the_order_of_the_lines(filled: Loader) -> None:
    rows = "revenue,C9,2011-03,1,\nrevenue,C1,2011-13,x,y\nnothing,C1,2011-03,1,\nrevenue,C8,2011-03,1,"
    assert filled.bad("facts", FACTS + rows) == [
        (2, "customer"),
        (3, "month"),
        (3, "numerator"),
        (3, "denominator"),
        (4, "kpi"),
        (5, "customer"),
    ]


def many(*others: str) -> str:
    """Facts of fifty years, C2's blank, with other rows after the first thousand."""
    months = [f"{year}-{month:02d}" for year in range(1950, 2000) for month in range(1, 13)]
    rows = [f"revenue,{customer},{month},{number}," for month in months for customer, number in (("C1", 5), ("C2", ""))]
    return FACTS + "\n".join([*rows[:1000], *others, *rows[1000:]])


def test_rows_are_counted_and_read_alike_however_many_stand_before_them(filled: Loader) -> None:
    report = filled("facts", many("repeat_rate,C1,2011-03,1,3", "repeat_rate,C2,2011-03,,"))
    counts = report.counts
    assert (report.ok, counts.read, counts.created, counts.blank) == (True, 1202, 601, 601)
    assert len({row["month"] for row in filled.exported("facts") if row["numerator"] == "5"}) == 600


def test_a_bad_row_far_down_is_told_by_its_own_line(filled: Loader) -> None:
    bad = ("revenue,C1,2011-03,x,", "revenue,C1,2011-03,1", "repeat_rate,C1,2011-04,1,-2", "nothing,C1,2011-03,1,")
    assert filled.bad("facts", many(*bad)) == [(1002, "numerator"), (1003, ""), (1004, "denominator"), (1005, "kpi")]


def test_new_changed_and_same_facts_stand_side_by_side(filled: Loader) -> None:
    first = filled.good("facts", FACTS + "revenue,C1,2012-01,5,\nrevenue,C2,2012-01,6,\nrevenue,C1,2012-02,7,")
    report = filled("facts", FACTS + "revenue,C1,2012-01,5,\nrevenue,C2,2012-01,9,\nrevenue,C1,2012-03,8,")
    assert (report.counts.created, report.counts.updated, report.counts.unchanged) == (1, 1, 1)
    values = {(row["customer"], row["month"]): row["numerator"] for row in filled.exported("facts")}
    assert [values[key] for key in (("C1", "2012-01"), ("C2", "2012-01"), ("C1", "2012-02"))] == ["5", "9", "7"]
    assert ReplacedFact.objects.get(load_id=report.load or 0).replaced_load_id == first.pk


def test_without_its_column_stored_denominators_stay(filled: Loader) -> None:
    report = filled("facts", "kpi,customer,month,numerator\nrepeat_rate,C1,2011-01,3\nrevenue,C1,2011-01,7")
    assert (report.counts.updated, report.counts.created) == (2, 0)
    rows = {(row["kpi"], row["month"]): row for row in filled.exported("facts") if row["customer"] == "C1"}
    assert (rows["repeat_rate", "2011-01"]["numerator"], rows["repeat_rate", "2011-01"]["denominator"]) == ("3", "4")


def test_without_its_column_a_new_fact_of_a_ratio_lacks_its_denominator(filled: Loader) -> None:
    rows = "kpi,customer,month,numerator\nrepeat_rate,C1,2011-01,3\nrepeat_rate,C1,2011-07,3"
    assert filled.bad("facts", rows) == [(3, "denominator")]


TIERS, CUSTOMERS = "code,name,rank\n", "external_id,name,business_unit,is_key_account,account_manager\n"
MOVES, EVENTS = "customer,starts_on,tier\n", "customer,on,kind\n"
KPIS = "code,name,indicator,unit,direction,customer_method,time_method,absent,facts_of,formula,from_month,near_band\n"
ACTUALS = "kpi,tier,month,numerator,denominator\n"
TARGETS = "kpi,tier,from_month,per,until_month,value,low,high\n"
ROW = "revenue,T1,2013-03,month,"


@pytest.mark.parametrize(
    ("kind", "text", "expected"),
    [
        ("business_units", "code,name,kind\nx,X,planet", [(2, "kind")]),
        ("departments", "code,name\n-x,X\n,Y\nz,", [(2, "code"), (3, "code"), (4, "name")]),
        ("tiers", TIERS + "all,All,3\nuntiered,None,4\nT9,X,first", [(4, "rank"), (2, "code"), (3, "code")]),
        ("tiers", TIERS + "T9,X,1\nT9,Y,1", [(3, "code")]),
        ("customers", CUSTOMERS + "C9,X,mars,,", [(2, "business_unit")]),
        ("customers", CUSTOMERS + "C9,X,,perhaps,nobody", [(2, "is_key_account"), (2, "account_manager")]),
        ("tier_memberships", MOVES + "C9,2011-01-01,T1", [(2, "customer")]),
        ("tier_memberships", MOVES + "C1,2011-01-01,T9", [(2, "tier")]),
        ("tier_memberships", MOVES + "C1,2011-02-30,T1", [(2, "starts_on")]),
        ("tier_memberships", MOVES + "C1,2012-01-01,all\nC1,2012-02-01,untiered", [(2, "tier"), (3, "tier")]),
        ("tier_memberships", MOVES + "C1,2012-01-01,T1\nC1,2012-01-01,T2", [(3, "customer, starts_on")]),
        ("lifecycle_events", EVENTS + "C9,2011-01-01,joined", [(2, "customer")]),
        ("lifecycle_events", EVENTS + "C1,2012-01-01,died", [(2, "kind")]),
        ("lifecycle_events", EVENTS + "C1,2012-01-01,joined", [(2, "kind")]),
        ("lifecycle_events", EVENTS + "C2,2011-03-01,returned", [(2, "kind")]),
        ("lifecycle_events", EVENTS + "C2,2010-03-01,left", [(2, "kind")]),
        ("lifecycle_events", EVENTS + "C2,2011-03-01,left\nC2,2011-04-01,left", [(3, "kind")]),
        ("kpis", KPIS + "x,X,leading,number,higher,sum,,,,2 * claims,,", [(2, "customer_method")]),
        ("kpis", KPIS + "x,X,leading,number,higher,,,,,a + b,,", [(2, "formula")]),
        ("kpis", KPIS + "x,X,leading,number,higher,,,,,revenue + 1,,", [(2, "formula")]),
        ("kpis", KPIS + "x,X,leading,number,higher,,,,,2 * x,,", [(2, "formula")]),
        ("kpis", KPIS + "x,X,leading,number,higher,,,,,claims.real,,", [(2, "formula")]),
        ("kpis", KPIS + "x,X,leading,number,higher,,,,revenue,2 * claims,,", [(2, "facts_of")]),
        ("kpis", KPIS + "x,X,leading,number,higher,sum,sum,,,,2011-13,", [(2, "from_month")]),
        ("kpis", KPIS + "x,X,leading,number,higher,mean,sum,zero,,,,", [(2, "absent")]),
        ("kpis", KPIS + "x,X,leading,number,higher,sum,sum,,x,,,", [(2, "facts_of")]),
        ("kpis", KPIS + "x,X,leading,number,higher,sum,sum,,nothing,,,", [(2, "facts_of")]),
        ("kpis", KPIS + "x,X,leading,number,higher,sum,sum,,revenue_ttm,,,", [(2, "facts_of")]),
        ("kpis", KPIS + "x,X,leading,number,higher,ratio,pool,,revenue,,,", [(2, "facts_of")]),
        ("kpis", KPIS + "x,X,leading,number,higher,,,,,,,", [(2, "customer_method"), (2, "time_method")]),
        ("kpis", KPIS + "x,X,later,apples,up,sum,sum,,,,,", [(2, "indicator"), (2, "unit"), (2, "direction")]),
        ("kpis", KPIS + "x,X,leading,number,higher,sum,sum,,,,,-1", [(2, "near_band")]),
        ("complete_months", "kpi,month\nnothing,2011-01\nclaims,2011-00", [(3, "month"), (2, "kpi")]),
        ("tier_actuals", ACTUALS + "survey,T9,2011-01,1,1", [(2, "tier")]),
        ("tier_actuals", ACTUALS + "survey,untiered,2011-01,1,1", [(2, "tier")]),
        ("tier_actuals", ACTUALS + "survey,T1,2011-02,1,", [(2, "denominator")]),
        ("tier_actuals", ACTUALS + "survey,T1,2011-02,1,-1", [(2, "denominator")]),
        ("tier_actuals", ACTUALS + "revenue,T1,2011-02,1,", [(2, "kpi")]),
        ("tier_actuals", ACTUALS + "revenue_ttm,T1,2011-02,1,", [(2, "kpi")]),
        ("tier_actuals", ACTUALS + "survey,T1,2011-02,1e400,1", [(2, "numerator")]),
        ("targets", TARGETS + "nothing,T1,2011-01,month,,1,,", [(2, "kpi")]),
        ("targets", TARGETS + "revenue,T9,2011-01,month,,1,,", [(2, "tier")]),
        ("targets", TARGETS + "revenue,untiered,2011-01,month,,1,,", [(2, "tier")]),
        ("targets", TARGETS + "revenue,T1,2011-02,quarter,,1,,", [(2, "from_month")]),
        ("targets", TARGETS + "revenue,T1,2011-04,year,,1,,", [(2, "from_month")]),
        ("targets", TARGETS + "revenue,T1,2011-01,year,2011-12,1,,", [(2, "until_month")]),
        ("targets", TARGETS + "revenue,T1,2011-03,month,2011-02,1,,", [(2, "until_month")]),
        ("targets", TARGETS + "revenue,T1,2011-03,week,,1,,", [(2, "per")]),
        ("targets", TARGETS + "revenue_ttm,T1,2011-01,month,,1,,", [(2, "per")]),
        ("targets", TARGETS + "revenue_ttm,T1,2011-01,quarter,,1,,", [(2, "per")]),
        ("targets", TARGETS + "revenue,T1,2011-03,month,,,,", [(2, "value")]),
        ("targets", TARGETS + "revenue,T1,2011-03,month,,1,1,2", [(2, "low"), (2, "high")]),
        ("targets", TARGETS + "order_value,T1,2011-03,month,,1,,", [(2, "low"), (2, "high"), (2, "value")]),
        ("targets", TARGETS + "order_value,T1,2011-03,month,,,10,9", [(2, "high")]),
        ("targets", TARGETS + "revenue,T1,2011-03,month,,1.00001,,", [(2, "value")]),
        ("targets", TARGETS + f"{ROW},1,,\n{ROW},2,,", [(3, "kpi, tier, from_month, per")]),
    ],
)  # fmt: skip
def test_a_bad_row_is_told_and_changes_nothing(
    filled: Loader, kind: str, text: str, expected: list[tuple[int, str]]
) -> None:
    assert sorted(filled.bad(kind, text)) == sorted(expected)


def test_a_kpi_whose_facts_others_take_keeps_its_own(filled: Loader) -> None:
    head = "code,name,indicator,unit,direction,customer_method,time_method,facts_of\n"
    filled.good("kpis", head + "a,A,leading,number,higher,sum,sum,\nb,B,leading,number,higher,sum,sum,a")
    assert filled.bad("kpis", head + "a,A,leading,number,higher,sum,sum,claims") == [(2, "facts_of")]


def test_a_percent_kpi_without_a_band_of_points_is_warned_of(load: Loader) -> None:
    head = "code,name,indicator,unit,direction,customer_method,time_method\n"
    report = load("kpis", head + "renewal,Renewals,leading,percent,higher,ratio,pool")
    assert report.ok
    assert [(warning.line, warning.column) for warning in report.warnings] == [(2, "near_band_abs")]


def test_a_target_is_held_to_the_fiscal_boundary_of_the_company(filled: Loader) -> None:
    filled.bad("targets", TARGETS + "revenue,T1,2012-04,year,,1,,")
    Company.objects.update(fiscal_year_start_month=4)
    filled.good("targets", TARGETS + "revenue,T1,2012-04,year,,1,,\nrevenue,T1,2012-10,quarter,,1,,")
    assert filled.bad("targets", TARGETS + "revenue,T1,2012-01,year,,1,,\nrevenue,T1,2012-02,quarter,,1,,") == [
        (2, "from_month"),
        (3, "from_month"),
    ]
