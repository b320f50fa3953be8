"""``/`` and ``/matrix/PERIOD/``: target versus actual by tier."""

from datetime import UTC, datetime, timedelta

import pytest
from django.core.cache import caches
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from time_machine import TimeMachineFixture

from accounts.audit import record
from accounts.choices import Verb
from accounts.models import Company, User
from core.periods import Month
from kpis.choices import Trigger
from kpis.models import Kpi, PeriodCell
from kpis.rollup.runs import roll_up_now
from kpis.services.versions import add_version, meaning_of
from tests import factories as make
from tests.scorecard.reading import text_of
from tests.scorecard.stage import QUARTER, Stage

URL = "/matrix/2011-Q3/"


def test_the_tab_leads_to_the_newest_ended_quarter_that_has_data(stage: Stage, browser: Client) -> None:
    response = browser.get("/matrix/")
    assert (response.status_code, response["Location"]) == (302, URL)


def test_home_of_an_empty_company_says_how_to_begin(browser: Client, company: Company) -> None:
    text = text_of(browser.get("/"))
    assert "No data yet" in text
    assert "python manage.py load facts" in text
    assert "Roll up now" not in text


def test_home_of_an_empty_company_lets_a_steward_roll_up(company: Company, stella: User) -> None:
    assert "Roll up now" in text_of(make.signed_in(stella).get("/"))


def test_leading_kpis_stand_above_trailing_ones_and_all_customers_last(stage: Stage, browser: Client) -> None:
    text = text_of(browser.get(URL))
    assert text.index("Leading signs") < text.index("Repeat <contacts>") < text.index("Trailing what")
    assert text.index("Trailing what") < text.index("Revenue €")
    assert "Gold ■ 2 missed Silver ● 1 met All customers ▲ 1 near Leading" in text


def test_a_cell_shows_actual_target_status_and_change(stage: Stage, browser: Client) -> None:
    text = text_of(browser.get(URL))
    assert "■ 20.0 ≤ 10 +5.0 Repeat <contacts>, Gold ■ missed: 20.0 %, at most 10 %" in text
    assert "Since Quarter 2, 2011: +5.0 points, worse Data 3 of 3 months with data, 3 facts" in text
    assert "● 1,200 ≥ 1,200 0 Revenue, Silver ● met: €1,200, at least €1,200 Since Quarter 2, 2011: unchanged" in text
    assert "○ 5.0 no target 0.0 Repeat <contacts>, Silver ○ no target: 5.0 %" in text


def test_a_cell_is_heard_in_words(stage: Stage, browser: Client) -> None:
    page = browser.get(URL).content.decode()
    assert 'aria-label="missed: 20.0 %, at most 10 %; up 5.0 points, worse"' in page
    assert 'aria-label="no target: 5.0 %; unchanged"' in page


def test_the_name_of_a_kpi_leads_to_its_page_of_the_period(stage: Stage, browser: Client) -> None:
    assert '<a href="/kpis/repeats/?period=2011-Q3">Repeat &lt;contacts&gt;</a>' in browser.get(URL).content.decode()


def test_a_card_names_the_owner(stage: Stage, browser: Client, omar: User) -> None:
    Kpi.objects.filter(pk=stage.repeats.pk).update(owner=omar)
    record(by=None, verb=Verb.CHANGED, obj=stage.repeats)
    assert text_of(browser.get(URL)).count("Owner Omar") == 3


def test_each_cell_leads_to_its_page(stage: Stage, browser: Client) -> None:
    page = browser.get(URL).content.decode()
    assert 'href="/matrix/2011-Q3/repeats/T1/"' in page
    assert 'href="/matrix/2011-Q3/revenue/all/"' in page


def test_the_headline_counts_the_cells(stage: Stage, browser: Client) -> None:
    text = text_of(browser.get(URL))
    assert "Gold missed all of its 2 targets and Silver none of 1." in text
    assert "1 met" in text
    assert "2 missed" in text


def test_freshness_is_told(stage: Stage, browser: Client) -> None:
    assert "open · data until September 2011 · computed just now" in text_of(browser.get(URL))


