"""Rows on the home page with 200 KPIs and 1,000 initiatives, beside its template from values in memory."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from django.db import connection
from django.template.loader import render_to_string
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.choices import Role
from accounts.company import company, today
from accounts.models import User
from bench.pages import MANY, changed, followed, grow_to
from bench.register import fill
from bench.sizes import LATEST, Size
from bench.table import Row, against, measured, seconds, told, within
from core.periods import Period
from initiatives.models import Initiative
from scorecard.pages.home import PARTS, show_home
from scorecard.reading.home import read_home
from tests import factories

PAGE = "/"
FEW, REGISTER, TIMES = 100, 1_000, 20


def rows(size: Size) -> Iterator[Row]:
    """What is kept, what is unchanged, and the first answer after a change."""
    reader = User.objects.filter(name="Ines").first() or factories.person("Ines", Role.EXECUTIVE)
    client = factories.signed_in(reader)
    _grow_register(FEW, reader)
    _ask(client)
    few = _queries(client)
    grow_to(MANY)
    _grow_register(REGISTER, reader)
    first, again = _queries(client)
    yield within("home, looked at again: p50", measured(partial(_ask, client), TIMES) * 1000, 50)
    yield within("its queries", again, 15, "")
    yield within("queries more for 200 KPIs and 1,000 initiatives", max(first - few[0], again - few[1]), 0, "")
    template = measured(_template(), TIMES)
    cold = measured(partial(_ask, client), TIMES // 4, before=followed)
    yield against("the first answer after a change, once a worker prepared it, p50", cold, template, 3)
    followed()
    with CaptureQueriesContext(connection) as queries:
        _ask(client)
    yield within("its queries", len(queries), 15, "")
    at_once = measured(partial(_ask, client), TIMES // 4, before=changed)
    yield told("before a worker came", f"{seconds(at_once)}, {first} queries", seconds(template))


def _grow_register(number: int, owner: User) -> None:
    if (there := Initiative.objects.count()) < number:
        fill(there, number, [owner] * 40)


def _ask(client: Client) -> None:
    answer = client.get(PAGE, headers={"Accept-Encoding": "gzip"})
    if answer.status_code != 200:
        raise RuntimeError(f"{PAGE} answered {answer.status_code}")


def _queries(client: Client) -> tuple[int, int]:
    """Of the first answer after a change that no worker has followed, and of the next."""
    changed()
    counts = []
    for _ in range(2):
        with CaptureQueriesContext(connection) as queries:
            _ask(client)
        counts.append(len(queries))
    return counts[0], counts[1]


def _template() -> partial[list[str]]:
    """The page's parts from a value that was read before."""
    found = company()
    shown = show_home(read_home(Period.parse(LATEST, found.calendar), today()), found.currency)
    context = {"page": shown, "company": found, "chart_height": 100}
    return partial(_rendered, context)


def _rendered(context: dict[str, object]) -> list[str]:
    return [render_to_string(f"scorecard/parts/home_{part}.html", context) for part in PARTS]
