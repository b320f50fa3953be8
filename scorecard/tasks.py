"""What workers do for the scorecard: call. What is another is found by comparing; messages only wake."""

from __future__ import annotations

import logging

from celery import shared_task
from django.db import transaction

from scorecard.services import transitions

logger = logging.getLogger(__name__)


@shared_task
def write_transitions() -> None:
    """Write what became another since the last comparison."""
    transitions.write_transitions()


def request_comparison() -> None:
    """Wake a worker once the transaction is committed. Without a broker the scheduler does it later."""

    def send() -> None:
        try:
            write_transitions.delay()
        except Exception:  # whatever a transport raises: the next look finds what is another
            logger.warning("The queue takes no message; the scheduler will have cells compared", exc_info=True)

    transaction.on_commit(send)
