"""Months that have not begun, by file: refused by command and page; what got in before is taken back whole."""

from __future__ import annotations

import re
from datetime import date

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from pytest_django import DjangoAssertNumQueries

from accounts.company import today
from accounts.loads import undo_load
from accounts.models import Company, Load, User
from core.loading.columns import far_off
from core.periods import Month, month_code, month_of, shift
from customers.models import Customer
from kpis.models import Fact, Kpi, RolledSlice, RollupRun, SliceTouch
from kpis.reading.months_not_begun import early_months
from kpis.rollup.runs import roll_up_now
from tests import factories
from tests.loads.files import Loader, command, contents, write
from tests.loads.test_pages import bring

AHEAD = {
    "facts": "kpi,customer,month,numerator\nrevenue,C1,{month},5",
    "tier_actuals": "kpi,tier,month,numerator,denominator\nsurvey,T1,{month},84,10",
    "complete_months": "kpi,month\nclaims,{month}",
}
NEVER = ["9999-12", "2199-12", "2200-01"]


def next_month() -> str:
    return month_code(shift(month_of(today()), 1))


@pytest.fixture
def steward(stella: User) -> Client:
    return factories.signed_in(stella)


@pytest.mark.parametrize("month", [*NEVER, None])
@pytest.mark.parametrize("kind", list(AHEAD))
def test_refuses_a_month_that_has_not_begun_by_file(filled: Loader, kind: str, month: str | None) -> None:
    assert filled.bad(kind, AHEAD[kind].format(month=month or next_month())) == [(2, "month")]


@pytest.mark.parametrize("kind", list(AHEAD))
def test_refuses_a_month_that_has_not_begun_by_command(filled: Loader, kind: str) -> None:
    before = contents()
    path = write(filled.folder / f"{kind}.csv", AHEAD[kind].format(month=next_month()))
    status, said = command("load", kind, str(path))
    assert (status, "has not begun; look for a mistyped year" in said) == (1, True)
    assert contents() == before


@pytest.mark.parametrize("kind", list(AHEAD))
def test_refuses_a_month_that_has_not_begun_by_the_page_of_files(filled: Loader, steward: Client, kind: str) -> None:
    before = contents()
    address = bring(steward, AHEAD[kind].format(month=next_month()), kind)
    assert "has not begun; look for a mistyped year" in steward.get(address).content.decode()
    steward.post(address)
    assert contents() == before


@pytest.mark.parametrize("kind", list(AHEAD))
def test_takes_the_month_that_runs(filled: Loader, kind: str) -> None:
    filled.good(kind, AHEAD[kind].format(month=month_code(month_of(today()))))


@pytest.mark.parametrize("kind", list(AHEAD))
def test_a_month_begins_where_the_company_is(filled: Loader, kind: str) -> None:
    """Eleven in the evening of the last day by the clock of the server is the first of the next in Auckland."""
    text = AHEAD[kind].format(month="2027-03")
    with time_machine.travel("2027-02-28T23:00:00Z", tick=False):
        assert filled.bad(kind, text) == [(2, "month")]
        Company.objects.update(time_zone="Pacific/Auckland")
        filled.good(kind, text)


def test_one_bad_month_among_many_rows_is_named_alone(filled: Loader) -> None:
    rows = [f"revenue,C1,{2012 + n // 12}-{n % 12 + 1:02d},1" for n in range(24)]
    rows[7] = f"revenue,C1,{next_month()},1"
    assert filled.bad("facts", "kpi,customer,month,numerator\n" + "\n".join(rows)) == [(9, "month")]


def test_all_that_is_wrong_with_a_row_is_told_at_once(filled: Loader) -> None:
    rows = f"kpi,customer,month,numerator\nnothing,C1,{next_month()},5\nrevenue,C1,{next_month()},1e5"
    told = filled.bad("facts", rows)
    assert sorted(told) == [(2, "kpi"), (2, "month"), (3, "month"), (3, "numerator")]


@pytest.mark.parametrize("kind", ["facts", "tier_actuals"])
def test_a_blank_is_no_fact_whatever_its_month(filled: Loader, kind: str) -> None:
    text = AHEAD[kind].format(month=next_month()).replace(",84,10", ",,").replace(",5", ",")
    assert filled(kind, text).counts.blank == 1


# -- what got in before months ahead were refused


@pytest.fixture
def mistyped(filled: Loader, monkeypatch: pytest.MonkeyPatch) -> dict[str, Load]:
    """Files of 9999-12 as an earlier release took them: rows, records and marks."""
    with monkeypatch.context() as earlier:
        earlier.setattr("kpis.rules.actual.newest_month", lambda today: Month(999912))
        earlier.setattr("kpis.services.touches.newest_month", lambda today: Month(999912))
        earlier.setattr("core.loading.columns.year_is_kept", lambda year: True)
        return {kind: filled.good(kind, text.format(month="9999-12")) for kind, text in AHEAD.items()}


def test_what_was_taken_in_before_stops_no_rollup(mistyped: dict[str, Load], filled: Loader) -> None:
    run = roll_up_now()
    assert run is not None
    assert (run.state, run.error) == ("done", "")
    assert RolledSlice.objects.filter(month=201101).exists()
    assert set(SliceTouch.objects.values_list("month", flat=True)) == {999912}
    filled.good("facts", "kpi,customer,month,numerator\nrevenue,C1,2011-03,5")
    again = roll_up_now()
    assert again is not None
    assert (again.state, again.slices) == ("done", 1)


