"""What cells are made of, as it is today and, act by act, as it was: an edition's numbers are led back to.

Only what acts touched is read fact by fact; all else is in the month cells, from which the parts of those facts are
taken and to which they are given.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from django.db.models import Q

from core.numbers import SCALE, exact
from core.periods import Month, last_day
from customers.choices import TierScope
from customers.models import Tier, TierMembership
from kpis.choices import Source
from kpis.formulas.values import Components
from kpis.models import CompleteMonth, Fact, MonthCell
from scorecard.reading.bridge_definitions import Defined
from scorecard.reading.bridge_events import EVENT, LOAD, Act, Before, FactKey, Held, Home, Record

Place = tuple[int, Month]  # KPI, month
Window = tuple[int, tuple[Month, ...]]  # KPI, the months over which its customers are counted
Cells = dict[int, dict[int, dict[Month, Components]]]
_MANY = 20_000  # customers by whom facts are asked for; of more all facts are read


@dataclass
class Books:
    """The state: month cells by KPI, tier and month, marks, KPIs; and of customers that acts touched facts and tiers.

    ``counts`` are the different customers of a window by tier, where a KPI counts them.
    """

    tiers: Sequence[Tier]
    cells: Cells
    marks: dict[int, set[Month]]
    defined: dict[int, Defined]
    counts: dict[Window, dict[int, int]]
    record: Record
    facts: dict[int, dict[Place, Held]] = field(default_factory=lambda: defaultdict(dict))
    homes: dict[int, dict[date, Home]] = field(default_factory=lambda: defaultdict(dict))

    def __post_init__(self) -> None:
        scopes = {tier.scope: tier.pk for tier in self.tiers if tier.scope != TierScope.TIER}
        self.everyone, self.untiered = scopes[TierScope.ALL], scopes[TierScope.UNTIERED]
        self._written: dict[int, set[FactKey]] = defaultdict(set)  # by load

    def add_facts(self, rows: Iterable[tuple[FactKey, Held]]) -> None:
        """Take in the facts of customers that acts touched, as they are today."""
        for key, held in rows:
            self._set_fact(key, held)

    def undo(self, act: Act) -> Iterator[tuple[int, Month | None]]:
        """Lead back over an act, step by step: the KPI whose cells of a month are others now, the latest month first,
        and (None) the KPI of which all months are.
        """
        before = self._loaded(act) if act.load else act.before
        change = _Change(self, before)
        places = {*change.parts, *((kpi, month) for kpi, _, month in before.actuals), *before.marks}
        of_kpis: dict[int, list[Month]] = {kpi: [] for kpi in change.counted}
        for kpi, month in sorted(places, reverse=True):
            of_kpis.setdefault(kpi, []).append(month)
        for kpi, months in of_kpis.items():
            for month in months:
                self._lead_back(before, change, kpi, month)
                yield kpi, month
            change.count(kpi)
            yield kpi, None
        if act.redefinition is not None and (known := self.defined.get(act.redefinition.kpi)):
            self.defined[known.kpi.pk] = act.redefinition.undone(known)
            yield known.kpi.pk, None

    def tier_of(self, customer: int, month: Month) -> int:
        """The tier that a customer had on the month's last day, or Untiered."""
        return _home(self.homes.get(customer, {}), month) or self.untiered

    def is_entered(self, kpi: int) -> bool:
        """Whether people enter a KPI's actuals per tier."""
        return self.defined[kpi].kpi.source == Source.TIER_ACTUALS or any(
            parts.entered for of in self.cells.get(kpi, {}).values() for parts in of.values()
        )

    # -- steps

    def _loaded(self, act: Act) -> Before:
        """What a load of facts wrote stands under its number; what it had replaced is kept, the rest it made."""
        load = act.load or 0
        replaced = self.record.replaced.get(load, {})
        if act.cause.cause in {LOAD, EVENT}:
            made = dict.fromkeys(self._written.get(load, set()) - replaced.keys())
            return Before({**made, **replaced} if act.cause.cause == EVENT else made)
        return Before(dict(replaced))

    def _lead_back(self, before: Before, change: _Change, kpi: int, month: Month) -> None:
        cells = self.cells[kpi]
        for tier, (now, then) in change.parts.get((kpi, month), {}).items():
            _put(cells[tier], month, _less(cells[tier].get(month, Components()), now) + then)
        for (of, tier, at), held in before.actuals.items():
            if (of, at) == (kpi, month):
                _put(cells[tier], month, Components(held[0], held[1], 1, 0, entered=True) if held else Components())
        if (marked := before.marks.get((kpi, month))) is not None:
            (self.marks[kpi].add if marked else self.marks[kpi].discard)(month)

    def set_before(self, before: Before) -> None:
        """Facts and memberships as they were."""
        for key, held in before.facts.items():
            self._set_fact(key, held)
        for (customer, day), home in before.homes.items():
            self.homes[customer].pop(day, None)
            if home is not None:
                self.homes[customer][day] = home

    def _set_fact(self, key: FactKey, held: Held | None) -> None:
        customer, kpi, month = key
        of = self.facts[customer]
        old = of.pop((kpi, month), None)
        if old is not None:
            self._written[old.load].discard(key)
        if held is not None:
            of[kpi, month] = held
            self._written[held.load].add(key)


