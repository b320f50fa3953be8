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
from bench.pages import MANY, changed, grow_to
from bench.register import fill
from bench.sizes import QUARTER, Size
from bench.table import Row, against, measured, told, within
from core.periods import Period
from initiatives.models import Initiative
from scorecard.pages.home import PARTS, show_home
from scorecard.reading.home import read_home
from tests import factories

PAGE = f"/?period={QUARTER}"
FEW, REGISTER, TIMES = 100, 1_000, 20


def rows(size: Size) -> Iterator[Row]:
    """What is kept, what is unchanged, and the first answer after a change."""
    reader = User.objects.filter(name="Ines").first() or factories.person("Ines", Role.EXECUTIVE)
    client = factories.signed_in(reader)
    _ask(client)
    few = _queries(client)
    grow_to(MANY)
    if (there := Initiative.objects.count()) < REGISTER:
        fill(there, REGISTER, [reader] * 40)
    first, again = _queries(client)
    yield within("home, looked at again: p50", measured(partial(_ask, client), TIMES) * 1000, 50)
    yield within("its queries", again, 15, "")
    yield within("queries more for 200 KPIs and 1,000 initiatives", max(first - few[0], again - few[1]), 0, "")
    cold = measured(partial(_ask, client), TIMES // 4, before=changed)
    yield against("the first answer after a change, p50", cold, measured(_template(), TIMES), 3)
    yield told("its queries, what is asked of the reader among them", str(first))


def _ask(client: Client) -> None:
    answer = client.get(PAGE, headers={"Accept-Encoding": "gzip"})
    if answer.status_code != 200:
        raise RuntimeError(f"{PAGE} answered {answer.status_code}")


def _queries(client: Client) -> tuple[int, int]:
    """Of the first answer after a change, and of the next."""
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
    shown = show_home(read_home(Period.parse(QUARTER, found.calendar), today()), found.currency)
    context = {"page": shown, "company": found, "chart_height": 100}
    return partial(_rendered, context)


def _rendered(context: dict[str, object]) -> list[str]:
    return [render_to_string(f"scorecard/parts/home_{part}.html", context) for part in PARTS]
