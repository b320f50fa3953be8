"""Links to new passwords: the same answer for every address, no mailbox flooded, no link in the database."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.core import mail
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import OutgoingMail, ResetRequest, User
from accounts.services import resets
from accounts.tasks import send_mails
from tests.factories import PASSWORD
from tests.threads import at_once

ADDRESS = "/accounts/reset/"


def ask(email: str, caller: str = "10.0.0.1") -> Any:
    return Client().post(ADDRESS, {"email": email}, REMOTE_ADDR=caller)


def test_the_page_does_the_same_for_known_and_unknown_addresses(ines: User) -> None:
    seen = []
    for email in (ines.email, "nobody@tierboard.example"):
        with CaptureQueriesContext(
            connection,
        ) as queries:
            answer = ask(email)
        shapes = [re.sub(r"'[^']*'|\d+", "?", query["sql"]) for query in queries.captured_queries]
        seen.append((answer.status_code, answer["Location"], answer.content, shapes))
    assert seen[0] == seen[1]
    assert mail.outbox == []  # the page sends none: a mail server's answer would take its time


def test_the_outbox_holds_no_link(ines: User) -> None:
    ask(ines.email)
    resets.take_requests()
    row = OutgoingMail.objects.get()
    assert (row.body, row.html) == ("", "")
    send_mails()
    row.refresh_from_db()
    token = re.search(r"/accounts/reset/\S+", str(mail.outbox[0].body))
    assert token
    assert row.sent_at
    assert not [value for value in vars(row).values() if token[0] in str(value) or "/reset/" in str(value)]


def test_a_mailbox_gets_few_links_however_many_ask_from_wherever(ines: User, fay: User) -> None:
    for number in range(30):
        ask(ines.email.upper() if number % 2 else ines.email, caller=f"10.0.0.{number}")
    ask(fay.email)
    send_mails()
    sent = [one.to[0] for one in mail.outbox]
    assert (sent.count(ines.email), sent.count(fay.email)) == (resets.MOST_PER_PERSON, 1)


def test_a_caller_who_asks_for_many_gets_the_same_page_and_is_not_listened_to(ines: User) -> None:
    answers = {ask(f"{number}@tierboard.example").status_code for number in range(resets.MOST_PER_CALLER)}
    over = ask(ines.email)
    assert (answers, over.status_code, over["Location"]) == ({302}, 302, "/accounts/reset/sent/")
    assert ResetRequest.objects.count() == resets.MOST_PER_CALLER
    ask(ines.email, caller="10.0.0.2")
    send_mails()
    assert [one.to for one in mail.outbox] == [[ines.email]]


def test_after_an_hour_one_may_ask_again_and_after_a_day_nothing_is_kept(ines: User) -> None:
    with time_machine.travel(timezone.now(), tick=False) as clock:
        for _ in range(2):
            for _ in range(resets.MOST_PER_CALLER):
                ask(ines.email)
            send_mails()
            clock.shift(resets.SPAN + timedelta(seconds=1))
        assert len(mail.outbox) == 2 * resets.MOST_PER_PERSON
        clock.shift(resets.KEPT)
        send_mails()
        assert not ResetRequest.objects.exists()


def test_who_left_and_whose_password_was_taken_away_get_no_link(ines: User, fay: User) -> None:
    User.objects.filter(pk=ines.pk).update(is_active=False)
    fay.set_unusable_password()
    fay.last_login = timezone.now()
    fay.save()
    ask(ines.email)
    ask(fay.email)
    send_mails()
    assert mail.outbox == []


def test_whom_a_file_made_signs_in_by_the_link_to_their_mailbox(db: None) -> None:
    made = User.objects.create_user(email="new@tierboard.example", password=None)
    ask(made.email)
    send_mails()
    link = re.search(r"/accounts/reset/\S+", str(mail.outbox[0].body))
    assert link
    browser = Client()
    form = browser.get(link[0], follow=True)
    typed = {"new_password1": PASSWORD, "new_password2": PASSWORD}
    browser.post(form.request["PATH_INFO"], typed)
    signed = browser.post("/accounts/login/", {"username": made.email, "password": PASSWORD})
    assert signed.status_code == 302
    made.refresh_from_db()
    assert not made.groups.exists()


def test_each_try_makes_a_link_that_works(ines: User, monkeypatch: pytest.MonkeyPatch) -> None:
    ask(ines.email)
    with time_machine.travel(timezone.now(), tick=False) as clock:
        monkeypatch.setattr("django.core.mail.EmailMultiAlternatives.send", lambda self: 1 / 0)
        send_mails()
        ines.set_password(PASSWORD + "!")  # meanwhile: the link of the first try would be dead
        ines.save()
        monkeypatch.undo()
        clock.shift(timedelta(minutes=11))
        send_mails()
        link = re.search(r"/accounts/reset/\S+", str(mail.outbox[0].body))
        assert link
        assert Client().get(link[0], follow=True).context["validlink"] is True


@pytest.mark.django_db(transaction=True)
def test_two_workers_take_a_request_once(ines: User) -> None:
    for number in range(5):
        ask(ines.email, caller=f"10.0.0.{number}")
    at_once(resets.take_requests, resets.take_requests)
    assert OutgoingMail.objects.count() == resets.MOST_PER_PERSON
