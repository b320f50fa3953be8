"""The customers who made the difference, as the cell's page writes them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction
from urllib.parse import urlencode

from django.urls import reverse

from core.formatting import Style, counted, period_name, trimmed
from core.numbers import SCALE, to_fraction
from kpis.choices import CustomerMethod
from kpis.formulas.changes import Side
from kpis.reading.differences import Difference, Differences
from kpis.wording import style_of
from scorecard.pages.matrix import signed


@dataclass(frozen=True, slots=True)
class ShownDifference:
    """A customer: what it was and is, and what it gives; ``url`` leads to its facts."""

    name: str
    external_id: str
    before: str
    now: str
    effect: str
    url: str


@dataclass(frozen=True, slots=True)
class ShownDifferences:
    """The table. ``nothing`` says why it is empty; ``words`` sum up what it shows of the whole."""

    then: str
    period: str
    rows: tuple[ShownDifference, ...]
    words: str
    nothing: str


def show_differences(found: Differences, currency: str) -> ShownDifferences:
    """Who made the difference."""
    change = found.change
    style = style_of(change.kpi, currency)
    style = replace(style, decimals=max(style.decimals, 2))
    return ShownDifferences(
        then=period_name(change.then),
        period=period_name(change.period),
        rows=tuple(_row(one, found, style) for one in found.rows),
        words=_words(found, style),
        nothing="" if found.rows else _nothing(found),
    )


def _words(found: Differences, style: Style) -> str:
    """``10 of 176 customers give −0.12 points of −0.34 points.``"""
    if not found.rows or found.change.split is None:
        return ""
    together = signed(style, sum((one.effect for one in found.rows), Fraction()))
    whole = signed(style, found.change.split.change)
    unread = found.customers - found.readable
    are = "is" if unread == 1 else "are"
    rest = f" {counted(unread, 'customer')} that you may not read {are} left out." if unread else ""
    give = "gives" if len(found.rows) == 1 else "give"
    return f"{len(found.rows)} of {counted(found.customers, 'customer')} {give} {together} of {whole}.{rest}"


def _nothing(found: Differences) -> str:
    if found.change.not_split:
        return found.change.not_split
    return "No customer that you may read changed anything between the two."


def _row(one: Difference, found: Differences, style: Style) -> ShownDifference:
    change = found.change
    query = {"kpi": change.kpi.code, "customer": one.customer.external_id}
    method = CustomerMethod(change.kpi.customer_method)
    return ShownDifference(
        one.customer.name,
        one.customer.external_id,
        _side(one.before, method, style),
        _side(one.now, method, style),
        signed(style, one.effect),
        f"{reverse('facts')}?{urlencode(query)}",
    )


def _side(side: Side, method: CustomerMethod, style: Style) -> str:
    """``4 of 27: 14.8 %``; a mean or a sum alone; – where nothing counts of it."""
    if not side.customers:
        return "–"
    if method == CustomerMethod.DISTINCT:
        return "counts"
    if method.adds_up:
        return style.full(to_fraction(side.numerator))
    if not side.base:
        return "no base"
    times = 100 if style.unit == "percent" and method == CustomerMethod.RATIO else 1
    shown = style.full(Fraction(side.numerator, side.base) * times)
    if method == CustomerMethod.MEAN:
        return f"{shown} from {counted(side.base // SCALE, 'fact')}"
    return f"{trimmed(to_fraction(side.numerator), 4)} of {trimmed(to_fraction(side.base), 4)}: {shown}"
