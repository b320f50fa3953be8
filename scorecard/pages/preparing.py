"""What workers make before anybody asks for it: the pages that everybody begins with, of the latest period."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from functools import cache

from django.http import QueryDict

from accounts.company import today_of
from accounts.models import Company, User
from accounts.rights import Right
from core.once import one_reading
from core.reader import PLAIN, Formats, written_for
from scorecard.pages.cells import landing_period, serving_of
from scorecard.pages.home_parts import asked_part, news_part, shared_part
from scorecard.pages.matrix_parts import json_part, page_part
from scorecard.reading.caching import Part, State, key_of, read_state, steady_tag
from scorecard.reading.news import late_today
from scorecard.services.visits import Looked, visits, would_look

READERS, LATELY = 20, timedelta(days=14)  # what so many see who looked lately is made before they look again


def wanted_texts(now: datetime) -> dict[str, Callable[[], str]]:
    """What will be asked for next, by key: home and matrix of the latest period in each way to write that is wanted,
    what those see beside it who looked lately, and the matrix for programs. Nothing for a company without data.
    """
    company, state = read_state()
    period = landing_period(company, state)
    if period is None:
        return {}
    late, plain, readers = cache(late_today), QueryDict(), list(_lately(now))
    parts = [(PLAIN, json_part(period, today_of(company)))]
    shared = shared_part(company, period, lambda: serving_of(period, plain, state))
    matrix = page_part(company, period, plain, state)
    for wanted in {PLAIN, *(reader.formats for reader, _ in readers)}:
        parts += [(wanted, shared), (wanted, matrix)]
    for reader, looked in readers:
        news = news_part(company, period, reader, looked, late)
        parts += [(reader.formats, news), (reader.formats, asked_part(reader))]
    return dict(_ready(company, state, wanted, part) for wanted, part in parts)


def _ready(company: Company, state: State, wanted: Formats, part: Part) -> tuple[str, Callable[[], str]]:
    """The key of a part for those who want it written in that way, and its making."""
    with written_for(lambda: wanted):
        return key_of(steady_tag(company, state), part.name), _alone(part, wanted)


def _alone(part: Part, wanted: Formats) -> Callable[[], str]:
    """As readers get it who want it written in that way; what one part has read no other is told."""

    def make() -> str:
        with written_for(lambda: wanted), one_reading():
            return part.make()

    return make


def _lately(now: datetime) -> Iterator[tuple[User, Looked]]:
    """Who looked lately and may read, with what they are told who look now."""
    rows = visits().filter(began_at__gt=now - LATELY, person__is_active=True).select_related("person")
    rows = rows.prefetch_related("person__role_grants")
    for row in rows.order_by("-began_at")[:READERS]:
        if row.person.has_perm(Right.READ):
            yield row.person, would_look(row, now)
