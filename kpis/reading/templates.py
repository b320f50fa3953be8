"""Templates of customer KPIs: what the field measures, with methods, directions, bands and units that fit.

A rate has an absolute band: ten percent of a renewal rate of 92 would call 83 near.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from kpis.choices import Absent, CustomerMethod, Direction, Indicator, Source, TimeMethod, Unit
from kpis.formulas.events import read_rule

BLANK = "blank"  # what an address names that begins with none
_LEADING, _TRAILING = Indicator
_NUMBER, _PERCENT, _MONEY, _DAYS, _SCORE = Unit.NUMBER, Unit.PERCENT, Unit.CURRENCY, Unit.DAYS, Unit.SCORE
_HIGHER, _LOWER, _RANGE = Direction
_SUM, _MEAN = CustomerMethod.SUM, CustomerMethod.MEAN
_RATIO, _DISTINCT = CustomerMethod.RATIO, CustomerMethod.DISTINCT
_POOL, _ADD, _AVERAGE = TimeMethod.POOL, TimeMethod.SUM, TimeMethod.MEAN
_LAST, _TTM = TimeMethod.LAST, TimeMethod.TTM
_ZERO = Absent.ZERO


class KpiTemplate(NamedTuple):
    """A KPI to begin with. ``formula`` stands in for methods; ``band`` is absolute, ``band_pct`` percent; ``facts_of``
    is the template whose facts it takes; ``rule`` the one by which its facts can be derived from events instead.
    """

    code: str
    name: str
    theme: str
    indicator: Indicator
    unit: Unit
    direction: Direction
    customers: CustomerMethod | None
    time: TimeMethod | None
    definition: str
    purpose: str
    band: str = ""
    band_pct: str = ""
    decimals: int = 1
    absent: Absent = Absent.MISSING
    formula: str = ""
    facts_of: str = ""
    rule: str = ""

    @property
    def values(self) -> dict[str, Any]:
        """The fields of a KPI that it fills in."""
        plain = {name: getattr(self, name) for name in _PLAIN}
        return plain | {
            "customer_method": self.customers or "",
            "time_method": self.time or "",
            "near_band_abs": self.band,
            "near_band": self.band_pct,
        }

    @property
    def values_from_events(self) -> dict[str, Any]:
        """The same for a KPI that takes events by the template's rule, in whose words it then counts."""
        rule = read_rule(self.rule)
        numerator, denominator = rule.words
        told = f"{numerator[0].upper()}{numerator[1:]} (numerator), of {denominator} (denominator)."
        asked = {"unit": rule.kind.unit, "direction": rule.kind.direction, "source": Source.EVENTS}
        return self.values | asked | {"rule": rule.text, "definition": told}

    @property
    def kind(self) -> str:
        """How it is computed, in few words."""
        if self.customers is None or self.time is None:
            return self.formula
        return f"{self.customers.label}; {self.time.label[0].lower()}{self.time.label[1:]}"


_PLAIN = ("code", "name", "indicator", "unit", "direction", "decimals", "absent", "formula", "definition", "purpose")

