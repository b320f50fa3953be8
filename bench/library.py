"""KPI library, grid of targets and approvals with 200 KPIs × 6 columns × 4 quarters; queries beside those for 24."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from gzip import compress
from html import unescape
from itertools import islice, product
from re import findall, search
from time import process_time
from typing import Any

from django.db import transaction
from django.test import Client

from accounts.choices import Role
from bench.company import KPIS, settle
from bench.pages import MANY, grow_to
from bench.register import ask, queries
from bench.sizes import YEAR, Size
from bench.table import Row, measured, seconds, told, within
from customers.models import Tier
from kpis.choices import Per, TargetState, TimeMethod
from kpis.models import Kpi, Target, TargetBatch
from tests import factories

TIMES, PROPOSED, PASTED = 10, 960, 40 * 16
QUARTERS = tuple(int(YEAR) * 100 + month for month in (1, 4, 7, 10))
GRID = f"/targets/?year={YEAR}&per=quarter"
LAST_GRID = f"{GRID}&page=5"  # of KPIs of which nothing waits
BY_MONTH = "the same by month, × 12"
PAGES = {
    "grid of targets, 40 KPIs × 6 columns × 4 quarters": GRID,
    BY_MONTH: f"/targets/?year={YEAR}&per=month",
    f"approvals, {PROPOSED} proposals": "/approvals/",
    "library": "/kpis/",
    "page of one KPI": "/kpis/kpi_1/",
    "its chart": "/kpis/kpi_1/chart.json",
    "actuals to enter": "/actuals/",
    "what is asked of who owns all KPIs": "/my/",
}


def rows(size: Size) -> Iterator[Row]:
    """Each page with many KPIs, then a paste and a decision."""
    stella = factories.person("Bench steward", Role.STEWARD, Role.OWNER)
    fay = factories.person("Bench finance", Role.FINANCE)
    steward, finance = factories.signed_in(stella), factories.signed_in(fay)
    Kpi.objects.update(owner=stella)
    propose(aim(), stella, few=True)
    few = {name: queries(of(name, steward, finance), address) for name, address in PAGES.items()}
    Target.objects.filter(version=2).delete()
    grow_to(MANY)
    Kpi.objects.update(owner=stella)
    propose(aim(), stella)
    settle()
    yield told("the library", f"{MANY} KPIs, {Target.objects.count():,} targets, of which {PROPOSED} wait")
    for name, address in PAGES.items():
        client = of(name, steward, finance)
        yield told(f"{name}, p50", seconds(measured(partial(ask, client, address), TIMES)))
        yield within(f"its queries beyond those with {KPIS} KPIs", queries(client, address) - few[name], 0, "")
        yield told("its size, compressed", weight(client, address))
        if name == BY_MONTH:
            yield within("its processor's time, the fastest of ten", processor_time(client, address), 0.4, "s")
    yield from written(steward, finance)


def of(name: str, steward: Client, finance: Client) -> Client:
    """Whose browser asks for the page."""
    return finance if name.startswith("approvals") else steward


def aim() -> list[Kpi]:
    """Approve a target for each quarter, tier and KPI that takes one; those KPIs in the order of the grid."""
    kpis = list(Kpi.objects.in_matrix_order().exclude(time_method=TimeMethod.TTM))
    there = set(Target.objects.filter(per=Per.QUARTER).values_list("kpi", flat=True))
    Target.objects.bulk_create(targets([kpi for kpi in kpis if kpi.pk not in there], 1_000))
    return kpis


def propose(kpis: Sequence[Kpi], by: Any, *, few: bool = False) -> None:
    """A batch of a second version for the first KPIs, and drafts for some of those that follow."""
    batch = TargetBatch.objects.create(note="As the team agreed", proposed_by=by)
    waits = list(
        islice(targets(kpis, 1_100, version=2, state=TargetState.PROPOSED, batch=batch), 48 if few else PROPOSED)
    )
    Target.objects.bulk_create(waits)
    free = kpis[-(-len(waits) // (6 * len(QUARTERS))) :]
    Target.objects.bulk_create(targets(free[:20], 1_200, version=2, state=TargetState.DRAFT, created_by=by))


def targets(kpis: Sequence[Kpi], value: int, **fields: Any) -> Iterator[Target]:
    """One per KPI, column and quarter; approved unless said otherwise."""
    fields = {"state": TargetState.APPROVED, **fields}
    for kpi, tier, month in product(kpis, list(Tier.objects.exclude(code="untiered")), QUARTERS):
        yield Target(kpi=kpi, tier=tier, from_month=month, per=Per.QUARTER, value=value, **fields)


def processor_time(client: Client, address: str) -> float:
    """What one page takes of the processor, in seconds, undisturbed."""
    took = []
    for _ in range(TIMES):
        begun = process_time()
        ask(client, address)
        took.append(process_time() - begun)
    return min(took)


def weight(client: Client, address: str) -> str:
    """``812 KB, 45 KB``: as HTML, and as it goes over the wire."""
    text = client.get(address).getvalue()
    return f"{len(text) / 1000:,.0f} KB, {len(compress(text, 6)) / 1000:,.0f} KB"


def written(steward: Client, finance: Client) -> Iterator[Row]:
    """A paste that is saved, one with bad cells that is refused, a batch that is proposed, and one that is approved."""
    cells = shown(steward)
    bad = {**cells, **dict.fromkeys(list(cells)[1:640:64], "seven")}
    refused = measured(partial(post, steward, LAST_GRID, bad, 400), 3)
    yield told(f"a paste of {PASTED} cells of which ten are bad, refused", seconds(refused))
    saved = measured(partial(post, steward, LAST_GRID, cells), 3, before=forget)
    yield told(f"a paste of {PASTED} cells, saved as drafts", seconds(saved))
    chosen = list(map(str, Target.objects.filter(state=TargetState.PROPOSED).values_list("pk", flat=True)))
    sent = {f"d-{pk}": "approve" for pk in chosen}
    took = measured(partial(post, finance, "/approvals/decide/", sent, undone=True), 3)
    yield told(f"{len(chosen)} proposals approved, each superseding a target", seconds(took))


def shown(client: Client) -> dict[str, str]:
    """What the grid's form sends after a paste of so many cells."""
    text = client.get(LAST_GRID).content.decode()
    found = search(r'name="shown"\s+value="([^"]*)"', text)
    names = findall(r'name="(value-[\d-]+)"', text)[:PASTED]
    if found is None or len(names) < PASTED:
        raise RuntimeError(f"the grid has {len(names)} cells, and {PASTED} are to be pasted")
    return {"save": "1", "shown": unescape(found[1])} | {name: str(7 + place) for place, name in enumerate(names)}


def forget() -> None:
    """Take back what a paste saved before."""
    Target.objects.filter(state=TargetState.DRAFT, value__gte=7, value__lt=7 + PASTED).delete()


def post(client: Client, address: str, sent: Mapping[str, Any], status: int = 302, *, undone: bool = False) -> None:
    """Send once, and take it back where that is asked for."""
    with transaction.atomic():
        answer = client.post(address, sent)
        transaction.set_rollback(undone)
    if answer.status_code != status:
        raise RuntimeError(f"{address} answered {answer.status_code}")
