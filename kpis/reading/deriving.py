"""What facts the events of some months come to, by each rule: statements over all customers at once.

Each gives rows of ``customer_id, month, numerator, denominator`` in ten-thousandths, and none where the denominator
would be 0. All that is put into a statement are whole numbers and days. What works on one database works on the other,
but for how a day is written and taken apart.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from django.db import connection
from django.db.models import Model

from core.numbers import SCALE
from core.periods import Month, first_day, last_day, month_of, shift
from customers.models import LifecycleEvent
from kpis.choices import EventKind
from kpis.formulas.events import Rule, RuleName
from kpis.models import Contact, Deal, EventKeeping, Invoice, Issue
from kpis.rollup.reading import day_sql, listed

# Customers that are asked for alone: those of the pairs that are owed.
OWED_ALONE = "AND {}.customer_id IN (SELECT customer_id FROM kpis_owed)"

_MONTHS = "WITH months (month, begins, ends, since, days) AS (VALUES {})"

# Each ends with ``found``: all facts between the first and the last of the months.
_REPEAT_CONTACTS = """
    told AS (
        SELECT i.customer_id, c."on", LAG(c."on") OVER (PARTITION BY c.issue_id ORDER BY c."on") AS earlier
        FROM kpis_contact c JOIN kpis_issue i ON i.id = c.issue_id
        WHERE c."on" >= {back} AND c."on" <= {end} {alone}
    ),
    found AS (
        SELECT customer_id, {month} AS month, {scale} * COUNT(*) FILTER (WHERE earlier >= {days_before}) AS numerator,
               {scale} * COUNT(*) AS denominator
        FROM told WHERE "on" >= {begin} GROUP BY 1, 2
    )"""
_CONTACTS_PER_SOLVED_ISSUE = """
    told AS (
        SELECT i.customer_id, {month} AS month,
               (SELECT COUNT(*) FROM kpis_contact c WHERE c.issue_id = i.id AND c."on" <= i.solved_on) AS contacts
        FROM kpis_issue i WHERE i.solved_on >= {begin} AND i.solved_on <= {end} {alone}
    ),
    found AS (
        SELECT customer_id, month, {scale} * SUM(contacts) AS numerator, {scale} * COUNT(*) AS denominator
        FROM told GROUP BY 1, 2
    )"""
_DEALS = """
    found AS (
        SELECT d.customer_id, {month} AS month, {scale} * COUNT(*) FILTER (WHERE {counted}) AS numerator,
               {scale} * COUNT(*) AS denominator
        FROM kpis_deal d WHERE d.won AND d.closed_on >= {begin} AND d.closed_on <= {end} AND {of} {alone}
        GROUP BY 1, 2
    )"""
# (list − net) × 100 > percent × list, with the percent in ten-thousandths and no product beyond 64 bits: what is left
# of the division of a whole number can be dropped where a whole number is compared with it
_DEEP = """(d.list_value - d.net_value) * 100 - {percent} * (d.list_value / {scale})
    > ({percent} * (d.list_value % {scale})) / {scale}"""
_REFERRALS = """
    spans AS (
        SELECT e.customer_id, e.kind, e."on", LEAD(e."on") OVER (PARTITION BY e.customer_id ORDER BY e."on") AS next_on
        FROM customers_lifecycleevent e WHERE 1 = 1 {alone_of_events}
    ),
    told AS (
        SELECT s.customer_id, m.month, 0 AS referred FROM months m
        JOIN spans s ON s."on" <= m.ends AND (s.next_on IS NULL OR s.next_on > m.ends)
        WHERE s.kind IN ('joined', 'returned')
        UNION ALL
        SELECT r.customer_id, m.month, 1 FROM months m
        JOIN kpis_referral r ON r."on" >= m.begins AND r."on" <= m.ends {alone}
    ),
    found AS (
        SELECT customer_id, month, {scale} * MAX(referred) AS numerator, {scale} AS denominator FROM told GROUP BY 1, 2
    )"""
_DSO = """
    found AS (
        SELECT i.customer_id, m.month,
               m.days * SUM(CASE WHEN i.paid_on <= m.ends THEN 0 ELSE i.amount END) AS numerator,
               SUM(CASE WHEN i.issued_on >= m.since THEN i.amount ELSE 0 END) AS denominator
        FROM months m
        JOIN kpis_invoice i ON i.issued_on <= m.ends
            AND (i.issued_on >= m.since OR i.paid_on IS NULL OR i.paid_on > m.ends)
        WHERE 1 = 1 {alone}
        GROUP BY i.customer_id, m.month, m.days
    )"""
_FACTS = """
    SELECT customer_id, month, CAST(numerator AS bigint) AS numerator, CAST(denominator AS bigint) AS denominator
    FROM found WHERE month IN ({months}) AND denominator > 0"""
_WITHOUT = "SELECT customer_id FROM found WHERE denominator <= 0 AND numerator <> 0"


def facts_sql(rule: Rule, months: Sequence[Month], today: date, *, alone: bool = False) -> str:
    """A statement of the facts of these months, which are at least one and in order, as they stand today.

    ``alone``: of the customers in the table ``kpis_owed`` and no others.
    """
    return f"{_months_sql(months, today)}, {_found(rule, months, alone)} {_FACTS.format(months=listed(months))}"


def without_fact_sql(month: Month, today: date) -> str:
    """A statement of the customers that have something open and no fact of ``dso``, for 0 or less was issued."""
    return f"{_months_sql([month], today)}, {_found(Rule(RuleName.DSO), [month], alone=False)} {_WITHOUT}"


def _found(rule: Rule, months: Sequence[Month], alone: bool) -> str:
    """The common tables of a rule."""
    begin, end = first_day(months[0]), last_day(months[-1])
    span = {"begin": day_sql(begin), "end": day_sql(end), "scale": SCALE}
    match rule.name:
        case RuleName.REPEAT_CONTACTS:
            days = {"back": day_sql(begin - timedelta(rule.days)), "days_before": _days_before('"on"', rule.days)}
            return _REPEAT_CONTACTS.format(month=_month_sql('"on"'), alone=_alone(alone, "i"), **days, **span)
        case RuleName.CONTACTS_PER_SOLVED_ISSUE:
            month = _month_sql("i.solved_on")
            return _CONTACTS_PER_SOLVED_ISSUE.format(month=month, alone=_alone(alone, "i"), **span)
        case RuleName.DEEP_DISCOUNTS | RuleName.HARD_PRICE_TALKS:
            return _DEALS.format(month=_month_sql("d.closed_on"), alone=_alone(alone, "d"), **_deals(rule), **span)
        case RuleName.REFERRALS:
            return _REFERRALS.format(alone=_alone(alone, "r"), alone_of_events=_alone(alone, "e"), scale=SCALE)
        case RuleName.DSO:
            return _DSO.format(alone=_alone(alone, "i"))


def _deals(rule: Rule) -> dict[str, str]:
    if rule.name == RuleName.HARD_PRICE_TALKS:
        return {"counted": "d.hard_price_talks", "of": "d.hard_price_talks IS NOT NULL"}
    percent = int((rule.number or Decimal(0)) * SCALE)
    return {"counted": _DEEP.format(percent=percent, scale=SCALE), "of": "d.list_value > 0"}


def _alone(alone: bool, table: str) -> str:
    return OWED_ALONE.format(table) if alone else ""


def _months_sql(months: Sequence[Month], today: date) -> str:
    """The common table of months: their days, as far as today; of the three that end with each the first and all."""
    rows = []
    for month in months:
        since, last = first_day(shift(month, -2)), last_day(month)
        days = (first_day(month), min(last, today), since)
        rows.append(f"({int(month)}, {', '.join(map(day_sql, days))}, {(last - since).days + 1})")
    return _MONTHS.format(", ".join(rows))


def _month_sql(day: str) -> str:
    """The month of a day, as facts keep it."""
    if connection.vendor == "postgresql":
        return f"CAST(EXTRACT(YEAR FROM {day}) * 100 + EXTRACT(MONTH FROM {day}) AS integer)"
    return f"CAST(substr({day}, 1, 4) || substr({day}, 6, 2) AS integer)"


def _days_before(day: str, days: int) -> str:
    return f"{day} - {days}" if connection.vendor == "postgresql" else f"date({day}, '-{days} days')"


# -- which months a rule can tell of, and which an event alters


EVER = Month(0)  # nothing that a rule needs may have gone
NEVER = Month(999912)  # no month: nothing has happened yet from which a rule could begin


@dataclass(frozen=True, slots=True)
class Reach:
    """From which month on a rule has facts, the later ones in which nobody has any (``silent``), and from which on all
    events that it needs are ``kept``.
    """

    begins: Month
    kept: Month = EVER
    silent: frozenset[Month] = frozenset()

    def tells(self, month: Month) -> bool:
        """Whether anybody may have a fact of the month."""
        return month >= self.begins and month not in self.silent

    @property
    def told(self) -> list[int]:
        """As it is kept: another list, another month for everybody."""
        return [int(self.begins), *sorted(map(int, self.silent))]


def reach_of(rule: Rule, today: date) -> Reach:
    """As the events stand now."""
    gone = EventKeeping.objects.values_list("gone_before", flat=True).first()
    kept = kept_from(rule, gone) if gone else EVER
    if rule.name == RuleName.DSO:
        return Reach(*_after_the_first_invoices(kept))
    return Reach(_begins(rule, gone, today), kept)


def _begins(rule: Rule, gone: date | None, today: date) -> Month:
    """The first month of which it has facts of anybody; ``NEVER`` where it has none."""
    match rule.name:
        case RuleName.REPEAT_CONTACTS:
            first = _first(Contact, "on")
            return _month_from(min(first, gone or first) + timedelta(rule.days)) if first else NEVER
        case RuleName.REFERRALS:
            first = _first(LifecycleEvent, "on")
            first = first if first and first <= today else None
        case RuleName.CONTACTS_PER_SOLVED_ISSUE:
            first = _first(Issue, "solved_on")
        case _:
            first = _first(Deal, "closed_on")
    return month_of(first) if first else NEVER


def _first(model: type[Model], day: str) -> date | None:
    """The first day of all of a table's."""
    found = model._default_manager.filter(**{f"{day}__isnull": False}).order_by(day)
    return found.values_list(day, flat=True).first()


