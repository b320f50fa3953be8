"""Months in which so many customers of a tier moved that its numbers are those of others."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import date
from itertools import groupby
from typing import NamedTuple

from django.db.models import Count, Exists, OuterRef, Subquery
from django.db.models.functions import Coalesce, TruncMonth

from accounts.company import company
from accounts.reading.record import record_mark
from core.formatting import counted
from core.kept import Kept
from core.periods import month_of
from core.registry import StepCause
from customers.models import TierMembership
from customers.reading.tiers import count_members, every_tier

_IN_NONE = 0  # in no tier, where None is of a customer who is new
_kept: Kept[list[StepCause]] = Kept()
SHARE = 20  # the twentieth part of a tier's customers may move without a word


class _Move(NamedTuple):
    """So many customers went from one tier to another in a month, by id, None: none; ``new`` had none before."""

    month: date
    before: int | None
    after: int | None
    new: bool
    number: int


def steps_of_moves(kpi: int, first: date, last: date) -> list[StepCause]:
    """A cause for each month and tier into or out of which more than a twentieth of its customers moved.

    The same for every KPI, and so kept until somebody writes. Counts are of the last days of the month before and of
    the month; a customer's first tier is no move. Three queries, one where nothing was written.
    """
    return _kept.get((first, last), record_mark(company()), lambda: list(_causes(first, last)))


def _causes(first: date, last: date) -> Iterator[StepCause]:
    moves = _moves(first, last)
    sizes: Counter[int | None] = Counter()
    sizes.update(count_members(last) if moves else {})
    names = {tier.pk: tier.name for tier in every_tier()} if moves else {}
    for month, together in groupby(moves, lambda move: move.month):
        moved: Counter[int | None] = Counter()
        for move in together:
            sizes[move.after] -= move.number
            if not move.new:
                sizes[move.before] += move.number
                moved.update({move.before: move.number, move.after: move.number})
        for tier, number in moved.items():
            if tier is not None and number * SHARE > sizes[tier]:
                words = f"{counted(number, 'customer')} moved into or out of {names[tier]}, which had {sizes[tier]}"
                yield StepCause(month_of(month), tier, words)


def _moves(first: date, last: date) -> list[_Move]:
    """The latest month first; what a customer does within a month is one move, from how it began to how it ended."""
    month = TruncMonth("starts_on")
    same = TierMembership.objects.filter(customer=OuterRef("customer"))
    later = same.annotate(month=month).filter(month=OuterRef("month"), starts_on__gt=OuterRef("starts_on"))
    then = same.filter(starts_on__lt=OuterRef("month")).order_by("-starts_on").values(held=Coalesce("tier", _IN_NONE))
    rows = TierMembership.objects.filter(starts_on__gte=first, starts_on__lte=last).annotate(month=month)
    rows = rows.filter(~Exists(later)).annotate(before=Subquery(then[:1]))
    grouped = rows.order_by().values("month", "before", "tier").annotate(number=Count("pk"))
    found = (
        _Move(one["month"], one["before"] or None, one["tier"], one["before"] is None, one["number"]) for one in grouped
    )
    return sorted((one for one in found if one.before != one.after), key=lambda move: move.month, reverse=True)
