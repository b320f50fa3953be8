"""Fills a database with a small company: run as a process of its own."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable

import django

django.setup()

from customers.models import Customer, TierTouch  # noqa: E402
from kpis.models import Fact, Kpi, SliceTouch, StagedCell  # noqa: E402
from tests import factories  # noqa: E402

MONTHS = (202510, 202511, 202512, 202601, 202602, 202603)
CUSTOMERS = 60


def seed() -> None:
    """Three KPIs, two tiers, customers that move, six months."""
    tiers = [factories.tier("T1"), factories.tier("T2")]
    counted = factories.kpi("active", customer_method="distinct", time_method="pool", indicator="leading")
    rated = factories.kpi("rate", customer_method="ratio", time_method="pool", indicator="leading")
    summed = factories.kpi("revenue")
    for number in range(CUSTOMERS):
        customer = factories.customer(f"C{number}", tier=tiers[number % 2])
        if number % 5 == 0:
            factories.member(customer, tiers[(number + 1) % 2], "2025-12-15")
        Fact.objects.bulk_create(
            Fact(kpi=kpi, customer=customer, month=month, numerator=number * month % 97, denominator=100, load_id=0)
            for kpi in (counted, rated, summed)
            for month in MONTHS
            if (number + month) % 3
        )
    mark()


def mark() -> None:
    """Every slice is to be rolled up."""
    SliceTouch.objects.bulk_create(SliceTouch(kpi=kpi, month=month) for kpi in Kpi.objects.all() for month in MONTHS)


def correct() -> None:
    """A load that changes the first customer's facts, with its marks."""
    Fact.objects.filter(customer=Customer.objects.earliest("pk")).update(numerator=12345)
    mark()


def left() -> dict[str, int]:
    """How much a rollup has left behind."""
    return {model.__name__: model.objects.count() for model in (SliceTouch, TierTouch, StagedCell)}


def leftovers() -> None:
    """Print it."""
    sys.stdout.write(json.dumps(left()))


def done(seconds: str) -> None:
    """Wait until nothing is left, for so long, and print how long that was."""
    started = time.monotonic()
    while any(left().values()):
        if time.monotonic() > started + float(seconds):
            sys.exit(f"not done after {seconds} seconds: {left()}")
        time.sleep(0.2)
    sys.stdout.write(str(time.monotonic() - started))


VERBS: dict[str, Callable[..., None]] = {"--leftovers": leftovers, "--correct": correct, "--mark": mark, "--done": done}

if __name__ == "__main__":
    VERBS.get((sys.argv[1:] or [""])[0], seed)(*sys.argv[2:])
