"""A mail that tries the mail server out, with what the server itself says to it."""

from __future__ import annotations

import smtplib
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.core.mail import EmailMessage, get_connection

from accounts.company import company
from accounts.models import User
from accounts.reading.company import has_mail_server
from accounts.rights import Right

_LONGEST = 500


@dataclass(frozen=True, slots=True)
class MailAnswer:
    """Whether the mail was taken, and what was said to it."""

    taken: bool
    said: str


def send_trial_mail(*, by: User) -> MailAnswer:
    """Send a mail to who asks, at once, past the outbox. Raises PermissionDenied."""
    if not by.has_perm(Right.ADMINISTER):
        raise PermissionDenied("Administrators try the mail server out; your roles do not include it.")
    text = f"{by} tried out how {company().name} sends mail. It works.\n\n{settings.BASE_URL}/company/\n"
    connection = get_connection(timeout=settings.EMAIL_TIMEOUT)
    message = EmailMessage("A test mail from Tierboard", text, to=[by.email], connection=connection)
    try:
        connection.open()
        heard = _listen(getattr(connection, "connection", None))
        message.send()
        connection.close()
    except smtplib.SMTPRecipientsRefused as error:
        return MailAnswer(False, "; ".join(_said(*answer) for answer in error.recipients.values()))
    except smtplib.SMTPResponseException as error:
        return MailAnswer(False, _said(error.smtp_code, error.smtp_error))
    except OSError as error:  # no server, no name, no certificate, too long; SMTPException is one as well
        return MailAnswer(False, f"{type(error).__name__}: {error}"[:_LONGEST])
    if not has_mail_server():
        return MailAnswer(True, f"There is no mail server (EMAIL_URL): it is a file in {settings.EMAIL_FILE_PATH}")
    return MailAnswer(True, heard[-1] if heard else "It was taken without a word")


def _listen(server: Any) -> list[str]:
    """What the server will say to a whole mail, which the library hears and does not pass on."""
    heard: list[str] = []
    if isinstance(server, smtplib.SMTP):
        data = server.data

        def told(message: Any) -> tuple[int, bytes]:
            answer = data(message)
            heard.append(_said(*answer))
            return answer

        server.data = told  # type: ignore[method-assign,assignment]
    return heard


def _said(code: int, text: bytes | str) -> str:
    words = text.decode("utf-8", "replace") if isinstance(text, bytes) else text
    return " ".join(f"{code} {words}".split())[:_LONGEST]