class _Change:
    """What an act changed of cells, read around giving it back: the parts of the facts that it touched, after and
    before it, by KPI and month, and tier; and the customers whom a KPI counts.
    """

    def __init__(self, books: Books, before: Before) -> None:
        self._books = books
        moved = {customer for customer, _ in before.homes}
        self._customers = moved | {customer for customer, _, _ in before.facts}
        touched = {*before.facts, *self._facts_of(moved)}
        self._windows = [window for window in books.counts if self._customers]
        now, counted = self._read(touched), self._counted()
        books.set_before(before)
        then = self._read({*touched, *self._facts_of(moved)})
        self._counts = counted, self._counted()
        self.parts: dict[Place, dict[int, tuple[Components, Components]]] = defaultdict(dict)
        for place, tier in {*now, *then}:
            pair = now.get((place, tier), Components()), then.get((place, tier), Components())
            if pair[0] != pair[1]:
                self.parts[place][tier] = pair

    @property
    def counted(self) -> set[int]:
        """The KPIs of which other customers are counted: two that are made one may have no month in common."""
        then, now = self._counts
        return {window[0] for window in self._windows if then[window] != now[window]}

    def count(self, kpi: int) -> None:
        """Have the different customers of a KPI be those of before."""
        for window in self._windows:
            if window[0] == kpi:
                for sign, found in zip((-1, 1), self._counts, strict=True):
                    for tier, number in found[window].items():
                        counts = self._books.counts[window]
                        counts[tier] = counts.get(tier, 0) + sign * number

    def _facts_of(self, customers: Iterable[int]) -> Iterator[FactKey]:
        for customer in customers:
            yield from ((customer, *place) for place in self._books.facts.get(customer, ()))

    def _read(self, keys: Iterable[FactKey]) -> dict[tuple[Place, int], Components]:
        found: dict[tuple[Place, int], Components] = defaultdict(Components)
        for customer, kpi, month in keys:
            held = self._books.facts[customer].get((kpi, month))
            if held is not None:
                part = Components(held.numerator, held.denominator, 1, int(held.numerator > 0))
                for tier in (self._books.tier_of(customer, month), self._books.everyone):
                    found[(kpi, month), tier] += part
        return found

    def _counted(self) -> dict[Window, dict[int, int]]:
        """Of the touched customers how many count in each window and tier."""
        return {window: self._counted_in(*window) for window in self._windows}

    def _counted_in(self, kpi: int, months: Sequence[Month]) -> dict[int, int]:
        found: dict[int, int] = defaultdict(int)
        for customer in self._customers:
            facts = self._books.facts.get(customer, {})
            held = [month for month in months if (one := facts.get((kpi, month))) and one.numerator > 0]
            for tier in {self._books.tier_of(customer, month) for month in held}:
                found[tier] += 1
            found[self._books.everyone] += bool(held)
        return found


def _less(whole: Components, part: Components) -> Components:
    return Components(
        whole.numerator - part.numerator,
        whole.denominator - part.denominator,
        whole.facts - part.facts,
        whole.customers - part.customers,
        whole.entered,
    )


def _put(column: dict[Month, Components], month: Month, parts: Components) -> None:
    if parts.facts:
        column[month] = parts
    else:
        column.pop(month, None)


