"""When a page is still what the browser has: the tag that conditional requests compare."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from hashlib import sha256
from typing import Any

from django.conf import settings
from django.contrib.messages import get_messages
from django.db.models import QuerySet, Subquery, Sum, Value
from django.http import HttpRequest
from django.utils import timezone

from accounts.models import AuditEntry, Company
from core.periods import Month
from kpis.models import RolledSlice, RollupRun

_CODE = ("templates", "core", "accounts", "customers", "kpis", "scorecard")


@cache
def build_tag() -> str:
    """A hash of the program's own pages and code: a new version is a new page."""
    found = sha256()
    for room in _CODE:
        for path in sorted((settings.BASE_DIR / room).rglob("*")):
            if path.suffix in {".py", ".html"}:
                found.update(path.read_bytes())
    return found.hexdigest()[:12]


@dataclass(frozen=True, slots=True)
class State:
    """How far the record and the cells are: the newest audit entries, the end of the newest rollup, and
    the first and last month with data (None where there are none).

    ``entries`` adds up the newest numbers: one that was drawn early and committed late, behind a newer
    one, changes it too.
    """

    entries: int | None
    finished: datetime | None
    first: Month | None
    last: Month | None


def state_of(request: HttpRequest) -> State:
    """The state as of this request, read once, in one query."""
    if not hasattr(request, "_cells_state"):
        request._cells_state = State(*_state_query().all()[0])  # type: ignore[attr-defined]
    state: State = request._cells_state  # type: ignore[attr-defined]
    return state


@cache
def _state_query() -> QuerySet[Company, tuple[Any, ...]]:
    """Put together once: that takes longer than the database needs to answer it."""
    newest = AuditEntry.objects.order_by("-pk").values("pk")[:50]
    entries = AuditEntry.objects.filter(pk__in=newest).order_by().values(one=Value(1))
    runs = RollupRun.objects.filter(finished_at__isnull=False).order_by("-finished_at").values("finished_at")[:1]
    months = RolledSlice.objects.filter(facts__gt=0)
    first, last = months.order_by("month").values("month")[:1], months.order_by("-month").values("month")[:1]
    return Company.objects.values_list(
        *(Subquery(part) for part in (entries.annotate(sum=Sum("pk")).values("sum"), runs, first, last))
    )


def page_tag(request: HttpRequest, *args: Any, **kwargs: Any) -> str | None:
    """The tag of a page about cells.

    Whatever such a page shows changes by an audited write, by a rollup, or by time: freshness is told in
    minutes for an hour and in hours for a day. A page with a message to show has no tag.
    """
    if len(get_messages(request)):
        return None
    state = state_of(request)
    parts = (build_tag(), request.user.pk, state.entries, state.finished, _clock(state.finished, timezone.now()))
    return f'W/"{sha256(repr(parts).encode()).hexdigest()[:32]}"'


def _clock(finished: datetime | None, now: datetime) -> str:
    """As much of the time as the page tells."""
    age = now - finished if finished else timedelta.max
    if age < timedelta(hours=1, minutes=1):
        return now.strftime("%Y-%m-%d %H:%M")
    return now.strftime("%Y-%m-%d %H" if age < timedelta(days=3) else "%Y-%m-%d")
