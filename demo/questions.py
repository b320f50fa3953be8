"""The demo company's polls, as tables to read and to change: what was asked, answered, merged and voted.

People are first names of those who can sign in; days count back from the beginning of the record for what is
decided, and from today for what is open.
"""

from __future__ import annotations

from typing import NamedTuple

from kpis.choices import Indicator

_LEADING, _TRAILING = Indicator


class Option(NamedTuple):
    """What answers were merged into: its name, the answers, its kind, each person's points, the KPI made of it."""

    name: str
    answers: tuple[str, ...]
    indicator: Indicator
    points: dict[str, int]
    kpi: str = ""


class Question(NamedTuple):
    """A poll; without options it still takes answers. ``answers`` are pairs of a person and what they said."""

    text: str
    days_ago: int
    invited: tuple[str, ...]
    answers: tuple[tuple[str, str], ...]
    options: tuple[Option, ...] = ()


EVERYBODY = ("Ines", "Oskar", "Farah", "Stella", "Ada")

# Asked before anything was measured; the five with most points are in the library to this day.
DECIDED = Question(
    "What is the most important customer KPI?",
    120,
    EVERYBODY,
    (
        ("Ines", "Would they recommend us?"),
        ("Ines", "Revenue by tier"),
        ("Oskar", "Visit reports that come in time"),
        ("Oskar", "NPS"),
        ("Oskar", "Contracts renewed"),
        ("Farah", "Days until they pay"),
        ("Farah", "Revenue by tier"),
        ("Stella", "Net promoter score"),
        ("Stella", "How often they call twice"),
        ("Ada", "Repeat calls"),
        ("Ada", "Visits to our web pages"),
    ),
    (
        Option(
            "Net promoter score", ("Would they recommend us?", "NPS", "Net promoter score"), _LEADING,
            {"Ines": 3, "Oskar": 1, "Stella": 2, "Ada": 1}, "nps",
        ),
        Option(
            "Repeat contacts", ("How often they call twice", "Repeat calls"), _LEADING,
            {"Ines": 1, "Stella": 2, "Ada": 3}, "repeat_contacts",
        ),
        Option(
            "Visit reports in time", ("Visit reports that come in time",), _LEADING,
            {"Oskar": 3, "Stella": 1}, "reports_in_time",
        ),
        Option("Days sales outstanding", ("Days until they pay",), _LEADING, {"Farah": 3}, "dso"),
        Option("Revenue by tier", ("Revenue by tier",), _TRAILING, {"Ines": 1, "Farah": 2}, "revenue"),
        Option("Contracts renewed", ("Contracts renewed",), _TRAILING, {"Oskar": 1}),
        Option("Visits to our web pages", ("Visits to our web pages",), _LEADING, {"Ada": 1}),
    ),
)  # fmt: skip

# Waits for an answer of the executive and of the project owner, who see nobody else's before they gave theirs.
OPEN = Question(
    "What do customers notice first when delivery gets better?",
    6,
    EVERYBODY,
    (
        ("Stella", "Deliveries on the day that was promised"),
        ("Farah", "Invoices that fit the delivery note"),
        ("Ada", "Installed and working at the first visit"),
        ("Stella", "Calls that ask where the order is"),
    ),
)
