"""The outbox: one mail per key, sent once, tried again until it goes."""

from __future__ import annotations

import smtplib
import threading
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.core import mail
from django.core.mail.backends.locmem import EmailBackend
from django.utils import timezone

from accounts.choices import Verb
from accounts.models import AuditEntry, OutgoingMail, User
from accounts.models.mail import MOST_TRIES
from accounts.services import outbox as mailing
from accounts.services.outbox import send_waiting, write_mail
from accounts.tasks import send_mails
from core.writes import StaleTransition
from tests.threads import at_once


def write(to: User, key: str = "reminder:1", subject: str = "Two things") -> OutgoingMail | None:
    return write_mail(key=key, to=to, subject=subject, body="Plain.", html="<p>Rich.</p>")


class Broken(EmailBackend):
    """A mail server that is away until ``works``."""

    works = False

    def send_messages(self, messages: Any) -> int:
        if not self.works:
            raise ConnectionRefusedError("[Errno 111] Connection refused")
        return super().send_messages(messages)


@pytest.fixture
def broken(settings: Any, monkeypatch: pytest.MonkeyPatch) -> type[Broken]:
    monkeypatch.setattr(Broken, "works", False)
    settings.EMAIL_BACKEND = f"{__name__}.Broken"
    return Broken


def test_a_mail_goes_to_its_person_in_both_shapes(omar: User) -> None:
    write(omar)
    assert send_waiting() == 1
    (sent,) = mail.outbox
    assert sent.to == ["omar@tierboard.example"]
    assert (sent.subject, sent.body) == ("Two things", "Plain.")
    assert isinstance(sent, mail.EmailMultiAlternatives)
    assert sent.alternatives[0] == ("<p>Rich.</p>", "text/html")
    assert sent.extra_headers["Auto-Submitted"] == "auto-generated"


def test_the_same_key_is_written_once(omar: User, ines: User) -> None:
    assert write(omar) is not None
    assert write(ines) is None
    assert OutgoingMail.objects.get().to == omar


def test_a_mail_is_not_sent_twice(omar: User) -> None:
    write(omar)
    assert [send_waiting(), send_waiting()] == [1, 0]
    assert len(mail.outbox) == 1


def test_a_subject_is_one_line(omar: User) -> None:
    write(omar, subject="Late:\r\nBcc: everybody@example.com")
    send_waiting()
    assert mail.outbox[0].subject == "Late: Bcc: everybody@example.com"


def test_who_left_gets_no_mail(omar: User) -> None:
    write(omar)
    User.objects.update(is_active=False)
    assert send_waiting() == 0


def test_a_mail_that_did_not_go_is_tried_again_later_as_the_same_mail(omar: User, broken: type[Broken]) -> None:
    write(omar)
    with time_machine.travel(timezone.now(), tick=False) as clock:
        assert send_waiting() == 0
        row = OutgoingMail.objects.get()
        assert (row.tries, row.sent_at) == (1, None)
        assert "Connection refused" in row.error
        broken.works = True
        assert send_waiting() == 0  # not at once
        clock.shift(timedelta(minutes=10))
        assert send_waiting() == 1
    row.refresh_from_db()
    assert (row.tries, row.error) == (2, "")
    assert mail.outbox[0].extra_headers["Message-ID"] == mailing._message_id(row.key)


def test_after_some_days_it_is_given_up(omar: User, broken: type[Broken]) -> None:
    write(omar)
    with time_machine.travel(timezone.now(), tick=False) as clock:
        for _ in range(40):
            send_waiting()
            clock.shift(timedelta(hours=6))
    assert OutgoingMail.objects.get().tries == MOST_TRIES


def test_one_that_fails_holds_up_no_other(omar: User, ines: User, monkeypatch: pytest.MonkeyPatch) -> None:
    write(omar, "one")
    write(ines, "two")
    whole = EmailBackend.send_messages

    def refuse_omar(self: EmailBackend, messages: Any) -> int:
        if messages[0].to == [omar.email]:
            raise OSError("no such mailbox")
        return int(whole(self, messages))

    monkeypatch.setattr(EmailBackend, "send_messages", refuse_omar)
    assert send_waiting() == 1
    assert mail.outbox[0].to == [ines.email]


