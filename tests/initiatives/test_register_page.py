"""The register as a list, a board, a timeline and a file: one filter, the same rights, constant queries."""

from __future__ import annotations

import csv
import io
import json
import re
from datetime import date, timedelta
from html import unescape
from typing import Any

import pytest
from django.db import connection
from django.http import QueryDict
from django.test import Client
from django.test.utils import CaptureQueriesContext
from openpyxl import load_workbook

from accounts.company import today
from accounts.models import ListView, User
from core.kept import forget_all
from initiatives.choices import Level, ScheduleStatus, Stage
from initiatives.filters.register import InitiativeFilter
from initiatives.models import Initiative, TrackedChange
from tests import factories as make
from tests.kept import kept
from tests.scorecard.reading import text_of

LIST = "/initiatives/"
VIEWS = ["/initiatives/", "/initiatives/board/", "/initiatives/timeline/", "/initiatives/timeline/chart.json"]


def day(ahead: int) -> date:
    return today() + timedelta(days=ahead)


def text(answer: Any) -> str:
    return " ".join(answer.content.decode().split())


def shown(answer: Any) -> list[str]:
    """Codes of the rows, in the order of the page."""
    return [one.initiative.code for one in answer.context["register"].page]


def rows(answer: Any) -> list[dict[str, str]]:
    content = b"".join(answer.streaming_content).decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(content)))


@kept
def few(omar: User) -> None:
    """One of each kind: late, at risk, silent, on schedule, candidate, approved and not started."""
    make.initiative("portal", owner=omar, title="One portal")
    make.milestone(Initiative.objects.get(code="portal"), "Pilot", due=day(-12))
    make.status_update(make.initiative("prices", title="One price book"), "at_risk")
    make.initiative("manuals", baseline_start=day(-60), baseline_due=day(200), theme="documents")
    make.initiative("visits", effort=2, loyalty_impact=5)
    make.initiative("idea", stage=Stage.CANDIDATE)
    make.initiative("vans", stage=Stage.APPROVED, baseline_start=day(-20), baseline_due=day(50))


@pytest.fixture
def browser(ines: User) -> Client:
    return make.signed_in(ines)


def test_an_empty_register_says_what_to_do_next(stella: User, fay: User) -> None:
    page = text(make.signed_in(stella).get(LIST))
    assert "No initiative is in the register yet." in page
    assert "load initiatives FILE" in page
    assert "Enter a candidate" in text(make.signed_in(fay).get(LIST))


def test_the_headline_counts_what_runs_and_names_the_rest(few: None, browser: Client) -> None:
    page = browser.get(LIST)
    link = '<a class="status-missed" href="/initiatives/?status=late">1 of 4 running initiatives is late</a>'
    assert link in text(page)
    words = text_of(page)
    assert "1 of 4 running initiatives is late, 1 at risk, 1 not reported." in words
    assert "Beside them 1 candidate and 1 approved ( 1 not started in time )." in words


def test_each_part_of_the_headline_leads_to_as_many_as_it_counts(few: None, browser: Client) -> None:
    page = browser.get(LIST)
    parts = re.findall(
        r'<a class="[^"]*" href="(/initiatives/\?[^"]*)">(\d+) ', text(page).partition('class="tools"')[0]
    )
    assert len(parts) == 6
    for url, number in parts:
        assert len(shown(browser.get(unescape(url)))) == int(number), url


def test_the_gravest_comes_first_with_its_reasons_in_words(few: None, browser: Client) -> None:
    answer = browser.get(LIST)
    assert shown(answer) == ["portal", "prices", "manuals", "visits", "vans", "idea"]
    page = text(answer)
    assert "milestone “Pilot” is 12 days overdue" in page
    assert "no word for 60 days" in page
    assert "not started: should have begun 20 days ago" in page


