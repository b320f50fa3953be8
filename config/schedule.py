"""The scheduler, on machines whose clock may be set back."""

from __future__ import annotations

import dbm
import logging
from typing import Any, cast

from celery.beat import PersistentScheduler

logger = logging.getLogger(__name__)


class SteadyScheduler(PersistentScheduler):
    """Celery's scheduler waits until the clock has caught up with when something last ran: after it was set
    back by hours, for hours, and a restart does not help. This one takes such a moment for now.
    """

    def tick(self, *args: Any, **kwargs: Any) -> float:
        """One look at what is due; returns the seconds until the next."""
        entries = self.schedule.values()
        ahead = [entry for entry in entries if entry.last_run_at and entry.last_run_at > entry.default_now()]
        for entry in ahead:
            entry.last_run_at = entry.default_now()
        if ahead:
            self._heap = None  # it is in the order of moments that are now in the future
        return float(super().tick(*args, **kwargs))

    def sync(self) -> None:
        """Note when everything last ran. Where the disk is full that is not known after a restart, and no more."""
        try:
            super().sync()
        except (OSError, *dbm.error):
            logger.warning("What the scheduler ran could not be noted; it goes on", exc_info=True)
            # The shelf forgets that it writes back where it breaks off, and would keep no change from then on.
            cast("Any", self)._store.writeback = True