def test_a_department_filters_rows_and_verdict(stage: Stage, browser: Client) -> None:
    text = text_of(browser.get(f"{URL}?department=service"))
    assert "Customer service: Gold missed its one target." in text
    assert "Revenue €" not in text
    assert "1 of 2 KPIs: of Customer service. Show all" in text


@pytest.mark.parametrize("query", ["status=missed", "missed=on"])  # the latter is how it was called
def test_only_missed_leaves_out_rows_and_keeps_the_verdict(stage: Stage, browser: Client, query: str) -> None:
    make.kpi("calm", name="Calm")
    text = text_of(browser.get(f"{URL}?{query}"))
    assert "Calm" not in text
    assert "Revenue €" in text
    assert "Gold missed all of its 2 targets and Silver none of 1." in text
    assert "2 of 3 KPIs: missed in a tier. Show all" in text


def test_of_a_tier_and_a_status_rows_stay_that_have_such_a_cell(stage: Stage, browser: Client) -> None:
    text = text_of(browser.get(f"{URL}?status=met&tier=T2"))
    assert "Silver: met" not in text
    assert "1 of 2 KPIs: met in Silver. Counts and order are of Silver alone. Show all" in text
    assert ("Revenue €" in text, "Repeat <contacts> %" in text) == (True, False)
    assert "The one target was met." in text


def test_chips_heads_and_sentence_count_the_same_cells(stage: Stage, browser: Client) -> None:
    page = browser.get(URL).context["page"]  # what the template was given
    controls, tiers = page.shown.controls, [head for head in page.shown.controls.heads if head.tier.scope == "tier"]
    for chip in controls.chips[:2]:
        counted = [count.number for head in tiers for count in head.counts if count.status == chip.status]
        assert chip.number == sum(counted)
    assert [(chip.status, chip.number) for chip in controls.chips] == [("met", 1), ("missed", 2), ("no_target", 1)]
    text = text_of(browser.get(controls.chips[1].url))
    assert "2 of 2 KPIs: missed in a tier." in text
    assert "Gold missed all of its 2 targets and Silver none of 1." in text


def test_worst_first_and_by_department(stage: Stage, browser: Client) -> None:
    far = make.kpi("far", name="Far from it", indicator="trailing", department=make.department("finance"))
    for month in QUARTER:
        make.fact(far, stage.acme, month, 1)
    make.target(far, stage.gold, 201107, 1000, per="quarter")
    roll_up_now(trigger=Trigger.COMMAND)
    assert text_of(browser.get(URL)).index("Revenue €") < text_of(browser.get(URL)).index("Far from it")
    worst = text_of(browser.get(f"{URL}?order=worst"))
    assert worst.index("Repeat <contacts>") < worst.index("Far from it") < worst.index("Revenue €")
    by_department = text_of(browser.get(f"{URL}?order=department"))
    assert by_department.index("Trailing · Finance 1 KPI") < by_department.index("Trailing · Sales 1 KPI")


def test_filters_that_leave_nothing_say_so_and_lead_back(stage: Stage, browser: Client) -> None:
    text = text_of(browser.get("/matrix/2011-Q2/?status=missed&department=sales"))
    assert "0 of 2 KPIs: missed in a tier, of Sales." in text
    assert "No KPI is left in Quarter 2, 2011." in text
    assert "Show all KPIs" in text


def test_an_unknown_department_filters_nothing(stage: Stage, browser: Client) -> None:
    assert "Revenue €" in text_of(browser.get(f"{URL}?department=nowhere"))


def test_the_picker_keeps_the_filters(stage: Stage, browser: Client) -> None:
    page = browser.get(f"{URL}?status=missed&view=heatmap").content.decode()
    assert 'href="/matrix/2011-Q2/?status=missed&amp;view=heatmap"' in page
    assert 'href="/matrix/2011-08/?status=missed&amp;view=heatmap"' in page
    assert 'data-chart-url="/matrix/2011-Q3/chart.json?status=missed&amp;view=heatmap"' in page


