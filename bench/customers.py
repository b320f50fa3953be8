"""The pages of customers, on as many as the size has: the list, searched and filtered, and one customer."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from django.core.cache import caches
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.choices import Role
from accounts.models import User
from bench.sizes import QUARTER, Size
from bench.table import Row, measured, within
from customers.choices import LifecycleKind
from customers.models import Customer, LifecycleEvent
from tests import factories

TIMES, MOST, QUERIES = 20, 100, 30
_EVERY = 3  # customer has an event


def rows(size: Size) -> Iterator[Row]:
    """Each page, its first answer after something was written and those that follow."""
    if not LifecycleEvent.objects.exists():
        _begin()
    reader = User.objects.filter(name="Clara").first() or factories.person("Clara", Role.STEWARD)
    client = factories.signed_in(reader)
    name = Customer.objects.order_by("-external_id").values_list("external_id", flat=True)[7]
    pages = {
        "list of customers": "/customers/",
        "searched for one": f"/customers/?q={name[1:]}",
        "searched for what nobody has": "/customers/?q=zzz",
        "of a tier, by name": "/customers/?tier=T1&sort=name",
        "without a tier": "/customers/?tier=untiered",
        "new in a quarter": f"/customers/?new_in={QUARTER}",
        "of all filters": f"/customers/?q=99&tier=T1&is_key_account=true&lost_in={QUARTER}",
    }
    for words, address in pages.items():
        first = measured(_asking(client, address), TIMES, before=caches["counts"].clear)
        yield within(f"{words}, {size.customers:,} customers, the first answer, p50", first * 1000, MOST)
        again = measured(_asking(client, address), TIMES)
        yield within("the same again, p50", again * 1000, MOST)
    one = f"/customers/{name}/"
    yield within("page of one customer, p50", measured(_asking(client, one), TIMES) * 1000, MOST)
    with CaptureQueriesContext(connection) as asked:
        client.get(one)
    yield within("its queries", len(asked), QUERIES, "")
    effect = f"{one}effect/?period={QUARTER}"
    yield within("what it does to its tier, p50", measured(_asking(client, effect), TIMES) * 1000, MOST)


def _asking(client: Client, address: str) -> Callable[[], object]:
    def ask() -> None:
        assert client.get(address).status_code == 200, address  # noqa: S101

    return ask


def _begin() -> None:
    """Every third customer joined, and every ninth left again."""
    days = ("2024-02-01", "2025-05-15")
    ids = Customer.objects.order_by("pk").values_list("pk", flat=True)
    for place, kind in enumerate((LifecycleKind.JOINED, LifecycleKind.LEFT)):
        LifecycleEvent.objects.bulk_create(
            (LifecycleEvent(customer_id=pk, on=days[place], kind=kind) for pk in ids if not pk % _EVERY ** (place + 1)),
            batch_size=5_000,
        )
