"""What customers of the demo company suffer from: most of it where nobody does anything about it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from core.periods import Month
from demo.behaviour import NO_SURVEYS_IN
from demo.dice import dice
from demo.people import TIERS
from demo.timeline import Timeline

MONTHS = 12
LOUDEST_DEPARTMENT = "customer_service"
_LOG, _SURVEY = "complaints log", "survey comments"
_SURVEYED = 0.4  # share of mentions that come from surveys
_RISING = {"customer_service": 0.03}  # growth a month
_AT_RISK = {"platinum": 6_500, "gold": 1_800}  # euros of yearly revenue for each mention in the log


class Theme(NamedTuple):
    """A pain: severity, and mentions a month in Platinum, Gold, Silver and Bronze."""

    department: str
    theme: str
    severity: int
    mentions: tuple[int, int, int, int]


THEMES = (
    Theme("customer_service", "cannot reach a person", 4, (6, 15, 12, 14)),
    Theme("customer_service", "has to call twice", 4, (3, 14, 6, 6)),
    Theme("customer_service", "does not know whom to ask", 3, (3, 6, 6, 8)),
    Theme("delivery", "delivery day not kept", 3, (4, 6, 7, 8)),
    Theme("delivery", "installation needs a second visit", 4, (3, 3, 3, 2)),
    Theme("services", "engineer comes late", 3, (3, 5, 4, 2)),
    Theme("services", "instrument stands still", 5, (4, 3, 2, 1)),
    Theme("services", "spare parts take weeks", 4, (2, 2, 3, 3)),
    Theme("services", "no report after the visit", 2, (1, 2, 2, 1)),
    Theme("product", "false alarms", 4, (2, 4, 3, 2)),
    Theme("product", "licence does not fit", 2, (1, 2, 4, 8)),
    Theme("product", "help pages out of date", 2, (1, 3, 5, 9)),
    Theme("sales", "price hard to explain", 3, (2, 3, 8, 4)),
    Theme("sales", "contracts hard to read", 2, (1, 2, 3, 3)),
    Theme("finance", "invoices hard to read", 3, (5, 4, 3, 2)),
    Theme("finance", "reminders for paid invoices", 4, (3, 3, 2, 1)),
    Theme("customer_management", "nobody asks how it goes", 2, (2, 4, 5, 3)),
    Theme("customer_management", "left alone after the order", 3, (1, 3, 4, 4)),
    Theme("marketing", "no proof from my industry", 1, (1, 1, 2, 3)),
)


class Heard(NamedTuple):
    """A pain point: how often a theme was named in a month by a tier, in one source."""

    source: str
    theme: Theme
    tier: str
    month: Month
    mentions: int
    revenue_at_risk: int | None


def heard(timeline: Timeline) -> Iterator[Heard]:
    """All pain points of the last twelve months that have ended."""
    for place, month in enumerate(timeline.months[-MONTHS:]):
        for theme in THEMES:
            throw = dice("pain", theme.theme, month)
            for (tier, _), usual in zip(TIERS, theme.mentions, strict=True):
                growth = (1 + _RISING.get(theme.department, 0)) ** (place - MONTHS / 2)
                mentions = max(0, round(usual * growth * (1 + throw.gauss(0, 0.1))))
                yield from _by_source(theme, tier, month, mentions)


def _by_source(theme: Theme, tier: str, month: Month, mentions: int) -> Iterator[Heard]:
    """Shared out to the sources; one that has none says nothing."""
    surveyed = 0 if month % 100 == NO_SURVEYS_IN else round(mentions * _SURVEYED)
    logged = mentions - surveyed
    if logged:
        worth = _AT_RISK.get(tier)
        yield Heard(_LOG, theme, tier, month, logged, logged * worth if worth else None)
    if surveyed:
        yield Heard(_SURVEY, theme, tier, month, surveyed, None)
