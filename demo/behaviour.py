"""How the demo company's customers behave, in numbers, by the tier that they began in.

A customer keeps its behaviour when it moves: that is what makes moved customers an illusion.
"""

from __future__ import annotations

from typing import NamedTuple

# How many customers there are in all, and what a month of one is worth: euros of revenue at rest,
# its spread between customers, growth a month, share of months without an order.
# tier: customers, revenue, spread, growth, silent
CUSTOMERS = {
    "platinum": (60, 58_000, 0.40, 0.0045, 0.00),
    "gold": (180, 15_200, 0.45, 0.0030, 0.03),
    "silver": (360, 4_600, 0.45, 0.0025, 0.12),
    "bronze": (600, 1_150, 0.55, 0.0010, 0.34),
}

# January to December; the mean is 1.
SEASON = (0.91, 0.94, 1.06, 0.99, 1.00, 1.05, 0.93, 0.84, 1.04, 1.07, 1.09, 1.08)

# Chance that a customer leaves within the thirty months; that one of those who left returns; share
# of the customers that join within them.
LEAVES = {"platinum": 0.02, "gold": 0.06, "silver": 0.08, "bronze": 0.11}
RETURNS = 0.18
JOINS = {"platinum": 0.02, "gold": 0.06, "silver": 0.10, "bronze": 0.14}

# Quarterly tier review: how many of the largest move up and of the smallest move down, from each tier.
MOVES_UP = {"bronze": 4, "silver": 2, "gold": 1}
MOVES_DOWN = {"platinum": 1, "gold": 2, "silver": 3}

# Rates and levels at rest, in the KPI's unit: platinum, gold, silver, bronze.
LEVELS = {
    "satisfaction": (8.7, 8.4, 7.95, 7.6),
    "promoters_share": (59, 49.5, 40.5, 36),
    "detractors_share": (10, 14.5, 20, 24),
    "referral_rate": (22, 17, 11, 6.5),
    "deep_discount_share": (12, 15.8, 17, 9),
    "negotiation_share": (34.2, 32, 29, 24),
    "contacts_per_issue": (1.9, 2.35, 2.55, 2.4),
    "repeat_contacts": (9, 12.6, 14.2, 17),
    "first_answer_hours": (1.8, 4.1, 7.3, 11.4),
    "capacity_use": (77, 74, 63.5, 53),
    "attach_rate": (82, 71.2, 57.5, 32),
    "dso": (51, 47, 47, 31.5),
    "renewal_rate": (95.8, 91.5, 89, 80),
    "margin_pct": (29.5, 33.5, 33.6, 38),
    "first_choice": (61, 53, 45.8, 33),
    "help_rating": (3.93, 4.03, 4.06, 4.1),
    "reports_in_time": (93.5, 84, 75, 72),
}

# Events for each customer and month: platinum, gold, silver, bronze.
EVENTS = {
    "deals_won": (1.7, 0.95, 0.55, 0.24),
    "issues": (3.2, 1.7, 0.85, 0.36),
    "complaints": (0.15, 0.10, 0.055, 0.025),
    "surveys": (0.55, 0.38, 0.26, 0.14),
    "referral_asked": (0.50, 0.40, 0.30, 0.20),
    "reference_calls": (0.32, 0.13, 0.035, 0.008),
    "contracts_due": (0.40, 0.20, 0.10, 0.035),
    "credit_notes": (0.09, 0.05, 0.03, 0.012),
}
SYSTEMS = {"platinum": 24, "gold": 9, "silver": 4, "bronze": 2}
CONNECTED = {"platinum": 0.90, "gold": 0.75, "silver": 0.55, "bronze": 0.30}
YEARS_OF_LIFE = {"platinum": 7.5, "gold": 6, "silver": 5, "bronze": 3.5}
PANEL = {"platinum": 60, "gold": 90, "silver": 120, "bronze": 140}
READERS = {"platinum": 40, "gold": 110, "silver": 190, "bronze": 320}
ANONYMOUS_READERS = (900, 3.7)
VISITS = {"platinum": 62, "gold": 88, "silver": 64, "bronze": 40}


