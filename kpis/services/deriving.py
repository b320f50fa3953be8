"""From events to facts: derived whenever an event that can alter them came or went.

The marks of events (``EventTouch``) are the queue, and messages only wake. A derivation notes the marks that it sees
before it reads an event, works out which (customer, month) pairs of which KPI they alter, lays what these come to over
the stored facts, and deletes just the marks that it saw: all in one transaction, so that a killed one leaves nothing.
What else alters facts is found by comparing what holds with what they were last derived by (``Derivation``): another
rule, the first event of all, a new day.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db import connection, transaction
from django.db.models import Exists
from django.utils import timezone

from accounts.audit import record
from accounts.choices import Verb
from accounts.company import today as company_today
from accounts.models import Company, Load, User
from core.outages import outage_of
from core.periods import Month, month_of, months_between, shift
from core.registry import cells_touched
from kpis.choices import EventKind, Source
from kpis.formulas.events import Rule, rule_in
from kpis.models import Derivation, EventTouch, Fact, Kpi
from kpis.models.versions import VersionBook
from kpis.reading.deriving import NEVER, Reach, altered, facts_sql, follows_the_day, reach_of
from kpis.reading.fact_months import fact_months
from kpis.rules.actual import newest_month
from kpis.services import derived_facts
from kpis.services.derived_facts import Written, analyze, execute, lay_over

logger = logging.getLogger(__name__)

# After a failure a KPI waits this long, so that the others' marks are not held up by it again and again.
RETRY_AFTER = timedelta(minutes=5)

_LOCK = 0x6576656E74  # "event": any number that nothing else in the database uses
_SEE = "CREATE TEMPORARY TABLE kpis_seen AS SELECT id, kind, customer_id, month FROM kpis_eventtouch"
_FORGET = "DELETE FROM kpis_eventtouch WHERE id IN (SELECT id FROM kpis_seen)"
_SEEN_MONTHS = "SELECT DISTINCT kind, month, CASE WHEN customer_id IS NULL THEN 1 ELSE 0 END FROM kpis_seen"
_OWE = """
    INSERT INTO kpis_owed
    SELECT DISTINCT s.customer_id, r.month FROM kpis_seen s
    JOIN kpis_reach r ON r.kind = s.kind AND r.touched = s.month WHERE s.customer_id IS NOT NULL"""


@dataclass(frozen=True, slots=True)
class Seen:
    """The marks that a derivation saw: which months of which kinds, of single customers and of everybody."""

    single: frozenset[tuple[str, Month]]
    whole: frozenset[tuple[str, Month]]


@dataclass(frozen=True, slots=True)
class Stretch:
    """The months of a KPI in which it has one rule, or none: of those that are derived at all."""

    rule: Rule | None
    months: tuple[Month, ...]
    reach: Reach


# -- what is owed


def is_owed(today: date | None = None) -> bool:
    """Whether facts are still to be derived: a few queries, one where no KPI takes events and none came."""
    asked = Exists(EventTouch.objects.all()), Exists(Kpi.objects.filter(source=Source.EVENTS))
    came, taken = Company.objects.values_list(*asked).get(pk=1)
    if came or not taken:
        return bool(came)
    day = today or company_today()
    kpis = _kpis()
    book = VersionBook.read(kpis)
    known = Derivation.objects.in_bulk([kpi.pk for kpi in kpis])
    return any(_differs(kpi, known.get(kpi.pk), book, day) for kpi in kpis)


def _kpis() -> list[Kpi]:
    return list(Kpi.objects.filter(source=Source.EVENTS).order_by("pk"))


def _differs(kpi: Kpi, known: Derivation | None, book: VersionBook, day: date) -> bool:
    """Whether a KPI is to be derived for a reason of its own."""
    if known is None:
        return True
    if known.error and known.at > timezone.now() - RETRY_AFTER:
        return False
    rules = _rules(kpi, book)
    follows = any(follows_the_day(rule) for _, text in rules[:-1] if (rule := rule_in(text)))
    return known.rules != rules or (follows and known.day != day)


def _rules(kpi: Kpi, book: VersionBook) -> list[list[Any]]:
    """Its rules by their first months, as they are kept beside it; the last row is the end of the KPI."""
    told = [[int(meant.meant_since or 0), meant.rule] for meant in book.all_of(kpi)]
    return [*told, [int(kpi.retired_from or 0), ""]]


# -- derived


def derive_owed() -> Load | None:
    """Derive whatever is owed, until nothing is; answers the last load that wrote facts, None where none did.

    Another derivation under way does it instead: it looks again before it ends.
    """
    last = None
    while is_owed():
        with transaction.atomic():
            if not _alone():
                return last
            last = _derive(company_today()) or last
    return last


def _alone() -> bool:
    """Hold off other derivations until the transaction ends; on SQLite a transaction that writes is alone anyway."""
    if connection.vendor != "postgresql":
        return True
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [_LOCK])
        return bool(cursor.fetchone()[0])


def _derive(today: date) -> Load | None:
    """One derivation, in the transaction under way."""
    derived_facts.make_tables()
    try:
        seen = _see()
        written = Written(_last_loader() if seen.single or seen.whole else None)
        kpis = _kpis()
        book = VersionBook.read(kpis)
        known = Derivation.objects.in_bulk([kpi.pk for kpi in kpis])
        for kpi in kpis:
            _derive_kpi(kpi, known.get(kpi.pk), book, seen, written, today)
        execute(_FORGET)
        return _kept(written)
    finally:
        if not connection.needs_rollback:
            derived_facts.drop_tables()
            execute("DROP TABLE IF EXISTS kpis_seen")


def _see() -> Seen:
    """Note the marks, before any event is read."""
    execute("DROP TABLE IF EXISTS kpis_seen")
    execute(_SEE)
    analyze("kpis_seen")
    with connection.cursor() as cursor:
        cursor.execute(_SEEN_MONTHS)
        rows = [(kind, Month(month), whole) for kind, month, whole in cursor.fetchall()]
    single = frozenset((kind, month) for kind, month, whole in rows if not whole)
    return Seen(single, frozenset((kind, month) for kind, month, whole in rows if whole))


def _last_loader() -> User | None:
    """Who loaded events last: whose act it is."""
    load = Load.objects.filter(kind__in=EventKind.values).select_related("by", "undone_by").order_by("-pk").first()
    return (load.undone_by or load.by) if load else None


def _kept(written: Written) -> Load | None:
    """The derivation in the records; None where it wrote nothing."""
    load = written.load
    if load is None:
        return None
    counts = {name: written.counts[name] for name in ("created", "updated", "removed")}
    Load.objects.filter(pk=load.pk).update(**counts, read=sum(counts.values()))
    record(by=written.by, verb=Verb.DERIVED, obj=load, after={"kind": load.kind, **counts})
    cells_touched(written.by)
    return load


def _derive_kpi(
    kpi: Kpi, known: Derivation | None, book: VersionBook, seen: Seen, written: Written, today: date
) -> None:
    """One KPI; what goes wrong with it is noted beside it, and the others are derived. Raises what an outage raises."""
    rules = _rules(kpi, book)
    before = written.load, written.counts.copy()
    try:
        with transaction.atomic():
            stretches = list(_stretches(kpi, rules, today))
            begins = {stretch.rule.text: stretch.reach.told for stretch in stretches if stretch.rule}
            for stretch in stretches:
                whole, single = _owed(stretch, known if known and known.rules == rules else None, seen, today)
                _lay_over(kpi, stretch, whole, written, today, of_owed=False)
                if pairs := [month for month in stretch.months if month in single - whole]:
                    _owe(stretch, seen, pairs)
                    _lay_over(kpi, stretch, pairs, written, today, of_owed=True)
            told = {"rules": rules, "begins": begins, "day": today, "error": ""}
    except Exception as error:
        if outage_of(error):
            raise
        logger.warning("The facts of %s cannot be derived", kpi.code, exc_info=True)
        written.load, written.counts = before  # a load that was made meanwhile went with what it wrote
        told = {"rules": [], "begins": {}, "day": today, "error": f"{type(error).__name__}: {error}"[:500]}
    Derivation.objects.update_or_create(kpi=kpi, defaults=told)


def _stretches(kpi: Kpi, rules: Sequence[Sequence[Any]], today: date) -> Iterable[Stretch]:
    """The months of each of its rules, up to the newest and as far as the KPI stands; those are left out that need an
    event which may have gone: their facts stay.
    """
    *versions, (ends, _) = rules
    newest = newest_month(today)
    last = min(newest, _before(ends)) if ends else newest
    facts = _first_fact(kpi)
    for place, (since, text) in enumerate(versions):
        until = min(last, _before(versions[place + 1][0])) if place + 1 < len(versions) else last
        rule = rule_in(text)
        reach = reach_of(rule, today) if rule else Reach(NEVER)
        start = max(min(reach.begins, facts), Month(since) if place else Month(0), reach.kept)
        yield Stretch(rule, months_between(start, until) if start <= until else (), reach)


def _before(month: int) -> Month:
    return shift(Month(month), -1)


def _first_fact(kpi: Kpi) -> Month:
    """The first month of which the KPI has a fact; ``NEVER`` where it has none."""
    found = (month for month in fact_months() if Fact.objects.filter(month=month, kpi_id=kpi.pk).exists())
    return next(found, NEVER)


def _owed(stretch: Stretch, known: Derivation | None, seen: Seen, today: date) -> tuple[set[Month], set[Month]]:
    """The months of which everything is owed, and those of which single customers' facts are.

    Without ``known`` all of them are. A month that the first event of all moved into the rule's reach, or out of it, is
    owed for everybody, and so is the running one, and what ended since, where it is told as of today.
    """
    rule, months = stretch.rule, stretch.months
    if known is None:
        return set(months), set()
    if rule is None:
        return set(), set()
    whole, single = (
        {month for kind, touched in marks for month in altered(rule, kind, touched, months)}
        for marks in (seen.whole, seen.single)
    )
    begins, *silent = known.begins.get(rule.text, [NEVER])
    old = Reach(Month(begins), silent=frozenset(map(Month, silent)))
    whole |= {month for month in months if old.tells(month) != stretch.reach.tells(month)}
    if follows_the_day(rule) and known.day != today:
        whole |= {month for month in months if month >= month_of(min(known.day, today))}
    return whole, single


def _owe(stretch: Stretch, seen: Seen, pairs: Sequence[Month]) -> None:
    """The pairs of customer and month that the marks of single customers alter, among these months."""
    assert stretch.rule is not None  # noqa: S101  without one nothing is altered
    execute("DELETE FROM kpis_owed")
    execute("DELETE FROM kpis_reach")
    reach = [
        (kind, int(touched), int(month))
        for kind, touched in seen.single
        for month in altered(stretch.rule, kind, touched, pairs)
    ]
    with connection.cursor() as cursor:
        cursor.executemany("INSERT INTO kpis_reach VALUES (%s, %s, %s)", reach)
    analyze("kpis_reach")
    execute(_OWE)
    analyze("kpis_owed")


def _lay_over(
    kpi: Kpi, stretch: Stretch, months: Iterable[Month], written: Written, today: date, *, of_owed: bool
) -> None:
    """Have the facts of these months be what the events come to; before the rule begins there are none."""
    chosen = sorted(months)
    told = [month for month in chosen if stretch.reach.tells(month)]
    facts = facts_sql(stretch.rule, told, today, alone=of_owed) if stretch.rule and told else ""
    if chosen:
        lay_over(kpi, chosen, facts, written, of_owed=of_owed)
