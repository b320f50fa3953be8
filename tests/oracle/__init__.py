"""A second opinion on every number: the rules of the scorecard, once more, from plain lists.

Slow and simple on purpose, in exact fractions, one function per rule. It shares nothing with the
product: no rollup, no cells, no SQL, not even the calendar. Tests compare the two.
"""

from tests.oracle.columns import all_cells, column_codes
from tests.oracle.company import Company, Fact, Kpi, Membership, Target, Tier, TierActual, Version
from tests.oracle.months import Calendar, Span, make_calendar
from tests.oracle.verdicts import Cell, cell

__all__ = [
    "Calendar",
    "Cell",
    "Company",
    "Fact",
    "Kpi",
    "Membership",
    "Span",
    "Target",
    "Tier",
    "TierActual",
    "Version",
    "all_cells",
    "cell",
    "column_codes",
    "make_calendar",
]