# -- read


def read_cells(sources: Collection[int], months: Collection[Month]) -> Cells:
    """The month cells of these KPIs, those of months included from which on one is retired: one query."""
    found: Cells = defaultdict(lambda: defaultdict(dict))
    fields = ("kpi_id", "tier_id", "month", "numerator", "denominator", "facts", "customers", "entered")
    for kpi, tier, month, *parts in MonthCell.objects.filter(kpi__in=sources, month__in=months).values_list(*fields):
        found[kpi][tier][Month(month)] = Components(*parts)
    return found


def count_customers(windows: Iterable[Window], untiered: int) -> dict[Window, dict[int, int]]:
    """Different customers with a fact above 0 by tier, of windows that no cell keeps: two queries for each."""
    everyone = Tier.objects.all_customers().pk if windows else 0
    found: dict[Window, dict[int, int]] = {}
    for kpi, months in windows:
        rows = Fact.objects.filter(kpi=kpi, month__in=months, numerator__gt=0).values_list("customer_id", "month")
        held: dict[int, set[int]] = defaultdict(set)
        facts = list(rows)
        homes = _homes_of({customer for customer, _ in facts})
        for customer, month in facts:
            held[customer] |= {_home(homes.get(customer, {}), Month(month)) or untiered, everyone}
        found[kpi, months] = dict(Counter(tier for tiers in held.values() for tier in tiers))
    return found


def read_marks() -> dict[int, set[Month]]:
    """The months that are marked complete, by KPI: one query."""
    found: dict[int, set[Month]] = defaultdict(set)
    for kpi, month in CompleteMonth.objects.values_list("kpi_id", "month"):
        found[kpi].add(Month(month))
    return found


def read_touched(books: Books, sources: Collection[int], months: Collection[Month], acts: Iterable[Act]) -> None:
    """Read the facts that acts touched, all those of customers who moved, and whose tiers they were: three queries.

    Of a KPI that counts different customers all facts of each are read.
    """
    keys = {key for act in acts for key in act.before.facts} | {
        key for of in books.record.replaced.values() for key in of
    }
    moved = {customer for act in acts for customer, _ in act.before.homes}
    wanted = Q(kpi_id__in=list(sources), month__in=list(months))
    written = Fact.objects.filter(wanted, load_id__in=books.record.standing) if books.record.standing else ()
    found = dict(map(_fact, written))
    keys |= found.keys()
    counted = {kpi for kpi, _ in books.counts}
    asked = _of_customers(moved) | (_of_customers({key[0] for key in keys}) & Q(kpi_id__in=_asked(keys, counted)))
    found |= dict(map(_fact, Fact.objects.filter(wanted & asked))) if keys or moved else {}
    books.add_facts(found.items())
    books.homes |= _homes_of({*moved, *(key[0] for key in keys)})


def _asked(keys: Iterable[FactKey], counted: Collection[int]) -> list[int]:
    """The KPIs of which facts of touched customers are read beside those that loads wrote."""
    return sorted({*(kpi for _, kpi, _ in keys), *counted})


def _of_customers(customers: Collection[int]) -> Q:
    return Q(customer_id__in=list(customers)) if len(customers) <= _MANY else ~Q(customer_id=None)


def _fact(row: Fact) -> tuple[FactKey, Held]:
    below = 0 if row.denominator is None else _scaled(row.denominator)
    return (row.customer_id, row.kpi_id, Month(row.month)), Held(_scaled(row.numerator), below, row.load_id)


def _scaled(number: object) -> int:
    return int(exact(number) * SCALE)  # type: ignore[arg-type]


def _homes_of(customers: Collection[int]) -> dict[int, dict[date, Home]]:
    """The memberships of customers by their first days: one query."""
    found: dict[int, dict[date, Home]] = defaultdict(dict)
    for row in TierMembership.objects.filter(_of_customers(customers)) if customers else ():
        found[row.customer_id][row.starts_on] = Home(row.tier_id)
    return found


def _home(days: Mapping[date, Home], month: Month) -> int | None:
    """The tier of the last day of a month."""
    latest = max((one for one in days if one <= last_day(month)), default=None)
    return days[latest].tier if latest else None
