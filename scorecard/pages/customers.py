"""The list of customers: who is left by the filters, how each stands today, and the same as a file."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from hashlib import sha256
from itertools import islice
from typing import Any
from urllib.parse import urlencode

from django.core.cache import caches
from django.core.paginator import Page, Paginator
from django.db.models import Exists, OuterRef

from accounts.company import today_of
from accounts.context import company_of
from accounts.http import PageRequest
from accounts.models import ListView, User
from accounts.rights import Right
from core.formatting import short_day
from core.lists import PER_PAGE, FilteredList
from core.periods import Period
from core.sheets import Value
from customers.choices import TierScope
from customers.filters import CustomerFilter
from customers.models import Customer
from customers.reading.customers import Standing, standings_of
from scorecard.reading.caching import shared_tag

LIST = "customers"
SORTS = {"external_id": "By number", "name": "By name"}
COLUMNS = (
    *("external_id", "name", "business_unit", "region", "is_key_account", "account_manager"),
    *("tier", "on_the_book", "since", "retired_from"),
)
# The filters that are always in sight; the others are asked for.
IN_SIGHT = ("q", "tier")
MORE = ("business_unit", "region", "is_key_account", "account_manager", "new_in", "lost_in", "retired")
_CHUNK = 2_000


@dataclass(frozen=True, slots=True)
class ShownCustomer:
    """A line of the list, as of today."""

    name: str
    external_id: str
    tier: str
    life: str
    unit: str
    region: str
    manager: str
    is_key_account: bool
    retired: str


class _KnownNumber(Paginator[int]):
    """Pages of rows whose number is kept for as long as nothing is written. Where ``at_once``, rows take long to find:
    all are found in one go for a page and their number, and the page is kept beside it.
    """

    def __init__(self, rows: Any, per_page: int, key: str, *, at_once: bool) -> None:
        super().__init__(rows, per_page)
        self.rows, self.key, self.at_once = rows, key, at_once

    @cached_property
    def count(self) -> int:
        """How many there are."""
        store = caches["counts"]
        found = store.get(self.key)
        if found is None:
            found = len(self._every) if self.at_once else self.rows.count()
            store.set(self.key, found)
        return int(found)

    @cached_property
    def _every(self) -> list[int]:
        return list(self.rows)

    def page(self, number: int | str) -> Page[int]:
        """The rows of one page. Raises InvalidPage where there is none of that number."""
        if not self.at_once:
            return super().page(number)
        number = self.validate_number(number)
        store, key = caches["counts"], f"{self.key}:{number}"
        found = store.get(key)
        if found is None:
            found = self._every[(number - 1) * self.per_page : number * self.per_page]
            store.set(key, found)
        return Page(found, number, self)


class CustomerList(FilteredList[Customer]):
    """The customers that a person may read by name, as an address asks for them; without those that are retired
    unless it asks for these.
    """

    in_sight, behind = IN_SIGHT, MORE

    def __init__(self, request: PageRequest, period: Period) -> None:
        self.request, self.period, self.user = request, period, request.user
        self.day = today_of(company_of(request))
        filters = CustomerFilter(request.GET, Customer.objects.visible_to(request.user), request=request)
        super().__init__(request.GET, (), filters, PER_PAGE, export="customers_export")

    @cached_property
    def found(self) -> Any:
        """The rows that the filters leave."""
        rows: Any = self.filter.qs
        if self.cleaned.get("retired") is None:
            rows = rows.current(self.day)
        return rows.order_by(*dict.fromkeys((self.sort, "external_id")))

    @property
    def sort(self) -> str:
        """What the list is sorted by."""
        asked = self.params.get("sort", "")
        return asked if asked in SORTS else "external_id"

    @cached_property
    def page(self) -> Page[int]:  # type: ignore[override]  # of keys: a line's row is read for the page alone
        """The part of the list that the address asks for, by key."""
        found = self.found.values_list("pk", flat=True)
        reads = "all" if self.user.has_perm(Right.READ_CUSTOMERS) else self.user.pk
        said = ("customers", shared_tag(self.request), reads, self.query, self.day)
        key, tier = sha256(repr(said).encode()).hexdigest(), bool(self.cleaned.get("tier"))
        return _KnownNumber(found, self.per_page, key, at_once=tier).get_page(self.params.get("page"))

    @property
    def rows(self) -> list[ShownCustomer]:
        """The lines of the page: three queries beside its own."""
        keys = list(self.page)
        named = Customer.objects.select_related("business_unit", "account_manager").in_bulk(keys)
        standings = standings_of(keys, self.day)
        return [show_customer(named[key], standings[key]) for key in keys]

    @property
    def some_left_out(self) -> bool:
        """Whether the person reads their own customers alone."""
        return not self.user.has_perm(Right.READ_CUSTOMERS)

    # -- the form

    @cached_property
    def fields(self) -> dict[str, Any]:
        """The filter's fields by name, offering what there is."""
        form = self.filter.form
        for name, blank in (("tier", "All tiers"), ("business_unit", "any"), ("account_manager", "any")):
            form.fields[name].empty_label = blank
        if self.more_asked:
            self._offer(form)
        form.fields["q"].widget.input_type = "search"
        form.fields["q"].widget.attrs["placeholder"] = "Number or name"
        return {name: form[name] for name in self.offered}

    def _offer(self, form: Any) -> None:
        managed = Customer.objects.filter(account_manager=OuterRef("pk"))
        form.fields["account_manager"].queryset = User.objects.filter(Exists(managed)).order_by("name", "email")
        form.fields["region"].widget.attrs["list"] = "regions"
        for name in ("new_in", "lost_in"):
            form.fields[name].widget.attrs["placeholder"] = self.period.code
        for name in ("is_key_account", "retired"):
            form.fields[name].choices = [("", "any" if name == "is_key_account" else "left out"), *_YES_NO]

    @property
    def regions(self) -> list[str]:
        """The regions that there are, a hundred at most, to choose from while typing."""
        found = Customer.objects.visible_to(self.user).exclude(region="").order_by("region")
        return list(found.values_list("region", flat=True).distinct()[:100])

    @property
    def sorts(self) -> list[tuple[str, str, bool]]:
        """Ways to sort: label, address, whether it is so."""
        return [(label, f"?{self.with_params(sort=[name])}", self.sort == name) for name, label in SORTS.items()]

    # -- views

    @property
    def saved_views(self) -> list[ListView]:
        """One's own, and those that others share."""
        return list(ListView.objects.visible_to(self.user, LIST).select_related("user"))

    @property
    def presets(self) -> list[tuple[str, str]]:
        """Views that everybody needs, as their parameters."""
        of, me = self.period.code, self.user.email
        wanted: list[tuple[str, dict[str, str]]] = [
            ("Everybody", {}),
            ("Key accounts", {"is_key_account": "true"}),
            ("Mine to look after", {"account_manager": me}),
            ("Without a tier", {"tier": TierScope.UNTIERED.value}),
            (f"New in {of}", {"new_in": of}),
            (f"Lost in {of}", {"lost_in": of}),
            ("Retired", {"retired": "true"}),
        ]
        return [(label, urlencode(query)) for label, query in wanted]


