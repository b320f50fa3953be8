"""One customer as its page shows it: who it is, its tiers and its life, what was measured, what it does to its tier."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from functools import cached_property
from urllib.parse import urlencode

from django.http import Http404
from django.urls import reverse

from accounts.models import Company, Load, User
from accounts.pages.last_changes import change_panel
from accounts.rights import Right
from core.formatting import MONTH_NAMES, Style, counted, goal_in_full, number, period_name, short_day
from core.numbers import exact
from core.periods import Month, Period
from core.picker import Picker, Span, build_picker
from core.registry import Panel, panels_of
from customers.models import Customer, LifecycleEvent, TierMembership
from customers.reading.customers import Standing
from customers.reading.growth import ON_THE_BOOK
from customers.reading.last_changes import last_changes
from customers.reading.subjects import customer_subject
from kpis.choices import CustomerMethod, Status
from kpis.models import CustomerMerge, Fact, Kpi
from kpis.reading.customer_facts import (
    Effects,
    Without,
    effects_of_customer,
    facts_in,
    months_of_facts,
    tier_at,
)
from kpis.wording import style_of
from scorecard.pages.matrix import signed


@dataclass(frozen=True, slots=True)
class ShownFact:
    """A fact in the table of a year: its month (``Sep``), as it is written, and the load that wrote it where another
    wrote most of the month (0: that one, or none).
    """

    month: str
    text: str
    load: int


@dataclass(frozen=True, slots=True)
class FactLine:
    """A KPI in the months of a year; None where it has no fact. ``unit`` is that of the values."""

    kpi: Kpi
    unit: str
    cells: tuple[ShownFact | None, ...]
    url: str


@dataclass(frozen=True, slots=True)
class YearOfFacts:
    """The facts of a calendar year. ``years`` are those in which anything was measured, the newest first; ``months``
    have the load that wrote most of their facts (0: none did).
    """

    year: int
    years: tuple[int, ...]
    months: tuple[tuple[str, int], ...]
    lines: tuple[FactLine, ...]
    loads: tuple[Load, ...]


@dataclass(frozen=True, slots=True)
class ShownEffect:
    """A missed cell of the tier, and the same without the customer."""

    name: str
    url: str
    actual: str
    target: str
    without: str
    gives: str
    status: Status
    why: str


@dataclass(frozen=True, slots=True)
class ShownEffects:
    """What the customer does to its tier in a period, in a sentence and as a table."""

    period: str
    words: str
    rows: tuple[ShownEffect, ...]


@dataclass(frozen=True, slots=True)
class ShownMerge:
    """A customer that was merged into this one."""

    row: CustomerMerge
    words: str


def customer_or_404(external_id: str, user: User) -> Customer:
    """The customer of an address, if the person may read it by name. Raises Http404 with a sentence."""
    found = Customer.objects.visible_to(user).filter(external_id=external_id)
    row: Customer | None = found.select_related("business_unit", "account_manager").first()
    if row is None:
        raise Http404(f"There is no customer “{external_id}” that you may read.{_merged_words(external_id, user)}")
    return row


def _merged_words(external_id: str, user: User) -> str:
    row = Customer.everyone.visible_to(user).merged_away().filter(external_id=external_id).first()
    return f" It was merged into “{row.merged_into.external_id}”." if row and row.merged_into else ""


class CustomerPage:
    """A customer as a person reads it, as of today; facts of a year."""

    def __init__(
        self, row: Customer, company: Company, period: Period, today: date, user: User, year: str = ""
    ) -> None:
        self.row, self.company, self.period, self.today, self.user = row, company, period, today, user
        self.asked_year = int(year) if year.isascii() and year.isdigit() and len(year) == 4 else 0
        self.may_manage = user.has_perm(Right.MANAGE_KPIS)
        self.may_see_loads = user.has_perm(Right.LOAD)

    # -- who it is

    @cached_property
    def memberships(self) -> list[TierMembership]:
        """Its tiers, the oldest first."""
        return list(self.row.memberships.select_related("tier").order_by("starts_on"))

    @cached_property
    def events(self) -> list[LifecycleEvent]:
        """What happened to it, the oldest first."""
        return list(self.row.lifecycle_events.order_by("on"))

    @property
    def standing(self) -> Standing:
        """How it stands today."""
        begun = [event for event in self.events if event.on <= self.today]
        return Standing(tier_at(self.memberships, self.today), begun[-1] if begun else None)

    @property
    def tier_words(self) -> str:
        """``Gold since 3 May 2020``; ``No tier``."""
        now = [row for row in self.memberships if row.starts_on <= self.today]
        if not now or now[-1].tier is None:
            return "No tier"
        return f"{now[-1].tier} since {short_day(now[-1].starts_on)}"

    @property
    def life_words(self) -> str:
        """``on the book since 3 May 2020``, ``off the book since …``; that nothing is known of it."""
        standing = self.standing
        if standing.event is None:
            return "off the book: no event is known"
        return f"{'on' if standing.on_the_book else 'off'} the book since {short_day(standing.event.on)}"

    @property
    def tiers(self) -> list[tuple[TierMembership, str]]:
        """Its tiers, the newest first, each with the day before the next one begins."""
        ends = [*(f"until {short_day(row.starts_on)}" for row in self.memberships[1:]), "until further notice"]
        return list(zip(self.memberships, ends, strict=True))[::-1] if self.memberships else []

    @property
    def life(self) -> list[tuple[LifecycleEvent, bool]]:
        """Its events, the newest first, each with whether it is on the book from then on."""
        return [(event, event.kind in ON_THE_BOOK) for event in reversed(self.events)]

    @property
    def retired_words(self) -> str:
        """``Retired since 3 May 2026``; empty where it is not."""
        day = self.row.retired_from
        if day is None:
            return ""
        return f"Retired since {short_day(day)}" if day <= self.today else f"To be retired from {short_day(day)} on"

    @cached_property
    def merges(self) -> list[ShownMerge]:
        """The customers that were merged into it, the latest first."""
        rows = CustomerMerge.objects.filter(kept=self.row, undone_at=None).select_related("gone", "by")
        return [ShownMerge(row, _merge_words(row)) for row in rows]

    # -- beside it

    @cached_property
    def rail(self) -> list[Panel]:
        """Who is asked, what runs for it, what its tier complains of, the last changes."""
        subject = customer_subject(self.row)
        merges = [one.row.pk for one in self.merges]
        changes = last_changes(self.row, self.memberships[-50:], self.events[-50:], merges)
        found = [*panels_of(subject, self.user), change_panel(changes, self.row, self.user)]
        return sorted(found, key=lambda panel: panel.place)

    # -- what was measured

    @cached_property
    def _months(self) -> list[Month]:
        return months_of_facts()

    @property
    def picker(self) -> Picker:
        """The periods of which the page may say what the customer does to its tier."""
        return picker_of(self.period, self._months, self.today)

    @cached_property
    def facts(self) -> YearOfFacts | None:
        """The facts of the year that the address asks for, else of the newest; None where nothing was measured."""
        months = self._months
        years = tuple(sorted({month // 100 for month in months}, reverse=True))
        if not years:
            return None
        year = self.asked_year if self.asked_year in years else years[0]
        return self._year(year, years, [month for month in months if month // 100 == year])

    def _year(self, year: int, years: tuple[int, ...], months: Sequence[Month]) -> YearOfFacts:
        kpis = list(Kpi.objects.in_matrix_order().filter(facts_of=None, formula=""))
        facts: dict[int, dict[int, Fact]] = {}
        for fact in facts_in(self.row, months, [kpi.pk for kpi in kpis]):
            facts.setdefault(fact.kpi_id, {})[fact.month] = fact
        most = _main_loads(facts.values())
        lines = tuple(self._line(kpi, facts[kpi.pk], year, most) for kpi in kpis if kpi.pk in facts)
        loads = {fact.load_id for of_kpi in facts.values() for fact in of_kpi.values()}
        written = tuple(Load.objects.filter(pk__in=loads).select_related("by").order_by("pk"))
        heads = tuple((name[:3], most.get(year * 100 + place, 0)) for place, name in enumerate(MONTH_NAMES, 1))
        return YearOfFacts(year, years, heads, lines, written)

    def _line(self, kpi: Kpi, facts: dict[int, Fact], year: int, most: dict[int, int]) -> FactLine:
        values = {month: _value(kpi, fact) for month, fact in facts.items()}
        style = style_of(kpi, self.company.currency, values.values())
        shown = {
            month: ShownFact(
                MONTH_NAMES[month % 100 - 1][:3],
                style.bare(values[month]),
                0 if fact.load_id == most[month] else fact.load_id,
            )
            for month, fact in facts.items()
        }
        cells = tuple(shown.get(year * 100 + month) for month in range(1, 13))
        query = urlencode({"kpi": kpi.code, "customer": self.row.external_id})
        return FactLine(kpi, style.label, cells, f"{reverse('facts')}?{query}")

    def year_url(self, year: int) -> str:
        """The same page with the facts of another year."""
        return f"?{urlencode({'period': self.period.code, 'year': year})}#facts"

    @property
    def year_links(self) -> list[tuple[int, str, bool]]:
        """The years to choose from: address, and whether it is the shown one."""
        facts = self.facts
        return [(year, self.year_url(year), year == facts.year) for year in facts.years] if facts else []


def _value(kpi: Kpi, fact: Fact) -> Fraction | None:
    """What the fact says in the KPI's unit: of a ratio the value of just this one; None where its base is 0."""
    above = exact(fact.numerator)
    if kpi.customer_method != CustomerMethod.RATIO or fact.denominator is None:
        return above
    times = 100 if kpi.method.percent else 1
    return above / exact(fact.denominator) * times if fact.denominator else None


