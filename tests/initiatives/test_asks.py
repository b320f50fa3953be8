"""What the register asks of a person."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from accounts.choices import Role
from accounts.company import today
from accounts.models import Thread, User
from accounts.services.threads import answer
from core.registry import Ask, Urgency, asks_of
from initiatives.choices import Level, Response, Stage, TurnaroundKind
from initiatives.models import Benefit, Initiative, Policy, Turnaround, UpdateResponse
from initiatives.reading.subjects import initiative_subject
from initiatives.services.status_updates import give_update, latest_mark, respond
from tests import factories as make


def ago(days: int) -> date:
    return today() - timedelta(days=days)


def running(owner: User | None, code: str = "lights", *, begun: int = 5, **fields: Any) -> Initiative:
    """Begun some days ago, so that nothing is asked of it for its silence."""
    return make.initiative(code, owner=owner, baseline_start=ago(begun), **fields)


def only(user: User) -> Ask:
    (ask,) = asks_of(user)
    return ask


def test_nothing_is_asked_where_all_is_well(omar: User) -> None:
    make.status_update(running(omar), author=omar)
    assert asks_of(omar) == []


def test_a_word_a_week_is_asked(omar: User) -> None:
    row = running(omar, begun=20)
    update = make.status_update(row, author=omar, on=ago(6))
    assert asks_of(omar) == []
    update.on = ago(7)
    update.save()
    ask = only(omar)
    assert (ask.urgency, ask.text) == (Urgency.ROUTINE, "The last word is 7 days old: this week’s is due.")
    assert (ask.about, ask.url, ask.verb) == ("Lights", "/initiatives/lights/update/", "Report")


def test_the_first_word_is_asked_a_week_after_the_start(omar: User) -> None:
    running(omar, begun=7)
    assert only(omar).text == "It began 7 days ago: its first word is due."


def test_silence_presses_more_than_a_routine_word(omar: User) -> None:
    make.status_update(running(omar, begun=90), author=omar, on=ago(31))
    ask = only(omar)
    assert (ask.urgency, ask.text, ask.details) == (Urgency.SILENT, "No word for 31 days: say how it goes.", ())


def test_an_overdue_milestone_asks_for_a_tick_or_a_date(omar: User) -> None:
    row = running(omar)
    make.milestone(row, "Pilot", due=ago(12))
    ask = only(omar)
    assert ask.urgency == Urgency.LATE
    assert ask.text == "Milestone “Pilot” is 12 days overdue: tick it, or give it a new date and say why."
    assert ask.since == ago(12)


def test_a_milestone_a_few_days_overdue_presses_less(omar: User) -> None:
    make.milestone(running(omar), "Pilot", due=ago(2))
    assert only(omar).urgency == Urgency.AT_RISK


def test_an_initiative_asks_once_with_all_that_it_needs(omar: User) -> None:
    row = running(omar, begun=60, baseline_due=ago(3))
    make.milestone(row, "Pilot", due=ago(12))
    ask = only(omar)
    assert ask.text.startswith("It is 3 days past its due date")
    assert [text.split(":")[0] for text in ask.details] == [
        "Milestone “Pilot” is 12 days overdue",
        "No word for 60 days",
    ]


def test_the_most_urgent_comes_first_then_what_waits_longest(omar: User) -> None:
    running(omar, "routine", begun=8)
    running(omar, "older-routine", begun=9)
    make.milestone(running(omar, "overdue"), due=ago(30))
    asked = running(omar, "asked")
    question(make.status_update(asked, author=omar), make.person("Rita", Role.EXECUTIVE))
    assert [ask.about for ask in asks_of(omar)] == ["Asked", "Overdue", "Older routine", "Routine"]


def question(update: Any, by: User, text: str = "When does the pilot end?") -> UpdateResponse:
    return respond(update=update, by=by, verb=Response.ASKED_BACK, text=text)


def test_a_question_is_asked_until_it_is_answered_and_no_update_answers(omar: User, ines: User) -> None:
    row = running(omar)
    question(make.status_update(row, author=omar, on=ago(1)), ines)
    ask = only(omar)
    assert (ask.urgency, ask.text) == (Urgency.QUESTION, "Ines asks: “When does the pilot end?”")
    give_update(initiative=row, by=omar, health="on_schedule", progress=50, note="In May.", seen=latest_mark(row))
    assert only(omar).urgency == Urgency.QUESTION
    answer(thread=Thread.objects.get(), subject=initiative_subject(row), by=omar, text="In May.")
    assert asks_of(omar) == []


def test_an_acknowledgement_asks_nothing(omar: User, ines: User) -> None:
    update = make.status_update(running(omar), author=omar)
    UpdateResponse.objects.create(update=update, verb=Response.ACKNOWLEDGED, by=ines)
    assert asks_of(omar) == []


@pytest.mark.parametrize("stage", [Stage.CANDIDATE, Stage.ON_HOLD, Stage.DONE, Stage.CANCELLED])
def test_what_does_not_run_is_left_alone(omar: User, ines: User, stage: Stage) -> None:
    row = running(omar, begun=300, baseline_due=ago(100), stage=stage)
    make.milestone(row, due=ago(50))
    make.status_update(row, author=omar, on=ago(99))
    assert asks_of(omar) == []


def test_what_should_have_begun_is_asked_about(omar: User) -> None:
    running(omar, begun=8, stage=Stage.APPROVED)
    ask = only(omar)
    assert ask.text.startswith("It should have begun on ")
    assert (ask.verb, ask.url) == ("Open", "/initiatives/lights/")


def test_what_is_approved_and_to_begin_later_asks_nothing(omar: User) -> None:
    running(omar, begun=7, stage=Stage.APPROVED)
    assert asks_of(omar) == []


def test_the_deputy_is_asked_where_the_owner_cannot_answer(omar: User) -> None:
    away, second = make.person("Ariel", Role.OWNER, is_active=False), make.person("Dora", Role.OWNER)
    running(away, "left", begun=8, deputy=second)
    running(make.person("Nils"), "no-role", begun=8, deputy=second)
    running(None, "nobody", begun=8, deputy=second)
    running(omar, "owned", begun=8, deputy=second)
    assert {ask.about for ask in asks_of(second)} == {"Left", "No role", "Nobody"}
    assert [ask.about for ask in asks_of(omar)] == ["Owned"]


def test_who_has_no_role_is_asked_nothing(noor: User) -> None:
    running(noor, begun=90)
    assert asks_of(noor) == []


def test_a_team_is_not_asked_one_by_one(omar: User) -> None:
    running(None, begun=90).team.add(omar)
    assert asks_of(omar) == []


def test_the_sponsor_hears_of_two_silent_periods(omar: User, ines: User) -> None:
    row = running(omar, begun=200, sponsor=ines)
    update = make.status_update(row, author=omar, on=ago(60))
    assert asks_of(ines) == []
    update.on = ago(61)
    update.save()
    ask = only(ines)
    assert ask.text == "Omar has said nothing for 61 days. You are its sponsor: find out how it stands."
    assert (ask.urgency, ask.url) == (Urgency.SILENT, "/initiatives/lights/")


def test_two_periods_are_those_of_the_level(omar: User, ines: User) -> None:
    Policy.objects.update(silence_key_account=10)
    customer = make.customer("C1")
    running(omar, "key", begun=21, sponsor=ines, level=Level.KEY_ACCOUNT, customer=customer)
    running(omar, "corporate", begun=21, sponsor=ines)
    assert [ask.about for ask in asks_of(ines)] == ["Key"]


def test_the_sponsor_of_what_has_no_owner_hears_so(ines: User) -> None:
    running(None, begun=61, sponsor=ines)
    assert only(ines).text.startswith("No owner, and no word for 61 days.")


def test_who_owns_what_they_sponsor_is_asked_once(omar: User) -> None:
    running(omar, begun=100, sponsor=omar)
    assert only(omar).verb == "Report"


def test_an_executive_is_asked_to_decide_turnarounds_but_for_their_own(omar: User, ines: User) -> None:
    made = [running(omar), running(ines, "own")]
    for row in made:
        Turnaround.objects.create(
            initiative=row, kind=TurnaroundKind.SCHEDULE, what="schedule", evidence="x", nominated_on=ago(1)
        )
    ask = only(ines)
    assert ask.text == "1 turnaround nominated for recognition: confirm or decline."
    assert ask.url == "/initiatives/turnarounds/"
    assert asks_of(omar) == []


def test_finance_is_asked_to_decide_benefits_but_for_their_own(omar: User, fay: User) -> None:
    values: dict[str, Any] = {"kind": "money", "value_per_year": 1000, "from_month": 202601}
    row = running(omar)
    for name, by in (("Less scrap", omar), ("Own", fay)):
        Benefit.objects.create(initiative=row, name=name, created_by=by, state="proposed", **values)
    Benefit.objects.create(initiative=row, name="Draft", created_by=omar, **values)
    ask = only(fay)
    assert (ask.text, ask.url) == ("1 planned benefit proposed: approve or reject.", "/initiatives/benefits/")
    assert asks_of(omar) == []


QUERIES = 23  # of them seven for the questions, with their subjects


def test_the_number_of_queries_does_not_grow(omar: User, ines: User, django_assert_num_queries: Any) -> None:
    def grow(first: int, last: int) -> None:
        for number in range(first, last):
            row = running(omar, f"lights-{number}", begun=90, sponsor=ines)
            make.milestone(row, due=ago(20))
            question(make.status_update(row, author=omar, on=ago(40)), ines)

    grow(0, 2)
    asks_of(omar)
    fresh = User.objects.get(pk=omar.pk)
    with django_assert_num_queries(QUERIES):
        assert len(asks_of(fresh)) == 4
    grow(2, 12)
    fresh = User.objects.get(pk=omar.pk)
    with django_assert_num_queries(QUERIES):
        assert len(asks_of(fresh)) == 24
