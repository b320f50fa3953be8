"""``/coverage/pain/``: what customers told, entered and changed by stewards."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import AuditEntry, User
from initiatives.models import PainPoint
from tests import factories as make
from tests.scorecard.reading import text_of

URL = "/coverage/pain/"


@pytest.fixture
def steward(stella: User) -> Client:
    """The steward's browser."""
    return make.signed_in(stella)


def given(**fields: Any) -> dict[str, Any]:
    """The form, filled in."""
    filled = {
        "source": "complaints",
        "department": make.department("service").pk,
        "theme": "nobody answers",
        "tier": make.all_customers().pk,
        "month": "2026-08",
        "mentions": "12",
        "severity": "4",
        "revenue_at_risk": "",
    }
    return filled | fields


def test_the_list_shows_weight_newest_month_first(ines: User) -> None:
    make.pain_point("old", month=202601)
    make.pain_point("new", month=202608, mentions=12, severity=4, revenue_at_risk="1250.5")
    text = text_of(make.signed_in(ines).get(URL))
    assert "new Sales All customers August 2026 survey 12 4 48 1,250.5" in text
    assert text.index("August 2026 survey") < text.index("January 2026 survey")
    assert "Enter a pain point" not in text


def test_the_heading_says_which_theme_weighs_most_of_what_the_filters_leave(ines: User) -> None:
    make.pain_point("slow", mentions=3, severity=4)
    make.pain_point("dear", mentions=2, severity=2, month=202601)
    browser = make.signed_in(ines)
    assert "75 % of the weight of 2 pain points is “slow” (Sales)." in text_of(browser.get(URL))
    assert "100 % of the weight of 1 pain point is “dear” (Sales)." in text_of(browser.get(f"{URL}?theme=dear"))


def test_the_period_is_picked_as_on_every_page_and_keeps_the_filters(ines: User) -> None:
    make.pain_point("slow", month=202608)
    make.pain_point("dear", month=202601)
    browser = make.signed_in(ines)
    every = browser.get(f"{URL}?source=survey").context["picker"]
    assert (every.name, every.previous, every.next) == ("All months", None, None)
    assert not any(one.current for one in (*every.years, *every.quarters, *every.month_choices, every.whole_year))
    response = browser.get(f"{URL}?source=survey&period=2026-Q3&page=2")
    picker = response.context["picker"]
    assert (picker.name, picker.previous.url) == ("Quarter 3, 2026", f"{URL}?source=survey&period=2026-Q2")
    assert (picker.all_months.url, picker.all_months.current) == (f"{URL}?source=survey", False)
    assert '<input type="hidden" name="period" value="2026-Q3"' in response.content.decode()
    assert "dear" not in text_of(response)


@pytest.mark.parametrize("query", ["period=2026-Q3", "department=service", "theme=SLOW", "source=Survey", "tier=T1"])
def test_each_filter_leaves_what_it_names(steward: Client, query: str) -> None:
    make.pain_point("slow", month=202608, department=make.department("service"), tier=make.tier("T1"))
    make.pain_point("other", month=202603, source="complaints")
    text = text_of(steward.get(f"{URL}?{query}"))
    assert "slow" in text
    assert "other" not in text


def test_a_filter_that_is_none_is_left_out_and_said(steward: Client) -> None:
    make.pain_point("slow")
    text = text_of(steward.get(f"{URL}?since=soon&department=nowhere"))
    assert text.count("It was left out.") == 2
    assert "slow" in text
    assert "“soon” is no period" in text_of(steward.get(f"{URL}?period=soon"))


def test_filters_that_leave_nothing_lead_back(steward: Client) -> None:
    make.pain_point()
    assert "No pain point is left by these filters. Show all" in text_of(steward.get(f"{URL}?theme=none"))


