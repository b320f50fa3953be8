"""A change, split, as the page of its cell writes it: in words, in a table, and for the waterfall."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from fractions import Fraction

from django.urls import reverse

from core.formatting import Style, counted, number, period_name
from core.numbers import rounded
from customers.choices import TierScope
from kpis.choices import CustomerMethod
from kpis.formulas.changes import BACK, CAME, FIRST, MOVED, PARTLY_HERE, SILENT, STAYED, WENT, Part, Reversal, Split
from kpis.reading.changes import Against, Change
from kpis.wording import style_of
from scorecard.pages.matrix import signed

MOST_DECIMALS = 4
_TIMES = {Against.PREVIOUS: "the period before", Against.YEAR_AGO: "a year ago"}


@dataclass(frozen=True, slots=True)
class ShownPart:
    """A group of customers and what it gives of the change; ``rate`` and ``mix`` are empty where not told apart."""

    name: str
    effect: str
    rate: str
    mix: str
    now: str
    before: str
    exact: Fraction


@dataclass(frozen=True, slots=True)
class ShownComparison:
    """A choice of what the cell is compared with."""

    name: str
    url: str
    chosen: bool


@dataclass(frozen=True, slots=True)
class ShownChange:
    """All that is shown of a change. Without parts ``not_split`` says why; ``reversal`` is empty where there is none.

    ``add_up``: the numbers as they are rounded here add up too.
    """

    title: str
    not_split: str
    reversal: str
    lead: str
    weighs_most: str
    total: str
    parts: tuple[ShownPart, ...]
    has_rates: bool
    rate_words: str
    add_up: bool
    comparisons: tuple[ShownComparison, ...]
    style: Style


def show_change(change: Change, currency: str) -> ShownChange:
    """A change as its page writes it: with as many decimals as it takes for the parts to add up."""
    style = style_of(change.kpi, currency)
    found = change.split
    places, add_up = _decimals(found, style.decimals) if found else (style.decimals, True)
    style = replace(style, decimals=places)
    tiers = change.names
    parts = tuple(_part(part, change, tiers, style) for part in found.parts) if found else ()
    return ShownChange(
        title=f"What the change since {period_name(change.then)} is made of",
        not_split=change.not_split,
        reversal=_reversal(found.reversal, change, tiers) if found and found.reversal else "",
        lead=_lead(change, found, style) if found else "",
        weighs_most=_weighs_most(parts),
        total=signed(style, found.change) if found else "",
        parts=parts,
        has_rates=any(part.rate for part in parts),
        rate_words=_rate_words(change),
        add_up=add_up,
        comparisons=tuple(_comparisons(change)),
        style=style,
    )


def split_address(change: Change, against: Against, route: str = "cell_split") -> str:
    """Where the split of a cell's change is, since the period before or since a year ago."""
    address = reverse(route, args=[change.period.code, change.kpi.code, change.tier.code])
    return address if against == Against.PREVIOUS else f"{address}?against={against.value}"


def _comparisons(change: Change) -> Iterable[ShownComparison]:
    for against, name in _TIMES.items():
        yield ShownComparison(f"since {name}", split_address(change, against), against == change.against)


def _decimals(found: Split, least: int) -> tuple[int, bool]:
    """The fewest decimals, from the KPI's own on, with which what stands in the table adds up, and the change does
    not read as none; whether it adds up.
    """
    adding = [places for places in range(least, MOST_DECIMALS + 1) if _adds_up(found, places)]
    telling = (places for places in adding if rounded(found.change, places) or not found.change)
    return next(telling, adding[0] if adding else least), bool(adding)


def _adds_up(found: Split, places: int) -> bool:
    def shown(value: Fraction) -> Fraction:
        return Fraction(rounded(value, places))

    told = [part for part in found.parts if part.rate is not None and part.mix is not None]
    apart = all(shown(part.rate or Fraction()) + shown(part.mix or Fraction()) == shown(part.effect) for part in told)
    together = sum((shown(part.effect) for part in found.parts), Fraction()) == shown(found.change)
    return apart and together and shown(found.before) + shown(found.change) == shown(found.now)


def _lead(change: Change, found: Split, style: Style) -> str:
    """``Gold went from 15.0 % in Quarter 2, 2011 to 20.0 %: +5.0 points.``"""
    values = f"from {style.full(found.before)} in {period_name(change.then)} to {style.full(found.now)}"
    return f"{change.tier.name} went {values}: {signed(style, found.change)}."


def _weighs_most(parts: tuple[ShownPart, ...]) -> str:
    """The part that is largest either way, in words; empty where nothing changed."""
    largest = max(parts, key=lambda part: abs(part.exact), default=None)
    if largest is None or not largest.exact:
        return ""
    return f"What weighs most: {largest.name}, {largest.effect}."


def _reversal(reversal: Reversal, change: Change, tiers: dict[str, str]) -> str:
    """``Higher in each tier, lower in all customers: Bronze went from 50.0 % to 91.0 % of the facts.``"""
    ways = ("Higher", "lower") if reversal.tiers_rise else ("Lower", "higher")
    first = f"{ways[0]} in each tier, {ways[1]} in all customers"
    if change.kpi.direction != "range":
        better = reversal.tiers_rise == (change.kpi.direction == "higher")
        first += f" ({'better' if better else 'worse'} in each tier, {'worse' if better else 'better'} in all)"
    shares = f"from {_percent(reversal.share_before)} to {_percent(reversal.share_now)}"
    return f"{first}: {tiers[reversal.group]} went {shares} of {_base_words(change)}."


def _base_words(change: Change) -> str:
    """What a mean or a ratio is divided by."""
    return "the facts" if change.kpi.customer_method == CustomerMethod.MEAN else "the denominators’ sum"


def _percent(share: Fraction) -> str:
    return f"{number(share * 100, 1)} %"


def _part(part: Part, change: Change, tiers: dict[str, str], style: Style) -> ShownPart:
    return ShownPart(
        name=_name(part, change, tiers),
        effect=signed(style, part.effect),
        rate="" if part.rate is None else signed(style, part.rate),
        mix="" if part.mix is None else signed(style, part.mix),
        now=counted(part.customers_now, "customer"),
        before=f"{number(part.customers_before)} before",
        exact=part.effect,
    )


def _name(part: Part, change: Change, tiers: dict[str, str]) -> str:
    """What a group is called; a tier by its name."""
    tier = change.tier.name
    everyone = change.tier.scope == TierScope.ALL
    names = {
        (STAYED, None): "with facts in both periods" if everyone else f"stayed in {tier}",
        (PARTLY_HERE, None): f"in {tier} and, for a part, in another tier",
        (CAME, MOVED): "moved in from another tier",
        (CAME, FIRST): "came for the first time",
        (CAME, BACK): "came back",
        (WENT, MOVED): "moved to another tier",
        (WENT, SILENT): "without facts now",
    }
    return names.get((part.group, part.why)) or tiers[part.group]


def _rate_words(change: Change) -> str:
    """What the columns rate and mix mean."""
    if change.tier.scope == TierScope.ALL:
        return "Rate: the tier’s own value changed. Mix: its share of the whole changed."
    return "Rate: the own values of those who stayed changed. Mix: their weight in the tier changed."
