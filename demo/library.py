"""The twenty-seven KPIs of the demo company, each from one of the five articles."""

from __future__ import annotations

from decimal import Decimal
from typing import NamedTuple

from kpis.choices import Absent, CustomerMethod, Direction, Indicator, TimeMethod, Unit

_LEADING, _TRAILING = Indicator
_NUMBER, _PERCENT, _MONEY, _DAYS, _SCORE = Unit
_HIGHER, _LOWER, _RANGE = Direction
_SUM, _MEAN, _RATIO, _DISTINCT = CustomerMethod
_POOL, _ADD, _AVERAGE, _LAST, _TTM = TimeMethod


class Definition(NamedTuple):
    """A KPI as the library has it; ``band`` is absolute, ``band_pct`` percent of the target.

    One with a formula has no methods of its own.
    """

    code: str
    name: str
    department: str
    indicator: Indicator
    unit: Unit
    direction: Direction
    customers: CustomerMethod | None
    time: TimeMethod | None
    definition: str
    criterion: str = ""
    band: str = ""
    band_pct: str = ""
    decimals: int = 1
    absent: Absent = Absent.MISSING
    facts_of: str = ""
    formula: str = ""
    owner: str = ""

    @property
    def near_band_abs(self) -> Decimal | None:
        """The near band in the KPI's unit; None where the percentage serves."""
        return Decimal(self.band) if self.band else None

    @property
    def near_band(self) -> Decimal | None:
        """The near band in percent of the target; None where the default serves."""
        return Decimal(self.band_pct) if self.band_pct else None


