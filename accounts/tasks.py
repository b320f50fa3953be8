"""What workers do for people: send the mails that wait in the outbox."""

from __future__ import annotations

from celery import shared_task

from accounts.services import outbox as mailing
from accounts.services import resets


@shared_task
def send_mails() -> None:
    """Answer who asked for a new password, then send what waits."""
    resets.take_requests()
    mailing.send_waiting()