def test_a_status_is_a_shape_and_a_word_as_well_as_a_colour(few: None, browser: Client) -> None:
    page = text(browser.get(LIST))
    for status in ScheduleStatus:
        mark = f'<span class="state {status.css_class}"><span class="mark" aria-hidden="true">{status.shape}</span>'
        assert f"{mark}{status.label}</span>" in page


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("status=late", ["portal"]),
        ("status=late&status=at_risk", ["portal", "prices"]),
        ("stage=candidate", ["idea"]),
        ("stale=true", ["manuals"]),
        ("not_started=true", ["vans"]),
        ("q=price", ["prices"]),
        ("theme=documents", ["manuals"]),
        ("quadrant=quick_win", ["visits"]),
        ("owner=omar%40tierboard.example", ["portal"]),
        ("unscored=false", ["visits"]),
        ("no_owner=true&sort=-code&stage=in_progress", ["visits", "prices", "manuals"]),
    ],
)
def test_list_board_timeline_and_file_show_what_the_filter_answers(
    few: None, browser: Client, query: str, found: list[str], rf: Any, ines: User
) -> None:
    answer = browser.get(f"{LIST}?{query}")
    assert shown(answer) == found
    assert [row["Code"] for row in rows(browser.get(f"/initiatives/export/csv/?{query}"))] == found
    assert shown(browser.get(f"/initiatives/timeline/?{query}")) == found
    request = rf.get("/")
    request.user = ines
    by_filter = InitiativeFilter(QueryDict(query), Initiative.objects.all(), request=request).standings()
    assert {one.initiative.code for one in by_filter} == set(found)
    columns = browser.get(f"/initiatives/board/?{query}").context["columns"]
    assert sum(column.total for column in columns) == sum(one.running for one in by_filter)


def test_chips_count_everything_else_that_is_filtered(few: None, browser: Client) -> None:
    chips = browser.get(f"{LIST}?status=late&no_owner=false").context["register"].chips
    assert [(chip.words, chip.chosen) for chip in chips] == [("1 late", True)]
    chips = browser.get(f"{LIST}?status=late").context["register"].chips
    assert [chip.words for chip in chips][:4] == ["1 late", "1 at risk", "1 not reported", "1 on schedule"]
    assert browser.get(LIST + chips[0].url).context["register"].chosen("status") == frozenset()


def test_an_unknown_value_filters_nothing_and_is_named(few: None, browser: Client) -> None:
    answer = browser.get(f"{LIST}?level=galaxy&department=nowhere")
    assert answer.status_code == 200
    assert len(shown(answer)) == 6
    assert "It was left out." in text(answer)


def test_no_initiative_left_says_how_to_go_on(few: None, browser: Client) -> None:
    page = text(browser.get(f"{LIST}?q=nothing-is-called-so"))
    assert "No initiative is like that." in page
    assert "Nothing here is running." in page


def test_a_past_day_is_shown_as_it_was_known(few: None, browser: Client) -> None:
    portal = Initiative.objects.get(code="portal")
    TrackedChange.objects.create(initiative=portal, what="stage", before="candidate", after="in_progress", on=today())
    answer = browser.get(f"{LIST}?as_of={day(-1).isoformat()}&stage=candidate")
    assert shown(answer) == ["idea", "portal"]
    assert "as they stood on" in text(answer)
    assert rows(browser.get(f"/initiatives/export/csv/?as_of={day(-1)}"))[0]["As of"] == str(day(-1))


def test_pages_of_the_list_keep_the_filter(browser: Client) -> None:
    for number in range(55):
        make.initiative(f"n{number:03d}")
    answer = browser.get(f"{LIST}?level=corporate&sort=code")
    assert len(shown(answer)) == 50
    assert "?level=corporate&amp;sort=code&amp;page=2" in answer.content.decode()
    assert shown(browser.get(f"{LIST}?level=corporate&sort=code&page=2")) == [f"n{n:03d}" for n in range(50, 55)]


def test_titles_cannot_smuggle_markup_into_any_view(browser: Client) -> None:
    bad = "<script>alert(1)</script>"
    made = make.initiative("bad", title=bad, theme=bad, department=make.department("d", name=bad))
    make.milestone(made, bad, due=day(-30))
    for address in [*VIEWS[:3], "/initiatives/bad/"]:
        assert bad not in browser.get(address).content.decode()
    figure = json.loads(browser.get(VIEWS[3]).content)["figure"]
    assert "<script>" not in json.dumps(figure)