TEMPLATES = (
    # Loyalty
    KpiTemplate(
        "referral_rate", "Referral rate", "Loyalty", _LEADING, _PERCENT, _HIGHER, _RATIO, _POOL,
        "Customers that brought another to us (numerator), of those asked (denominator).",
        "Who sends others has decided to stay.", band="2", rule="referrals",
    ),
    KpiTemplate(
        "reference_calls", "Reference calls given", "Loyalty", _LEADING, _NUMBER, _HIGHER, _SUM, _ADD,
        "Calls in which a customer spoke to a prospect for us; silence means none.",
        "A customer who speaks for us puts a name at stake.", decimals=0, absent=_ZERO,
    ),
    KpiTemplate(
        "satisfaction", "Satisfaction", "Loyalty", _LEADING, _SCORE, _HIGHER, _MEAN, _POOL,
        "Answers from 1 to 10 to “How satisfied are you with us?”, all answers of the period as one.",
        "It falls before the orders do.", band="0.2",
    ),
    KpiTemplate(
        "promoters", "Promoters", "Loyalty", _LEADING, _PERCENT, _HIGHER, _RATIO, _POOL,
        "Answers of 9 or 10 to “Would you recommend us?” (numerator), of all answers (denominator).",
        "One half of the net promoter score.", band="2",
    ),
    KpiTemplate(
        "detractors", "Detractors", "Loyalty", _LEADING, _PERCENT, _LOWER, _RATIO, _POOL,
        "Answers of 0 to 6 to “Would you recommend us?” (numerator), of all answers (denominator).",
        "The other half of the net promoter score.", band="2",
    ),
    KpiTemplate(
        "nps", "Net promoter score", "Loyalty", _LEADING, _SCORE, _HIGHER, None, None,
        "Promoters less detractors.", "Whether more customers speak for us than against us.",
        band="3", decimals=0, formula="promoters - detractors",
    ),
    KpiTemplate(
        "first_choice", "First choice in the panel", "Loyalty", _LEADING, _PERCENT, _HIGHER, _RATIO, _POOL,
        "Panel members who would choose us first (numerator), of those asked (denominator).",
        "Loyalty before the purchase.", band="2",
    ),
    # Sales
    KpiTemplate(
        "deep_discount_share", "Deals at a deep discount", "Sales", _LEADING, _PERCENT, _LOWER, _RATIO, _POOL,
        "Deals closed below a set share of list (numerator), of the deals won (denominator).",
        "Who buys for the discount leaves for the next one.", band="2", rule="deep_discounts(percent=20)",
    ),
    KpiTemplate(
        "negotiation_share", "Deals with significant price negotiation", "Sales", _LEADING, _PERCENT, _LOWER,
        _RATIO, _POOL,
        "Deals won that needed three or more rounds about the price (numerator), of the deals won (denominator).",
        "Hard talks about the price say that the value was not seen.", band="3", rule="hard_price_talks",
    ),
    KpiTemplate(
        "win_rate", "Win rate", "Sales", _LEADING, _PERCENT, _HIGHER, _RATIO, _POOL,
        "Deals won (numerator), of the deals decided (denominator).",
        "How often customers choose us when they choose.", band="2",
    ),
    KpiTemplate(
        "deals_won", "Deals won", "Sales", _TRAILING, _NUMBER, _HIGHER, _SUM, _ADD,
        "Orders won; silence means none.", "What selling came to.", decimals=0, absent=_ZERO,
    ),
    KpiTemplate(
        "cross_sell_share", "Customers with a second product", "Sales", _LEADING, _PERCENT, _HIGHER, _RATIO, _LAST,
        "Customers with two or more products at the end of the month (numerator), of all (denominator).",
        "Each further product is a reason to stay.", band="2",
    ),
    # Customer service
    KpiTemplate(
        "contacts_per_issue", "Contacts per solved issue", "Customer service", _LEADING, _NUMBER, _LOWER,
        _RATIO, _POOL,
        "Contacts that customers needed (numerator), over issues solved (denominator).",
        "What a solution costs the customer.", band="0.1", decimals=2, rule="contacts_per_solved_issue",
    ),
    KpiTemplate(
        "repeat_contacts", "Repeat contacts within 30 days", "Customer service", _LEADING, _PERCENT, _LOWER,
        _RATIO, _POOL,
        "Contacts about an issue named in the 30 days before (numerator), of all contacts (denominator).",
        "What was closed and not solved.", band="1.5", rule="repeat_contacts(days=30)",
    ),
    KpiTemplate(
        "first_contact_resolution", "Solved at the first contact", "Customer service", _LEADING, _PERCENT, _HIGHER,
        _RATIO, _POOL,
        "Issues solved at the first contact (numerator), of the issues closed (denominator).",
        "What customers mean by service.", band="2",
    ),
    KpiTemplate(
        "hours_to_first_answer", "Hours to a first answer", "Customer service", _LEADING, _NUMBER, _LOWER,
        _RATIO, _POOL,
        "Hours from a customer’s first word to ours, added up (numerator), over contacts (denominator).",
        "Waiting is remembered longer than the answer.",
    ),
    KpiTemplate(
        "complaints", "Complaints", "Customer service", _LEADING, _NUMBER, _LOWER, _SUM, _ADD,
        "Written complaints; silence means none.", "Who complains has not left yet.", decimals=0, absent=_ZERO,
    ),
    # Product and delivery
    KpiTemplate(
        "on_time_delivery", "Delivered as promised", "Delivery", _LEADING, _PERCENT, _HIGHER, _RATIO, _POOL,
        "Deliveries on the first promised day (numerator), of all deliveries (denominator).",
        "A promise is what the customer planned by.", band="1.5",
    ),
    KpiTemplate(
        "capacity_use", "Use of licensed capacity", "Product", _LEADING, _PERCENT, _RANGE, _RATIO, _POOL,
        "Hours used (numerator), of the hours licensed (denominator).",
        "Too little is shelfware, too much a customer at its limit.", band="3",
    ),
    KpiTemplate(
        "returns_rate", "Returns", "Product", _LEADING, _PERCENT, _LOWER, _RATIO, _POOL,
        "Units returned (numerator), of the units delivered (denominator).",
        "What was sold and did not fit.", band="0.5",
    ),
    # Services and contracts
    KpiTemplate(
        "attach_rate", "Services attach rate", "Services", _LEADING, _PERCENT, _HIGHER, _RATIO, _LAST,
        "Systems under a services contract at the end of the month (numerator), of those installed (denominator).",
        "Who buys the service means to keep the system.", band="2",
    ),
    KpiTemplate(
        "renewal_rate", "Renewal rate", "Services", _TRAILING, _PERCENT, _HIGHER, _RATIO, _POOL,
        "Contracts renewed (numerator), of the contracts due (denominator).",
        "The day on which loyalty is counted.", band="2",
    ),
    KpiTemplate(
        "churn_rate", "Churn", "Customer base", _TRAILING, _PERCENT, _LOWER, _RATIO, _POOL,
        "Customers that left in the month (numerator), of those at its beginning (denominator): a monthly rate, "
        "whatever the period’s length.",
        "What growth has to replace first.", band="0.2", decimals=2,
    ),
    KpiTemplate(
        "customers_in", "Customers in", "Customer base", _TRAILING, _NUMBER, _HIGHER, _SUM, _ADD,
        "Customers that joined or returned; silence means none.", "Growth by its first half.",
        decimals=0, absent=_ZERO,
    ),
    KpiTemplate(
        "customers_out", "Customers out", "Customer base", _TRAILING, _NUMBER, _LOWER, _SUM, _ADD,
        "Customers that left; silence means none.", "Growth by its second half.", decimals=0, absent=_ZERO,
    ),
    KpiTemplate(
        "net_customers", "Net customers", "Customer base", _TRAILING, _NUMBER, _HIGHER, None, None,
        "Customers in less customers out.", "Whether the base grows.",
        decimals=0, formula="customers_in - customers_out",
    ),
    KpiTemplate(
        "active_customers", "Active customers", "Customer base", _TRAILING, _NUMBER, _HIGHER, _DISTINCT, _POOL,
        "Different customers with an order or revenue in the period; each counts once.",
        "How many there are to be loyal.", band_pct="3", decimals=0,
    ),
    # Money
    KpiTemplate(
        "dso", "Days sales outstanding", "Finance", _LEADING, _DAYS, _LOWER, _RATIO, _LAST,
        "Receivables at the end of the month (numerator), over sales per day (denominator).",
        "Unhappy customers pay late.", band="1.5", rule="dso",
    ),
    KpiTemplate(
        "revenue", "Revenue", "Finance", _TRAILING, _MONEY, _HIGHER, _SUM, _ADD,
        "Invoiced, net of tax, in the month of the invoice.", "What customers spend with us.",
        band_pct="5", decimals=0,
    ),
    KpiTemplate(
        "revenue_ttm", "Revenue, trailing twelve months", "Finance", _TRAILING, _MONEY, _HIGHER, _SUM, _TTM,
        "The invoiced revenue of the twelve months that end with the period. Takes the facts of revenue.",
        "Growth without the season.", band_pct="4", decimals=0, facts_of="revenue",
    ),
    KpiTemplate(
        "margin", "Gross margin", "Finance", _TRAILING, _MONEY, _HIGHER, _SUM, _ADD,
        "Revenue less the cost of what was sold, of the same invoices.", "What a customer leaves us.",
        band_pct="5", decimals=0,
    ),
    KpiTemplate(
        "margin_ttm", "Margin, trailing twelve months", "Finance", _TRAILING, _MONEY, _HIGHER, _SUM, _TTM,
        "The gross margin of the twelve months that end with the period. Takes the facts of margin.",
        "What customers leave us, without the season.", band_pct="5", decimals=0, facts_of="margin",
    ),
    KpiTemplate(
        "margin_pct", "Margin in percent of revenue", "Finance", _TRAILING, _PERCENT, _HIGHER, None, None,
        "Gross margin over revenue.", "Whether revenue is worth having.",
        band="1", formula="100 * margin / revenue",
    ),
    KpiTemplate(
        "revenue_per_customer", "Revenue per active customer", "Finance", _TRAILING, _MONEY, _HIGHER, None, None,
        "Revenue over active customers.", "Whether the same customers buy more.",
        band_pct="5", decimals=0, formula="revenue / active_customers",
    ),
    KpiTemplate(
        "clv", "Customer lifetime value", "Finance", _TRAILING, _MONEY, _HIGHER, _MEAN, _LAST,
        "A year’s margin times the years that customers of its kind stay, mean over customers.",
        "What a customer is worth, not what one order is.", band_pct="5", decimals=0,
    ),
    KpiTemplate(
        "credit_notes", "Credit notes", "Finance", _TRAILING, _MONEY, _LOWER, _SUM, _ADD,
        "Money given back after an invoice; silence means none.", "What it costs to be wrong.",
        decimals=0, absent=_ZERO,
    ),
)  # fmt: skip

BY_CODE = {one.code: one for one in TEMPLATES}


def begun_with(code: str, *, events: bool) -> dict[str, Any]:
    """What a template fills in, as facts are given or, of one with a rule, as they are derived from ``events``; nothing
    of none.
    """
    chosen = BY_CODE.get(code)
    if chosen is None:
        return {}
    return chosen.values_from_events if chosen.rule and events else chosen.values
