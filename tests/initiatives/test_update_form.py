"""The owner's minute: a prefilled form, one update for two clicks, nothing lost where two write at once."""

from __future__ import annotations

import threading
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connections
from django.test import Client

from accounts.company import today
from accounts.models import AuditEntry, Thread, User
from core.stale import revision_in
from initiatives.choices import Response, Stage
from initiatives.models import Initiative, StatusUpdate, TrackedChange
from initiatives.services.milestones import redate_milestone
from initiatives.services.status_updates import give_update, latest_mark, respond
from tests import factories as make
from tests.kept import kept

URL = "/initiatives/lights/update/"


def day(ahead: int) -> date:
    return today() + timedelta(days=ahead)


@kept
def lights(omar: User) -> Initiative:
    return make.initiative("lights", owner=omar)


@pytest.fixture
def browser(omar: User) -> Client:
    return make.signed_in(omar)


def fields(page: Any, **typed: Any) -> dict[str, Any]:
    """What the form would send: what it was prefilled with, and what the person typed."""
    form = page.context["page"].form
    shown = {bound.html_name: bound.value() for bound in form if bound.value() not in (None, "", False)}
    return shown | {name: value for name, value in typed.items() if value is not None}


def text(answer: Any) -> str:
    return " ".join(answer.content.decode().split())


def test_it_begins_with_the_last_update(lights: Initiative, browser: Client, omar: User) -> None:
    make.status_update(lights, "at_risk", author=omar, progress=40, note="Waiting for parts.", on=day(-7))
    page = browser.get(URL)
    shown = fields(page)
    assert shown | {"seen": revision_in(shown["seen"])} == {
        "health": "at_risk",
        "progress": 40,
        "note": "Waiting for parts.",
        "due_was": lights.due,
        "seen": latest_mark(lights),
    }
    assert "It begins with your word of" in text(page)


def test_it_says_how_the_initiative_stands(lights: Initiative, browser: Client) -> None:
    make.milestone(lights, "Pilot", due=day(-12))
    assert "milestone “Pilot” is 12 days overdue" in text(browser.get(URL))


def test_sending_it_makes_the_update_and_leads_to_ones_own_page(
    lights: Initiative, browser: Client, omar: User
) -> None:
    sent = fields(browser.get(URL), health="at_risk", progress="55", note="Parts came.")
    answer = browser.post(URL, sent, follow=True)
    assert answer.redirect_chain == [("/my/", 302)]
    assert "Your word on “Lights” stands: at risk, 55 %." in text(answer)
    update = StatusUpdate.objects.get()
    assert (update.health, update.progress, update.note, update.author, update.on) == (
        "at_risk",
        55,
        "Parts came.",
        omar,
        today(),
    )


def test_sent_twice_it_makes_one_update(lights: Initiative, browser: Client) -> None:
    pilot = make.milestone(lights, "Pilot", due=day(10))
    rollout = make.milestone(lights, "Rollout", due=day(20))
    moved = {f"due_{rollout.pk}": day(40), f"why_{rollout.pk}": "Parts", "due": day(120), "due_reason": "Parts"}
    sent = fields(browser.get(URL), health="at_risk", progress="55", note="x", **{f"done_{pilot.pk}": "on"}, **moved)
    assert [browser.post(URL, sent).status_code for _ in range(2)] == [302, 302]
    assert StatusUpdate.objects.get().revision == 1
    assert TrackedChange.objects.count() == 3
    assert AuditEntry.objects.filter(verb="reported").count() == 1


def test_milestones_are_ticked_and_moved(lights: Initiative, browser: Client) -> None:
    pilot = make.milestone(lights, "Pilot", due=day(10))
    rollout = make.milestone(lights, "Rollout", due=day(20))
    typed = {f"done_{pilot.pk}": "on", f"due_{rollout.pk}": day(40), f"why_{rollout.pk}": "Parts"}
    browser.post(URL, fields(browser.get(URL), health="on_schedule", progress="60", **typed))
    pilot.refresh_from_db()
    rollout.refresh_from_db()
    assert (pilot.done_on, rollout.due, rollout.done_on) == (today(), day(40), None)
    assert TrackedChange.objects.get(milestone=rollout).reason == "Parts"


