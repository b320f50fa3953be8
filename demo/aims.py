"""What was agreed to: the demo company's targets for the fiscal year of the newest ended quarter."""

from __future__ import annotations

from typing import NamedTuple

from kpis.choices import Per

_Five = tuple[float | None, float | None, float | None, float | None, float | None]


class Aim(NamedTuple):
    """Target levels of a rate, by tier and for all customers; None: nobody agreed to one.

    ``step``: how much further each year's target goes than the one before.
    """

    kpi: str
    per: Per
    levels: _Five
    step: float = 0.0


class Share(NamedTuple):
    """Targets of a sum: the plan without stories, times an ambition for each tier (None: no target)."""

    kpi: str
    pers: tuple[Per, ...]
    ambition: tuple[float | None, float | None, float | None, float | None]
    figures: int = 3


RATES = (
    # KPI, per, (platinum, gold, silver, bronze, all customers), step
    Aim("satisfaction", Per.YEAR, (8.6, 8.3, 8.0, 7.5, 8.0), 0.05),
    Aim("promoters_share", Per.YEAR, (58, 48, 40, None, 46), 1),
    Aim("detractors_share", Per.YEAR, (12, 16, 20, None, 17), -0.5),
    Aim("nps", Per.YEAR, (46, 32, 20, None, 28), 1.5),
    Aim("referral_rate", Per.MONTH, (28, 18, 10, 8, 12), 1),
    Aim("first_choice", Per.YEAR, (60, 54, 45, None, None), 1),
    Aim("deep_discount_share", Per.MONTH, (14, 15, 19, 11, 15), -0.5),
    Aim("negotiation_share", Per.MONTH, (35, 34, 32, None, 34), -0.5),
    Aim("contacts_per_issue", Per.MONTH, (2.0, 2.5, 2.45, 2.5, 2.55), -0.05),
    Aim("repeat_contacts", Per.MONTH, (10, 14, 15.5, 16, 15), -0.5),
    Aim("first_answer_hours", Per.YEAR, (2, 4, 8, 12, 8), -0.2),
    Aim("help_rating", Per.YEAR, (3.9, 4.0, 4.1, 4.0, 3.8), 0.05),
    Aim("attach_rate", Per.MONTH, (80, 72, 55, 35, 62), 1),
    Aim("reports_in_time", Per.YEAR, (92, 86, 80, 72, 82), 1),
    Aim("dso", Per.MONTH, (52, 48, 46, 33, 49), -0.5),
    Aim("renewal_rate", Per.YEAR, (95, 91, 88, 81, 88), 0.5),
    Aim("margin_pct", Per.MONTH, (29, 33, 33, 37, 31.5), 0.25),
)

# KPI, per, lowest and highest: platinum, gold, silver, bronze, all customers
RANGES = (("capacity_use", Per.YEAR, ((65, 85), (65, 85), (65, 85), (60, 85), (65, 85))),)

# The same in the first year, when more was better (library.CHANGED): the levels of each.
BEFORE_RANGES = (("capacity_use", Per.YEAR, (72, 70, 60, 50, 65)),)

SHARES = (
    # factors on the plan of platinum, gold, silver and bronze
    Share("revenue", (Per.MONTH,), (0.985, 0.99, 0.97, 1.01)),
    Share("revenue_ttm", (Per.YEAR,), (0.97, 0.98, 0.95, 1.0)),
    Share("margin_ttm", (Per.YEAR,), (0.97, 0.98, 0.97, 1.0)),
    Share("deals_won", (Per.QUARTER,), (0.97, 1.03, 0.96, 1.0), 2),
    Share("reference_calls", (Per.QUARTER,), (0.92, 1.02, 1.06, None), 2),
    Share("complaints", (Per.YEAR,), (1.15, 1.05, 1.12, 1.0), 2),
    Share("credit_notes", (Per.YEAR,), (1.05, 1.05, 1.0, 1.1), 2),
)

# Means and distinct counts cannot be shared out, so each length has a row of its own.
LIFETIME_AMBITION = (0.98, 1.0, 0.98, 0.97)
ACTIVE_AMBITION = (0.99, 0.985, 0.985, 1.0)

# An agreement that ended: the range was not renewed for Bronze after the quarter before the newest.
ENDED = ("negotiation_share", "bronze", 26.0)


class Batch(NamedTuple):
    """Targets that were proposed together, with a note; ``decision`` is what finance said to them."""

    by: str
    note: str
    days_ago: int
    decision: str = ""


BATCHES = {
    "review": Batch(
        "Stella", "Three targets that the review of the quarter asks for; the plan is unchanged.", 9
    ),
    "next year": Batch(
        "Oskar", "Services next year: the plan has four more engineers from spring on, so reports come sooner "
        "and contracts are kept.", 4
    ),
    "planning": Batch(
        "Stella", "The targets of next year as agreed in the planning rounds.", 3
    ),
    "silver": Batch(
        "Stella", "Silver will not come below 30 % this year; the sellers ask for a goal within reach.", 30,
        "Moving the goal does not win back the margin.",
    ),
    "revision": Batch(
        "Stella", "Revised once the year had begun: what its first weeks showed. The plan stands.", 0,
        "Agreed with the controllers of sales.",
    ),
}  # fmt: skip


class Wish(NamedTuple):
    """A target that somebody would have for the fiscal year of the newest ended quarter, and its plan value."""

    kpi: str
    tier: str
    value: float
    plan: float | None = None
    batch: str = ""
    note: str = ""


PROPOSED = (
    Wish("repeat_contacts", "gold", 12.5, 13, "review", "Back to where Gold was before the help desk was merged."),
    Wish("dso", "platinum", 50, 51, "review", "Ask for the terms that the contracts have."),
    Wish("referral_rate", "platinum", 30, 28, "review", "The customer evenings work: aim higher."),
)
DRAFTED = (Wish("attach_rate", "bronze", 33, note="Start lower and grow."), Wish("satisfaction", "gold", 8.2))
REJECTED = (Wish("deep_discount_share", "silver", 30, 20, "silver"),)

# For the fiscal year after today's, by the owner of these KPIs, per year.
NEXT_YEAR = (
    Wish("reports_in_time", "platinum", 95, 95, "next year"),
    Wish("reports_in_time", "gold", 90, 91, "next year"),
    Wish("reports_in_time", "silver", 86, 86, "next year"),
    Wish("renewal_rate", "platinum", 96, 96, "next year"),
    Wish("renewal_rate", "gold", 92.5, 92, "next year"),
    Wish("dso", "platinum", 53, 52, "planning"),
    Wish("dso", "gold", 47.5, 47.5, "planning"),
    Wish("dso", "silver", 45.5, 46, "planning"),
    Wish("dso", "bronze", 34, 33, "planning"),
    Wish("attach_rate", "platinum", 82, 82, "planning"),
    Wish("attach_rate", "gold", 72, 72, "planning"),
    Wish("attach_rate", "silver", 56, 56.5, "planning"),
    Wish("help_rating", "gold", 4.1, 4.1, "planning"),
    Wish("help_rating", "silver", 4.2, 4.2, "planning"),
    # three that somebody has mistyped: thousands in place of euros, a figure too many, a lost comma
    Wish("clv", "platinum", 1_800, 1_780_000, "planning", "As in the plan of key accounts."),
    Wish("reference_calls", "bronze", 600, 60, "planning"),
    Wish("margin_pct", "silver", 310, 31, "planning"),
)

# Revised within the year: the first version (this much above the second) is superseded.
REVISED = (("revenue", "gold", 1.02), ("dso", "silver", 0.97), ("complaints", "gold", 0.92))
