"""What a rule of events gives in real months, before it is chosen; and what a KPI page says of one that was."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.db import connection
from django.db.models import F

from accounts.company import today_of
from accounts.models import Company, User
from core.formatting import counted, month_name, sentence_list, trimmed
from core.numbers import to_fraction
from core.periods import Month, first_day, last_day, months_between, shift
from customers.models import Customer
from kpis.choices import CustomerMethod, TimeMethod, Unit
from kpis.formulas.events import BadRule, Rule, RuleName, read_rule
from kpis.formulas.values import Components, Method, pooled
from kpis.models import Contact, Derivation, Issue, Kpi
from kpis.reading.deriving import NEVER, Reach, facts_sql, reach_of, without_fact_sql
from kpis.reading.traces import beside_words
from kpis.rules.actual import newest_month
from kpis.wording import style_of

MONTHS = 6  # that a preview looks at
_NAMED = 5
_BY_MONTH = "SELECT month, SUM(numerator), SUM(denominator), COUNT(*) FROM ({}) f GROUP BY month"


@dataclass(frozen=True, slots=True)
class PreviewMonth:
    """What a month would come to: value, numerator and denominator as they are written, customers with a fact."""

    month: Month
    value: str
    numerator: str
    denominator: str
    customers: int


@dataclass(frozen=True, slots=True)
class RulePreview:
    """A rule on the last months with events, the newest first; ``problem`` says why there are none."""

    words: tuple[str, str] = ("", "")
    months: tuple[PreviewMonth, ...] = ()
    problem: str = ""


def preview_rule(candidate: Kpi, company: Company) -> RulePreview:
    """What the rule of an unsaved KPI would give of all customers; nothing is written. One query over the months."""
    if not candidate.rule:
        return RulePreview(problem="Choose a rule of events first.")
    try:
        rule = read_rule(candidate.rule)
    except BadRule as bad:
        return RulePreview(problem=f"Rule {bad}.")
    today = today_of(company)
    reach = reach_of(rule, today)
    months = [month for month in _last_months(today) if reach.tells(month)]
    if not months:
        return RulePreview(rule.words, problem=begins_words(rule, reach) or "There are no events of it yet.")
    method = Method(CustomerMethod.RATIO, TimeMethod.POOL, rule.kind.unit == Unit.PERCENT)
    candidate.unit = candidate.unit or rule.kind.unit
    style = style_of(candidate, company.currency)
    found = _sums(rule, months, today)
    rows = []
    for month in reversed(months):
        parts = found.get(month, Components())
        above, below = (trimmed(to_fraction(one), 4) for one in (parts.numerator, parts.denominator))
        rows.append(PreviewMonth(month, style.full(pooled(method, parts)), above, below, parts.facts))
    return RulePreview(rule.words, tuple(rows))


def _last_months(today: date) -> tuple[Month, ...]:
    newest = newest_month(today)
    return months_between(shift(newest, 1 - MONTHS), newest)


def _sums(rule: Rule, months: Sequence[Month], today: date) -> dict[Month, Components]:
    with connection.cursor() as cursor:
        cursor.execute(_BY_MONTH.format(facts_sql(rule, months, today)))
        rows = cursor.fetchall()
    return {Month(month): Components(int(above), int(below), facts, 0) for month, above, below, facts in rows}


@dataclass(frozen=True, slots=True)
class FromEvents:
    """What a KPI page says of a KPI that takes events: sentences, each of them or empty."""

    rule: str
    begins: str
    beside: str
    without: str
    error: str


def from_events(kpi: Kpi, month: Month, today: date, user: User) -> FromEvents | None:
    """Of a KPI as it means in ``month``, the one whose numbers are told; None where it takes no events."""
    if not (kpi.takes_events and kpi.rule):
        return None
    rule = read_rule(kpi.rule)
    known = Derivation.objects.filter(kpi=kpi.pk).first()
    return FromEvents(
        rule.text,
        begins_words(rule, reach_of(rule, today)),
        _beside(month, today) if rule.name == RuleName.CONTACTS_PER_SOLVED_ISSUE else "",
        _without(month, today, user) if rule.name == RuleName.DSO else "",
        known.error if known else "",
    )


def begins_words(rule: Rule, reach: Reach) -> str:
    """From when on the rule has facts, and why not before; empty where it has them of any month with an event."""
    match rule.name:
        case RuleName.REPEAT_CONTACTS:
            why = f"{counted(rule.days, 'day')} after the first contact that is kept"
            none = "There is no contact yet."
        case RuleName.REFERRALS:
            why, none = "with the company’s first lifecycle event", "There is no lifecycle event yet, and so no fact."
        case RuleName.DSO:
            if reach.begins == NEVER:
                return "There is no invoice yet."
            silent = sentence_list(month_name(month) for month in sorted(reach.silent))
            return f"No facts in the first two months with an invoice of anybody: {silent}." if silent else ""
        case _:
            return ""
    return none if reach.begins == NEVER else f"No facts before {month_name(reach.begins)}: they begin {why}."


def _beside(month: Month, today: date) -> str:
    """What stands beside the month's number."""
    begin, end = first_day(month), min(last_day(month), today)
    late = Contact.objects.filter(issue__solved_on__range=(begin, last_day(month)), on__gt=F("issue__solved_on"))
    unsolved = Issue.objects.filter(opened_on__lte=end).exclude(solved_on__lte=end)
    words = beside_words(late.count(), unsolved.count())
    return f"{month_name(month)}. {words}" if words else ""


def _without(month: Month, today: date, user: User) -> str:
    """Who has something open and no fact, by name for those who may read it."""
    with connection.cursor() as cursor:
        cursor.execute(without_fact_sql(month, today))
        found = [row[0] for row in cursor.fetchall()]
    if not found:
        return ""
    seen = Customer.objects.visible_to(user).filter(pk__in=found).order_by("name")
    named = list(seen.values_list("name", flat=True)[:_NAMED])
    left = len(found) - len(named)
    named += [f"{left} more" if named else counted(left, "customer")] if left else []
    reason = "something is open and 0 or less was issued in the three months"
    return f"Without a fact in {month_name(month)}, for {reason}: {sentence_list(named)}."