def test_what_is_done_or_dropped_is_not_asked_about(lights: Initiative, browser: Client) -> None:
    make.milestone(lights, "Pilot", due=day(10), done_on=today())
    make.milestone(lights, "Party", due=day(10), dropped_on=today(), dropped_reason="No")
    make.milestone(lights, "Rollout", due=day(10))
    steps = browser.get(URL).context["page"].form.steps
    assert [step.milestone.title for step in steps] == ["Rollout"]


def test_a_new_due_date_needs_a_reason(lights: Initiative, browser: Client) -> None:
    sent = fields(browser.get(URL), health="at_risk", progress="55", note="Kept.", due=day(120))
    refused = browser.post(URL, sent)
    assert refused.status_code == 400
    assert "Say why it moves; one short sentence is enough." in text(refused)
    assert "Kept." in text(refused)
    assert not StatusUpdate.objects.exists()
    browser.post(URL, sent | {"due_reason": "The supplier is late."})
    lights.refresh_from_db()
    assert lights.due == day(120)
    assert TrackedChange.objects.get().reason == "The supplier is late."


def test_a_milestones_new_date_needs_a_reason_too(lights: Initiative, browser: Client) -> None:
    pilot = make.milestone(lights, "Pilot", due=day(10))
    typed = {f"due_{pilot.pk}": day(40)}
    refused = browser.post(URL, fields(browser.get(URL), health="at_risk", progress="55", **typed))
    assert refused.status_code == 400
    assert refused.context["page"].form.errors == {
        f"why_{pilot.pk}": ["Say why it moves; one short sentence is enough."]
    }


@pytest.mark.parametrize(
    ("typed", "field", "says"),
    [
        ({"health": None}, "health", "Must not be empty."),
        ({"health": "splendid"}, "health", "Is none of on_schedule, at_risk, late."),
        ({"progress": "101"}, "progress", "no whole number from 0 to 100"),
        ({"progress": "-1"}, "progress", "no whole number from 0 to 100"),
        ({"progress": ""}, "progress", "Must not be empty."),
        ({"note": "x" * 10_001}, "note", "more than 10,000 characters"),
        ({"due_reason": "Parts"}, "due", "Choose the new date, or take the reason out."),
    ],
)
def test_what_is_wrong_is_said_beside_its_field(
    lights: Initiative, browser: Client, typed: dict[str, Any], field: str, says: str
) -> None:
    sent = fields(browser.get(URL), **({"health": "late", "progress": "5"} | typed))
    refused = browser.post(URL, sent)
    assert refused.status_code == 400
    assert says in " ".join(refused.context["page"].form.errors[field])
    assert not StatusUpdate.objects.exists()


def test_a_tick_and_another_date_at_once_are_refused(lights: Initiative, browser: Client) -> None:
    pilot = make.milestone(lights, "Pilot", due=day(10))
    typed = {f"done_{pilot.pk}": "on", f"due_{pilot.pk}": day(40), f"why_{pilot.pk}": "Parts"}
    refused = browser.post(URL, fields(browser.get(URL), health="at_risk", progress="55", **typed))
    assert "Tick it or give it another date, not both." in text(refused)


