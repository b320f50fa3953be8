"""Waking a worker. What is to be done stands in the database; a message only makes it sooner."""

from __future__ import annotations

import logging
from collections.abc import Callable

logger = logging.getLogger(__name__)


def wake_worker(send: Callable[[], object], otherwise: str) -> None:
    """Send a message. Where the queue takes none, whatever a transport raises, it is logged what the scheduler does
    ``otherwise``: ``will start the rollup``.
    """
    try:
        send()
    except Exception:
        logger.warning("The queue takes no message; the scheduler %s", otherwise, exc_info=True)