def test_the_timeline_draws_baseline_current_milestones_and_today(few: None, browser: Client) -> None:
    Initiative.objects.filter(code="portal").update(due=day(140))
    figure = json.loads(browser.get(VIEWS[3]).content)["figure"]
    traces = {trace["name"]: trace for trace in figure["data"]}
    portal = next(n for n, text in enumerate(figure["layout"]["yaxis"]["ticktext"]) if text == "One portal")
    ghost, bar = traces["Baseline"], traces["■ late"]
    milliseconds = 24 * 60 * 60 * 1000
    place = ghost["y"].index(portal)
    assert (ghost["base"][place], ghost["x"][place]) == (day(-10).isoformat(), 101 * milliseconds)
    assert (bar["base"][0], bar["x"][0]) == (day(-10).isoformat(), 151 * milliseconds)
    assert traces["milestone overdue"]["x"] == [f"{day(-12).isoformat()}T12:00:00"]
    assert figure["layout"]["shapes"][0]["x0"] == today().isoformat()
    table = text(browser.get("/initiatives/timeline/"))
    assert "+50 days" in table
    assert "Pilot: due" in table


# Files


def test_a_spreadsheet_cannot_take_a_title_for_a_formula(browser: Client) -> None:
    make.initiative("sum", title="=HYPERLINK(1)", theme="+1")
    row = rows(browser.get("/initiatives/export/csv/"))[0]
    assert (row["Initiative"], row["Theme"]) == ("'=HYPERLINK(1)", "'+1")
    book = load_workbook(io.BytesIO(browser.get("/initiatives/export/xlsx/").content))
    head, first = list(book.worksheets[0].iter_rows())
    cell = dict(zip([c.value for c in head], first, strict=True))["Initiative"]
    assert (cell.data_type, cell.value) == ("s", "=HYPERLINK(1)")


def test_the_file_holds_numbers_and_days_that_can_be_worked_with(browser: Client) -> None:
    made = make.initiative("one", cost="1234.5", loyalty_impact=4, effort=2, due=day(120))
    make.status_update(made, progress=40)
    book = load_workbook(io.BytesIO(browser.get("/initiatives/export/xlsx/").content))
    head, first = list(book.worksheets[0].iter_rows(values_only=True))
    row: dict[Any, Any] = dict(zip(head, first, strict=True))
    assert (row["Cost"], row["Currency"], row["Progress, %"], row["Impact"]) == (1234.5, "EUR", 40, 4)
    assert row["Due"].date() == day(120)
    assert row["Slip, days"] == 30
    assert row["Quadrant"] == "Quick win"


def test_another_kind_of_file_is_not_found(browser: Client) -> None:
    assert browser.get("/initiatives/export/pdf/").status_code == 404


# Rights


def test_customers_are_named_to_those_who_may_read_them_on_page_and_file_alike(
    omar: User, ines: User, fay: User
) -> None:
    secret = make.customer("C9", name="Acme Secret Ltd", is_key_account=True)
    made = make.initiative("acme", level=Level.KEY_ACCOUNT, customer=secret)
    for address in [*VIEWS[:2], "/initiatives/acme/"]:
        assert "Acme Secret Ltd" not in make.signed_in(omar).get(address).content.decode()
        assert "Acme Secret Ltd" in make.signed_in(ines).get(address).content.decode()
    assert rows(make.signed_in(omar).get("/initiatives/export/csv/"))[0]["Customer"] == "a key account"
    assert b"Acme" not in make.signed_in(omar).get("/initiatives/export/xlsx/").content
    assert rows(make.signed_in(fay).get("/initiatives/export/csv/"))[0]["Customer"] == "Acme Secret Ltd"
    Initiative.objects.filter(pk=made.pk).update(owner=omar)
    assert rows(make.signed_in(omar).get("/initiatives/export/csv/"))[0]["Customer"] == "Acme Secret Ltd"


def test_the_filter_offers_no_customer_that_may_not_be_read(omar: User, ines: User) -> None:
    secret = make.customer("ACME-SECRET", name="Acme Secret Ltd", is_key_account=True)
    make.initiative("acme", level=Level.KEY_ACCOUNT, customer=secret)
    assert "ACME-SECRET" not in make.signed_in(omar).get(f"{LIST}?more=1").content.decode()
    assert 'value="ACME-SECRET"' in make.signed_in(ines).get(f"{LIST}?more=1").content.decode()