class Story(NamedTuple):
    """How a number leaves its level at rest: a factor for each of the quarters -5 to 0.

    Before it is the first factor, after it the last. ``troubled``: for the customers with repeat
    contacts alone.
    """

    number: str
    tier: str
    path: tuple[float, float, float, float, float, float]
    troubled: bool = False


STORIES = (
    # 1. Repeat contacts rise in Gold, and two quarters later its revenue falls.
    Story("repeat_contacts", "gold", (1, 1.45, 1.85, 2.1, 2.15, 2.1), troubled=True),
    Story("contacts_per_issue", "gold", (1, 1.08, 1.15, 1.22, 1.26, 1.26)),
    Story("satisfaction", "gold", (1, 1, 0.98, 0.96, 0.94, 0.92)),
    Story("detractors_share", "gold", (1, 1, 1.05, 1.15, 1.25, 1.4)),
    Story("complaints", "gold", (1, 1.1, 1.2, 1.3, 1.35, 1.4)),
    Story("renewal_rate", "gold", (1, 1, 1, 0.98, 0.96, 0.935)),
    Story("revenue", "gold", (1, 1, 1, 0.92, 0.85, 0.78), troubled=True),
    # 2. Deep discounts keep Silver's deals while its margin falls.
    Story("deep_discount_share", "silver", (1, 1, 1.2, 1.45, 1.75, 2.0)),
    Story("negotiation_share", "silver", (1, 1, 1.1, 1.2, 1.3, 1.4)),
    Story("margin_pct", "silver", (1, 1, 0.96, 0.91, 0.86, 0.81)),
    # 3. Referral improves in Platinum.
    Story("referral_rate", "platinum", (1, 1, 1.1, 1.22, 1.36, 1.5)),
    Story("promoters_share", "platinum", (1, 1, 1, 1.03, 1.05, 1.08)),
    Story("promoters_share", "gold", (1, 1, 1, 0.98, 0.96, 0.94)),
    # 8. Every tier takes more services, with the fast growers that come to Silver making up for part of it.
    Story("attach_rate", "platinum", (1, 1, 1, 1, 1, 1.03)),
    Story("attach_rate", "gold", (1, 1, 1, 1, 1, 1.04)),
    Story("attach_rate", "silver", (1, 1, 1, 1, 1, 1.10)),
    Story("attach_rate", "bronze", (1, 1, 1, 1, 1, 1.08)),
    # 4. The largest customers pay later and later.
    Story("dso", "platinum", (1, 1, 1.03, 1.08, 1.14, 1.2)),
)

# 5. The tier review of the newest ended quarter moves the fast growers of Bronze to Silver. They pay
# later than Bronze and sooner than Silver, so both tiers' DSO improves though nobody pays sooner.
GROWERS = 70
GROWER_SIZE = 2.9
GROWER_DSO = 40.0

# 8. In the newest ended quarter Bronze takes to a small instrument that few insure. Each tier covers more of its
# systems than before, and all customers together less: a reversal.
SMALL_INSTRUMENTS = {"bronze": 2}
SMALL_SINCE_QUARTER = 0

# 6. An acquisition, seven quarters ago, has no tiers until the next review.
ACQUIRED = 24
ACQUIRED_QUARTER = -7

# Bronze is not asked whether it would recommend us.
NOT_ASKED_TO_RECOMMEND = "bronze"

# Months without data: (KPI, quarter, month of the quarter from 0). Credit notes stop before the last
# month of the newest ended quarter: the ledger closes late. Nobody surveys in August.
LEDGER_CLOSED_LATE = "credit_notes"
HOLES = (
    ("first_answer_hours", -2, 1),  # the help desk changed its software
    ("capacity_use", -4, 0),
    ("referral_rate", -6, 2),
)
NO_SURVEYS_IN = 8

# The owner of the visit reports has not entered the last month for these tiers, and has corrected one earlier
# value: KPI, tier, months before the last, how many more the first value had counted, why.
NOT_ENTERED = ("reports_in_time", ("silver", "bronze"))
CORRECTED = ("reports_in_time", "gold", 1, 4, "Drafts were counted as reports; only what the customer has counts.")