def _after_the_first_invoices(kept: Month) -> tuple[Month, Month, frozenset[Month]]:
    """Where the facts of ``dso`` begin, and the two first months in which anybody has an invoice, which have none.

    Once invoices may have gone, the first that is left is not the first of all.
    """
    first = _first(Invoice, "issued_on")
    if first is None:
        return NEVER, kept, frozenset()
    if kept:
        return month_of(first), kept, frozenset()
    later = Invoice.objects.filter(issued_on__gt=last_day(month_of(first))).order_by("issued_on")
    second = later.values_list("issued_on", flat=True).first()
    return month_of(first), kept, frozenset(month_of(day) for day in (first, second) if day)


def kept_from(rule: Rule, gone: date) -> Month:
    """The first month that needs no event of a day before ``gone``."""
    if rule.name == RuleName.REPEAT_CONTACTS:
        return _month_from(gone + timedelta(rule.days))
    month = _month_from(gone)
    return shift(month, 2) if rule.name == RuleName.DSO else month


def _month_from(day: date) -> Month:
    """The first month that begins on the day or later."""
    month = month_of(day)
    return month if day == first_day(month) else shift(month, 1)


def altered(rule: Rule, kind: str, month: Month, months: Sequence[Month]) -> Iterator[Month]:
    """Which of the months an event of a kind alters, whose day lies, or lay, in ``month``; of the same customer.

    What an event says of others is marked with them (``kpis.services.event_touches``): an issue that is another's marks
    its contacts, and a contact the day on which its issue was solved.
    """
    first, last = month, month
    match rule.name, kind:
        case RuleName.REPEAT_CONTACTS, EventKind.CONTACTS:  # what comes after it within the days is a repeat or not
            last = month_of(last_day(month) + timedelta(rule.days))
        case (RuleName.DSO, EventKind.INVOICES) | (RuleName.REFERRALS, "lifecycle"):  # open, or on the book, from then
            last = NEVER
        case (
            (RuleName.CONTACTS_PER_SOLVED_ISSUE, EventKind.ISSUES)
            | (RuleName.DEEP_DISCOUNTS | RuleName.HARD_PRICE_TALKS, EventKind.DEALS)
            | (RuleName.REFERRALS, EventKind.REFERRALS)
        ):
            pass
        case _:
            return iter(())
    return (one for one in months if first <= one <= last)


def follows_the_day(rule: Rule) -> bool:
    """Whether the running month is told as of today, so that a new day may alter it with no event."""
    return rule.name in {RuleName.DSO, RuleName.REFERRALS}
