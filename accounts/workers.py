"""Which workers are there: each says now and then that it is well, and who watches asks when one last did."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.utils import timezone

from accounts.models import Worker

# Several times as long as config/watchdog.py lets pass between two.
SILENT_AFTER = timedelta(seconds=90)
# Containers get a new name with each start.
FORGET_AFTER = timedelta(days=7)


def note_worker(name: str) -> None:
    """This worker is well now."""
    seen = Worker(name=name, seen_at=timezone.now())
    Worker.objects.bulk_create([seen], update_conflicts=True, unique_fields=["name"], update_fields=["seen_at"])


def forget_old_workers() -> None:
    """Those who have said nothing for a week."""
    Worker.objects.filter(seen_at__lt=timezone.now() - FORGET_AFTER).delete()


def last_seen() -> datetime | None:
    """When a worker last said that it is well; None where none ever did."""
    return Worker.objects.values_list("seen_at", flat=True).first()


def somebody_works() -> bool:
    """Whether a worker is well: it said so lately, by a clock that may be ahead or behind by as much."""
    now = timezone.now()
    return Worker.objects.filter(seen_at__range=(now - SILENT_AFTER, now + SILENT_AFTER)).exists()
