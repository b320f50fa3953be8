"""What initiatives of the demo company should bring, what finance said to that, and what they brought."""

from __future__ import annotations

from typing import NamedTuple

from initiatives.choices import BenefitState, TurnaroundState

_DRAFT, _PROPOSED, _APPROVED, _REJECTED, _SUPERSEDED, _ = BenefitState

# What a unit of a currency is worth in the company's, by year before the running one. There is no rate for the yen.
RATES = {"USD": ("0.92", "0.91", "0.93", "0.94")}


class Promise(NamedTuple):
    """A version of a planned benefit; ``kpi`` is ``code@tier``, empty for money.

    ``since`` counts months back from the newest one that has data.
    """

    code: str
    name: str
    per_year: str
    since: int
    by: str
    state: BenefitState = _APPROVED
    kpi: str = ""
    currency: str = ""
    version: int = 1
    note: str = ""
    decision: str = ""


PROMISES = (
    Promise("readable-invoices", "Interest saved", "90000", -3, "Frieda", note="Paid five days sooner in Platinum."),
    Promise("one-price-book", "Fewer exceptions", "220000", -4, "Dario"),
    Promise("sell-value", "Margin won back", "2", 0, "Dario", kpi="margin_pct@silver", note="Two points."),
    Promise("early-renewal", "More renewals", "3", 2, "Oskar", kpi="renewal_rate@gold", note="Three points in Gold."),
    Promise("refer-a-lab", "More referrals", "4", 3, "Bruno", kpi="referral_rate@platinum", note="Four points."),
    Promise("attach-offer", "Contracts sold", "310000", 2, "Oskar", note="Forty contracts more a year."),
    Promise("quote-in-a-day", "Orders kept", "400000", 2, "Dario"),
    Promise("contract-portal", "Contracts kept", "250000", -5, "Oskar", _PROPOSED, note="Nine contracts of Gold."),
    Promise("ninety-days", "Fewer first-year losses", "60000", -2, "Clara", _PROPOSED),
    Promise("sensor-swap", "Field visits saved", "2000000", -10, "Goran", _SUPERSEDED, note="From the business case."),
    Promise("sensor-swap", "Field visits saved", "1600000", -10, "Goran", version=2, note="After the field test."),
    Promise(
        "gold-back", "Orders won back", "1200000", -2, "Clara", _REJECTED, "revenue@gold",
        decision="The baseline is the worst quarter: take the average of the year before.",
    ),
    Promise("spares-in-america", "Express freight saved", "90000", -4, "Amara", currency="USD"),
    Promise("manuals-in-japanese", "Fewer visits", "5000000", -3, "Goran", currency="JPY"),
    Promise("silver-growers", "Larger orders", "50000", 4, "Clara", _DRAFT),
)  # fmt: skip


class Brought(NamedTuple):
    """What a benefit brought, a value for each month, the last of them the newest month that has data."""

    code: str
    name: str
    by: str
    values: tuple[str, ...]


BROUGHT = (
    Brought("attach-offer", "Contracts sold", "Oskar", ("19500", "24000", "28500")),
    Brought("quote-in-a-day", "Orders kept", "Dario", ("30000", "21000", "26000")),
)

# Initiative, what is said of it, and what Ines did with it.
TURNED = (
    ("refer-a-lab", TurnaroundState.CONFIRMED),
    ("attach-offer", TurnaroundState.NOMINATED),
)
