"""Questions and actions: who may ask, answer and tick off; each is told once, and can be asked again."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.test import Client

from accounts.choices import Role
from accounts.company import today
from accounts.models import Action, AuditEntry, OutgoingMail, Thread, ThreadWord, User
from accounts.rules.threads import NewAction
from accounts.services.threads import answer, ask, reopen, tick
from core.registry import Subject, asks_of, subjects_of
from core.writes import StaleTransition
from kpis.models import Kpi
from tests import factories as make
from tests.kept import kept

pytestmark = pytest.mark.django_db


@kept
def nps(omar: User) -> Kpi:
    return make.kpi("nps", name="Promoters", owner=omar)


@kept
def subject(nps: Kpi, omar: User) -> Subject:
    return subject_of("kpi", "nps", omar)


def subject_of(kind: str, key: str, reader: User) -> Subject:
    return subjects_of(kind, [key], reader)[key]


def told(person: User) -> list[str]:
    return list(OutgoingMail.objects.filter(to=person).order_by("pk").values_list("subject", flat=True))


def wants(person: User) -> list[str]:
    """What is asked of a person, as a page asks it: with their roles read anew."""
    return [one.text for one in asks_of(User.objects.get(pk=person.pk))]


def page(user: User, url: str) -> str:
    return " ".join(make.signed_in(user).get(url).content.decode().split())


@pytest.mark.parametrize(
    ("role", "may"),
    [
        *((Role.EXECUTIVE, True), (Role.OWNER, True), (Role.FINANCE, True)),
        *((Role.STEWARD, True), (Role.ADMINISTRATOR, True), (Role.INTEGRATOR, False)),
    ],
)
def test_who_may_comment_asks_and_an_integrator_does_not(subject: Subject, role: Role, may: bool) -> None:
    asker = make.person("Kim", role)
    if may:
        assert ask(subject=subject, by=asker, text="Why?").is_open
    else:
        with pytest.raises(PermissionDenied):
            ask(subject=subject, by=asker, text="Why?")
        assert not Thread.objects.exists()


def test_the_owner_is_told_once_and_finds_it_on_their_page(subject: Subject, ines: User, omar: User) -> None:
    for _ in range(2):  # a form that was sent twice
        ask(subject=subject, by=ines, text=" Why did it fall? ")
    assert told(omar) == ["Ines asks about Promoters"]
    assert wants(omar) == ["Ines asks: “Why did it fall?”"]
    assert wants(ines) == []
    assert Thread.objects.count() == 1
    assert AuditEntry.objects.filter(verb="asked", by=ines).count() == 1


def test_the_asker_is_told_once_and_can_ask_again(subject: Subject, ines: User, omar: User) -> None:
    thread = ask(subject=subject, by=ines, text="Why?")
    answer(thread=thread, subject=subject, by=omar, text="A strike.")
    assert told(ines) == ["Omar answered about Promoters"]
    assert wants(omar) == []
    with pytest.raises(PermissionDenied):
        reopen(thread=thread, subject=subject, by=make.person("Rita", Role.EXECUTIVE), text="Really?")
    reopen(thread=thread, subject=subject, by=ines, text="Whose?")
    assert wants(omar) == ["Ines asks: “Whose?”"]
    assert [word.text for word in thread.words.all()] == ["Why?", "A strike.", "Whose?"]
    assert len(told(omar)) == 2
    assert AuditEntry.objects.filter(object_type="accounts.thread").count() == 3


def test_who_answers_late_is_told_and_nothing_is_kept(subject: Subject, ines: User, omar: User, stella: User) -> None:
    thread = ask(subject=subject, by=ines, text="Why?")
    stale = Thread.objects.get(pk=thread.pk)
    answer(thread=thread, subject=subject, by=stella, text="A strike.")
    with pytest.raises(StaleTransition):
        answer(thread=stale, subject=subject, by=omar, text="The weather.")
    assert ThreadWord.objects.filter(kind="answered").count() == 1


@pytest.mark.parametrize("role", [Role.EXECUTIVE, Role.FINANCE, Role.OWNER])
def test_others_do_not_answer(subject: Subject, ines: User, role: Role) -> None:
    thread = ask(subject=subject, by=ines, text="Why?")
    with pytest.raises(PermissionDenied):
        answer(thread=thread, subject=subject, by=make.person("Kim", role), text="So it is.")


def test_where_nobody_owns_it_stewards_are_asked_and_the_page_says_so(ines: User, stella: User, omar: User) -> None:
    make.kpi("orphan", name="Orphan")
    thread = ask(subject=subject_of("kpi", "orphan", ines), by=ines, text="Whose is it?")
    assert wants(stella) == ["Ines asks: “Whose is it?”"]
    assert wants(omar) == []
    assert not OutgoingMail.objects.exists()
    shown = page(ines, "/kpis/orphan/")
    assert "Nobody owns this KPI: a steward may answer, or name another owner under Edit." in shown
    assert f'id="thread-{thread.pk}"' in shown


def test_a_new_owner_takes_over_what_is_open(nps: Kpi, subject: Subject, ines: User, omar: User) -> None:
    ask(subject=subject, by=ines, text="Why?")
    olga = make.person("Olga", Role.OWNER)
    Kpi.objects.update(owner=olga)
    assert wants(omar) == []
    assert wants(olga) == ["Ines asks: “Why?”"]


@pytest.mark.parametrize("text", ["", "  ", "x" * 1001])
def test_what_is_no_question_is_refused(subject: Subject, ines: User, text: str) -> None:
    with pytest.raises(ValidationError):
        ask(subject=subject, by=ines, text=text)


# Actions


def action(owner: User, days: int = 7, text: str = "Call ten customers") -> NewAction:
    return NewAction(text, owner, today() + timedelta(days=days))


def test_an_action_reaches_who_does_it_and_is_ticked_off_once(subject: Subject, ines: User, fay: User) -> None:
    ask(subject=subject, by=ines, text="Why?", action=action(fay))
    assert told(fay) == ["Ines noted an action for you: Call ten customers"]
    (one,) = asks_of(User.objects.get(pk=fay.pk))
    browser = make.signed_in(fay)
    for _ in range(2):
        answered = browser.post(one.post, {"next": "/my/"})
        assert answered.headers["Location"] == "/my/"
    assert wants(fay) == []
    assert AuditEntry.objects.filter(verb="ticked action", by=fay).count() == 1
    assert "done" in page(ines, "/kpis/nps/")


def test_an_overdue_action_presses(subject: Subject, ines: User, fay: User) -> None:
    ask(subject=subject, by=ines, text="Why?", action=action(fay))
    Action.objects.update(due=today() - timedelta(days=1))
    (one,) = asks_of(User.objects.get(pk=fay.pk))
    assert one.urgency.word == "late"


@pytest.mark.parametrize(
    ("what", "field"),
    [
        ({"text": ""}, "action"),
        ({"text": "x" * 201}, "action"),
        ({"days": -1}, "due"),
        ({"days": 4000}, "due"),
    ],
)
def test_an_action_takes_text_owner_and_a_day_ahead(
    subject: Subject, ines: User, fay: User, what: dict[str, Any], field: str
) -> None:
    with pytest.raises(ValidationError) as refused:
        ask(subject=subject, by=ines, text="Why?", action=action(fay, **what))
    assert list(refused.value.message_dict) == [field]
    assert not Thread.objects.exists()


def test_an_owner_notes_actions_about_what_is_their_own_alone(subject: Subject, ines: User, omar: User) -> None:
    thread = ask(subject=subject, by=ines, text="Why?")
    answer(thread=thread, subject=subject, by=omar, text="A strike.", action=action(omar))
    make.kpi("others", name="Others", owner=ines)
    with pytest.raises(PermissionDenied):
        ask(subject=subject_of("kpi", "others", omar), by=omar, text="Why?", action=action(omar))


def test_others_do_not_tick_it_off(subject: Subject, ines: User, fay: User) -> None:
    ask(subject=subject, by=ines, text="Why?", action=action(fay))
    one = Action.objects.select_related("word").get()
    with pytest.raises(PermissionDenied):
        tick(action=one, subject=subject, by=make.person("Kim", Role.EXECUTIVE))
    assert tick(action=one, subject=subject, by=ines).done_at is not None


# Pages


@pytest.fixture
def browser(ines: User) -> Client:
    return make.signed_in(ines)


def test_a_refused_question_keeps_its_text_and_says_why_at_its_field(nps: Kpi, fay: User, browser: Client) -> None:
    sent = {"text": "Why?", "action": "Call them", "owner": str(fay.pk), "due": "2001-01-01"}
    answered = browser.post("/asks/kpi/nps/", sent)
    shown = " ".join(answered.content.decode().split())
    assert answered.status_code == 400
    assert ">Why?</textarea>" in shown
    assert "Lies in the past, or more than five years ahead." in shown
    assert not Thread.objects.exists()


def test_it_is_asked_on_the_page_and_answered_there(nps: Kpi, omar: User, browser: Client) -> None:
    answered = browser.post("/asks/kpi/nps/", {"text": "Why <b>now</b>?"}, follow=True)
    assert answered.redirect_chain == [("/kpis/nps/#asks", 302)]
    assert "Why &lt;b&gt;now&lt;/b&gt;?" in answered.content.decode()
    thread = Thread.objects.get()
    owner = make.signed_in(omar)
    assert f"/kpis/nps/#thread-{thread.pk}" in owner.get("/my/").content.decode()
    owner.post(f"/asks/answer/{thread.pk}/", {"text": "A strike."})
    assert "A strike." in browser.get("/my/").content.decode()
    browser.post(f"/asks/again/{thread.pk}/", {"text": "Whose?"})
    assert Thread.objects.get().is_open


@pytest.mark.parametrize("address", ["/asks/kpi/none/", "/asks/cell/nps@T9/2011-Q3/", "/asks/cell/nps/", "/asks/x/y/"])
def test_what_is_not_there_cannot_be_asked_about(nps: Kpi, browser: Client, address: str) -> None:
    assert browser.get(address).status_code == 404
    assert browser.post(address, {"text": "Why?"}).status_code == 404


@pytest.mark.parametrize("address", ["/asks/period/2011-Q3/", "/asks/theme/sales/waiting/", "/asks/theme/sales/"])
def test_periods_and_themes_are_asked_about_too(address: str, stella: User, browser: Client) -> None:
    make.department("sales")
    assert browser.post(address, {"text": "Why?"}).status_code == 302
    assert wants(stella) == ["Ines asks: “Why?”"]
    assert "Why?" in browser.get(address).content.decode()


def test_many_questions_cost_as_many_queries_as_few(
    nps: Kpi, subject: Subject, ines: User, browser: Client, django_assert_max_num_queries: Any
) -> None:
    def grow(first: int, last: int) -> None:
        for number in range(first, last):
            person = make.person(f"Asker {number}", Role.EXECUTIVE)
            ask(subject=subject, by=person, text=f"Why {number}?", action=action(person))

    grow(0, 2)
    browser.get("/asks/kpi/nps/")
    with django_assert_max_num_queries(40) as few:
        browser.get("/asks/kpi/nps/")
    cost = len(few)  # before the log is emptied
    grow(2, 12)
    browser.get("/help/")
    with django_assert_max_num_queries(cost):
        browser.get("/asks/kpi/nps/")