def test_marks_that_wait_for_their_month_begin_no_run(mistyped: dict[str, Load]) -> None:
    roll_up_now()
    assert roll_up_now() is None
    assert RollupRun.objects.count() == 1


@pytest.mark.parametrize("rolled", [True, False])
def test_taking_it_back_takes_its_marks_back(mistyped: dict[str, Load], rolled: bool) -> None:
    if rolled:
        roll_up_now()
    for load in mistyped.values():
        undo_load(load=load)
    assert not SliceTouch.objects.filter(month=999912).exists()
    assert not Fact.objects.filter(month=999912).exists()
    roll_up_now()
    assert not SliceTouch.objects.exists()


def test_taking_one_of_two_back_keeps_the_mark_of_the_other(mistyped: dict[str, Load]) -> None:
    Fact.objects.create(
        month=999912,
        kpi=Kpi.objects.get(code="revenue"),
        customer=Customer.objects.get(external_id="C2"),
        numerator=1,
        load_id=0,
    )
    undo_load(load=mistyped["facts"])
    assert SliceTouch.objects.filter(month=999912, kpi__code="revenue").exists()


def test_a_load_that_is_taken_back_before_a_rollup_leaves_nothing_that_fails(filled: Loader) -> None:
    load = filled.good("facts", "kpi,customer,month,numerator\nrevenue,C1,2012-05,5")
    undo_load(load=load)
    run = roll_up_now()
    assert run is not None
    assert run.state == "done"
    assert not SliceTouch.objects.exists()


# -- dates that are likely to be slips


def test_a_month_of_facts_long_ago_is_warned_of_once(filled: Loader) -> None:
    report = filled("facts", "kpi,customer,month,numerator\nrevenue,C1,1911-01,1\nrevenue,C2,1911-01,1")
    assert report.ok
    assert [(one.line, one.column, one.value) for one in report.warnings] == [(2, "month", "1911-01")]
    assert "more than 20 years back" in report.warnings[0].reason


def test_dates_far_ahead_are_warned_of(filled: Loader) -> None:
    far = f"{today().year + 6}-01-01"
    report = filled("milestones", f"initiative,title,due\nportal,Far,{far}\nportal,Farther,{far}")
    assert [(one.line, one.column) for one in report.warnings] == [(2, "due")]
    report = filled("targets", f"kpi,tier,from_month,per,value\nrevenue,T1,{far[:7]},month,1")
    assert [(one.line, one.column) for one in report.warnings] == [(2, "from_month")]


@pytest.mark.parametrize(
    ("day", "said"),
    [
        (date(2031, 11, 30), ""),
        (date(2031, 12, 1), "5 years ahead"),
        (date(2006, 11, 30), ""),
        (date(2006, 11, 29), "20 years back"),
        (date(2028, 2, 29), ""),
    ],
)
def test_five_years_ahead_and_twenty_back_are_no_slip_yet(day: date, said: str) -> None:
    told = far_off(day, date(2026, 11, 30))
    assert (said in told, bool(told)) == (True, bool(said))


@pytest.mark.parametrize("year", ["1899", "2200", "9998", "0999"])
def test_refuses_years_that_nobody_means_by_file(filled: Loader, year: str) -> None:
    assert filled.bad("milestones", f"initiative,title,due\nportal,Far,{year}-06-30") == [(2, "due")]
    assert filled.bad("tier_memberships", f"customer,starts_on,tier\nC1,{year}-06-30,T1") == [(2, "starts_on")]
    assert filled.bad("lifecycle_events", f"customer,on,kind\nC2,{year}-06-30,joined") == [(2, "on")]
    pain = "source,department,theme,tier,month,mentions,severity\nsurvey,sales,X,T1,{}-06,1,1"
    assert filled.bad("pain_points", pain.format(year)) == [(2, "month")]
    targets = "kpi,tier,from_month,per,until_month,value\nrevenue,T1,2012-01,month,{0}-06,1\nrevenue,T1,{0}-06,month,,1"
    assert filled.bad("targets", targets.format(year)) == [(2, "until_month"), (3, "from_month")]
    assert filled.bad("facts", f"kpi,customer,month,numerator\nrevenue,C1,{year}-06,5") == [(2, "month")]


# -- what waits is listed


def said(client: Client) -> str:
    return " ".join(re.sub(r"<[^>]*>", " ", client.get("/freshness/").content.decode()).split())


def test_what_waits_for_its_month_is_listed_with_its_load(mistyped: dict[str, Load], steward: Client) -> None:
    text, loads = said(steward), mistyped
    assert (
        f"Net revenue, December 9999: 1 row of facts · load {loads['facts'].pk} , take back load {loads['facts'].pk}"
        in text
    )
    assert f"Survey score, December 9999: 1 row of tier actuals · load {loads['tier_actuals'].pk}" in text
    assert f"Claims, December 9999: 1 row of complete months · load {loads['complete_months'].pk}" in text
    for load in loads.values():
        undo_load(load=load)
    assert "Months that have not begun" not in said(steward)


def test_what_waits_costs_the_same_queries_however_much_it_is(
    mistyped: dict[str, Load], steward: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    with CaptureQueriesContext(connection) as few:
        early_months(today())
    kpi, other = factories.kpi(), factories.kpi()
    for month in range(203001, 203013):
        factories.fact(kpi, factories.customer(), month, 1)
        factories.complete_month(other, month)
    with django_assert_num_queries(len(few)):
        assert len(early_months(today())) == 3 + 24
