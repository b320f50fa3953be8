"""What a fact may be. Facts arrive by the hundred thousand, so that each rule is told twice, in one entry:

as a condition in SQL over all rows of a stage at once, and in Python over one row; a property test holds the two
against each other.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from django.db.models import Q

from kpis.models import Kpi

# Numbers of a row as whole numbers in text, None for an empty cell.
Text = str | None


@dataclass(frozen=True, slots=True)
class FactRule:
    """What is wrong with a field of a fact, and when.

    ``sql`` is a condition over the columns ``{numerator}`` and ``{denominator}``, ``broken`` the same of their texts.
    A row without a numerator is no fact, and breaks no rule.
    """

    field: str
    words: str
    sql: str
    broken: Callable[[Text, Text], bool]


NO_BASE = FactRule(
    "denominator",
    "is missing, and a ratio needs one (0 is allowed)",
    "{numerator} IS NOT NULL AND {denominator} IS NULL",
    lambda numerator, denominator: numerator is not None and denominator is None,
)
NEGATIVE_BASE = FactRule(
    "denominator",
    "must not be negative",
    "{numerator} IS NOT NULL AND {denominator} < 0",
    lambda numerator, denominator: numerator is not None and denominator is not None and denominator[0] == "-",
)

FROM_EVENTS = "takes its facts from events, by its rule: load the events, or take them away"

# Those of KPIs whose facts a ratio takes. The same of stored facts, which all have a numerator.
OF_RATIOS = (NO_BASE, NEGATIVE_BASE)
LACKING_BASE = Q(denominator=None) | Q(denominator__lt=0)


def broken_base(numerator: Text, denominator: Text) -> FactRule | None:
    """The rule of ratios that a fact breaks; None where it is good."""
    return next((rule for rule in OF_RATIOS if rule.broken(numerator, denominator)), None)


def fact_problem(kpi: Kpi, *, takes_entries: bool) -> str:
    """Why a KPI takes no facts; empty where it does. ``takes_entries``: it has tier actuals."""
    if kpi.calculated:
        return "is calculated; give the facts to the KPIs that its formula takes"
    if kpi.facts_of:
        return f"takes its facts from {kpi.facts_of.code}; give the facts to that one"
    if kpi.takes_events:
        return FROM_EVENTS
    return "takes tier actuals, and a KPI takes facts or tier actuals, never both" if takes_entries else ""
