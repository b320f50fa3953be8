"""The facts of a KPI told from what happened: the six rules, once more, by looking at every event for every month.

Nothing here knows of a KPI's first month: the months asked for are those that are answered, where they have begun.
Every event handed in is one that is kept, and none is dated after the day of asking; which months purging spoils is
asked apart (``is_whole``).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from fractions import Fraction

from tests.oracle.months import first_day, last_day, later


@dataclass(frozen=True)
class Issue:
    """A customer's case, and the day of its solving where it is solved."""

    id: str
    customer: str
    opened_on: date
    solved_on: date | None = None


@dataclass(frozen=True)
class Contact:
    """One contact about an issue."""

    id: str
    issue: str
    on: date


@dataclass(frozen=True)
class Deal:
    """A deal that was won or lost; whether the price was talked about hard may be unsaid."""

    id: str
    customer: str
    closed_on: date
    won: bool
    list_value: Fraction
    net_value: Fraction
    hard_price_talks: bool | None = None


@dataclass(frozen=True)
class Referral:
    """A customer told somebody of us."""

    id: str
    customer: str
    on: date


@dataclass(frozen=True)
class Invoice:
    """What a customer was billed (a credit note: less than 0), and the day of paying where it is paid."""

    id: str
    customer: str
    issued_on: date
    amount: Fraction
    paid_on: date | None = None


@dataclass(frozen=True)
class Life:
    """A customer joined, left or returned."""

    customer: str
    on: date
    kind: str


@dataclass
class Events:
    """All that is kept of what happened."""

    issues: list[Issue] = field(default_factory=list)
    contacts: list[Contact] = field(default_factory=list)
    deals: list[Deal] = field(default_factory=list)
    referrals: list[Referral] = field(default_factory=list)
    invoices: list[Invoice] = field(default_factory=list)
    lifecycle: list[Life] = field(default_factory=list)


@dataclass(frozen=True)
class Rule:
    """A rule by its name, with its parameter: ``days`` or ``percent``."""

    name: str
    days: int = 0
    percent: Fraction = Fraction(0)


@dataclass(frozen=True)
class Found:
    """A fact with the ids of the events behind it: those counted, and those of them that the numerator is of.

    Of ``dso`` these are the invoices issued and those open; of ``referrals`` the customer's in both.
    """

    numerator: Fraction
    denominator: Fraction
    counted: frozenset[str]
    of_them: frozenset[str]


@dataclass
class Derived:
    """The facts by customer and month, who is named for having none, and what stands beside the number.

    ``beside``: contacts after the day of solving of the issues solved in the month, and issues not solved at its end.
    ``silent``: the months asked for, and begun, in which nobody can have a fact.
    """

    facts: dict[tuple[str, int], Found] = field(default_factory=dict)
    named: dict[int, list[str]] = field(default_factory=dict)
    beside: dict[tuple[str, int], tuple[int, int]] = field(default_factory=dict)
    silent: list[int] = field(default_factory=list)

    @property
    def numbers(self) -> dict[tuple[str, int], tuple[Fraction, Fraction]]:
        """Numerator and denominator of each customer and month."""
        return {key: (fact.numerator, fact.denominator) for key, fact in self.facts.items()}


def derive(rule: Rule, events: Events, months: Iterable[int], today: date) -> Derived:
    """What the rule makes of the events in these months; those that have not begun are left out."""
    derived = Derived()
    tell = {
        "repeat_contacts": repeat_contacts,
        "contacts_per_solved_issue": contacts_per_solved_issue,
        "deep_discounts": deep_discounts,
        "hard_price_talks": hard_price_talks,
        "referrals": referrals,
        "dso": dso,
    }[rule.name]
    for month in months:
        if first_day(month) <= today:
            tell(rule, events, month, min(last_day(month), today), derived)
    return derived


def is_whole(rule: Rule, month: int, gone_before: date) -> bool:
    """Whether no event that a month needs may have gone, where all that was over before a day may have.

    An event is over on its last day: an invoice when it is paid, an issue when it is solved, with its contacts.
    """
    first = first_day(month)
    if rule.name == "repeat_contacts":
        first -= timedelta(days=rule.days)
    if rule.name == "dso":
        first = first_day(later(month, -2))
    return first >= gone_before


def is_in(day: date | None, month: int) -> bool:
    """Whether a day lies in a month."""
    return day is not None and first_day(month) <= day <= last_day(month)


def counted(derived: Derived, month: int, rows: Sequence[tuple[str, str, bool]]) -> None:
    """A fact of each customer among the rows (customer, id, whether it is of the numerator)."""
    for customer in {row[0] for row in rows}:
        own = frozenset(row[1] for row in rows if row[0] == customer)
        of_them = frozenset(row[1] for row in rows if row[0] == customer and row[2])
        derived.facts[customer, month] = Found(Fraction(len(of_them)), Fraction(len(own)), own, of_them)


def place(contact: Contact) -> tuple[date, int, int, str]:
    """Earlier by the day, then by id: digits alone as numbers, before others; others by code point."""
    if contact.id.isascii() and contact.id.isdigit():
        return contact.on, 0, int(contact.id), contact.id
    return contact.on, 1, 0, contact.id


