"""``/initiatives/report/``: how many run and how they go, what began and ended, and where nothing is."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from time_machine import TimeMachineFixture

from accounts.company import company as the_company
from accounts.models import User
from core.periods import Period
from initiatives.choices import Health, Level, Stage, Tracked
from initiatives.models import TrackedChange
from initiatives.reading.report import By, read_report
from tests import factories as make
from tests.scorecard.reading import text_of

URL = "/initiatives/report/"
DAY = date(2026, 8, 20)


@pytest.fixture(autouse=True)
def day(time_machine: TimeMachineFixture) -> None:
    """In the middle of the third quarter."""
    time_machine.move_to("2026-08-20 12:00Z", tick=False)


@pytest.fixture
def browser(ines: User) -> Client:
    """The executive's."""
    return make.signed_in(ines)


def quarter(code: str = "2026-Q3") -> Period:
    return Period.parse(code, the_company().calendar)


def done(on: date, agreed: date, **fields: Any) -> None:
    make.initiative(stage=Stage.DONE, finished_on=on, baseline_start=date(2026, 1, 1), baseline_due=agreed, **fields)


def test_levels_with_nothing_running_are_gaps(browser: Client) -> None:
    make.initiative()
    text = text_of(browser.get(URL))
    assert "1 initiative is running: 1 on schedule." in text
    assert "Nothing runs for key accounts and in business units." in text
    assert "Key account ∅ gap 0 0 0 0 0" in text


def test_departments_without_anything_running_are_named(browser: Client) -> None:
    make.department("service", name="Customer service")
    make.initiative(department=make.department("sales"))
    text = text_of(browser.get(URL))
    assert "No initiative is run by Customer service." in text


def test_where_no_more_than_five_run_each_is_told_by_name(browser: Client) -> None:
    for number in range(5):
        make.status_update(make.initiative(f"portal-{number}"), progress=10 * number)
    for number in range(6):
        made = make.initiative(level=Level.BUSINESS_UNIT, business_unit=make.business_unit(), title=f"Visit {number}")
        assert made.pk
    found = read_report(by=[By.LEVEL]).groups[By.LEVEL]
    told = {one.key: [standing.initiative.code for standing in one.progress] for one in found}
    assert told == {"key_account": [], "business_unit": [], "corporate": [f"portal-{n}" for n in range(5)]}
    text = text_of(browser.get(URL))
    assert "Portal 4 40 %" in text
    assert "Visit 3" not in text.split("By department")[0]


def test_on_time_is_by_the_baseline_and_no_new_date_changes_that(db: None) -> None:
    done(date(2026, 7, 10), date(2026, 7, 10))
    done(date(2026, 7, 11), date(2026, 7, 10), due=date(2026, 12, 31))
    done(date(2026, 6, 30), date(2026, 7, 10))
    total = read_report(by=[], period=quarter()).total
    assert (total.finished_on_time, total.finished_late) == (1, 1)


def test_a_start_counts_in_its_period_and_a_plan_to_start_does_not(db: None) -> None:
    make.initiative(baseline_start=date(2026, 7, 1))
    make.initiative(baseline_start=date(2026, 5, 1), started_on=date(2026, 7, 2))
    make.initiative(baseline_start=date(2026, 7, 1), started_on=date(2026, 6, 30))
    make.initiative(baseline_start=date(2026, 7, 1), stage=Stage.APPROVED)
    make.initiative(baseline_start=date(2026, 5, 1), started_on=date(2026, 7, 5), stage=Stage.ON_HOLD)
    assert read_report(by=[], period=quarter()).total.started == 3


def test_cancelled_counts_on_the_day_it_was_and_loaded_ones_are_named_as_undated(browser: Client) -> None:
    made = make.initiative(stage=Stage.CANCELLED, baseline_start=date(2026, 5, 1))
    make.initiative(stage=Stage.CANCELLED)
    TrackedChange.objects.create(
        initiative=made, what=Tracked.STAGE, before=Stage.IN_PROGRESS, after=Stage.CANCELLED, on=date(2026, 7, 3)
    )
    report = read_report(by=[], period=quarter())
    assert (report.total.cancelled, report.undated) == (1, 1)
    assert read_report(by=[], period=quarter("2026-Q2")).total.running == 1
    assert "1 initiative was done or cancelled on a day that nobody told" in text_of(browser.get(URL))


def test_on_hold_says_since_when_and_by_whom(browser: Client, omar: User) -> None:
    made = make.initiative("visits", stage=Stage.ON_HOLD)
    TrackedChange.objects.create(
        initiative=made, what=Tracked.STAGE, before=Stage.IN_PROGRESS, after=Stage.ON_HOLD, on=DAY, by=omar
    )
    make.initiative("lost", stage=Stage.ON_HOLD)
    text = text_of(browser.get(URL))
    assert "Visits since 20 August 2026, by Omar" in text
    assert "Lost since a day that no file told" in text


