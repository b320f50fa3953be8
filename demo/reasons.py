"""Why the demo company measures each of its KPIs, and where the data come from."""

from __future__ import annotations

_CRM, _LEDGER, _DESK, _SURVEY = (
    "The customer file, by the monthly export.",
    "The ledger, by the monthly export after the close.",
    "The help desk’s software, by the monthly export.",
    "The survey that goes to a sample each month; none in August.",
)

# By KPI: why, and where from.
REASONS = {
    "satisfaction": ("Who is content stays; it falls half a year before orders do.", _SURVEY),
    "promoters_share": ("They bring others, and forgive a mistake.", _SURVEY),
    "detractors_share": ("They tell others too, and sooner.", _SURVEY),
    "nps": ("One number for whether customers speak for us or against us.", "Calculated from the two shares."),
    "reference_calls": ("A customer who speaks for us wins the deal.", _CRM),
    "referral_rate": ("The cheapest new customer is one that another brings.", _CRM),
    "first_choice": ("Says what will be bought before it is bought.", "The market panel of an institute, by tier."),
    "deep_discount_share": ("A deal bought with a discount is paid for in margin.", _CRM),
    "negotiation_share": ("Hard talks mean that the value was not seen.", _CRM),
    "contacts_per_issue": ("Each contact costs the customer’s time, then ours.", _DESK),
    "repeat_contacts": ("Who has to call twice buys less two quarters later.", _DESK),
    "first_answer_hours": ("What the service contract promises.", _DESK),
    "complaints": ("For each that is written many are not.", _DESK),
    "capacity_use": (
        "Who uses little renews little; who is at the limit waits.",
        "Instruments that report their hours.",
    ),
    "help_rating": ("A page that answers saves a call.", "The web server’s ratings, by tier; entered by the owner."),
    "attach_rate": ("Systems under contract stay, and are looked after.", "The register of installed systems."),
    "reports_in_time": (
        "Customers need the report for their own audit, and complain when it is late.",
        "The diary of the engineers, by tier; entered by the owner.",
    ),
    "dso": ("Who pays late is unhappy or in trouble; either way we want to know.", _LEDGER),
    "renewal_rate": ("A contract kept is worth five that are won.", "The register of contracts."),
    "deals_won": ("What sales brought in, whatever it cost.", _CRM),
    "active_customers": ("Who still buys.", _LEDGER),
    "revenue": ("What customers gave us.", _LEDGER),
    "revenue_ttm": ("The same without the season.", _LEDGER),
    "margin_pct": ("What of it is left.", _LEDGER),
    "margin_ttm": ("The same in money and without the season.", _LEDGER),
    "clv": ("What a customer is worth to whoever looks ahead.", "The controllers’ model, once a month."),
    "credit_notes": ("Money given back is work done twice.", _LEDGER),
}