def test_the_second_of_two_sees_what_changed_and_keeps_what_they_typed(
    lights: Initiative, browser: Client, omar: User, stella: User
) -> None:
    pilot = make.milestone(lights, "Pilot", due=day(10))
    make.status_update(lights, author=omar, progress=30, note="Fine.", on=day(-7))
    opened = fields(browser.get(URL), health="at_risk", progress="55", note="Parts are late.")
    give_update(
        initiative=lights,
        by=stella,
        health="late",
        progress=40,
        note="Stopped.",
        seen=latest_mark(lights),
        ticked=[pilot.pk],
        due=day(200),
        due_reason="Strike",
    )
    second = browser.post(URL, opened)
    assert second.status_code == 409
    page = second.context["page"]
    assert [(row.what, row.now, row.yours) for row in page.late.differences] == [
        ("How is it?", "Late", "At risk"),
        ("Progress in percent", "40", "55"),
        ("In one sentence", "Stopped.", "Parts are late."),
    ]
    moved, ticked, reported = page.late.changes
    assert (moved.words, moved.reason) == ("re-dated by Stella", "Strike")
    assert (ticked.about, ticked.words) == ("Pilot", "ticked by Stella")
    assert reported.words == "reported by Stella"
    assert "was changed by somebody else while this form was open." in text(second)
    assert StatusUpdate.objects.count() == 2
    kept = fields(second)
    assert (kept["health"], kept["progress"], kept["note"]) == ("at_risk", "55", "Parts are late.")

    again = browser.post(URL, kept)
    assert again.status_code == 302
    latest = StatusUpdate.objects.get(on=today())
    assert (latest.author, latest.progress, latest.revision) == (omar, 55, 2)
    lights.refresh_from_db()
    assert lights.due == day(200)  # what the other moved stays moved


def test_a_date_that_somebody_else_moved_meanwhile_is_not_undone_unseen(
    lights: Initiative, browser: Client, stella: User
) -> None:
    pilot = make.milestone(lights, "Pilot", due=day(10))
    typed = {f"due_{pilot.pk}": day(20), f"why_{pilot.pk}": "Parts"}
    opened = fields(browser.get(URL), health="at_risk", progress="55", **typed)
    redate_milestone(milestone=pilot, by=stella, due=day(30), reason="Strike")
    second = browser.post(URL, opened)
    assert "Somebody else moved it to" in text(second)
    pilot.refresh_from_db()
    assert pilot.due == day(30)
    assert browser.post(URL, fields(second)).status_code == 302
    pilot.refresh_from_db()
    assert pilot.due == day(20)


def test_a_milestone_that_was_dropped_meanwhile_is_named(lights: Initiative, browser: Client) -> None:
    pilot = make.milestone(lights, "Pilot", due=day(10))
    typed = {f"due_{pilot.pk}": day(20), f"why_{pilot.pk}": "Parts"}
    opened = fields(browser.get(URL), health="at_risk", progress="55", **typed)
    pilot.dropped_on = today()
    pilot.save()
    second = browser.post(URL, opened)
    assert second.status_code == 400
    assert "“Pilot” was dropped by somebody else meanwhile" in text(second)
    assert not StatusUpdate.objects.exists()


def test_a_question_has_a_field_of_its_own_and_only_that_answers_it(
    lights: Initiative, browser: Client, omar: User, ines: User
) -> None:
    update = make.status_update(lights, author=omar, on=day(-1))
    respond(update=update, by=ines, verb=Response.ASKED_BACK, text="When?")
    assert "<strong>Ines asks:</strong> When?" in text(browser.get(URL))
    sent = {"health": "late", "progress": "40", "note": "Slower.", "seen": latest_mark(lights)}
    browser.post(URL, sent)
    thread = Thread.objects.get()
    assert thread.is_open
    browser.post(URL, sent | {"seen": latest_mark(lights), f"answer_{thread.pk}": "In May."})
    thread.refresh_from_db()
    assert [word.text for word in thread.words.all()] == ["When?", "In May."]
    assert not thread.is_open