_YES_NO = [("true", "Yes"), ("false", "No")]


def show_customer(row: Customer, standing: Standing) -> ShownCustomer:
    """A customer as a line."""
    return ShownCustomer(
        row.name,
        row.external_id,
        standing.tier.name if standing.tier else "",
        life_words(standing),
        str(row.business_unit or ""),
        row.region,
        str(row.account_manager or ""),
        row.is_key_account,
        short_day(row.retired_from) if row.retired_from else "",
    )


def life_words(standing: Standing) -> str:
    """``joined 3 May 2020``; empty where nothing is known."""
    event = standing.event
    return f"{event.get_kind_display().lower()} {short_day(event.on)}" if event else ""


def export_rows(found: Iterable[Customer], day: date) -> Iterator[Sequence[Value]]:
    """All rows of a list in the columns of files, and how each stands; read some at a time."""
    rows = iter(found)
    while chunk := list(islice(rows, _CHUNK)):
        standings = standings_of([row.pk for row in chunk], day)
        yield from (_export_row(row, standings[row.pk]) for row in chunk)


def _export_row(row: Customer, standing: Standing) -> Sequence[Value]:
    known = standing.event is not None
    return (
        *(row.external_id, row.name, row.business_unit.code if row.business_unit else None, row.region or None),
        "yes" if row.is_key_account else "no",
        row.account_manager.email if row.account_manager else None,
        standing.tier.code if standing.tier else None,
        ("yes" if standing.on_the_book else "no") if known else None,
        standing.event.on if standing.event else None,
        row.retired_from,
    )
