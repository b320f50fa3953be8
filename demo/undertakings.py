"""The sixty initiatives of the demo company, as a table to read and to change.

Days are counted back from today: what starts at 120 began 120 days ago, at -20 it begins in 20 days.
"""

from __future__ import annotations

from typing import NamedTuple

from initiatives.choices import Level

_ACCOUNT, _UNIT, _CORPORATE = Level


class Undertaking(NamedTuple):
    """An initiative. ``course`` is how it goes, by name (courses.py); impact is on loyalty and on vendor choice.

    ``account`` counts the key accounts of its owner. Costs are whole units of ``currency`` (empty: the company's).
    """

    code: str
    title: str
    level: Level
    department: str
    course: str
    start: int
    length: int
    impact: tuple[int | None, int | None]
    effort: int | None
    cost: int | None
    owner: str
    theme: str = ""
    tiers: str = ""
    kpis: str = ""
    serves: str = ""
    unit: str = ""
    account: int | None = None
    currency: str = ""
    focused: bool = True
    deputy: str = ""
    team: str = ""
    sponsor: str = "Ines"
    steps: str = ""


# Running: for all of the company. Nobody runs anything for the customers of customer service.
_CORPORATE_RUNNING = (
    # code, title, level, department, course, start, length, impact, effort, cost, owner
    Undertaking(
        "readable-invoices", "Invoices that customers can read", _CORPORATE, "finance", "steady", 120, 210,
        (4, 2), 2, 38_000, "Frieda", "invoices hard to read", "platinum", "dso@platinum",
    ),
    Undertaking(
        "first-reminder-call", "A call before the first reminder", _CORPORATE, "finance", "nearly", 90, 180,
        (3, 2), 2, 12_000, "Frieda", "reminders for paid invoices", "platinum;gold", "dso@platinum",
    ),
    Undertaking(
        "sell-value", "Sell the value, not the discount", _CORPORATE, "sales", "redated", 330, 240,
        (4, 5), 4, 420_000, "Dario", "price hard to explain", "silver", "deep_discount_share@silver;margin_pct@silver",
        steps="Value calculator;Sellers trained;Discounts by approval alone",
    ),
    Undertaking(
        "one-price-book", "One price book for all channels", _CORPORATE, "sales", "steady", 60, 170,
        (3, 4), 3, 85_000, "Dario", "price hard to explain", "silver;bronze", "negotiation_share@silver",
    ),
    Undertaking(
        "plain-contracts", "Contracts in plain words", _CORPORATE, "sales", "never", 64, 150,
        (3, 3), 1, 6_000, "Dario", "contracts hard to read",
    ),
    Undertaking(
        "long-standing-terms", "Better terms after five years", _CORPORATE, "sales", "steady", 45, 120,
        (4, 5), 2, 9_500, "Bruno", "no reward for staying", "platinum;gold", "renewal_rate",
    ),
    Undertaking(
        "gold-back", "Win Gold back to full orders", _CORPORATE, "customer_management", "owner_late", 150, 260,
        (5, 4), 3, 120_000, "Clara", "nobody asks how it goes", "gold", "revenue@gold;satisfaction@gold",
    ),
    Undertaking(
        "ninety-days", "Ninety days with a new customer", _CORPORATE, "customer_management", "steady", 100, 190,
        (5, 3), 2, 55_000, "Clara", "left alone after the order", "", "satisfaction", team="Oskar;Hanna",
    ),
    Undertaking(
        "yearly-talk", "A yearly talk with each Platinum customer", _CORPORATE, "customer_management", "steady", 75,
        300, (4, 2), 2, 20_000, "Amara", "nobody asks how it goes", "platinum", "clv@platinum", deputy="Clara",
    ),
    Undertaking(
        "one-customer-file", "One customer file instead of three", _CORPORATE, "customer_management", "overridden",
        140, 330, (3, 2), 5, 640_000, "Amara", "asked for the same data twice",
        steps="Files compared;Duplicates merged;Old files switched off",
    ),
    Undertaking(
        "customer-evenings", "Customer evenings in eight cities", _CORPORATE, "marketing", "steady", 170, 250,
        (4, 3), 2, 45_000, "Bruno", "", "platinum", "referral_rate@platinum;promoters_share@platinum",
        steps="First evening;Four evenings;Eight evenings",
    ),
    Undertaking(
        "industry-references", "A reference for each industry", _CORPORATE, "marketing", "steady", 80, 160,
        (3, 4), 1, 9_000, "Amara", "no proof from my industry", "", "reference_calls",
    ),
    Undertaking(
        "panel-study", "Why the panel chooses others", _CORPORATE, "marketing", "past_due", 130, 115,
        (2, 4), 2, 60_000, "Bruno", "", "gold", "first_choice@gold",
    ),
    Undertaking(
        "licence-advice", "Advice before the licence is full", _CORPORATE, "product", "steady", 55, 140,
        (4, 3), 3, 70_000, "Goran", "licence does not fit", "bronze", "capacity_use@bronze",
    ),
    Undertaking(
        "answering-help-pages", "Help pages that answer the question", _CORPORATE, "product", "slipping", 190, 200,
        (3, 2), 2, 24_000, "Hanna", "help pages out of date", "", "help_rating",
    ),
    Undertaking(
        "sensor-swap", "Swap a sensor without a visit", _CORPORATE, "product", "steady", 210, 480,
        (5, 5), 5, 1_250_000, "Goran", "instrument stands still", "platinum;gold", "attach_rate",
        steps="Plug designed;Field test with ten customers;First series;Sold with every system",
    ),
    Undertaking(
        "order-tracking", "See where my order is", _CORPORATE, "product", "steady", 95, 220,
        (4, 4), 4, 280_000, "Goran", "delivery day not kept", serves="delivery", team="Hanna;Oskar",
    ),
    Undertaking(
        "two-hour-window", "Delivery in a two-hour window", _CORPORATE, "delivery", "steady", 85, 200,
        (4, 4), 3, 150_000, "Hanna", "delivery day not kept",
    ),
    Undertaking(
        "right-first-time", "Installation right the first time", _CORPORATE, "delivery", "risky", 110, 180,
        (3, 3), 2, 18_000, "Hanna", "installation needs a second visit",
    ),
    Undertaking(
        "early-renewal", "Renewal talks half a year earlier", _CORPORATE, "services", "silent", 160, 270,
        (4, 5), 2, 30_000, "Oskar", "renewal comes as a surprise", "gold", "renewal_rate@gold", deputy="Elif",
    ),
    Undertaking(
        "contract-portal", "All contracts in one portal", _CORPORATE, "services", "overdue", 200, 480,
        (4, 4), 5, 310_000, "Oskar", "contracts hard to find", "", "attach_rate;renewal_rate@gold",
        steps="Contracts collected;Pilot;Open to Platinum;Open to all",
    ),
    Undertaking(
        "spare-on-site", "A spare instrument on site", _CORPORATE, "services", "turning", 140, 260,
        (4, 3), 3, 95_000, "Oskar", "instrument stands still", "platinum",
    ),
)  # fmt: skip

