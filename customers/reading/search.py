"""Customers as a search finds them: by name and by id, for those who may read them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from functools import reduce
from operator import and_
from typing import Any
from urllib.parse import urlencode

from django.db.models import OuterRef, Q, Subquery
from django.urls import NoReverseMatch, reverse

from accounts.company import today
from core.keys import folded
from core.searching import MOST, Found, Rank, Search
from customers.models import Customer, TierMembership
from customers.querysets import CustomerQuerySet

KIND = "customer"
# Of a part of a name that very many have, so many are looked at, beside those in which a word begins with it.
_LOOKED_AT = 500

_Ranked = dict[int, tuple[Rank, str]]


def find_customers(search: Search) -> Iterator[Found]:
    """The best: at most five questions of an index, and one for their tiers; none for who may read no customer."""
    readable = Customer.objects.visible_to(search.reader)  # type: ignore[arg-type]
    ranked = _beginning(search, readable)
    if len(ranked) < MOST:
        ranked |= _holding(search, readable)
    chosen = sorted(ranked, key=lambda pk: ranked[pk])[:MOST]
    return _found(chosen, ranked, today()) if chosen else iter(())


def customer_address(external_id: str) -> str:
    """The page of a customer; where there is none, that customer's facts."""
    try:
        return reverse("customer", args=[external_id])
    except NoReverseMatch:
        return f"{reverse('facts')}?{urlencode({'customer': external_id})}"


def _beginning(search: Search, readable: CustomerQuerySet) -> _Ranked:
    """Those whose id or name begins so, whole ones first as the index has them."""
    by_id = readable.filter(folded_id__begins=search.whole).order_by("folded_id")
    by_name = readable.filter(folded_name__begins=search.whole).order_by("folded_name", "folded_id")
    return _ranked(search, by_id) | _ranked(search, by_name)


def _holding(search: Search, readable: CustomerQuerySet) -> _Ranked:
    """Those with each word somewhere; where these are too many to look at all, those in which words begin so too."""
    parts = [Q(folded_name__holds=word) | Q(folded_id__holds=word) for word in search.words]
    # Rows of the release before, written during an upgrade, are not folded.
    held = readable.filter(reduce(and_, parts) | Q(folded_name="")).order_by()
    # The keys alone, which the index answers without the table.
    keys = list(held.values_list("pk", flat=True)[:_LOOKED_AT])
    found = _ranked(search, Customer.objects.filter(pk__in=keys).order_by(), _LOOKED_AT) if keys else {}
    if len(keys) == _LOOKED_AT:
        words = [Q(folded_name__begins=word) | Q(folded_name__holds=f" {word}") for word in search.words]
        found |= _ranked(search, readable.filter(*words).order_by())
    return found


def _ranked(search: Search, rows: CustomerQuerySet, most: int = MOST) -> _Ranked:
    found = rows.values_list("pk", "external_id", "name")[:most]
    ranks = ((pk, folded(key), folded(name)) for pk, key, name in found)
    return {pk: (rank, name) for pk, key, name in ranks if (rank := search.rank_folded(name, key)) is not None}


def _found(chosen: list[int], ranked: _Ranked, day: date) -> Iterator[Found]:
    held: Any = TierMembership.objects.filter(customer=OuterRef("pk"), starts_on__lte=day).order_by("-starts_on")
    rows = Customer.objects.filter(pk__in=chosen).order_by().annotate(held=Subquery(held.values("tier__name")[:1]))
    known = {pk: rest for pk, *rest in rows.values_list("pk", "external_id", "name", "held")}
    for pk in chosen:
        key, name, tier = known[pk]
        detail = " · ".join(part for part in (key, tier) if part)
        yield Found(KIND, name, detail, customer_address(key), ranked[pk][0])
