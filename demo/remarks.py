"""What people of the demo company say: in status updates, to each other, and to say thank you."""

from __future__ import annotations

from typing import NamedTuple

from initiatives.choices import Health, Response

NOTES = {
    Health.ON_SCHEDULE: (
        "Going as planned.",
        "The second group of customers has joined.",
        "The pilot customers use it without being asked.",
        "Two open questions settled with sales.",
        "Training is booked out for the month.",
        "A quiet fortnight, nothing in the way.",
        "First customers have said that they notice it.",
        "Everybody who is needed has time until the next milestone.",
    ),
    Health.AT_RISK: (
        "The supplier is two weeks behind; we can catch up if the next delivery holds.",
        "One of two engineers is ill; the next milestone will be tight.",
        "Customers want more than we planned; we cut it down this week.",
        "The budget for the last part has not been released.",
    ),
    Health.LATE: (
        "The pilot needs another month: two of three customers dropped out.",
        "We lost three weeks to the move of the warehouse.",
        "The people that we need are busy with the new release.",
    ),
}
FINISHED = "Done, and handed over to the department."

# The last word on an initiative whose story it tells.
LAST_WORDS = {
    "sell-value": "On schedule for the new date. The calculator is with all sellers in Silver now.",
    "gold-back": "Half of the customers that we called say that they cannot reach us when something breaks.",
    "early-renewal": "Talks are booked with 40 customers; more next week.",
    "contract-portal": "Nearly there: the pilot starts as soon as the sign-on works.",
    "panel-study": "All interviews are done; the report is being written.",
    "spare-on-site": "Back on schedule: the loan instruments have arrived.",
}

REASONS_TO_MOVE = (
    "Silver’s sellers asked for more time with the calculator.",
    "The autumn trade fair took the team away.",
)
REASONS_TO_STOP = {
    "one-number": "No budget for the telephone system this year; to be taken up again with the next plan.",
    "own-price-list": "The customer is choosing a new head of purchasing.",
    "field-manual": "Waits for the new casing.",
    "service-school": "Nobody could be spared from the telephones.",
    "old-portal": "The contract portal replaces it.",
    "account-magazine": "The customer did not want one.",
}


class Said(NamedTuple):
    """A reviewer's answer to the last update of an initiative."""

    code: str
    by: str
    verb: Response
    text: str = ""


ANSWERS = (
    Said("gold-back", "Ines", Response.ASKED_BACK, "Who would customers reach, and when? What would it take?"),
    Said("contract-portal", "Ines", Response.ASKED_BACK, "What is in the way of the sign-on, and who can help?"),
    Said("sensor-swap", "Ines", Response.ACKNOWLEDGED),
    Said("spare-on-site", "Ines", Response.ACKNOWLEDGED, "Good to see this one back."),
    Said("readable-invoices", "Farah", Response.ACKNOWLEDGED),
    Said("supplier-audit", "Stella", Response.ACKNOWLEDGED),
)


class Talk(NamedTuple):
    """A question about a cell, its answer, and the action that came of it; days are before today."""

    kpi: str
    tier: str
    by: str
    text: str
    asked: int
    answered_by: str
    answer: str
    answered: int
    action: str
    due: int


TALK = Talk(
    *("repeat_contacts", "gold", "Ines"),
    "What would it take to resume One number to call before the next plan?",
    *(6, "Stella", "€17,300 of its €42,000 are unspent; what is missing is the telephone budget of €9,000 a quarter."),
    *(4, "Put the telephone budget into the next plan", 21),
)


class Written(NamedTuple):
    """What somebody wrote of a cell of the latest quarter, and the action that came of it, due in so many days; it was
    written so many days before today.
    """

    cell: str
    by: str
    text: str
    action: str
    owner: str
    due: int
    days: int


WRITTEN = (
    Written(
        "repeat_contacts@gold",
        "Elif",
        "Gold calls twice since its help desk was merged with Silver’s: [[repeat_contacts@gold]] of contacts came back "
        "within 30 days, in Silver [[repeat_contacts@silver]]. Contacts per issue say the same, "
        "[[contacts_per_issue@gold]].",
        "Give Gold its own second line again, on trial in two regions",
        "Elif",
        35,
        12,
    ),
    Written(
        "margin_pct@silver",
        "Frieda",
        "Margin in Silver stands at [[margin_pct@silver]]. It is the discounts: [[deep_discount_share@silver]] of its "
        "deals went at a deep one. Prices of our suppliers took a smaller part.",
        "Ask for a word of finance before a deep discount in Silver",
        "Dario",
        28,
        9,
    ),
    Written(
        "dso@platinum",
        "Frieda",
        "Three large accounts pay later since they moved to their own portals; [[dso@platinum]] on average. Nobody "
        "disputes an invoice.",
        "",
        "",
        0,
        8,
    ),
)

# Initiative, by whom, words.
THANKS = (
    ("refer-a-lab", "Ines", "Platinum refers more than ever. You made asking for it feel natural."),
    ("attach-offer", "Clara", "You turned this round when nobody believed in it any more."),
    ("quote-in-a-day", "Farah", "Even our auditors asked how you do it."),
    ("ninety-days", "Bruno", "My newest customer told me about it before I could."),
    ("silver-growers", "Stella", "The numbers are clean and the customers are happy."),
)

# Initiative, title, address.
DOCUMENTS = (
    ("sell-value", "Business case", "https://intranet.demo.example/cases/sell-value"),
    ("sensor-swap", "Business case", "https://intranet.demo.example/cases/sensor-swap"),
    ("contract-portal", "What the pilot customers said", "https://intranet.demo.example/notes/contract-portal"),
    ("two-hour-window", "Routes and times", "https://intranet.demo.example/notes/two-hour-window"),
)

# Of major bets: why they are worth their cost.
JUSTIFICATIONS = {
    "sell-value": "Silver’s margin has lost four points to discounts. One point is worth more than the whole cost.",
    "sensor-swap": "A plant that stands still costs our customers more than the instrument. Nobody else can do this.",
    "order-tracking": "“When will it come?” is the question that new customers ask most.",
    "contract-portal": "A customer who sees what a contract does for them renews it.",
    "new-service-vans": "Engineers lose a day a week to vans that do not start.",
}
# Of what was started though it costs more than it brings: why.
OVERRIDES = {
    "one-customer-file": "Without it none of the others will know who our customers are.",
    "ledger-upgrade": "The old release is no longer looked after from next year on.",
}


class View(NamedTuple):
    """A saved view of the register: filters under a name."""

    by: str
    name: str
    query: str
    shared: bool = True


VIEWS = (
    View("Ines", "Late for Gold", "status=late&tier=gold"),
    View("Stella", "Nobody has said anything", "stale=true"),
    View("Oskar", "My own", "mine=true", shared=False),
)
