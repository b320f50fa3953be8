"""``/``: the verdict on one page, what is new since the reader last looked, and who may see what."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.audit import record
from accounts.choices import Role, Verb
from accounts.company import company as the_company
from accounts.models import Company, User
from accounts.services.threads import answer, ask
from core.periods import Month
from initiatives.choices import Stage as Step
from initiatives.choices import TurnaroundKind, TurnaroundState
from initiatives.models import Turnaround
from kpis.choices import Signal, Status
from kpis.models import Restatement, ValueKpis
from kpis.reading.subjects import kpi_subject
from kpis.rollup.runs import roll_up_now
from kpis.services.weights import write_weights
from scorecard.choices import Aspect, Cause
from scorecard.models import Transition, Visit
from scorecard.pages.home_notes import noise_words
from scorecard.reading.home import Turned
from scorecard.services.visits import PAUSE, note_visit
from tests import factories as make
from tests.scorecard.reading import text_of
from tests.scorecard.stage import Stage
from tests.scorecard.test_editions import World, late_fact

URL = "/?period=2011-Q3"


def since_of(page: Any) -> str:
    """What the page says is new."""
    found = re.search(r"Since you last looked(.*?)(?=Gold|$)", text_of(page))
    return found[0] if found else ""


# -- the page


def test_it_is_of_the_latest_period_and_keeps_the_one_it_is_asked_for(stage: Stage, browser: Client) -> None:
    assert "Quarter 3, 2011: 2 of 3 targets missed, all in Gold." in text_of(browser.get("/"))
    assert "Quarter 2, 2011: " in text_of(browser.get("/?period=2011-Q2"))
    links = re.findall(r'href="(/(?:matrix|coverage|growth|initiatives)/[^"#]*)', browser.get(URL).content.decode())
    assert links
    assert all("2011-Q" in link for link in links)


def test_the_table_has_the_tiers_their_verdicts_and_the_worst_kpis_first(stage: Stage, browser: Client) -> None:
    text = text_of(browser.get(URL))
    assert "Gold ■ 2 missed, Gold ▲ 0 near, Gold ● 0 met, Gold Silver ■ 0 missed, Silver" in text
    worst = text.index("Worst of 2 KPIs")
    assert worst < text.index("Repeat <contacts> %", worst) < text.index("Revenue", worst)
    assert "missed: 20.0 %, at most 10 %" in text  # for those who hear it


def test_who_came_and_went_and_what_tiers_bring_stand_in_the_table_and_the_chart(stage: Stage, browser: Client) -> None:
    make.lifecycle_event(stage.acme, "2010-01-05", "joined")
    make.lifecycle_event(stage.brix, "2011-08-10", "joined")
    ValueKpis.objects.update(revenue=stage.revenue)
    record(by=None, verb=Verb.CHANGED, obj=the_company())
    text = text_of(browser.get(URL))
    assert "Won net came and went 0 none +1 +1 0 +1 +1 0 On the book 1 1 2" in text
    assert "Revenue € 900 43 % 1,200 57 % 2,100" in text
    figure = json.loads(browser.get("/home/chart.json?period=2011-Q3").content)["figure"]
    bars = {one["name"]: one["x"] for one in figure["data"]}
    assert (bars["came"], bars["went"]) == ([0, 1], [0, 0])
    assert [round(share) for share in bars["revenue"]] == [43, 57]


def test_the_index_stands_there_where_weights_are_written(stage: Stage, browser: Client, stella: User) -> None:
    assert "Index of 100" not in text_of(browser.get(URL))
    write_weights(from_month=Month(201107), weights={stage.revenue: Decimal(100)}, by=stella)
    assert "Index of 100 9.1 100.0 56.5" in text_of(browser.get(URL))


def test_initiatives_by_level_with_what_is_a_gap(stage: Stage, browser: Client) -> None:
    make.initiative()
    text = text_of(browser.get(URL))
    assert "None of 1 initiative late today; 30 Sep 2011: 0 of 0 Running initiatives by level" in text
    assert "Key account none runs 0 Business unit none runs 0 Corporate ● 1 on schedule, Corporate 1" in text


def test_the_largest_pain_that_nothing_answers_leads_to_a_candidate(stage: Stage, browser: Client) -> None:
    make.pain_point("waiting", month=201108, department=stage.repeats.department)
    page = browser.get(URL)
    said = "Pain that nothing answers: 100 % Coverage All about Customer service 100 % of it all, nothing runs."
    assert said in text_of(page)
    assert "/initiatives/new/?title=Answer+" in page.content.decode()


def test_recognition_names_the_latest_turnaround(stage: Stage, browser: Client) -> None:
    row = make.initiative("phones", title="Answer the phone", stage=Step.DONE)
    Turnaround.objects.create(
        initiative=row,
        kind=TurnaroundKind.SCHEDULE,
        what="schedule",
        evidence="Late, then done.",
        nominated_on=timezone.localdate(),
        state=TurnaroundState.CONFIRMED,
        decided_at=timezone.now(),
    )
    record(by=None, verb=Verb.CHANGED, obj=the_company())
    assert "Turned around, and did it work? ★ Answer the phone" in text_of(browser.get(URL))


def test_what_is_asked_of_the_reader_stands_there_with_the_count_of_the_inbox(stage: Stage, ines: User) -> None:
    ask_about(stage, ines)
    omar = owner(stage)
    text = text_of(make.signed_in(omar).get(URL))
    assert "Asked of you: 2 Inbox ? Revenue Ines asks: “Why?”" in text
    assert "Inbox, asked of you: 2 " in text
    assert "Asked of you: 0 Inbox Nothing waits for your word." in text_of(make.signed_in(ines).get(URL))


def test_an_empty_company_is_led_to_the_set_up(company: Company, browser: Client, stella: User) -> None:
    assert "No data yet" in text_of(browser.get("/"))
    assert 'href="/setup/"' in make.signed_in(stella).get("/").content.decode()


def test_a_period_without_data_claims_nothing(stage: Stage, browser: Client) -> None:
    text = text_of(browser.get("/?period=2019-Q1"))
    assert "No target can be judged yet." in text
    assert "Too early to say: it takes twelve months" in text


def test_the_start_of_record_is_said(stage: Stage, browser: Client) -> None:
    make.lifecycle_event(stage.acme, "2011-08-05", "joined")
    assert "start of record: most who joined were customers before" in text_of(browser.get(URL))


def test_a_closed_period_says_which_edition_and_whether_it_says_otherwise(everyone: dict[str, User]) -> None:
    world = World(everyone)
    world.close()
    browser = make.signed_in(world.executive)
    closed = browser.get(URL)
    assert "closed, as in edition 1" in text_of(closed)
    assert 'href="/scorecards/2011-Q3/"' in closed.content.decode()
    assert "As signed: edition 1" in text_of(closed)
    late_fact(world)
    roll_up_now()
    changed = text_of(browser.get(URL))
    assert "differs from edition 1" in changed
    assert "live values differ in" in changed


def test_what_is_only_noise_is_what_is_left_of_all_changes_of_colour() -> None:
    told = noise_words(Turned(23, with_signal=2, trailing=4, untold=2), "Quarter 2, 2026")
    assert told == (
        "15 of 23 changes of colour since Quarter 2, 2026; 2 are real, 4 in 12-month totals, "
        "2 have too little data to tell."
    )
    assert noise_words(Turned(1, 1, 0, 0), "June 2026") == "none of 1 change of colour since June 2026; 1 is real."
    assert noise_words(Turned(3, 0, 0, 0), "June 2026") == "3 of 3 changes of colour since June 2026."


# -- since the reader last looked


NOON = datetime(2026, 11, 30, 12, tzinfo=UTC)


def test_a_visit_lasts_half_an_hour_and_the_next_tells_since_it_began(ines: User) -> None:
    assert note_visit(ines, NOON).since is None
    assert note_visit(ines, NOON + PAUSE / 2).since is None
    assert note_visit(ines, NOON + PAUSE).since == NOON
    assert note_visit(ines, NOON + PAUSE + timedelta(minutes=29)).since == NOON  # again, and nothing is lost
    assert note_visit(ines, NOON + timedelta(days=1)).since == NOON + PAUSE
    assert Visit.objects.count() == 1


def test_the_first_look_says_so_and_the_next_tells_what_is_new(stage: Stage, ines: User, browser: Client) -> None:
    first = browser.get(URL)
    assert "This is your first look" in text_of(first)
    look_back(ines)
    assert since_of(browser.get(URL)) == ""  # nothing is new: no line
    turn(stage)
    said = since_of(browser.get(URL))
    assert "1 verdict turned, 1 to missed" in said
    assert "1 number really got worse" in said
    assert since_of(browser.get(URL)) == said  # on a reload too


def test_each_thing_that_is_new_is_listed_with_its_link(stage: Stage, ines: User, browser: Client) -> None:
    ask_about(stage, ines)
    look_back(ines)
    turn(stage)
    owned = owner(stage)
    answer(thread=ines.threads.get(), subject=kpi_subject(stage.revenue), text="It is mended.", by=owned)
    make.initiative("slow", title="Slow work", due=timezone.localdate() - timedelta(days=1))
    make.initiative("fast", title="Fast work", stage=Step.DONE, finished_on=timezone.localdate())
    Restatement.objects.create(kpi=stage.revenue, tier=stage.gold, month=201108, reason="A typing error.")
    page = browser.get("/news/?period=2011-Q3")
    text = text_of(page)
    for words in (
        "1 number really got worse ↘ Revenue, Gold really worse, was within the noise by new data",
        "1 verdict turned, 1 to missed ■ Revenue, Gold missed, was near by new data",
        "1 initiative became late Slow work late",
        "1 initiative finished Fast work done",
        "1 answer to you Revenue It is mended.",
        "1 actual corrected Revenue, Gold, August 2011 A typing error.",
    ):
        assert words in text
    for url in re.findall(r'<li>.*?href="(/[^"]+)', page.content.decode()):
        assert browser.get(url).status_code == 200, url


def test_answers_to_others_are_told_to_nobody_else(stage: Stage, ines: User, fay: User) -> None:
    ask_about(stage, ines)
    for reader in (ines, fay):
        note_visit(reader, timezone.now() - timedelta(hours=2))
    answer(thread=ines.threads.get(), subject=kpi_subject(stage.revenue), text="It is mended.", by=owner(stage))
    assert "1 answer to you" in text_of(make.signed_in(ines).get(URL))
    assert "1 answer to you" not in text_of(make.signed_in(fay).get(URL))


# -- rights, and what is kept


@pytest.mark.parametrize("role", [Role.EXECUTIVE, Role.OWNER, Role.FINANCE, Role.STEWARD, Role.ADMINISTRATOR])
def test_every_role_reads_it_and_no_customer_by_name(role: Role, stage: Stage) -> None:
    make.lifecycle_event(stage.acme, "2011-08-05", "joined")
    page = make.signed_in(make.person("Pat", role)).get(URL)
    assert page.status_code == 200
    assert "Acme" not in text_of(page)


def test_an_integrator_has_no_page(stage: Stage) -> None:
    assert make.signed_in(make.person("Pat", Role.INTEGRATOR)).get(URL).status_code == 403


def test_unchanged_it_is_not_sent_again_and_news_are(stage: Stage, ines: User, browser: Client) -> None:
    browser.get(URL)
    tag = browser.get(URL)["ETag"]
    assert browser.get(URL, headers={"If-None-Match": tag}).status_code == 304
    look_back(ines)
    tag = browser.get(URL)["ETag"]
    turn(stage)  # transitions are written without an audit entry
    again = browser.get(URL, headers={"If-None-Match": tag})
    assert again.status_code == 200
    assert "1 verdict turned" in text_of(again)


def test_looking_again_takes_few_queries_whatever_there_is(stage: Stage, browser: Client) -> None:
    def queries(url: str = URL) -> tuple[int, int]:
        record(by=None, verb=Verb.CHANGED, obj=the_company())
        counts = []
        for _ in range(2):
            with CaptureQueriesContext(connection) as asked:
                assert browser.get(url).status_code == 200
            counts.append(len(asked))
        return counts[0], counts[1]

    make.initiative(kpis=(stage.revenue,))
    make.pain_point(month=201108, department=stage.repeats.department)
    make.lifecycle_event(stage.acme, "2010-01-05", "joined")
    browser.get(URL)
    first, again = queries()
    assert (first <= 46, again <= 4) == (True, True), (first, again)
    for place in range(20):
        kpi = make.kpi(f"more-{place}", facts_of=stage.revenue)
        make.target(kpi, stage.gold, 201107, 5)
        make.initiative(kpis=(kpi,))
        make.pain_point(f"theme {place}", month=201108, department=stage.repeats.department)
        make.lifecycle_event(make.customer(tier=stage.gold), "2011-08-01", "joined")
    assert queries() == (first, again)


def owner(stage: Stage) -> User:
    """Who owns revenue."""
    found = stage.revenue.owner
    assert found is not None
    return found


def ask_about(stage: Stage, by: User) -> None:
    """A question about revenue, which somebody owns."""
    stage.revenue.owner = make.person("Opal", Role.OWNER)
    stage.revenue.save()
    ask(subject=kpi_subject(stage.revenue), text="Why?", by=by)


def look_back(reader: User) -> None:
    """As though the visit had begun two hours ago."""
    Visit.objects.filter(person=reader).delete()
    note_visit(reader, timezone.now() - timedelta(hours=2))


def turn(stage: Stage) -> None:
    """Revenue of Gold turned to missed in the quarter, and in September really got worse."""
    told = {"kpi": stage.revenue, "tier": stage.gold, "cause": Cause.ROLLUP}
    verdict = {"before": Status.NEAR, "after": Status.MISSED, "aspect": Aspect.VERDICT}
    Transition.objects.create(period="2011-Q3", **told, **verdict)
    Transition.objects.create(period="2011-Q3", **told | {"tier": make.all_customers()}, **verdict)  # the same again
    Transition.objects.create(period="2011-09", **told, aspect=Aspect.SIGNAL, before="", after=Signal.WORSE)