# Running: improvement work that is not for customers. Shares are of all that runs.
_INTERNAL_RUNNING = (
    Undertaking(
        "ledger-upgrade", "A new release of the ledger", _CORPORATE, "finance", "overridden", 240, 420,
        (1, 1), 5, 2_100_000, "Frieda", focused=False,
    ),
    Undertaking(
        "five-day-close", "Close the ledger in five days", _CORPORATE, "finance", "steady", 70, 150,
        (1, None), 3, 40_000, "Frieda", kpis="credit_notes", focused=False,
    ),
    Undertaking(
        "one-travel-agency", "One travel agency", _CORPORATE, "finance", "silent", 100, 200,
        (None, None), 1, 5_000, "Frieda", focused=False,
    ),
    Undertaking(
        "warehouse-light", "Light and heating of the warehouse", _CORPORATE, "delivery", "steady", 50, 160,
        (None, None), None, 75_000, "Hanna", focused=False,
    ),
    Undertaking(
        "less-packaging", "Half the packaging", _CORPORATE, "delivery", "ahead", 130, 220,
        (2, 1), 2, 15_000, "Hanna", focused=False,
    ),
    Undertaking(
        "safe-passwords", "Training against stolen passwords", _CORPORATE, "product", "steady", 40, 90,
        (None, None), None, None, "", focused=False, sponsor="",
    ),
    Undertaking(
        "supplier-audit", "Audit of the sensor suppliers", _CORPORATE, "product", "risky", 105, 200,
        (1, 2), 3, 50_000, "Goran", focused=False,
    ),
)  # fmt: skip

