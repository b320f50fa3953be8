"""Invents what happened: a few customers, issues with contacts on the same days, deals, referrals, invoices, lives.

Nothing is dated after the day of asking, which may lie within the last month.
"""

from __future__ import annotations

from datetime import date, timedelta
from fractions import Fraction
from random import Random

from hypothesis import strategies as st
from hypothesis.strategies import DrawFn

from tests.oracle.events import Contact, Deal, Events, Invoice, Issue, Life, Referral, Rule
from tests.oracle.months import last_day, run_of

MONTHS = run_of(201011, 7)
FIRST = date(2010, 11, 1)
CUSTOMERS = ("Ann", "Bob", "Cem")
IDS = ("1", "2", "03", "10", "9", "x9", "X9", "é", "a10", "a9", "100", "21", "b", "c", "11", "7")

rules = st.one_of(
    st.builds(Rule, st.just("repeat_contacts"), days=st.sampled_from([0, 1, 7, 30, 31])),
    st.just(Rule("contacts_per_solved_issue")),
    st.builds(Rule, st.just("deep_discounts"), percent=st.sampled_from([Fraction(n) for n in ("0", "12.5", "20")])),
    st.just(Rule("hard_price_talks")),
    st.just(Rule("referrals")),
    st.just(Rule("dso")),
)
days_of_asking = st.sampled_from([date(2011, 6, 1), date(2011, 5, 31), date(2011, 5, 17), date(2011, 5, 1)])


@st.composite
def happenings(draw: DrawFn) -> tuple[Rule, Events, date]:
    """A rule, events, and the day of asking."""
    today = draw(days_of_asking)
    invented = Random(draw(st.integers(0, 2**32 - 1)))
    return draw(rules), make_events(invented, today), today


def a_day(invented: Random, today: date, first: date = FIRST) -> date:
    """A day up to today; often one at a month's edge."""
    edges = [day for month in MONTHS for day in (last_day(month), last_day(month) + timedelta(days=1))]
    near = [day for day in edges if first <= day <= today]
    if near and invented.random() < 0.4:
        return invented.choice(near)
    return first + timedelta(days=invented.randint(0, (today - first).days))


def maybe_later(invented: Random, today: date, first: date) -> date | None:
    """A day from another on up to today, or none yet."""
    return a_day(invented, today, first) if invented.random() < 0.7 else None


def make_events(invented: Random, today: date) -> Events:
    """Everything that happened up to a day."""
    events = Events()
    for number in range(invented.randint(0, 7)):
        opened = a_day(invented, today)
        issue = Issue(f"I{number}", invented.choice(CUSTOMERS), opened, maybe_later(invented, today, opened))
        events.issues.append(issue)
    ids = invented.sample(IDS, len(IDS))
    for contact in ids[: invented.randint(0, len(ids)) if events.issues else 0]:
        issue = invented.choice(events.issues)
        day = issue.opened_on + timedelta(days=invented.choice([0, 0, 1, 6, 7, 8, 30, 31]))
        events.contacts.append(Contact(contact, issue.id, min(day, today)))
    for number in range(invented.randint(0, 12)):
        events.deals.append(make_deal(invented, f"D{number}", today))
    for number in range(invented.randint(0, 6)):
        events.referrals.append(Referral(f"R{number}", invented.choice(CUSTOMERS), a_day(invented, today)))
    for number in range(invented.randint(0, 12)):
        issued = a_day(invented, today)
        amount = Fraction(invented.choice(["100", "100", "250", "0.1", "-100", "-40"]))
        paid = maybe_later(invented, today, issued)
        events.invoices.append(Invoice(f"V{number}", invented.choice(CUSTOMERS), issued, amount, paid))
    events.lifecycle = [one for customer in CUSTOMERS for one in make_life(invented, customer, today)]
    return events


def make_deal(invented: Random, number: str, today: date) -> Deal:
    """A deal: won or lost, sometimes without a list value, often discounted by just so much."""
    listed = Fraction(invented.choice(["0", "100", "80", "0.3"]))
    net = listed * Fraction(invented.choice(["1", "0.875", "0.8", "0.7999", "1.1"]))
    said = invented.choice([True, False, None])
    net = Fraction(int(net * 10_000), 10_000)
    return Deal(number, invented.choice(CUSTOMERS), a_day(invented, today), invented.random() < 0.7, listed, net, said)


def make_life(invented: Random, customer: str, today: date) -> list[Life]:
    """Joined, then left and returned in turn, on days of their own."""
    days = sorted({a_day(invented, today) for _ in range(invented.randint(0, 3))})
    kinds = ("joined", "left", "returned")
    return [Life(customer, day, kind) for day, kind in zip(days, kinds, strict=False)]
