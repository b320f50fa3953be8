"""Rows on the matrix as a page and as JSON, beside the same template and JSON from values in memory."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator
from functools import partial

from django.db import connection
from django.http import QueryDict
from django.test import Client, RequestFactory
from django.test.utils import CaptureQueriesContext, override_settings

from accounts.audit import record
from accounts.choices import Role, Verb
from accounts.company import company
from accounts.models import User
from bench import urls
from bench.company import KPIS, add_kpis, set_targets
from bench.sizes import LATEST, MONTHS, QUARTER, Size
from bench.table import Row, against, in_turn, measured, seconds, told, within
from core.periods import Period
from kpis.models import Kpi, SliceTouch
from kpis.reading.matrix import build_matrix
from kpis.rollup.runs import roll_up_now
from scorecard.pages.cells import matrix_page
from scorecard.reading.caching import state_of
from scorecard.reading.matrix_json import matrix_json
from scorecard.tasks import prepare_texts
from tests import factories

MANY, TIMES = 200, 40
PAGE = f"/matrix/{QUARTER}/"
JSON = f"/api/v1/matrix/?period={QUARTER}"


def rows(size: Size) -> Iterator[Row]:
    """24 KPIs, then 200 that count the same facts."""
    reader = User.objects.filter(name="Ines").first() or factories.person("Ines", Role.EXECUTIVE)
    roll_up_now()
    with override_settings(ROOT_URLCONF="bench.urls"):
        client = factories.signed_in(reader)
        few = yield from _matrix(client, KPIS)
        grow_to(MANY)
        many = yield from _matrix(client, MANY)
    yield within("queries more for 200 KPIs than for 24", max(many) - max(few), 0, "")


def grow_to(number: int) -> None:
    """More KPIs, of the same facts, rolled up."""
    missing = number - Kpi.objects.count()
    if missing > 0:
        made = add_kpis(missing, facts_of=list(Kpi.objects.filter(facts_of=None).order_by("pk")[:KPIS]))
        set_targets(made)
        SliceTouch.objects.bulk_create(SliceTouch(kpi=kpi, month=month) for kpi in made[:KPIS] for month in MONTHS)
        roll_up_now()


def _matrix(client: Client, kpis: int) -> Generator[Row, None, list[int]]:
    """Page and JSON; their numbers of queries are the generator's value."""
    remember(client)
    counts = []
    for name, address, limit, most in (("page", PAGE, "/bench/page/", 1.5), ("JSON", JSON, "/bench/json/", 4)):
        figure, least = in_turn([partial(_ask, client, at) for at in (address, limit)], TIMES)
        yield against(f"matrix {name}, {kpis} KPIs, p50", figure, least, 2)
        latest = address.replace(QUARTER, LATEST)  # which is prepared
        first = measured(partial(_ask, client, latest), TIMES // 4, before=followed)
        yield against("the first answer after a change, once a worker prepared it, p50", first, least, most)
        yield within("its queries", len(_queries(client, latest, before=followed)), 9, "")
        at_once = measured(partial(_ask, client, address), TIMES // 4, before=changed)
        asked = len(_queries(client, address, before=changed))
        yield told("before a worker came", f"{seconds(at_once)}, {asked} queries", seconds(least))
        counts.append(asked)
        tag = _ask(client, address)
        if tag:
            yield within(f"unchanged matrix {name}, {kpis} KPIs: 304", _unchanged(client, address, tag) * 1000, 3)
    return counts


def _queries(client: Client, address: str, *, before: Callable[[], None]) -> CaptureQueriesContext:
    """Those of one answer."""
    before()
    with CaptureQueriesContext(connection) as queries:
        _ask(client, address)
    return queries


def _unchanged(client: Client, address: str, tag: str) -> float:
    """What a 304 takes. A minute that passes in between makes another page, for it tells freshness; then once more."""
    try:
        return measured(partial(_ask, client, address, tag, 304), TIMES)
    except RuntimeError:
        return measured(partial(_ask, client, address, _ask(client, address), 304), TIMES)


def changed() -> None:
    """Nothing that was kept from before counts any more."""
    record(by=None, verb=Verb.CHANGED, obj=company())


def followed() -> None:
    """A change, and the worker that follows it: each process still keeps what was before."""
    changed()
    prepare_texts()


def remember(client: Client) -> None:
    """Gather what the pages from memory show."""
    request, period = RequestFactory().get(PAGE), Period.parse(QUARTER, company().calendar)
    urls.remembered["page"] = matrix_page(company(), period, QueryDict(), state_of(request))
    urls.remembered["json"] = matrix_json(build_matrix(period))


def _ask(client: Client, address: str, tag: str = "", status: int = 200) -> str:
    """Ask once; the answer's tag."""
    seen = {"If-None-Match": tag} if tag else {}
    answer = client.get(address, headers={"Accept-Encoding": "gzip"} | seen)  # as browsers do
    if answer.status_code != status:
        raise RuntimeError(f"{address} answered {answer.status_code}")
    return answer.headers.get("ETag", "")