def test_what_people_write_cannot_become_markup(lights: Initiative, browser: Client, omar: User, ines: User) -> None:
    Initiative.objects.update(title="<script>alert(1)</script>")
    update = make.status_update(lights, author=omar, note="</textarea><script>alert(2)</script>", on=day(-1))
    make.milestone(lights, "<script>alert(3)</script>", due=day(3))
    respond(update=update, by=ines, verb=Response.ASKED_BACK, text="<script>alert(4)</script>")
    assert "<script>alert" not in text(browser.get(URL))


@pytest.mark.parametrize("stage", [Stage.CANDIDATE, Stage.DONE, Stage.CANCELLED])
def test_of_what_does_not_run_there_is_nothing_to_report(lights: Initiative, browser: Client, stage: Stage) -> None:
    Initiative.objects.update(stage=stage)
    page = browser.get(URL)
    assert f"There is nothing to report: it is {stage.label.lower()}." in text(page)
    assert "<textarea" not in text(page)
    assert browser.post(URL, {"health": "late", "progress": "5"}).status_code == 400
    assert not StatusUpdate.objects.exists()


def test_others_may_not_report(lights: Initiative, fay: User, ines: User) -> None:
    other = make.person("Olga", "owner")
    for person in (fay, ines, other):
        browser = make.signed_in(person)
        assert browser.get(URL).status_code == 403
        assert browser.post(URL, {"health": "late", "progress": "5"}).status_code == 403
    assert not StatusUpdate.objects.exists()


def test_deputy_team_and_stewards_may(lights: Initiative, stella: User) -> None:
    deputy, member = make.person("Dora", "owner"), make.person("Tim", "owner")
    Initiative.objects.update(deputy=deputy)
    lights.team.add(member)
    assert [make.signed_in(one).get(URL).status_code for one in (deputy, member, stella)] == [200, 200, 200]


def test_where_there_is_nothing_the_page_says_so(browser: Client) -> None:
    assert browser.get("/initiatives/nowhere/update/").status_code == 404


def test_the_number_of_queries_does_not_grow_with_milestones(
    lights: Initiative, browser: Client, omar: User, django_assert_max_num_queries: Any
) -> None:
    for number in range(3):
        make.milestone(lights, f"Step {number}", due=day(number))
    make.status_update(lights, author=omar, on=day(-1))
    browser.get("/help/")  # which counts what is asked of the person
    with django_assert_max_num_queries(24) as few:
        browser.get(URL)
    cost = len(few)  # before the log is emptied
    for number in range(3, 30):
        make.milestone(lights, f"Step {number}", due=day(number))
        make.status_update(lights, author=omar, on=day(-number))
    browser.get("/help/")
    with django_assert_max_num_queries(cost):
        browser.get(URL)


@pytest.mark.django_db(transaction=True)
def test_two_clicks_at_the_same_moment_make_one_update(lights: Initiative, browser: Client, omar: User) -> None:
    sent = fields(browser.get(URL), health="at_risk", progress="55", note="x")
    assert together(*(lambda: make.signed_in(omar).post(URL, sent).status_code for _ in range(2))) == [302, 302]
    assert StatusUpdate.objects.get().revision == 1


@pytest.mark.django_db(transaction=True)
def test_two_people_at_the_same_moment_lose_nothing(
    lights: Initiative, browser: Client, omar: User, stella: User
) -> None:
    sent = fields(browser.get(URL), health="at_risk", progress="55", note="x")
    posts = [
        lambda: make.signed_in(omar).post(URL, sent).status_code,
        lambda: make.signed_in(stella).post(URL, sent | {"note": "y"}).status_code,
    ]
    assert together(*posts) == [302, 409]
    assert StatusUpdate.objects.get().revision == 1


def together(*calls: Any) -> list[int]:
    """The sorted answers of calls that start at the same moment."""
    start, answers = threading.Barrier(len(calls)), []

    def run(call: Any) -> None:
        start.wait(timeout=10)
        answers.append(call())
        connections.close_all()

    threads = [threading.Thread(target=run, args=[call]) for call in calls]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    return sorted(answers)