def test_all_filters_are_offered_on_request_and_keep_what_was_chosen(few: None, browser: Client) -> None:
    page = browser.get(f"{LIST}?level=corporate&status=late").content.decode()
    assert '<input type="hidden" name="level" value="corporate">' in page
    assert "?level=corporate&amp;status=late&amp;more=1" in page
    page = browser.get(f"{LIST}?level=corporate&status=late&more=1").content.decode()
    assert '<input type="hidden" name="level"' not in page
    assert '<input type="hidden" name="status" value="late">' in page
    assert 'value="corporate" id="id_level_2" checked' in page


def test_every_select_begins_with_a_choice_that_filters_nothing(few: None, browser: Client) -> None:
    page = browser.get(f"{LIST}?more=1").content.decode()
    selects = re.findall(r'<select[^>]*name="(\w+)"[^>]*>(<option.*?>)', page)
    assert {"mine", "stale", "customer_focused", "kpi", "sort", "owner"} <= {name for name, _ in selects}
    assert {first for _, first in selects} == {'<option value="" selected>'}


def test_owners_are_offered_and_not_the_whole_company(few: None, browser: Client, stella: User) -> None:
    page = browser.get(LIST).content.decode()
    assert 'value="omar@tierboard.example"' in page
    assert "stella@tierboard.example" not in page


# Saved views


def test_a_view_is_saved_found_again_and_deleted(few: None, omar: User) -> None:
    browser = make.signed_in(omar)
    answer = browser.post(
        "/initiatives/views/", {"name": "My late ones", "query": "status=late&mine=true&nonsense=1", "shared": "on"}
    )
    view = ListView.objects.get()
    assert (view.query, view.shared, view.user) == ("status=late&mine=true", True, omar)
    assert answer["Location"] == "/initiatives/?status=late&mine=true"
    assert "My late ones" in text(browser.get(LIST))
    assert "Everybody loses it from their list." in text(browser.post(f"/initiatives/views/{view.pk}/delete/"))
    browser.post(f"/initiatives/views/{view.pk}/delete/", {"sure": "1"})
    assert not ListView.objects.exists()


def test_a_shared_view_is_seen_by_others_and_kept_from_their_hands(few: None, omar: User, fay: User) -> None:
    view = ListView.objects.create(list="initiatives", user=omar, name="Ours", query="status=late", shared=True)
    mine = ListView.objects.create(list="initiatives", user=omar, name="Private", query="status=late")
    browser = make.signed_in(fay)
    assert "Ours" in text(browser.get(LIST))
    assert "Private" not in text(browser.get(LIST))
    assert browser.post(f"/initiatives/views/{view.pk}/delete/").status_code == 403
    assert browser.post(f"/initiatives/views/{mine.pk}/delete/").status_code == 404
    assert ListView.objects.count() == 2


def test_a_view_without_a_name_is_not_kept(few: None, omar: User) -> None:
    browser = make.signed_in(omar)
    assert "The view was not kept." in text(browser.post("/initiatives/views/", {"name": "", "query": ""}, follow=True))
    assert not ListView.objects.exists()


# What it costs


@pytest.mark.parametrize("address", [*VIEWS, "/initiatives/?status=late", "/initiatives/export/csv/"])
def test_thirty_initiatives_cost_as_many_queries_as_three(address: str, browser: Client, omar: User) -> None:
    tier, kpi = make.tier(), make.kpi()

    def add(number: int) -> None:
        for _ in range(number):
            made = make.initiative(owner=omar, sponsor=omar, tiers=(tier,), kpis=(kpi,), serves=make.department("it"))
            make.milestone(made, due=day(-3))
            make.status_update(made, author=omar)

    def queries() -> int:
        forget_all()  # the first answer after a change
        with CaptureQueriesContext(connection) as captured:
            browser.get(address).getvalue()
        return len(captured)

    add(3)
    browser.get(address)
    few = queries()
    add(27)
    assert queries() == few
    assert few <= 18