def test_the_heatmap_comes_when_it_is_asked_for(stage: Stage, browser: Client) -> None:
    table, heatmap = (browser.get(url).content.decode() for url in (URL, f"{URL}?view=heatmap"))
    assert ("plotly" in table, "data-chart-url" in table, "<table" in table) == (False, False, True)
    assert ("plotly" in heatmap, "data-chart-url" in heatmap, "<table" in heatmap) == (True, True, False)
    assert 'href="/matrix/2011-Q3/?view=heatmap">Heatmap' in table
    assert 'href="/matrix/2011-Q3/">Table' in heatmap


def test_a_partial_cell_says_how_many_months_it_has(stage: Stage, browser: Client) -> None:
    costs = make.kpi("costs", name="Costs")
    for month in QUARTER[:2]:
        make.fact(costs, stage.acme, month, 10)
    make.target(costs, stage.gold, 201107, 30, per="quarter")
    make.target(costs, stage.gold, 201101, 10)
    roll_up_now(trigger=Trigger.COMMAND)
    text = text_of(browser.get(URL))
    assert "Costs ⅔ 2 of 3 months with data ◌ 20.00 ≥ 30 pace ● Costs, Gold ◌ partial" in text
    assert "By the pace of its ended months: met Data 2 of 3 months with data, 2 facts" in text


def test_a_cell_marks_its_months_where_they_are_not_its_row_s(stage: Stage, browser: Client) -> None:
    visits = make.kpi("visits", name="Visits", customer_method="mean", time_method="pool")
    for month in QUARTER:
        make.fact(visits, stage.acme, month, 10)
    make.fact(visits, stage.brix, QUARTER[0], 10)
    roll_up_now(trigger=Trigger.COMMAND)
    text = text_of(browser.get(URL))
    assert "○ 10.00 no target ⅓ Visits, Silver" in text
    assert "Visits ○ 10.00 no target Visits, Gold" in text


def test_a_period_to_date_says_so_and_withholds_the_change(
    stage: Stage, browser: Client, time_machine: TimeMachineFixture
) -> None:
    time_machine.move_to("2011-09-10 12:00Z")
    text = text_of(browser.get(URL))
    assert "to date" in text
    assert "Quarter 3, 2011 has not ended" in text
    assert "worse" not in text
    assert "Too early to say: 1 of 4 cells can be judged so far, 1 missed." in text
    assert "■ missed ◌ partial ○ no target All departments" in text  # chips filter, and count nothing
    assert "Gold Silver All customers Leading" in text


def test_a_period_without_data_leads_to_one_that_has_some(stage: Stage, browser: Client) -> None:
    text = text_of(browser.get("/matrix/2005-Q1/"))
    assert "Nothing to show for Quarter 1, 2005 yet." in text
    assert "The newest quarter with data is Quarter 3, 2011" in text


def test_kpis_without_facts_say_what_to_do(browser: Client, company: Company) -> None:
    make.kpi("lonely")
    text = text_of(browser.get(URL))
    assert "1 KPI is defined, but nothing has been rolled up." in text
    assert "python manage.py rollup 2011-Q3" in text


@pytest.mark.parametrize("code", ["2011-Q5", "2011-13", "x", "20111", "0000"])
def test_a_bad_period_is_not_found_with_a_sentence(browser: Client, company: Company, code: str) -> None:
    response = browser.get(f"/matrix/{code}/")
    assert response.status_code == 404
    assert "is no period; one looks like 2011-09, 2011-Q3 or 2011." in text_of(response)


def test_fiscal_quarters_say_their_months(stage: Stage, browser: Client, company: Company) -> None:
    Company.objects.update(fiscal_year_start_month=4)
    text = text_of(browser.get("/matrix/2012-Q2/"))
    assert "Quarter 2, 2012" in text
    assert "July to September 2011" in text


def test_names_are_escaped(stage: Stage, browser: Client) -> None:
    assert "Repeat <contacts>" not in browser.get(URL).content.decode()


def test_a_demo_says_so_and_does_not_tell_an_executive_commands(stage: Stage, browser: Client) -> None:
    assert "demonstration company" not in text_of(browser.get(URL))
    Company.objects.update(is_demo=True)
    record(by=None, verb=Verb.FOUNDED_DEMO, obj=Company.objects.get())
    told = text_of(browser.get(URL))
    assert "demonstration company" in told
    assert "manage.py" not in told


