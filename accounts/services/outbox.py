"""Mails: written once under a key, sent by a worker, tried again until they go.

The table is the queue, messages only wake: without a broker the scheduler sends a minute later. Whoever
sends claims the mail first, by compare-and-swap, and gives every try the same Message-ID; so a mail goes
twice only where a worker dies between handing it over and noting so, and then as one mail to whoever
reads it.

A mail that may go once never goes twice: that it is handed over is noted, by compare-and-swap, before it is. Where a
worker dies then, or the server's answer is lost, it is unknown whether it went; an administrator may send it again.
"""

from __future__ import annotations

import hashlib
import logging
import smtplib
from collections.abc import Callable
from datetime import timedelta
from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMultiAlternatives, get_connection
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from accounts.audit import record
from accounts.choices import MailState, Verb
from accounts.models import OutgoingMail, User
from accounts.models.mail import LONGEST_SENDING, MOST_TRIES
from core.waking import wake_worker
from core.writes import StaleTransition

logger = logging.getLogger(__name__)

# As long as handing over may take, so that no second try begins beside the first.
FIRST_WAIT, LONGEST_WAIT = LONGEST_SENDING, timedelta(hours=6)
BATCH = 200
# The server answered, or was never asked: it has not taken the mail.
_NOT_TAKEN = (
    *(smtplib.SMTPResponseException, smtplib.SMTPRecipientsRefused, smtplib.SMTPNotSupportedError),
    ConnectionRefusedError,
)

# What writes a mail in the moment in which it is sent, by the first word of its key: see ``written_late``.
_LATE: dict[str, Callable[[OutgoingMail], str]] = {}


def absolute(path: str) -> str:
    """The whole address of a page, for a mail."""
    return f"{settings.BASE_URL}{path}"


def written_late(word: str, letter: Callable[[OutgoingMail], str]) -> None:
    """Have ``letter`` write the body of mails whose key begins with ``word:``, at each try to send one."""
    _LATE[word] = letter


def one_mail(person: User, what: str, write: Callable[[], bool]) -> bool | None:
    """Whether ``write`` wrote one person's mail, in a transaction of its own; None where that failed.

    What fails is logged and tried again by the next look, and stops nobody else's.
    """
    try:
        with transaction.atomic():
            return write()
    except Exception:
        logger.exception("The %s to person %s could not be written", what, person.pk)
        return None


def write_mail(
    *,
    key: str,
    to: User,
    subject: str,
    body: str,
    html: str = "",
    address: str = "",
    once: bool = False,
    stop: str = "",
) -> OutgoingMail | None:
    """Put a mail into the outbox, to be sent after the commit; None where one of that key is there already.

    ``address``: where it goes, if not to the one that the person has when it is sent. ``once``: it is handed to the
    server once and never again by itself. ``stop``: the path that ends mails of its kind with one click.
    """
    texts = {"to": to, "address": address, "subject": " ".join(subject.split())[:255], "body": body, "html": html}
    texts |= {"once": once, "stop_path": stop}
    mail, new = OutgoingMail.objects.get_or_create(key=key, defaults=texts)
    if new:
        wake_after_commit()
    return mail if new else None


def wake_after_commit() -> None:
    """Have a worker look at what waits as soon as this transaction is committed."""
    transaction.on_commit(_wake)


def _wake() -> None:
    from accounts.tasks import send_mails

    wake_worker(lambda: send_mails.apply_async(expires=60), "will have the mail sent")


def send_waiting() -> int:
    """Send what waits and is due, the oldest first; how many went. A mail that fails holds up no other."""
    open_ = OutgoingMail.objects.filter(sent_at=None, handed_at=None, tries__lt=MOST_TRIES)
    waiting = open_.filter(not_before__lte=timezone.now(), to__is_active=True)
    mails = list(waiting.select_related("to").order_by("pk")[:BATCH])
    return sum(_send(mail) for mail in mails if _claim(mail))


def _claim(mail: OutgoingMail) -> bool:
    """Take a mail for this try; False where somebody else has taken or sent it."""
    wait = min(FIRST_WAIT * 2**mail.tries, LONGEST_WAIT)
    same = OutgoingMail.objects.filter(pk=mail.pk, sent_at=None, tries=mail.tries)
    return bool(same.update(tries=F("tries") + 1, not_before=timezone.now() + wait))


def _send(mail: OutgoingMail) -> bool:
    """Hand a claimed mail over and note how it went."""
    row = OutgoingMail.objects.filter(pk=mail.pk)
    try:
        if not _hand_over(mail):
            return False
    except Exception as error:  # a server away, an address refused, a disk full: the next try may find it mended
        taken = {} if mail.once and not isinstance(error, _NOT_TAKEN) else {"handed_at": None}
        row.update(error=f"{type(error).__name__}: {error}"[:2000], **taken)
        logger.warning("Mail %s did not go at try %s of %s", mail.pk, mail.tries + 1, MOST_TRIES, exc_info=True)
        return False
    row.update(sent_at=timezone.now(), error="")
    return True


def _hand_over(mail: OutgoingMail) -> bool:
    """Give a mail to the server; False where somebody else has done that with one that may go once."""
    message = _message(mail)
    if mail.once:
        with get_connection() as link:  # a server that is away, or lets nobody in, has taken nothing
            message.connection = link
            if not OutgoingMail.objects.filter(pk=mail.pk, handed_at=None).update(handed_at=timezone.now()):
                return False
            message.send()
    else:
        message.send()
    return True


@transaction.atomic
def send_again(*, mail: OutgoingMail, by: User) -> None:
    """Send a mail of which it is unknown whether it went, or that failed too often, as the same mail.

    Raises StaleTransition where it went or is on its way.
    """
    row = OutgoingMail.objects.select_for_update().select_related("to").get(pk=mail.pk)
    if (state := row.state) not in {MailState.UNKNOWN, MailState.FAILED}:
        raise StaleTransition(f"This mail is {state.label.lower()}; nothing was sent again.")
    OutgoingMail.objects.filter(pk=row.pk).update(handed_at=None, tries=0, not_before=timezone.now(), error="")
    record(
        by=by, verb=Verb.SENT_AGAIN, obj=row, before={"state": state.value}, after={"state": MailState.WAITING.value}
    )
    wake_after_commit()


def _message(mail: OutgoingMail) -> EmailMultiAlternatives:
    headers = {"Message-ID": _message_id(mail.key), "Auto-Submitted": "auto-generated"}
    if mail.stop_path:
        headers["List-Unsubscribe"] = f"<{absolute(mail.stop_path)}>"
        headers["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    letter = _LATE.get(mail.key.partition(":")[0])
    body = letter(mail) if letter else mail.body
    message = EmailMultiAlternatives(mail.subject, body, to=[mail.address or mail.to.email], headers=headers)
    if mail.html:
        message.attach_alternative(mail.html, "text/html")
    return message


def _message_id(key: str) -> str:
    """The same for each try of one mail."""
    digest = hashlib.sha256(f"{settings.BASE_URL} {key}".encode()).hexdigest()[:40]
    return f"<{digest}@{urlsplit(settings.BASE_URL).hostname}>"
