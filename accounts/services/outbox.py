"""Mails: written once under a key, sent by a worker, tried again until they go.

The table is the queue, messages only wake: without a broker the scheduler sends a minute later. Whoever
sends claims the mail first, by compare-and-swap, and gives every try the same Message-ID; so a mail goes
twice only where a worker dies between handing it over and noting so, and then as one mail to whoever
reads it.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Callable
from datetime import timedelta
from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from accounts.models import OutgoingMail, User
from core.waking import wake_worker

logger = logging.getLogger(__name__)

# Longer than a mail server may take to answer (EMAIL_TIMEOUT), so that no second try begins beside the first.
FIRST_WAIT, LONGEST_WAIT = timedelta(minutes=10), timedelta(hours=6)
MOST_TRIES = 14  # about two and a half days
BATCH = 200

# What writes a mail in the moment in which it is sent, by the first word of its key: see ``written_late``.
_LATE: dict[str, Callable[[OutgoingMail], str]] = {}


def absolute(path: str) -> str:
    """The whole address of a page, for a mail."""
    return f"{settings.BASE_URL}{path}"


def written_late(word: str, letter: Callable[[OutgoingMail], str]) -> None:
    """Have ``letter`` write the body of mails whose key begins with ``word:``, at each try to send one."""
    _LATE[word] = letter


def write_mail(
    *, key: str, to: User, subject: str, body: str, html: str = "", address: str = ""
) -> OutgoingMail | None:
    """Put a mail into the outbox, to be sent after the commit; None where one of that key is there already.

    ``address``: where it goes, if not to the one that the person has when it is sent.
    """
    texts = {"to": to, "address": address, "subject": " ".join(subject.split())[:255], "body": body, "html": html}
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
    now = timezone.now()
    waiting = OutgoingMail.objects.filter(sent_at=None, tries__lt=MOST_TRIES, not_before__lte=now, to__is_active=True)
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
        _message(mail).send()
    except Exception as error:  # a server away, an address refused, a disk full: the next try may find it mended
        row.update(error=f"{type(error).__name__}: {error}"[:2000])
        logger.warning("Mail %s did not go at try %s of %s", mail.pk, mail.tries + 1, MOST_TRIES, exc_info=True)
        return False
    row.update(sent_at=timezone.now(), error="")
    return True


def _message(mail: OutgoingMail) -> EmailMultiAlternatives:
    headers = {"Message-ID": _message_id(mail.key), "Auto-Submitted": "auto-generated"}
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
