"""Value by tier of a closed period as it was signed: cells, customers on the book, initiatives and benefits of its
edition's document.

Which KPIs say what a tier is worth is no part of a document: they are those that are named today.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from fractions import Fraction
from typing import Any

from core.editions import Served
from core.numbers import rounded_text
from customers.choices import TierScope
from customers.models import Tier
from initiatives.choices import BenefitKind
from initiatives.reading.benefits import COUNTED
from kpis.choices import ValueRole
from kpis.models import Kpi
from scorecard.reading.frozen_matrix import exact, signed_rows
from scorecard.reading.value import Done, TierValue, ValueByTier, read_value, sum_of, worth_of

_CENT = Fraction(1, 100)
_STAGES = frozenset(stage.value for stage in COUNTED)


@dataclass(frozen=True, slots=True)
class ServedValue:
    """The value that answers for a period. ``differs`` counts the tiers that are worth something else by now (0: none,
    or the values are live), ``missing`` are KPIs that are named today and that the edition has not.

    ``live_customers``: there were no lifecycle events when it was signed, so that the edition does not say how many
    customers there were; they are counted as of today.
    """

    value: ValueByTier
    differs: int = 0
    missing: tuple[Kpi, ...] = ()
    live_customers: bool = False


def served_value(served: Served, today: date) -> ServedValue:
    """Value by tier as the edition that is shown has it, else as it is."""
    live = read_value(served.period, today)
    if served.document is None or not live.kpis:
        return ServedValue(live)
    book = _book(served.document)
    value = _signed(served.document, live, book)
    missing = tuple(kpi for role, kpi in live.kpis.items() if role not in value.kpis)
    return ServedValue(value, _differing(value, live), missing, live_customers=not book)


def _signed(document: Mapping[str, Any], live: ValueByTier, book: Mapping[str, int]) -> ValueByTier:
    matrix = signed_rows(document, live.kpis.values(), live.period)
    held = {row.kpi.code: row for row in matrix.rows}
    rows = {role: held[kpi.code] for role, kpi in live.kpis.items() if kpi.code in held}
    customers = book or {row.tier.code: row.customers for row in live.rows}
    done = _Doing(document)
    found = [
        TierValue(tier, number := customers.get(tier.code, 0), worth_of(rows, place, number), done.of(tier))
        for place, tier in enumerate(matrix.tiers)
    ]
    kept = tuple(row for row in found if row.tier.scope != TierScope.UNTIERED or _is_used(row))
    by_facts = live.by_facts and not book
    return replace(live, kpis={role: row.kpi for role, row in rows.items()}, rows=kept, by_facts=by_facts)


def _book(document: Mapping[str, Any]) -> dict[str, int]:
    """How many customers were on the book at the end, by the code of the tier; empty where there were no events."""
    rows = {row["tier"]: row for row in document["growth"]["rows"]}
    closing = {code: row["closing"] for code, row in rows.items()}
    return closing if any(closing.values()) or any(row["opening"] for row in rows.values()) else {}


def _is_used(row: TierValue) -> bool:
    """Whether a line for customers without a tier says anything: the document's column may be there for other KPIs."""
    return bool(row.customers) or any(one.value is not None for one in row.worth.values())


class _Doing:
    """What ran at the period's end and what benefits brought until then, by a document."""

    def __init__(self, document: Mapping[str, Any]) -> None:
        rows = document["initiatives"]
        self.told = all("tiers" in one for one in rows)  # editions of an earlier version say no tiers of initiatives
        self.running = [one for one in rows if one["running"]]
        self.budget = sum_of(exact(one["cost"]) for one in self.running)
        self.focused = {one["code"]: one for one in rows if one["customer_focused"] and one["stage"] in _STAGES}
        money = [one for one in document["benefits"] if one["kind"] == BenefitKind.MONEY]
        self.brought = [one for one in money if one["initiative"] in self.focused]

    def of(self, tier: Tier) -> Done | None:
        """For a tier; for all customers whatever is for any; None for untiered, or where the document doesn't say."""
        if tier.scope == TierScope.UNTIERED or not self.told:
            return None
        asked = None if tier.scope == TierScope.ALL else tier.code
        running = [one for one in self.running if one["customer_focused"] and _is_for(one, asked)]
        brought = [one for one in self.brought if _is_for(self.focused[one["initiative"]], asked)]
        promised = [(exact(one["planned"]), exact(one["realised"])) for one in brought]
        return Done.of([exact(one["cost"]) for one in running], self.budget, promised)


def _is_for(initiative: Mapping[str, Any], tier: str | None) -> bool:
    return tier is None or not initiative["tiers"] or tier in initiative["tiers"]


# -- what is another by now


def _differing(signed: ValueByTier, live: ValueByTier) -> int:
    """How many tiers are worth something else by now, all customers among them; of the KPIs that the edition has."""
    then, now = ({row.tier.code: row for row in one.rows} for one in (signed, live))
    roles = tuple(signed.kpis)
    same = sum(_is_same(then[code], now[code], roles) for code in then.keys() & now.keys())
    return len(then.keys() | now.keys()) - same


def _is_same(then: TierValue, now: TierValue, roles: Sequence[ValueRole]) -> bool:
    if _counts(then, roles) != _counts(now, roles):
        return False
    if then.done is None or now.done is None:
        return True
    if then.done.initiatives != now.done.initiatives:
        return False
    amounts = zip(_amounts(then.done), _amounts(now.done), strict=True)
    return all(abs(was - one) < _CENT for was, one in amounts)


def _counts(row: TierValue, roles: Sequence[ValueRole]) -> tuple[Any, ...]:
    """What is equal or not: values with as many decimals as a document keeps."""
    values = (row.worth[role].value for role in roles)
    texts = (None if one is None else rounded_text(one) for one in values)
    return (row.customers, *texts)


def _amounts(done: Done) -> tuple[Fraction, ...]:
    """Sums of money: a document keeps each of their parts, rounded, so that they may be a trifle apart."""
    return (done.budget, done.planned, done.realised)
