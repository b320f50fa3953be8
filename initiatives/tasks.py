"""What workers do for initiatives: remind, and look for what turned for the better."""

from __future__ import annotations

from celery import shared_task

from accounts.company import today
from initiatives.mails import reminders
from initiatives.services.recognition import nominate_turnarounds


@shared_task
def remind() -> None:
    """Write the weekly mails of everybody whose hour has come."""
    reminders.remind()


@shared_task
def nominate() -> None:
    """Nominate turnarounds of the last quarter and month."""
    nominate_turnarounds(today=today())
