"""What workers do for people: send the mails that wait in the outbox, and do the jobs that wait."""

from __future__ import annotations

from celery import shared_task

from accounts.services import idempotency, jobs, resets, sessions, tokens
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
def run_job(pk: int) -> None:
    """Do a job that waits, or that another worker has left."""
    jobs.run_in_worker(pk)


@shared_task
def carry_on_jobs() -> None:
    """Send again what nobody has taken, and give up what has been left too often."""
    jobs.carry_on()


@shared_task
def forget_jobs() -> None:
    """Take away files and results whose day is over."""
    jobs.expire()


@shared_task
def warn_of_tokens() -> None:
    """Write to whose tokens end soon."""
    tokens.warn_of_ends()
