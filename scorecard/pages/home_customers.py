"""Customers on the home page: who came and went, what tiers are worth, and the pain that nothing answers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

from core.formatting import Style, number
from core.links import with_period
from core.scales import scale_for
from customers.choices import TierScope
from customers.models import Tier
from customers.reading.growth import GrowthRow
from initiatives.pages.coverage import candidate_address, percent, tier_names
from kpis.choices import ValueRole
from kpis.wording import style_of
from scorecard.pages.growth import DAGGER, signed
from scorecard.pages.home_headline import places_of
from scorecard.reading.home import Home
from scorecard.reading.value import sums_customers


@dataclass(frozen=True, slots=True)
class ShownFlow:
    """A tier's customers: net with who came and went, the book at the end with who moved in and out."""

    net: str
    came_and_went: str
    closing: str
    moved: str


@dataclass(frozen=True, slots=True)
class ShownFlows:
    """One for each column of the matrix, None where growth has no such row. ``note`` says what † means, or that most
    who joined were customers before; ``moves``: somebody moved between tiers.
    """

    columns: tuple[ShownFlow | None, ...]
    note: str
    moves: bool
    url: str


@dataclass(frozen=True, slots=True)
class Worth:
    """What a tier brings: the value, its share of all customers' (empty: none), and that as the width of a bar."""

    value: str
    share: str
    width: str


@dataclass(frozen=True, slots=True)
class MoneyRow:
    """Revenue or margin by column."""

    name: str
    unit: str
    cells: tuple[Worth, ...]


@dataclass(frozen=True, slots=True)
class ShownPain:
    """How much of customers' pain nothing running answers; the largest of it, with a form for a candidate."""

    share: str
    width: str
    url: str
    largest: str
    largest_url: str
    said: str
    candidate: str


@dataclass(frozen=True, slots=True)
class TierBars:
    """A tier: customers who came and went, and its share of all customers' revenue in percent (None: there is none)."""

    name: str
    came: int
    left: int
    share: Fraction | None


def tier_bars(home: Home) -> tuple[TierBars, ...]:
    """The tiers in the order of the table; untiered customers only where somebody of them came or went."""
    rows = [row for row in home.growth.rows if row.tier.scope != TierScope.ALL]
    shares = _revenue_shares(home)
    return tuple(
        TierBars(row.tier.name, row.joined + row.returned, row.left, shares.get(row.tier.pk))
        for row in rows
        if row.tier.scope == TierScope.TIER or row.joined or row.returned or row.left
    )


def _revenue_shares(home: Home) -> dict[int, Fraction | None]:
    """In percent, by the id of the tier; nothing where no KPI of revenue is named, or its customers do not add up."""
    for role, row in home.value:
        whole = row.cells[-1].actual
        if role == ValueRole.REVENUE and sums_customers(row.kpi) and whole is not None and whole > 0:
            return {cell.tier.pk: (cell.actual or Fraction(0)) * 100 / whole for cell in row.cells[:-1]}
    return {}


def show_flows(home: Home) -> ShownFlows | None:
    """The columns; None where nobody was ever on the book."""
    rows = home.growth.rows
    if all(row.is_zero for row in rows):
        return None
    known = {row.tier.pk: row for row in rows}
    columns = tuple(_flow(known[tier.pk], home) if tier.pk in known else None for tier in home.matrix.tiers)
    return ShownFlows(columns, _note(home), bool(home.growth.moves), places_of(home).page("growth"))


def _flow(row: GrowthRow, home: Home) -> ShownFlow:
    came, whole = row.joined + row.returned, row.tier.scope == TierScope.ALL
    moved = row.moved_in - row.moved_out
    silent = home.silent.total() if whole else home.silent[_at(row.tier)]
    return ShownFlow(
        net=signed(came - row.left),
        came_and_went=f"{signed(came)} {signed(-row.left)}" if came or row.left else "",
        closing=f"{number(row.closing)}{DAGGER if silent else ''}",
        moved=signed(moved) if moved and not whole else "",
    )


def _at(tier: Tier) -> int | None:
    return tier.pk if tier.scope == TierScope.TIER else None


def _note(home: Home) -> str:
    """What has to be known to read the numbers."""
    if home.starts:
        return "start of record: most who joined were customers before"
    silent = home.silent.total()
    return f"{DAGGER} {number(silent)} silent of late: nobody knows yet who of them left" if silent else ""


def show_money(home: Home, currency: str) -> Iterator[MoneyRow]:
    """A row for each of the KPIs that a steward named, in one scale."""
    for role, row in home.value:
        style = style_of(row.kpi, currency, [cell.actual for cell in row.cells])
        whole = row.cells[-1].actual
        cells = tuple(
            _worth(cell.actual, whole if sums_customers(row.kpi) and cell is not row.cells[-1] else None, style)
            for cell in row.cells
        )
        yield MoneyRow(role.label, f"{_length(row.kpi.time_method)}{style.label}", cells)


def _length(time_method: str) -> str:
    """Of which months it is, where that is not the period."""
    return "12 months, " if time_method == "ttm" else ""


def _worth(value: Fraction | None, whole: Fraction | None, style: Style) -> Worth:
    share = value / whole if value is not None and whole is not None and whole > 0 else None
    if share is None:
        return Worth(style.bare(value), "", "")
    return Worth(style.bare(value), percent(share), f"{float(max(share, Fraction(0)) * 100):.2f}")


def show_pain(home: Home, currency: str) -> ShownPain | None:
    """None where nobody told of any."""
    found = home.coverage
    if not found.weight:
        return None
    left, line = Fraction(found.uncovered, found.weight), found.largest_uncovered
    url = places_of(home).page("coverage")
    if line is None:
        return ShownPain(percent(left), "0", url, "", "", "", "")
    about = f"“{line.theme}”" if line.theme else f"All about {line.department}"
    money = Style("currency", currency, 0, scale_for([line.uncovered_revenue]))
    risk = f", {money.short(line.uncovered_revenue)} at risk" if line.uncovered_revenue else ""
    whom = "" if line.is_orphaned else f" from {tier_names(line)}"
    part = percent(Fraction(line.uncovered, found.weight))
    on_it = f"0 of {number(found.running)} running answer it" if found.running else "nothing runs"
    said = f"{part} of it all{whom}{risk}, {on_it}."
    return ShownPain(
        share=percent(left),
        width=f"{float(left * 100):.2f}",
        url=url,
        largest=about,
        largest_url=url,
        said=said,
        candidate=with_period(candidate_address(line), found.period.code),
    )