def test_on_hold_is_counted_by_level_and_the_longest_are_named(browser: Client) -> None:
    unit = make.business_unit()
    for number in range(7):
        made = make.initiative(f"held-{number}", stage=Stage.ON_HOLD, business_unit=unit, level=Level.BUSINESS_UNIT)
        TrackedChange.objects.create(
            initiative=made,
            what=Tracked.STAGE,
            before=Stage.IN_PROGRESS,
            after=Stage.ON_HOLD,
            on=DAY - timedelta(number),
        )
    make.initiative("waits", stage=Stage.ON_HOLD)
    response = browser.get(URL)
    units, corporate = response.context["page"].held
    assert [one.title for one in units.named] == ["Held 6", "Held 5", "Held 4", "Held 3", "Held 2"]
    assert (units.count.number, units.others, corporate.others) == (7, 2, 0)
    assert "8 on hold" in text_of(response)
    assert "2 others in the register" in text_of(response)
    assert text_of(browser.get(units.count.url)).count("Held ") == 7


def test_one_for_two_tiers_counts_in_both_and_one_for_all_in_all(db: None) -> None:
    gold, silver = make.tier("T1"), make.tier("T2")
    make.tier("T3")
    make.initiative(tiers=(gold, silver))
    make.initiative()
    found = read_report(by=[By.TIER]).groups[By.TIER]
    assert [(one.key, one.running) for one in found] == [("T1", 2), ("T2", 2), ("T3", 1)]


def test_a_past_quarter_is_reported_as_it_stood_at_its_end(browser: Client) -> None:
    made = make.initiative(baseline_start=date(2026, 6, 1), baseline_due=date(2026, 12, 1))
    make.status_update(made, Health.LATE, on=date(2026, 7, 10))
    assert "1 initiative is running: 1 late." in text_of(browser.get(URL))
    page = browser.get(f"{URL}?period=2026-Q2")
    assert "1 initiative is running: 1 on schedule." in text_of(page)
    assert "as_of=2026-06-30" in page.content.decode()


def test_owners_and_units_are_groups_too_blank_ones_without_a_key(omar: User) -> None:
    make.initiative(owner=omar)
    make.initiative()
    found = read_report(by=[By.OWNER, By.BUSINESS_UNIT]).groups
    assert [(one.key, one.running) for one in found[By.OWNER]] == [("omar@tierboard.example", 1), (None, 1)]
    assert [(one.key, one.running) for one in found[By.BUSINESS_UNIT]] == [(None, 2)]


def test_only_what_is_for_customers(browser: Client) -> None:
    make.initiative(customer_focused=False)
    make.initiative()
    assert "1 of them is for customers." in text_of(browser.get(URL))
    page = browser.get(f"{URL}?customer_focused=true")
    assert "All of them are for customers." in text_of(page)
    assert "customer_focused=true&amp;status=on_schedule" in page.content.decode()


def test_at_a_period_that_is_none_there_is_nothing(browser: Client) -> None:
    answer = browser.get(f"{URL}?period=2026-Q7")
    assert answer.status_code == 404
    assert "“2026-Q7” is no period; one looks like 2011-09, 2011-Q3 or 2011." in text_of(answer)


def test_an_empty_register_says_that_nothing_runs(browser: Client, company: object) -> None:
    assert "Nothing is running." in text_of(browser.get(URL))


def test_titles_are_escaped(browser: Client) -> None:
    make.initiative(title="<b>Portal</b>")
    assert "<b>Portal" not in browser.get(URL).content.decode()


def test_30_initiatives_cost_the_queries_of_2(browser: Client) -> None:
    counts = []
    for many in (2, 28):
        for number in range(many):
            made = make.initiative(tiers=(make.tier(f"G{many}{number}"),), department=make.department(f"d{number}"))
            make.status_update(made)
            make.milestone(made, due=DAY + timedelta(days=9))
        browser.get(URL)
        with CaptureQueriesContext(connection) as queries:
            browser.get(URL)
        counts.append(len(queries))
    assert counts[0] == counts[1] <= 24


def test_a_day_in_the_address_is_the_day_as_of_which_it_is_told(browser: Client) -> None:
    make.initiative(started_on=date(2026, 8, 1), baseline_start=date(2026, 8, 1), baseline_due=date(2026, 12, 1))
    assert "1 initiative is running" in text_of(browser.get(URL, {"period": "2026-Q3"}))
    page = browser.get(URL, {"period": "2026-Q3", "as_of": "2026-07-15"})
    assert "as of 15 July 2026" in text_of(page)
    assert "1 initiative is running" not in text_of(page)
    assert 'name="as_of" value="2026-07-15"' in page.content.decode()
    assert "as_of=2026-07-15" in page.content.decode()  # the other periods, and the lists behind the numbers


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ("2026-08-21", "2026-08-21 lies ahead; ask for today or an earlier day."),
        ("<b>", "“<b>” is no day to ask for: write one as 2026-08-20."),
        ("9999-01-01", "is no day to ask for: "),
    ],
)
def test_a_day_that_cannot_be_asked_for_is_said(browser: Client, asked: str, words: str) -> None:
    text = text_of(browser.get(URL, {"as_of": asked}))
    assert words in text
    assert "as of 20 August 2026" in text
