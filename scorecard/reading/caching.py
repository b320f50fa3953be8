"""What is still as it was: the tag that conditional requests compare, and texts kept for as long as it stands."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from hashlib import sha256
from threading import Lock
from typing import Any

from django.conf import settings
from django.contrib.messages import get_messages
from django.core.cache import caches
from django.http import HttpRequest
from django.middleware.csrf import get_token
from django.utils import timezone

from accounts.company import agreed, today_of
from accounts.context import company_of, remember_company
from accounts.models import Company
from accounts.reading.record import NEWEST_ENTRIES, row_of
from core.periods import Month
from core.reader import formats
from scorecard.models import PreparedText

_CODE = ("templates", "core", "accounts", "customers", "kpis", "initiatives", "scorecard")
# Written out, for Django would take longer to put it together than the database to answer it.
_STATE = f"""
    SELECT company.*,
        ({NEWEST_ENTRIES}) AS entries,
        (SELECT SUM(id) FROM (SELECT id FROM kpis_rolluprun WHERE finished_at IS NOT NULL ORDER BY id DESC LIMIT 50)
            ended) AS runs,
        (SELECT MAX(finished_at) FROM kpis_rolluprun) AS finished,
        (SELECT MAX(id) FROM scorecard_edition) AS edition,
        (SELECT MIN(month) FROM kpis_rolledslice WHERE facts > 0) AS first_month,
        (SELECT MAX(month) FROM kpis_rolledslice WHERE facts > 0) AS last_month
    FROM accounts_company company WHERE company.id = 1
"""  # noqa: S608 - no value of anybody's
_one_at_a_time = Lock()


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
    """How far the record and the cells are: the newest audit entries, the newest rollups, the end of the
    last one, the first and last month with data, and the newest edition (None where there are none).

    ``entries`` and ``runs`` add up the newest numbers: one that was drawn early and committed late, behind
    a newer one, changes them too, and so does a rollup that ends after the clock was put back.
    """

    entries: int | None
    runs: int | None
    finished: datetime | None
    first: Month | None
    last: Month | None
    edition: int | None = None


def read_state() -> tuple[Company, State]:
    """The company and the state as of now, in one query."""
    found: Any = agreed(Company.objects.raw(_STATE)[0])
    ended, months = _moment(found.finished), (found.first_month, found.last_month)
    return found, State(found.entries, found.runs, ended, *months, found.edition)


def state_of(request: HttpRequest) -> State:
    """The state as of this request, read once."""
    if not hasattr(request, "_cells_state"):
        company, state = read_state()
        remember_company(request, company)
        request._cells_state = state  # type: ignore[attr-defined]
    read: State = request._cells_state  # type: ignore[attr-defined]
    return read


def _moment(stored: object) -> datetime | None:
    """SQLite keeps moments as texts in UTC, which only Django's own queries turn back."""
    moment = datetime.fromisoformat(str(stored)) if stored else None
    return moment.replace(tzinfo=moment.tzinfo or UTC) if moment else None


def steady_tag(company: Company, state: State) -> str:
    """What all that is the same for everybody rests on, but for the minutes that a page's bar tells.

    Whatever a page about cells shows changes by an audited write, by a rollup, with the company's own row, or with the
    company's day. The signs in which the reader wants numbers and days make it another text.
    """
    return _digest((build_tag(), row_of(company), state, today_of(company), formats()))


def shared_tag(request: HttpRequest) -> str:
    """The steady tag as of this request."""
    if not hasattr(request, "_shared_tag"):
        state = state_of(request)
        request._shared_tag = steady_tag(company_of(request), state)  # type: ignore[attr-defined]
    tag: str = request._shared_tag  # type: ignore[attr-defined]
    return tag


def page_tag(request: HttpRequest, *args: Any, **kwargs: Any) -> str | None:
    """The tag of a page about cells for this person, as long as its forms can be sent: each session has a secret of
    its own, and what was typed must not be lost to an old one. A part that is fetched into a page has another tag
    than the page at its address, or a browser would show the bare part. A page with a message to show has none.

    Freshness is told in minutes for an hour and in hours for a day.
    """
    if len(get_messages(request)):
        return None
    get_token(request)  # a first visit begins one
    secret, part = request.META["CSRF_COOKIE"], "HX-Request" in request.headers
    clock = _clock(state_of(request).finished, timezone.now())
    return f'W/"{_digest((shared_tag(request), clock, request.user.pk, secret, part))}"'


def kept(request: HttpRequest, make: Callable[[], str], of: str = "") -> str:
    """The text of this address, or of what several addresses show a part of, made again where the tag is another.

    For texts that are the same for everybody who may read: who may, is asked before; and that tell no minutes. Each
    process keeps a few (``settings.CACHES``). Those who ask at once for what has changed wait for the first of them.
    """
    store, key = caches["texts"], key_of(shared_tag(request), of or request.get_full_path())
    text: str | None = store.get(key)
    if text is None:
        with _one_at_a_time:
            text = store.get(key)
            if text is None:
                text = make()
                store.set(key, text)
    return text


@dataclass(frozen=True, slots=True)
class Part:
    """A text that workers make before it is asked for: the name under which it is kept, and how it is made."""

    name: str
    make: Callable[[], str]


def kept_part(request: HttpRequest, part: Part) -> str:
    """The text of a part: what this process keeps, else what a worker prepared, else made now."""
    return kept(request, lambda: prepared_text(request, part.name) or part.make(), part.name)


def prepared_text(request: HttpRequest, name: str) -> str | None:
    """What a worker made of the text since that which it rests on changed; None where it has not yet. One query."""
    key = key_of(shared_tag(request), name)
    return PreparedText.objects.filter(key=key).values_list("text", flat=True).first()


def key_of(tag: str, name: str) -> str:
    """Under what a text is kept while the tag stands."""
    return _digest((tag, name))


def _clock(finished: datetime | None, now: datetime) -> str:
    """As much of the time as the page tells."""
    age = now - finished if finished else timedelta.max
    if age < timedelta(hours=1, minutes=1):
        return now.strftime("%Y-%m-%d %H:%M")
    return now.strftime("%Y-%m-%d %H" if age < timedelta(days=3) else "%Y-%m-%d")


def _digest(parts: object) -> str:
    return sha256(repr(parts).encode()).hexdigest()[:32]