def customer_of(events: Events, contact: Contact) -> str:
    """The customer whose issue it is about."""
    return next(issue.customer for issue in events.issues if issue.id == contact.issue)


def is_repeat(events: Events, contact: Contact, days: int) -> bool:
    """Whether there was an earlier contact of the same issue, at most so many days before."""
    return any(
        other.issue == contact.issue and place(other) < place(contact) and (contact.on - other.on).days <= days
        for other in events.contacts
    )


def repeat_contacts(rule: Rule, events: Events, month: int, end: date, derived: Derived) -> None:
    """Contacts that repeat an earlier one, of the contacts of the month."""
    first = min((contact.on for contact in events.contacts), default=None)
    if first is None or (first_day(month) - first).days < rule.days:
        derived.silent.append(month)
        return
    of_month = [contact for contact in events.contacts if is_in(contact.on, month)]
    rows = [(customer_of(events, one), one.id, is_repeat(events, one, rule.days)) for one in of_month]
    counted(derived, month, rows)


def contacts_per_solved_issue(rule: Rule, events: Events, month: int, end: date, derived: Derived) -> None:
    """Contacts up to and with the day of solving, for each issue solved in the month."""
    for customer in {issue.customer for issue in events.issues}:
        issues = {one.id: one for one in events.issues if one.customer == customer and is_in(one.solved_on, month)}
        of_them = [contact for contact in events.contacts if contact.issue in issues]
        until = [one for one in of_them if one.on <= (issues[one.issue].solved_on or end)]
        if issues:
            ids = frozenset(one.id for one in until)
            derived.facts[customer, month] = Found(Fraction(len(until)), Fraction(len(issues)), frozenset(issues), ids)
        unsolved = [one for one in events.issues if one.customer == customer and is_open(one, end)]
        if issues or unsolved:
            derived.beside[customer, month] = len(of_them) - len(until), len(unsolved)


def is_open(issue: Issue, day: date) -> bool:
    """Opened up to a day and not solved up to it."""
    return issue.opened_on <= day and (issue.solved_on is None or issue.solved_on > day)


def deep_discounts(rule: Rule, events: Events, month: int, end: date, derived: Derived) -> None:
    """Deals won far below their list value, of those won that have one."""
    won = [deal for deal in events.deals if deal.won and is_in(deal.closed_on, month) and deal.list_value > 0]
    rows = [
        (one.customer, one.id, (one.list_value - one.net_value) * 100 > rule.percent * one.list_value) for one in won
    ]
    counted(derived, month, rows)


def hard_price_talks(rule: Rule, events: Events, month: int, end: date, derived: Derived) -> None:
    """Deals won with hard talks about the price, of those won of which it is said."""
    won = [deal for deal in events.deals if deal.won and is_in(deal.closed_on, month)]
    rows = [(one.customer, one.id, one.hard_price_talks) for one in won if one.hard_price_talks is not None]
    counted(derived, month, rows)


def is_on_the_book(events: Events, customer: str, day: date) -> bool:
    """The last lifecycle event up to a day is joined or returned."""
    before = sorted((one.on, one.kind) for one in events.lifecycle if one.customer == customer and one.on <= day)
    return bool(before) and before[-1][1] in ("joined", "returned")


def referrals(rule: Rule, events: Events, month: int, end: date, derived: Derived) -> None:
    """Customers with a referral, of those on the book on the last day and those with one."""
    if not any(one.on <= end for one in events.lifecycle):
        derived.silent.append(month)
        return
    for customer in {one.customer for one in events.lifecycle} | {one.customer for one in events.referrals}:
        own = frozenset(one.id for one in events.referrals if one.customer == customer and is_in(one.on, month))
        if own or is_on_the_book(events, customer, end):
            derived.facts[customer, month] = Found(Fraction(1 if own else 0), Fraction(1), own, own)


def dso(rule: Rule, events: Events, month: int, end: date, derived: Derived) -> None:
    """What is open at the month's end for each unit issued in three months, in days of these."""
    billed = sorted({one.issued_on.year * 100 + one.issued_on.month for one in events.invoices})
    if month in billed[:2]:
        derived.silent.append(month)
        return
    three = [later(month, -2), later(month, -1), month]
    days = sum((last_day(one) - first_day(one)).days + 1 for one in three)
    for customer in sorted({one.customer for one in events.invoices}):
        own = [one for one in events.invoices if one.customer == customer]
        unpaid = [one for one in own if one.issued_on <= end and (one.paid_on is None or one.paid_on > end)]
        issued = [one for one in own if any(is_in(one.issued_on, each) for each in three)]
        open_amount = sum((one.amount for one in unpaid), Fraction(0))
        issued_amount = sum((one.amount for one in issued), Fraction(0))
        if issued_amount > 0:
            ids = frozenset(one.id for one in issued), frozenset(one.id for one in unpaid)
            derived.facts[customer, month] = Found(open_amount * days, issued_amount, *ids)
        elif open_amount != 0:
            derived.named.setdefault(month, []).append(customer)