# Running: in the business units; few enough for each to be named in the report.
_UNITS_RUNNING = (
    Undertaking(
        "spares-in-america", "A store of spare parts in North America", _UNIT, "delivery", "risky", 115, 240,
        (4, 4), 3, 180_000, "Amara", "spare parts take weeks", serves="services", unit="overseas", currency="USD",
    ),
    Undertaking(
        "manuals-in-japanese", "Manuals in Japanese and Korean", _UNIT, "product", "steady", 65, 180,
        (3, 4), 2, 21_000_000, "Goran", "help pages out of date", unit="overseas", currency="JPY",
    ),
    Undertaking(
        "calibration-day", "Calibration on the day that suits", _UNIT, "services", "steady", 90, 210,
        (4, 3), 2, 48_000, "Elif", "engineer comes late", "platinum;gold;silver", "attach_rate",
        unit="laboratory", team="Oskar",
    ),
    Undertaking(
        "fewer-false-alarms", "Fewer false alarms", _UNIT, "product", "overdue", 145, 240,
        (4, 2), 3, 90_000, "Goran", "false alarms", unit="process",
    ),
    Undertaking(
        "water-forum", "A users’ forum for water works", _UNIT, "marketing", "steady", 35, 110,
        (2, 3), 1, 4_000, "Bruno", "no proof from my industry", unit="environment",
    ),
)  # fmt: skip

# What waits: ideas, what is approved and has not begun, what is on hold. No key account has anything running.
_WAITING = (
    Undertaking(
        "call-back-in-an-hour", "A call back within the hour", _CORPORATE, "customer_service", "candidate", -30, 120,
        (5, 5), 2, 35_000, "Elif", "cannot reach a person", "", "first_answer_hours",
    ),
    Undertaking(
        "answers-at-night", "Answers at night", _CORPORATE, "customer_service", "candidate", -60, 180,
        (3, 2), 4, 160_000, "Elif", "cannot reach a person",
    ),
    Undertaking(
        "one-number", "One number to call", _CORPORATE, "customer_service", "on_hold", 160, 150,
        (5, 4), 2, 42_000, "Elif", "does not know whom to ask", "gold", "repeat_contacts@gold",
    ),
    Undertaking(
        "trade-in", "Trade in an old instrument", _CORPORATE, "sales", "candidate", -45, 200,
        (4, 4), 4, 500_000, "Dario", "", "silver;bronze",
    ),
    Undertaking(
        "remote-start", "Start up an instrument from afar", _CORPORATE, "services", "candidate", -20, 240,
        (4, 3), 3, 110_000, "Oskar", "engineer comes late",
    ),
    Undertaking(
        "trial-laboratory", "A laboratory to try things in", _CORPORATE, "product", "undated", 0, 0,
        (None, 3), None, None, "",
    ),
    Undertaking(
        "paper-catalogue", "Bring the paper catalogue back", _CORPORATE, "marketing", "candidate", -90, 120,
        (2, 1), 4, 260_000, "Bruno",
    ),
    Undertaking(
        "joint-plan", "A joint plan for the next two years", _ACCOUNT, "customer_management", "candidate", -30, 90,
        (5, 4), 2, 8_000, "Oskar", account=0,
    ),
    Undertaking(
        "joint-laboratory", "A joint laboratory day each quarter", _ACCOUNT, "product", "candidate", -50, 300,
        (4, 4), 3, 26_000, "Goran", account=1,
    ),
    Undertaking(
        "engineer-in-house", "An engineer in the customer’s house", _ACCOUNT, "services", "not_started", 26, 180,
        (5, 3), 3, 96_000, "Oskar", "instrument stands still", account=2,
    ),
    Undertaking(
        "own-price-list", "A price list of their own", _ACCOUNT, "sales", "on_hold", 120, 90,
        (3, 4), 2, 5_000, "Dario", account=0,
    ),
    Undertaking(
        "spare-parts-contract", "Spare parts under contract", _CORPORATE, "services", "approved", -14, 160,
        (4, 4), 3, 64_000, "Elif", "spare parts take weeks", "", "attach_rate@silver",
    ),
    Undertaking(
        "new-service-vans", "New service vans", _CORPORATE, "services", "approved", -40, 365,
        (4, 2), 4, 900_000, "Oskar", "engineer comes late",
    ),
    Undertaking(
        "process-training", "Training at the customer’s plant", _UNIT, "services", "not_started", 19, 120,
        (3, 3), 2, 22_000, "Elif", unit="process",
    ),
    Undertaking(
        "field-manual", "A manual that survives the rain", _UNIT, "product", "on_hold", 210, 140,
        (3, 2), 2, 14_000, "Hanna", unit="environment",
    ),
)  # fmt: skip

