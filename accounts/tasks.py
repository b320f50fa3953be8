"""What workers do for people: send the mails that wait in the outbox."""

from __future__ import annotations

from celery import shared_task

from accounts import mailing


@shared_task
def send_mails() -> None:
    """Send what waits."""
    mailing.send_waiting()