# In the order of the matrix: leading before trailing.
LIBRARY = (
    # code, name, department, indicator, unit, direction, customers, time
    Definition(
        "satisfaction", "Satisfaction", "customer_management", _LEADING, _SCORE, _HIGHER, _MEAN, _POOL,
        "Answers from 1 to 10 to “How satisfied are you with us?”, all answers of the period as one.",
        criterion="They know what we need and deal with it.", band="0.2", owner="Clara Winther",
    ),
    Definition(
        "promoters_share", "Promoters", "customer_management", _LEADING, _PERCENT, _HIGHER, _RATIO, _POOL,
        "Customers that answered 9 or 10 to “Would you recommend us?”, of those asked. Bronze is not asked.",
        band="2", owner="Clara Winther",
    ),
    Definition(
        "detractors_share", "Detractors", "customer_management", _LEADING, _PERCENT, _LOWER, _RATIO, _POOL,
        "Customers that answered 0 to 6 to “Would you recommend us?”, of those asked. Bronze is not asked.",
        band="2", owner="Clara Winther",
    ),
    Definition(
        "nps", "Net promoter score", "customer_management", _LEADING, _SCORE, _HIGHER, None, None,
        "Promoters less detractors. Those who answered 7 or 8 count for neither.",
        criterion="I tell my colleagues to buy from you.", band="3", decimals=0,
        formula="promoters_share - detractors_share", owner="Clara Winther",
    ),
    Definition(
        "reference_calls", "Reference calls given", "customer_management", _LEADING, _NUMBER, _HIGHER, _SUM, _ADD,
        "Calls in which a customer spoke to a prospect for us; silence means none.",
        decimals=0, absent=Absent.ZERO, owner="Oskar Lindqvist",
    ),
    Definition(
        "referral_rate", "Referral rate", "marketing", _LEADING, _PERCENT, _HIGHER, _RATIO, _POOL,
        "Customers that brought another to us (numerator), of those asked in the month (denominator).",
        criterion="I would put my own name to it.", band="2", owner="Bruno Castell",
    ),
    Definition(
        "first_choice", "First choice in the panel", "marketing", _LEADING, _PERCENT, _HIGHER, _RATIO, _POOL,
        "Panel members who would choose us first, of those asked. Entered by tier: the panel gives no names.",
        band="2", owner="Bruno Castell",
    ),
    Definition(
        "deep_discount_share", "Deals at a deep discount", "sales", _LEADING, _PERCENT, _LOWER, _RATIO, _POOL,
        "Deals closed at more than 25 % below list (numerator), of the deals won (denominator).",
        band="2", owner="Dario Conti",
    ),
    Definition(
        "negotiation_share", "Deals with hard price talks", "sales", _LEADING, _PERCENT, _LOWER, _RATIO, _POOL,
        "Deals won that needed three or more rounds about the price (numerator), of the deals won (denominator).",
        criterion="I can explain the price to my own boss.", band="3", owner="Dario Conti",
    ),
    Definition(
        "contacts_per_issue", "Contacts per solved issue", "customer_service", _LEADING, _NUMBER, _LOWER, _RATIO, _POOL,
        "Contacts that customers needed (numerator), over issues solved (denominator).",
        criterion="It is solved the first time I call.", decimals=2, owner="Elif Aydin",
    ),
    Definition(
        "repeat_contacts", "Repeat contacts within 30 days", "customer_service", _LEADING, _PERCENT, _LOWER,
        _RATIO, _POOL,
        "Contacts about an issue named in the 30 days before (numerator), of all contacts (denominator).",
        criterion="I never have to call twice about the same thing.", band="1.5", owner="Elif Aydin",
    ),
    Definition(
        "first_answer_hours", "Hours to a first answer", "customer_service", _LEADING, _NUMBER, _LOWER, _MEAN, _AVERAGE,
        "Mean over customers of a month, and of the months an average of averages, as the service contract has it.",
        owner="Elif Aydin",
    ),
    Definition(
        "complaints", "Complaints", "customer_service", _LEADING, _NUMBER, _LOWER, _SUM, _ADD,
        "Written complaints; silence means none.", decimals=0, absent=Absent.ZERO, owner="Elif Aydin",
    ),
    Definition(
        "capacity_use", "Use of licensed capacity", "product", _LEADING, _PERCENT, _RANGE, _RATIO, _POOL,
        "Hours used of the hours licensed. Too little is shelfware, too much is a customer at its limit.",
        criterion="I use what I pay for, and it is there when I need more.", band="3", owner="Goran Petrov",
    ),
    Definition(
        "help_rating", "Rating of the help pages", "product", _LEADING, _SCORE, _HIGHER, _MEAN, _POOL,
        "Ratings from 1 to 5. Entered by tier and for all readers, for most are not signed in.",
        band="0.1", decimals=2, owner="Goran Petrov",
    ),
    Definition(
        "attach_rate", "Services attach rate", "services", _LEADING, _PERCENT, _HIGHER, _RATIO, _LAST,
        "Installed systems under a services contract at the end of the month, of the systems installed.",
        band="2", owner="Oskar Lindqvist",
    ),
    Definition(
        "reports_in_time", "Visit reports within five days", "services", _LEADING, _PERCENT, _HIGHER, _RATIO, _POOL,
        "Visits whose report came within five working days (numerator), of all visits (denominator). Entered by tier "
        "from the diary of the engineers.",
        criterion="I can show my auditor what was done.", band="2", owner="Oskar Lindqvist",
    ),
    Definition(
        "dso", "Days sales outstanding", "finance", _LEADING, _DAYS, _LOWER, _RATIO, _POOL,
        "Receivables at the end of the month over sales per day.", band="1.5", owner="Frieda Kessler",
    ),
    Definition(
        "renewal_rate", "Renewal rate", "services", _TRAILING, _PERCENT, _HIGHER, _RATIO, _POOL,
        "Contracts renewed (numerator), of the contracts due (denominator).", band="2", owner="Oskar Lindqvist",
    ),
    Definition(
        "deals_won", "Deals won", "sales", _TRAILING, _NUMBER, _HIGHER, _SUM, _ADD,
        "Orders above the small-order limit; silence means none.",
        decimals=0, absent=Absent.ZERO, owner="Dario Conti",
    ),
    Definition(
        "active_customers", "Active customers", "customer_management", _TRAILING, _NUMBER, _HIGHER, _DISTINCT, _POOL,
        "Different customers with revenue in the period.",
        band_pct="3", decimals=0, facts_of="revenue", owner="Clara Winther",
    ),
    Definition(
        "revenue", "Revenue", "finance", _TRAILING, _MONEY, _HIGHER, _SUM, _ADD,
        "Invoiced, net of tax, in the month of the invoice.", band_pct="5", decimals=0, owner="Frieda Kessler",
    ),
    Definition(
        "revenue_ttm", "Revenue, trailing twelve months", "finance", _TRAILING, _MONEY, _HIGHER, _SUM, _TTM,
        "The invoiced revenue of the twelve months that end with the period.",
        band_pct="4", decimals=0, facts_of="revenue", owner="Frieda Kessler",
    ),
    Definition(
        "margin_pct", "Gross margin", "finance", _TRAILING, _PERCENT, _HIGHER, _RATIO, _POOL,
        "Gross margin over revenue of the same invoices.", band="1", facts_of="", owner="Frieda Kessler",
    ),
    Definition(
        "margin_ttm", "Margin, trailing twelve months", "finance", _TRAILING, _MONEY, _HIGHER, _SUM, _TTM,
        "The gross margin, in money, of the twelve months that end with the period.",
        band_pct="5", decimals=0, facts_of="margin_pct", owner="Frieda Kessler",
    ),
    Definition(
        "clv", "Customer lifetime value", "customer_management", _TRAILING, _MONEY, _HIGHER, _MEAN, _LAST,
        "A year’s margin times the years that customers of its kind stay, mean over customers.",
        band_pct="5", decimals=0, owner="Clara Winther",
    ),
    Definition(
        "credit_notes", "Credit notes", "finance", _TRAILING, _MONEY, _LOWER, _SUM, _ADD,
        "Money given back after an invoice; silence means none.",
        decimals=0, absent=Absent.ZERO, owner="Frieda Kessler",
    ),
)  # fmt: skip

VALUE_KPIS = {"revenue": "revenue", "margin": "margin_ttm", "cost": "credit_notes"}
"""What says what a tier is worth, by part."""
ENTERED_BY_TIER = ("first_choice", "help_rating", "reports_in_time")
"""KPIs that nobody measures per customer."""


class Changed(NamedTuple):
    """A KPI that meant something else before the second fiscal year that has targets, and why it was changed."""

    kpi: str
    direction: Direction
    reason: str


CHANGED = (
    Changed(
        "capacity_use", _HIGHER,
        "More was better until customers at their limit had to wait for a licence: too full is as bad as shelfware.",
    ),
)  # fmt: skip
