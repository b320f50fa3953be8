"""Changes that a later load of an existing row makes, kept by the day so that a past day can be asked."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from accounts.company import today
from accounts.loads import Change, LoadJob
from initiatives.choices import Tracked
from initiatives.models import TrackedChange


def track_changes(
    job: LoadJob,
    changes: Iterable[Change],
    columns: Mapping[str, Tracked],
    owner_of: Callable[[Change], dict[str, Any]],
) -> None:
    """One tracked change for each of these columns that differs on a row that was there before.

    ``owner_of`` names the initiative (and milestone) of a change, as model fields.
    """
    day = today()
    TrackedChange.objects.bulk_create(
        [
            TrackedChange(
                what=what,
                before=(change.before or {})[column],
                after=(change.after or {})[column],
                on=day,
                by=job.by,
                load=job.load,
                **owner_of(change),
            )
            for change in changes
            if change.before and change.after
            for column, what in columns.items()
            if change.differs(column)
        ],
        batch_size=500,
    )
