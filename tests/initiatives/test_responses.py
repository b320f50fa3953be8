"""Reviewers acknowledge an update or ask back; the history shows it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from accounts.company import today
from accounts.models import AuditEntry, Thread, User
from accounts.services.threads import answer
from initiatives.choices import Response, Stage
from initiatives.models import Initiative, StatusUpdate, UpdateResponse
from initiatives.pages.status_update_history import SHOWN, build
from initiatives.reading.standings import read_standings
from initiatives.reading.subjects import initiative_subject
from tests import factories as make
from tests.kept import kept


@kept
def lights(omar: User) -> Initiative:
    return make.initiative("lights", owner=omar)


@kept
def update(lights: Initiative, omar: User) -> StatusUpdate:
    return make.status_update(lights, "at_risk", author=omar, progress=40, note="Waiting for <parts>.")


def send(user: User, update: StatusUpdate, **data: str) -> Any:
    return make.signed_in(user).post(f"/initiatives/lights/updates/{update.pk}/", data, follow=True)


def part(initiative: Initiative, user: User) -> Any:
    (standing,) = read_standings(Initiative.objects.filter(pk=initiative.pk))
    return build(standing, User.objects.get(pk=user.pk))


def test_a_reviewer_acknowledges(update: StatusUpdate, lights: Initiative, ines: User) -> None:
    answer = send(ines, update, verb="acknowledged")
    assert answer.redirect_chain == [("/initiatives/lights/#updates", 302)]
    assert "Read by Ines" in " ".join(answer.content.decode().split())
    (shown,) = part(lights, ines).updates
    assert (shown.has_acknowledged, shown.waits) == (True, False)
    assert AuditEntry.objects.filter(verb="acknowledged", by=ines).exists()


def test_a_reviewer_asks_back(update: StatusUpdate, lights: Initiative, ines: User) -> None:
    send(ines, update, verb="asked_back", text="When do they come?")
    (shown,) = part(lights, ines).updates
    assert [one.text for one in shown.asks] == ["When do they come?"]
    assert shown.waits


def test_an_answer_ends_the_wait_and_no_update_does(
    update: StatusUpdate, lights: Initiative, omar: User, ines: User
) -> None:
    StatusUpdate.objects.update(on=today() - timedelta(days=1))
    send(ines, update, verb="asked_back", text="When?")
    make.status_update(lights, author=omar, note="In May.")
    assert [shown.waits for shown in part(lights, ines).updates] == [False, True]
    answer(thread=Thread.objects.get(), subject=initiative_subject(lights), by=omar, text="In May.")
    assert [shown.waits for shown in part(lights, ines).updates] == [False, False]


def test_a_question_about_an_older_word_waits_too(lights: Initiative, omar: User, ines: User) -> None:
    older = make.status_update(lights, author=omar, on=today() - timedelta(days=9))
    make.status_update(lights, author=omar)
    send(ines, older, verb="asked_back", text="When?")
    shown = part(lights, ines).updates
    assert [one.waits for one in shown] == [False, True]
    assert [one.may_respond for one in shown] == [True, False]


def test_sent_twice_it_is_one(update: StatusUpdate, ines: User) -> None:
    for _ in range(2):
        send(ines, update, verb="asked_back", text="When?")
    assert UpdateResponse.objects.count() == 1


@pytest.mark.parametrize(
    ("data", "says"),
    [
        ({"verb": "asked_back", "text": " "}, "Write what you want to know. Nothing was sent."),
        ({"verb": "asked_back", "text": "x" * 1001}, "a question has at most 1,000 characters"),
        ({"verb": "applaud"}, "Nothing was sent"),
    ],
)
def test_what_is_no_answer_is_refused(update: StatusUpdate, ines: User, data: dict[str, str], says: str) -> None:
    assert says in send(ines, update, **data).content.decode()
    assert not UpdateResponse.objects.exists()


def test_nobody_reviews_their_own_update(update: StatusUpdate, lights: Initiative, omar: User) -> None:
    assert send(omar, update, verb="acknowledged").status_code == 403
    (shown,) = part(lights, omar).updates
    assert not shown.may_respond


def test_an_update_is_found_at_its_own_initiative_alone(update: StatusUpdate, ines: User) -> None:
    make.initiative("doors")
    address = f"/initiatives/doors/updates/{update.pk}/"
    assert make.signed_in(ines).post(address, {"verb": Response.ACKNOWLEDGED}).status_code == 404


def test_who_may_edit_what_reports_is_led_to_the_form(
    update: StatusUpdate, lights: Initiative, omar: User, ines: User
) -> None:
    assert (part(lights, omar).may_report, part(lights, ines).may_report) == (True, False)
    lights.stage = Stage.DONE
    lights.save()
    assert not part(lights, omar).may_report


def test_the_part_shows_the_newest_and_a_page_all(lights: Initiative, omar: User, ines: User) -> None:
    for number in range(35):
        make.status_update(lights, author=omar, on=today() - timedelta(days=number), note=f"Word {number}.")
    shown = part(lights, ines)
    assert (len(shown.updates), shown.total, shown.more) == (SHOWN, 35, 30)
    browser = make.signed_in(ines)
    first = browser.get("/initiatives/lights/updates/").content.decode()
    second = browser.get("/initiatives/lights/updates/?page=2").content.decode()
    assert "Word 29." in first
    assert "Word 30." not in first
    assert "Word 34." in second


def test_a_history_costs_the_same_however_long(
    lights: Initiative, omar: User, ines: User, django_assert_max_num_queries: Any
) -> None:
    browser = make.signed_in(ines)

    def write(first: int, last: int) -> None:
        for number in range(first, last):
            row = make.status_update(lights, author=omar, on=today() - timedelta(days=number))
            UpdateResponse.objects.create(update=row, verb=Response.ACKNOWLEDGED, by=ines)

    write(0, 2)
    browser.get("/help/")  # which counts what is asked of the person
    with django_assert_max_num_queries(13) as few:
        browser.get("/initiatives/lights/updates/")
    cost = len(few)  # before the log is emptied
    write(2, 25)
    browser.get("/help/")
    with django_assert_max_num_queries(cost):
        browser.get("/initiatives/lights/updates/")


def test_what_people_write_cannot_become_markup(update: StatusUpdate, ines: User) -> None:
    send(ines, update, verb="asked_back", text="<img src=x onerror=alert(1)>")
    page = make.signed_in(ines).get("/initiatives/lights/updates/").content.decode()
    assert "Waiting for &lt;parts&gt;." in page
    assert "<img" not in page
