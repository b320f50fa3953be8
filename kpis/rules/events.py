"""What an event may be. Events arrive by the hundred thousand, and every door brings them by the same stage: so each
rule is a condition in SQL over the rows as they become, and is asked of all of them at once.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from core.formatting import short_day
from core.periods import last_day
from core.texts import out_of
from core.writes import Problem
from kpis.choices import EventKind
from kpis.models import EVENT_MODELS
from kpis.rules.actual import NOT_BEGUN, newest_month


@dataclass(frozen=True, slots=True)
class EventRule:
    """What is wrong with a column of an event, and when.

    ``sql`` is a condition over the row ``c`` as it becomes. Of a row that is there already ``c.event_id`` is its
    number, and ``c.old_…`` are its columns as they were.
    """

    column: str
    words: str
    sql: str


BEFORE_OPENED = EventRule(
    "on",
    "lies before the day on which its issue was opened",
    'EXISTS (SELECT 1 FROM kpis_issue i WHERE i.id = c.issue_id AND i.opened_on > c."on")',
)
_AMONG_THEMSELVES: dict[EventKind, tuple[EventRule, ...]] = {
    EventKind.ISSUES: (
        EventRule("solved_on", "lies before the day on which it was opened", "c.solved_on < c.opened_on"),
        EventRule(
            "opened_on",
            "lies after a contact about the issue",
            'EXISTS (SELECT 1 FROM kpis_contact k WHERE k.issue_id = c.event_id AND k."on" < c.opened_on)',
        ),
    ),
    EventKind.CONTACTS: (BEFORE_OPENED,),
    EventKind.INVOICES: (
        EventRule("paid_on", "lies before the day on which it was issued", "c.paid_on < c.issued_on"),
        EventRule("due_on", "lies before the day on which it was issued", "c.due_on < c.issued_on AND c.amount >= 0"),
    ),
}


def counting_days(kind: EventKind) -> tuple[str, ...]:
    """The days in whose months an event counts: an issue where it is solved alone."""
    return tuple(day for day in EVENT_MODELS[kind].days if day != "opened_on")


def event_rules(kind: EventKind, today: date, taken_from: date | None) -> Iterator[EventRule]:
    """All that may be wrong with an event on the company's day ``today``.

    ``taken_from`` is the first day whose month is derived again, where events may have been purged.
    """
    for day in EVENT_MODELS[kind].days:
        newest = last_day(newest_month(today))
        yield EventRule(day, f"lies in a month that {NOT_BEGUN}", f"c.\"{day}\" > '{newest.isoformat()}'")
        if taken_from is not None and day in counting_days(kind):
            yield _of_the_gone(day, taken_from)
    yield from _AMONG_THEMSELVES.get(kind, ())


def _of_the_gone(day: str, taken_from: date) -> EventRule:
    """A day that is said anew, of which no fact is derived any more; what was kept of then may stay and change."""
    anew = f'(c.event_id IS NULL OR c."old_{day}" IS NULL OR c."old_{day}" <> c."{day}")'
    words = (
        f"lies before {short_day(taken_from)}: events that the facts of then need may have been purged, and these "
        "facts stay as they are"
    )
    return EventRule(day, words, f"c.\"{day}\" < '{taken_from.isoformat()}' AND {anew}")


LEAST_KEPT, MOST_KEPT = 3, 600


def keeping_problems(months: int | None) -> list[Problem]:
    """Why events are not kept for so many months; None is for good. What is owed looks back over three months."""
    if months is None or LEAST_KEPT <= months <= MOST_KEPT:
        return []
    return [("months", f"{out_of(LEAST_KEPT, MOST_KEPT)}; empty keeps events for good")]
