"""What workers do for the scorecard: call. What is another is found by comparing; messages only wake."""

from __future__ import annotations

from celery import shared_task
from django.db import transaction

from core.waking import wake_worker
from scorecard.mails import alerts
from scorecard.services import transitions


@shared_task
def write_transitions() -> None:
    """Write what became another since the last comparison, and to who follows it."""
    transitions.write_transitions()
    alerts.write_alerts()


def request_comparison() -> None:
    """Wake a worker once the transaction is committed. Without a broker the scheduler does it later."""
    transaction.on_commit(lambda: wake_worker(write_transitions.delay, "will have cells compared"))
