"""From a fact to the events behind it: those that it counts, those of them that are in its numerator, and what of the
same customer and month stands beside it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from core.formatting import counted, short_day, trimmed
from core.numbers import to_fraction
from core.periods import Month, first_day, last_day, shift
from customers.models import Customer
from kpis.formulas.events import Rule, RuleName
from kpis.models import Contact, Deal, Invoice, Issue, Referral


@dataclass(frozen=True, slots=True)
class Traced:
    """An event behind a fact: whether it counts in the denominator, and whether in the numerator; and why, in words."""

    id: str
    kind: str
    on: date
    words: str
    counted: bool
    of_them: bool
    load: int


@dataclass(frozen=True, slots=True)
class Trace:
    """The events behind one fact by their days, and what stands beside it, in a sentence; empty where nothing does."""

    events: tuple[Traced, ...]
    beside: str = ""


def trace(rule: Rule, customer: Customer, month: Month, today: date) -> Trace:
    """What is behind the fact of a customer and month: a few queries over the events of this customer alone."""
    end = min(last_day(month), today)
    match rule.name:
        case RuleName.REPEAT_CONTACTS:
            return Trace(_in_order(_contacts(rule, customer, month)))
        case RuleName.CONTACTS_PER_SOLVED_ISSUE:
            return _solved(customer, month, end)
        case RuleName.DEEP_DISCOUNTS | RuleName.HARD_PRICE_TALKS:
            return Trace(_in_order(_deals(rule, customer, month)))
        case RuleName.REFERRALS:
            return Trace(_in_order(_referrals(customer, month, end)))
        case RuleName.DSO:
            return Trace(_in_order(_invoices(customer, month, end)))


def place(external_id: str) -> tuple[int, int, str]:
    """Where an id stands among those of one day: digits alone as numbers, before others; others by code point."""
    if external_id.isascii() and external_id.isdigit():
        return 0, int(external_id), external_id
    return 1, 0, external_id


def _in_order(events: Iterable[Traced]) -> tuple[Traced, ...]:
    return tuple(sorted(events, key=lambda one: (one.on, place(one.id))))


def _contacts(rule: Rule, customer: Customer, month: Month) -> Iterator[Traced]:
    """The month's contacts, each with the one before it about the same issue, where that is near enough."""
    begin = first_day(month)
    rows = Contact.objects.filter(
        issue__customer=customer, on__gte=begin - timedelta(rule.days), on__lte=last_day(month)
    ).select_related("issue")
    before: dict[int, Contact] = {}
    for one in sorted(rows, key=lambda row: (row.on, place(row.external_id))):
        earlier = before.get(one.issue_id)
        before[one.issue_id] = one
        if one.on < begin:
            continue
        repeats = earlier is not None and (one.on - earlier.on).days <= rule.days
        said = f", after {earlier.external_id} of {short_day(earlier.on)}" if earlier and repeats else ""
        words = f"about issue {one.issue.external_id}{said}"
        yield Traced(one.external_id, "contact", one.on, words, True, repeats, one.load_id)


def _solved(customer: Customer, month: Month, end: date) -> Trace:
    """The issues solved in the month, their contacts up to then; and beside them those after it, and what is open."""
    solved = {
        one.pk: one
        for one in Issue.objects.filter(customer=customer, solved_on__range=(first_day(month), last_day(month)))
    }
    events = [
        Traced(one.external_id, "issue", one.solved_on, f"solved {short_day(one.solved_on)}", True, False, one.load_id)
        for one in solved.values()
        if one.solved_on
    ]
    late = 0
    for one in Contact.objects.filter(issue__in=solved):
        issue = solved[one.issue_id]
        if issue.solved_on and one.on > issue.solved_on:
            late += 1
            continue
        words = f"about issue {issue.external_id}"
        events.append(Traced(one.external_id, "contact", one.on, words, False, True, one.load_id))
    unsolved = Issue.objects.filter(customer=customer, opened_on__lte=end).exclude(solved_on__lte=end).count()
    return Trace(_in_order(events), beside_words(late, unsolved))


def beside_words(late: int, unsolved: int) -> str:
    """What ``contacts_per_solved_issue`` leaves out, in a sentence; empty where that is nothing."""
    after = f"{counted(late, 'contact')} after the day of solving" if late else ""
    still = f"{counted(unsolved, 'issue')} not solved" if unsolved else ""
    told = " and ".join(one for one in (after, still) if one)
    return f"Beside it: {told}, in no number." if told else ""


def _deals(rule: Rule, customer: Customer, month: Month) -> Iterator[Traced]:
    won = Deal.objects.filter(customer=customer, won=True, closed_on__range=(first_day(month), last_day(month)))
    for one in won:
        if rule.name == RuleName.HARD_PRICE_TALKS:
            if one.hard_price_talks is not None:
                words = "hard talks about the price" if one.hard_price_talks else "none"
                yield Traced(*(one.external_id, "deal", one.closed_on, words, True, one.hard_price_talks), one.load_id)
        elif one.list_value > 0:
            off = one.list_value - one.net_value
            deep = off * 100 > (rule.number or Decimal(0)) * one.list_value
            words = f"{_money(one.net_value)} of {_money(one.list_value)} by the list"
            yield Traced(one.external_id, "deal", one.closed_on, words, True, deep, one.load_id)


def _referrals(customer: Customer, month: Month, end: date) -> Iterator[Traced]:
    for one in Referral.objects.filter(customer=customer, on__range=(first_day(month), end)):
        yield Traced(one.external_id, "referral", one.on, "referred somebody", True, True, one.load_id)


def _invoices(customer: Customer, month: Month, end: date) -> Iterator[Traced]:
    """What was issued in the three months, and what is open at the end, whenever it was issued."""
    since = first_day(shift(month, -2))
    for one in Invoice.objects.filter(customer=customer, issued_on__lte=end):
        issued, unpaid = one.issued_on >= since, one.paid_on is None or one.paid_on > end
        if issued or unpaid:
            paid = f"paid {short_day(one.paid_on)}" if one.paid_on else "not paid"
            words = f"{_money(one.amount)}, {paid}{'' if issued else ', issued before the three months'}"
            yield Traced(one.external_id, "invoice", one.issued_on, words, issued, unpaid, one.load_id)


def _money(amount: Decimal) -> str:
    return trimmed(to_fraction(int(amount.scaleb(4))), 2)