def test_a_page_that_has_not_changed_is_not_sent_again(
    stage: Stage, browser: Client, time_machine: TimeMachineFixture
) -> None:
    time_machine.move_to(datetime.now(UTC), tick=False)
    for url in (URL, f"{URL}chart.json", "/matrix/2011-Q3/revenue/T1/", "/matrix/2011-Q3/revenue/T1/chart.json"):
        first = browser.get(url)
        assert browser.get(url, headers={"If-None-Match": first["ETag"]}).status_code == 304
        assert set(first["Cache-Control"].split(", ")) == {"private", "no-cache"}


def test_a_rollup_and_an_audited_write_make_a_new_page(stage: Stage, browser: Client) -> None:
    tag = browser.get(URL)["ETag"]
    record(by=None, verb=Verb.APPROVED, obj=stage.revenue)
    after_write = browser.get(URL, headers={"If-None-Match": tag})
    assert after_write.status_code == 200
    make.fact(stage.revenue, make.customer(tier=stage.gold), 201109, 1)
    roll_up_now(trigger=Trigger.COMMAND)
    assert browser.get(URL, headers={"If-None-Match": after_write["ETag"]}).status_code == 200


def test_another_person_gets_a_page_of_their_own(stage: Stage, browser: Client, fay: User) -> None:
    tag = browser.get(URL)["ETag"]
    assert make.signed_in(fay).get(URL, headers={"If-None-Match": tag}).status_code == 200


def _queries(browser: Client, url: str) -> int:
    """Of a page that nothing was kept for."""
    caches["texts"].clear()
    with CaptureQueriesContext(connection) as queries:
        browser.get(url)
    return len(queries)


@pytest.mark.parametrize("url", [URL, f"{URL}chart.json", "/api/v1/matrix/?period=2011-Q3"])
def test_3_kpis_and_60_cost_the_same_queries(stage: Stage, browser: Client, url: str) -> None:
    browser.get(url)
    few = _queries(browser, url)
    copies = [
        Kpi(**{f.attname: getattr(stage.revenue, f.attname) for f in Kpi._meta.fields} | {"id": None, "code": f"k{n}"})
        for n in range(60)
    ]
    Kpi.objects.bulk_create(copies)
    cells = list(PeriodCell.objects.filter(kpi=stage.revenue, period="2011-Q3").values())
    PeriodCell.objects.bulk_create(
        PeriodCell(**cell | {"id": None, "kpi_id": kpi.pk}) for cell in cells for kpi in copies
    )
    assert (
        _queries(browser, url) == few == {URL: 10, f"{URL}chart.json": 7}.get(url, 9)
    )  # what serves missed cells, the edition


@pytest.mark.parametrize("url", [URL, f"{URL}chart.json", "/api/v1/matrix/?period=2011-Q3"])
def test_a_period_with_paces_and_changed_meanings_costs_no_query_more(
    stage: Stage, browser: Client, url: str, time_machine: TimeMachineFixture
) -> None:
    time_machine.move_to("2011-09-10 12:00Z")
    meant = meaning_of(stage.repeats)
    add_version(kpi=stage.repeats, old=meant, new=meant, from_month=Month(201101), by=None)
    assert "pace" in text_of(browser.get(URL))
    assert _queries(browser, url) == (
        7 if "chart" in url else 9
    )  # nothing is missed, so that nobody asks what serves it


def test_nobody_is_asked_to_sign_in(client: Client, company: Company) -> None:
    response = client.get(URL)
    assert (response.status_code, response["Location"]) == (302, f"/accounts/login/?next={URL}")


def test_a_person_without_a_role_is_told_so(noor: User, company: Company) -> None:
    response = make.signed_in(noor).get(URL)
    assert response.status_code == 403
    assert "not for your roles" in text_of(response)


def test_a_freshness_of_minutes_makes_a_new_page_each_minute(
    stage: Stage, browser: Client, time_machine: TimeMachineFixture
) -> None:
    tag = browser.get(URL)["ETag"]
    time_machine.move_to(datetime.now(UTC) + timedelta(minutes=2))
    response = browser.get(URL, headers={"If-None-Match": tag})
    assert "computed 2 minutes ago" in text_of(response)