def _main_loads(facts: Iterable[dict[int, Fact]]) -> dict[int, int]:
    """The load that wrote most facts of each month."""
    counts: dict[int, Counter[int]] = defaultdict(Counter)
    for of_kpi in facts:
        for month, fact in of_kpi.items():
            counts[month][fact.load_id] += 1
    return {month: of_month.most_common(1)[0][0] for month, of_month in counts.items()}


def _merge_words(row: CustomerMerge) -> str:
    facts = row.parts.get("facts", {}).get("moved", 0)
    return (
        f"{row.gone.name} ({row.gone.external_id}), by {row.by}, {short_day(row.at.date())}: {counted(facts, 'fact')}"
    )


def picker_of(period: Period, months: Sequence[Month], today: date) -> Picker:
    """The same page of another period, for a company with facts in these months."""
    span = Span(months[0], months[-1]) if months else None
    return build_picker(period, span, today, lambda of: f"?period={of.code}")


def show_effects(customer: Customer, period: Period, company: Company, today: date) -> ShownEffects:
    """What the customer gives to the cells of its tier that missed their targets."""
    found = effects_of_customer(customer, period, today)
    if found is None:
        words = f"It has no tier in {period_name(period)}: it counts in All customers and in Untiered alone."
        return ShownEffects(period_name(period), words, ())
    rows = tuple(_effect(one, found, period, company) for one in found.rows)
    return ShownEffects(period_name(period), _effect_words(customer, found), rows)


def _effect_words(customer: Customer, found: Effects) -> str:
    if not found.rows:
        if not found.cells:
            return f"No cell of {found.tier} has a verdict in this period."
        return f"None of the {counted(found.cells, 'cell')} of {found.tier} with a verdict missed its target."
    mended = [one for one in found.rows if one.status in {Status.MET, Status.NEAR}]
    missed = f"{len(found.rows)} of {counted(found.cells, 'cell')} of {found.tier} missed the target"
    if not mended:
        return f"{missed}; without {customer.name} all of them would miss it too."
    return f"{missed}; without {customer.name} {len(mended)} of them would be near or met."


def _effect(one: Without, found: Effects, period: Period, company: Company) -> ShownEffect:
    style: Style = style_of(one.kpi, company.currency)
    cell = one.cell
    return ShownEffect(
        one.kpi.name,
        reverse("cell", args=[period.code, one.kpi.code, found.tier.code]),
        style.full(cell.actual),
        goal_in_full(style, one.kpi.direction, cell.target, cell.low, cell.high),
        style.full(one.value) if one.value is not None else "no data",
        signed(style, one.gives) if one.gives is not None else number(None),
        one.status,
        one.why,
    )