def test_the_commit_wakes_a_worker(omar: User, django_capture_on_commit_callbacks: Any) -> None:
    with django_capture_on_commit_callbacks() as callbacks:
        write(omar)
        write(omar)
    assert len(callbacks) == 1


def test_without_a_queue_the_mail_waits(
    omar: User, django_capture_on_commit_callbacks: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(**options: Any) -> None:
        raise ConnectionError("the queue is away")

    monkeypatch.setattr(send_mails, "apply_async", away)
    with django_capture_on_commit_callbacks(execute=True):
        write(omar)
    assert send_waiting() == 1


def test_in_the_embedded_default_mails_are_files(omar: User, settings: Any, tmp_path: Path) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    settings.EMAIL_FILE_PATH = tmp_path
    write(omar)
    send_mails()
    (file,) = tmp_path.iterdir()
    assert "To: omar@tierboard.example" in file.read_text()


@pytest.mark.django_db(transaction=True)
def test_two_workers_send_a_mail_once(omar: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mailing, "_wake", lambda: None)
    write(omar)
    both = threading.Barrier(2)
    claim = mailing._claim

    def together(row: OutgoingMail) -> bool:
        both.wait(timeout=10)  # both have read it as waiting
        return claim(row)

    monkeypatch.setattr(mailing, "_claim", together)
    assert sorted(at_once(send_waiting, send_waiting)) == [0, 1]
    assert len(mail.outbox) == 1


# -- mails that may go once


class Lost(EmailBackend):
    """A mail server whose answer is lost after it has taken a mail."""

    def send_messages(self, messages: Any) -> int:
        super().send_messages(messages)
        raise TimeoutError("timed out")


class Refusing(EmailBackend):
    """A mail server that takes none."""

    def send_messages(self, messages: Any) -> int:
        raise smtplib.SMTPDataError(451, b"try again")


class Killed(BaseException):
    """A worker that dies."""


class Dying(EmailBackend):
    """A worker that dies while the mail server has the mail."""

    def send_messages(self, messages: Any) -> int:
        super().send_messages(messages)
        raise Killed


def write_once(to: User) -> OutgoingMail:
    found = write_mail(key="digest:1", to=to, subject="2026-Q3", body="Plain.", once=True, stop="/mails/stop/x/")
    assert found is not None
    return found


def states() -> list[str]:
    return [one.state for one in OutgoingMail.objects.all()]


def later(hours: int = 7) -> Any:
    return time_machine.travel(timezone.now() + timedelta(hours=hours))


@pytest.mark.parametrize("backend", [Lost, Dying])
def test_where_it_is_unknown_whether_a_mail_went_it_is_said_and_not_sent_again(
    omar: User, ada: User, settings: Any, backend: type[EmailBackend]
) -> None:
    row = write_once(omar)
    settings.EMAIL_BACKEND = f"{__name__}.{backend.__name__}"
    with suppress(Killed):
        send_waiting()
    assert states() == ["sending"]
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    with later():
        assert (states(), send_waiting(), len(mail.outbox)) == (["unknown"], 0, 1)
        mailing.send_again(mail=row, by=ada)
        assert (send_waiting(), states(), len(mail.outbox)) == (1, ["sent"], 2)
        with pytest.raises(StaleTransition):
            mailing.send_again(mail=row, by=ada)
    assert mail.outbox[0].extra_headers["Message-ID"] == mail.outbox[1].extra_headers["Message-ID"]
    assert AuditEntry.objects.get().verb == Verb.SENT_AGAIN


def test_a_server_that_says_no_has_not_taken_it_so_it_is_tried_again(omar: User, settings: Any) -> None:
    write_once(omar)
    settings.EMAIL_BACKEND = f"{__name__}.Refusing"
    assert (send_waiting(), states()) == (0, ["waiting"])
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    with later():
        assert (send_waiting(), states(), len(mail.outbox)) == (1, ["sent"], 1)


def test_of_two_who_took_the_same_mail_one_hands_it_over(omar: User) -> None:
    row = write_once(omar)
    assert mailing._hand_over(row)
    assert not mailing._hand_over(row)
    assert len(mail.outbox) == 1
