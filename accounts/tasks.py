"""What workers do for people: send the mails that wait in the outbox."""

from __future__ import annotations

from celery import shared_task

from accounts.services import idempotency, resets, sessions, tokens
from accounts.services import outbox as mailing


@shared_task
def send_mails() -> None:
    """Answer who asked for a new password, then send what waits."""
    resets.take_requests()
    mailing.send_waiting()


@shared_task
def forget_answers() -> None:
    """Forget the answers of calls that may be repeated no longer, and what is noted of sessions that are over."""
    idempotency.forget_old()
    sessions.forget_ended()


@shared_task
def warn_of_tokens() -> None:
    """Write to whose tokens end soon."""
    tokens.warn_of_ends()