def test_a_steward_enters_a_point_and_the_audit_says_so(steward: Client, stella: User) -> None:
    response = steward.post(f"{URL}new/", given(revenue_at_risk="1000"), follow=True)
    point = PainPoint.objects.get()
    assert (point.month, point.weight, point.revenue_at_risk) == (202608, 48, 1000)
    assert "“nobody answers” was entered, with a weight of 48." in text_of(response)
    entry = AuditEntry.objects.get(object_type="initiatives.painpoint")
    assert (entry.verb, entry.by) == ("created", stella)


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("severity", "6", "Severity runs from 1 to 5."),
        ("month", "2026-13", "Is no month; a month looks like 2011-09."),
        ("theme", "", "Must not be empty."),
        ("mentions", "-1", "Is no whole number from 0 to 2147483647."),
        ("revenue_at_risk", "-1", "Must not be negative."),
    ],
)
def test_what_is_wrong_is_said_and_nothing_is_kept(steward: Client, field: str, value: str, words: str) -> None:
    response = steward.post(f"{URL}new/", given(**{field: value}))
    assert response.status_code == 400
    assert words in text_of(response)
    assert not PainPoint.objects.exists()


def test_the_same_point_twice_is_refused(steward: Client) -> None:
    steward.post(f"{URL}new/", given())
    response = steward.post(f"{URL}new/", given(mentions="3"))
    assert response.status_code == 400
    assert "already exists" in text_of(response)
    assert PainPoint.objects.get().mentions == 12


def seen(browser: Client, point: PainPoint) -> str:
    """What the form of a point carries of how it was shown."""
    return str(browser.get(f"{URL}{point.pk}/").context["form"]["seen"].value())


def test_a_point_is_changed(steward: Client) -> None:
    point = make.pain_point(revenue_at_risk="12.5")
    shown = seen(steward, point)
    text = text_of(steward.post(f"{URL}{point.pk}/", given(seen=shown), follow=True))
    assert "“nobody answers” was changed." in text
    assert PainPoint.objects.get().mentions == 12


def test_two_stewards_at_once_the_second_keeps_nothing(steward: Client) -> None:
    point = make.pain_point()
    shown = seen(steward, point)
    steward.post(f"{URL}{point.pk}/", given(seen=shown, mentions="7"))
    late = steward.post(f"{URL}{point.pk}/", given(seen=shown, mentions="9"))
    assert late.status_code == 409
    assert "was changed by somebody else while this form was open." in text_of(late)
    assert ("Mentions", "7", "9") in {(row.what, row.now, row.yours) for row in late.context["late"].differences}
    assert PainPoint.objects.get().mentions == 7
    steward.post(f"{URL}{point.pk}/", {field.html_name: field.value() for field in late.context["form"]})
    assert PainPoint.objects.get().mentions == 9


def test_a_point_is_deleted_and_the_audit_keeps_it(steward: Client) -> None:
    point = make.pain_point("gone")
    assert "go: a weight of" in text_of(steward.post(f"{URL}{point.pk}/delete/"))
    gone = text_of(steward.post(f"{URL}{point.pk}/delete/", {"sure": "1"}, follow=True))
    assert "“gone” was deleted" in gone
    assert "keeps what it was. Undo" in gone
    assert not PainPoint.objects.exists()
    assert AuditEntry.objects.filter(verb="deleted", before__theme="gone").exists()


def test_executives_read_and_do_not_write(ines: User) -> None:
    point, browser = make.pain_point(), make.signed_in(ines)
    for url in (f"{URL}new/", f"{URL}{point.pk}/", f"{URL}{point.pk}/delete/"):
        assert browser.post(url, given()).status_code == 403
    assert PainPoint.objects.get().mentions == 10


def test_50_points_cost_the_queries_of_2(steward: Client) -> None:
    counts = []
    steward.get("/help/")  # which counts what is asked of the person
    for many in (2, 40):
        for number in range(many):
            make.pain_point(f"{many} {number}", department=make.department(f"d{number}"))
        with CaptureQueriesContext(connection) as queries:
            steward.get(URL)
        counts.append(len(queries))
    assert counts[0] == counts[1] <= 11