# What has ended, one way or another.
_ENDED = (
    Undertaking(
        "silver-growers", "Look after the fast growers", _CORPORATE, "customer_management", "done", 290, 180,
        (4, 3), 2, 32_000, "Clara", "", "silver;bronze", "clv@silver",
    ),
    Undertaking(
        "refer-a-lab", "Thank those who refer us", _CORPORATE, "marketing", "turned", 320, 270,
        (4, 4), 2, 28_000, "Bruno", "", "platinum", "referral_rate@platinum",
    ),
    Undertaking(
        "attach-offer", "A services contract with every system", _CORPORATE, "services", "turned", 260, 240,
        (3, 5), 3, 75_000, "Oskar", "", "platinum", "attach_rate@platinum",
    ),
    Undertaking(
        "quote-in-a-day", "A quote within a day", _CORPORATE, "sales", "done", 220, 130,
        (4, 5), 2, 36_000, "Dario", kpis="deals_won",
    ),
    Undertaking(
        "credit-limits", "Credit limits that fit", _CORPORATE, "finance", "done_late", 260, 120,
        (3, 2), 2, 11_000, "Frieda", "", "gold", "dso@gold",
    ),
    Undertaking(
        "pallet-labels", "Labels that the goods-in can scan", _CORPORATE, "delivery", "done", 150, 120,
        (3, 2), 1, 7_000, "Hanna",
    ),
    Undertaking(
        "acquired-customers", "Bring the acquired customers in", _UNIT, "customer_management", "done", 560, 240,
        (4, 4), 3, 140_000, "Amara", unit="overseas", currency="USD",
    ),
    Undertaking(
        "lab-newsletter", "News for laboratories, by those who use them", _UNIT, "marketing", "done_late", 200, 60,
        (2, 2), 1, 3_000, "Bruno", unit="laboratory",
    ),
    Undertaking(
        "brewing-group", "One contract for the whole group", _ACCOUNT, "sales", "done", 250, 170,
        (4, 5), 2, 9_000, "Dario", account=1,
    ),
    Undertaking(
        "uptime-promise", "A promise of uptime", _ACCOUNT, "services", "done_late", 310, 200,
        (5, 4), 3, 52_000, "Oskar", account=1,
    ),
    Undertaking(
        "service-school", "A school for those who answer the telephone", _CORPORATE, "customer_service", "cancelled",
        230, 200, (4, 3), 3, 58_000, "Elif", "has to call twice", "", "contacts_per_issue",
    ),
    Undertaking(
        "old-portal", "A second life for the old portal", _CORPORATE, "product", "cancelled", 280, 160,
        (2, 2), 4, 270_000, "Goran",
    ),
    Undertaking(
        "account-magazine", "A magazine for one customer", _ACCOUNT, "marketing", "cancelled", 120, 100,
        (2, 2), 2, 12_000, "Bruno", account=3,
    ),
)  # fmt: skip

UNDERTAKINGS = (*_CORPORATE_RUNNING, *_INTERNAL_RUNNING, *_UNITS_RUNNING, *_WAITING, *_ENDED)
