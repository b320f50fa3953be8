"""The search among all customers, a register and a library, as somebody types: the slowest of each twenty answers."""

from __future__ import annotations

from collections.abc import Iterator
from statistics import quantiles
from time import perf_counter

from accounts.choices import Role
from accounts.models import User
from bench.register import fill
from bench.sizes import Size
from bench.table import Row, within
from core.registry import search_for
from customers.models import Customer
from initiatives.models import Initiative
from tests import factories

TIMES, MOST, REGISTER = 40, 50, 468
# What is typed: a whole id, the beginning of all names, of few, the middle of few, of very many, words, nothing's name.
TYPED = ("C1000077", "cust", "customer 9999", "999", "omer", "1", "cust 77", "zzz", "Measure number 3", "lights")


def rows(size: Size) -> Iterator[Row]:
    """The p95 of each text for who may read all customers, then of asking by the API."""
    reader = User.objects.filter(name="Searcher").first() or factories.person("Searcher", *Role)
    if Initiative.objects.count() < REGISTER:
        fill(Initiative.objects.count(), REGISTER, [reader] * 40)
    customers = Customer.objects.count()
    for text in TYPED:
        yield within(f"search “{text}”, {customers:,} customers, p95", _p95(text, reader) * 1000, MOST)
    client = factories.signed_in(reader)
    yield within("search page “omer”, p95", _p95("omer", client) * 1000, 2 * MOST)


def _p95(text: str, asker: User | object) -> float:
    taken = []
    for _ in range(TIMES):
        started = perf_counter()
        if isinstance(asker, User):
            search_for(text, User.objects.get(pk=asker.pk))
        else:
            asker.get("/search/", {"q": text})  # type: ignore[attr-defined]
        taken.append(perf_counter() - started)
    return quantiles(taken, n=20)[-1]
