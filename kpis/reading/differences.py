"""The customers who made the difference: what each gives of a cell's change, in parts that add up to it exactly."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from accounts.models import User
from customers.models import Customer
from kpis.formulas.changes import Side, effects
from kpis.reading.changes import Change, read_customers

MOST = 10


@dataclass(frozen=True, slots=True)
class Difference:
    """A customer, what counts of it before and now, and what it gives of the change in the KPI's unit."""

    customer: Customer
    before: Side
    now: Side
    effect: Fraction


@dataclass(frozen=True, slots=True)
class Differences:
    """Those who gave most either way, of the customers that the reader may read. ``customers`` counts all behind
    the change, ``readable`` those of them that may be read. Without rows the change is not split, or nobody is there.
    """

    change: Change
    rows: tuple[Difference, ...]
    customers: int
    readable: int


def explain_differences(change: Change, user: User) -> Differences:
    """Who made the difference, the largest first; customers with the same effect by their ids."""
    if change.split is None:
        return Differences(change, (), 0, 0)
    found = read_customers(change)
    given = effects(change.kpi.method, [pair for _, pair in found])
    visible = set(Customer.objects.visible_to(user).values_list("pk", flat=True))
    told = [(pk, pair, effect) for (pk, pair), effect in zip(found, given, strict=True) if pk in visible]
    heaviest = sorted((one for one in told if one[2]), key=lambda one: (-abs(one[2]), one[0]))[:MOST]
    named = Customer.objects.in_bulk([pk for pk, _, _ in heaviest])
    rows = tuple(Difference(named[pk], *pair, effect) for pk, pair, effect in heaviest)
    return Differences(change, rows, len(found), len(told))
