"""Mail on its way: written once under a key, sent by a worker, tried again until it goes; and who asked for one."""

from __future__ import annotations

from datetime import timedelta
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils import timezone

from accounts.choices import MailState
from core.auditing import Audited

MOST_TRIES = 14  # about two and a half days
LONGEST_SENDING = timedelta(minutes=10)  # longer than a mail server may take to answer (EMAIL_TIMEOUT)


class OutgoingMail(models.Model):
    """One mail to one person. The key says what it is about, so that the same mail is not written twice.

    What would let a reader of this table in, such as a link to a new password, is not in ``body``: the worker
    writes it when it sends. Nobody tries to send it before ``not_before``: whoever tries moves that on first,
    so two never try at once. ``address`` is where it goes if not to the one that the person has when it is sent.

    A mail that may go ``once`` is not tried again by itself from the moment at which it is handed over (``handed_at``):
    where nobody noted how that ended, it is unknown whether it went. ``stop_path`` is the address that ends mails of
    its kind with one click, without signing in.
    """

    audited: ClassVar = Audited(unlabelled=True)

    key = models.CharField(max_length=200, unique=True)
    to = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    address = models.EmailField(blank=True)
    subject = models.CharField(max_length=255)
    body = models.TextField()
    html = models.TextField(blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    sent_at = models.DateTimeField(null=True, blank=True)
    not_before = models.DateTimeField(default=timezone.now)
    tries = models.PositiveSmallIntegerField(default=0)
    error = models.TextField(blank=True)
    once = models.BooleanField(default=False)
    handed_at = models.DateTimeField(null=True, blank=True)
    stop_path = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering = ["-pk"]
        indexes = [
            models.Index(fields=["id"], condition=models.Q(sent_at=None), name="mail_waiting"),
        ]

    def __str__(self) -> str:
        return f"{self.subject} to {self.to}"

    @property
    def state(self) -> MailState:
        """How far it is."""
        if self.sent_at is not None:
            return MailState.SENT
        if self.handed_at is not None:
            return MailState.SENDING if self.handed_at > timezone.now() - LONGEST_SENDING else MailState.UNKNOWN
        return MailState.FAILED if self.tries >= MOST_TRIES else MailState.WAITING


class ResetRequest(models.Model):
    """Somebody asked for a link to a new password, for an address that may be nobody's.

    The page keeps the same row whoever is asked for, and looks nothing up; the worker does. ``taken_at`` is
    when it did. A row is kept for a day, for what is counted.
    """

    email = models.CharField(max_length=254)
    caller = models.CharField(max_length=64)
    at = models.DateTimeField(default=timezone.now)
    taken_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["pk"]
        indexes = [models.Index(fields=["caller", "at"], name="reset_by_caller")]

    def __str__(self) -> str:
        return f"A new password asked for by {self.caller}"
