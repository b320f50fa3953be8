"""Alerts: one mail to who follows something when it really gets worse, one when it recovers.

What is worse now is compared with what each person was told (``AlertsTold``), in one transaction with the mail: a
rollup that runs again, a second worker, or one that was killed writes nothing twice. Each mail may go once.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import date
from functools import partial
from typing import Any

from django.template.loader import render_to_string
from django.urls import reverse

from accounts.company import company, today_of
from accounts.models import User
from accounts.reading.people import with_roles
from accounts.rights import Right
from accounts.services.outbox import absolute, one_mail, write_mail
from core.formatting import counted, some_of
from core.reader import to_its_reader
from scorecard.models import AlertsTold, Comparison, Follow
from scorecard.reading.alerts import Looked, Told, Worse, told, what_alerts_rest_on, why
from scorecard.reading.digest_questions import newer_questions
from scorecard.services.subscriptions import ALERTS, FOLLOW, stop_path


def write_alerts(*, today: date | None = None) -> int:
    """Write to everybody for whom something that they follow got worse or recovered; how many mails were written.

    As of today. Where nothing changed since the last look nothing is read but that. What fails is logged and tried
    again by the next look, and stops nobody else's.
    """
    day = today or today_of(company())
    stands = what_alerts_rest_on(day)
    if stands and Comparison.objects.filter(pk=1, alerted=stands).exists():
        return 0
    follows = list(Follow.objects.filter(person__is_active=True).select_related("person"))
    looked, of_person = Looked(follows, day), defaultdict(list)
    for one in follows:
        of_person[one.person].append(one)
    with_roles(of_person)
    readers = [(person, theirs) for person, theirs in of_person.items() if person.has_perm(Right.SUBSCRIBE)]
    found = [one_mail(person, "alert", partial(_look, person, theirs, looked)) for person, theirs in readers]
    if None not in found:
        Comparison.objects.filter(pk=1).update(alerted=stands)
    return sum(bool(one) for one in found)


def _look(person: User, follows: Sequence[Follow], looked: Looked) -> bool:
    """Compare what is worse with what the person was told, and write what is another. Whether a mail was written."""
    known = AlertsTold.objects.select_for_update().filter(person=person).first()
    if known is None:
        return False
    now: dict[str, Worse] = {}
    for follow in follows:
        for one in looked.worse(follow):
            now.setdefault(one.name, one)
    newest, questions = newer_questions(follows, after=known.word, reader=person)
    news = [one for name, one in now.items() if name not in known.bad]
    gone = looked.recovered(known.bad, now, follows)
    stand = {name: known.bad.get(name, one.since) for name, one in now.items()}
    if stand == known.bad and newest == known.word:
        return False
    known.bad, known.word = stand, newest
    lines = Lines(told(looked, news, recovered=False), told(looked, gone, recovered=True), questions)
    if lines.any:
        known.mails += 1
        _write(person, lines, known.mails)
    known.save()
    return lines.any


class Lines:
    """What one mail tells."""

    def __init__(self, worse: Sequence[Told], better: Sequence[Told], questions: Sequence[Told]) -> None:
        self.worse, self.better, self.questions = worse, better, questions

    @property
    def any(self) -> bool:
        """Whether there is anything to tell."""
        return bool(self.worse or self.better or self.questions)

    @property
    def subject(self) -> str:
        """``Renewal rate, Gold got worse; 1 thing recovered``."""
        titles = some_of(dict.fromkeys(one.title for one in self.worse))
        parts = [f"{titles} got worse"] if self.worse else []
        if self.better:
            recovered = some_of(dict.fromkeys(one.title for one in self.better))
            parts.append(f"{counted(len(self.better), 'thing')} recovered" if self.worse else f"{recovered} recovered")
        if self.questions:
            parts.append(f"{counted(len(self.questions), 'question')} about what you follow")
        return "; ".join(parts)


@to_its_reader
def _write(person: User, lines: Lines, number: int) -> None:
    sections = (("Really worse", lines.worse), ("Recovered", lines.better), ("Asked", lines.questions))
    context: dict[str, Any] = {
        "person": person,
        "sections": [(title, [_shown(one) for one in told_]) for title, told_ in sections if told_],
        "mails_url": absolute(reverse("subscriptions")),
        "stop_url": absolute(stop_path(ALERTS, person.pk)),
    }
    write_mail(
        key=f"alert:{person.pk}:{number}",
        to=person,
        subject=lines.subject,
        body=render_to_string("mail/alert.txt", context),
        html=render_to_string("mail/alert.html", context),
        once=True,
        stop=stop_path(ALERTS, person.pk),
    )


def _shown(one: Told) -> dict[str, str]:
    """A line with the addresses of its page, and of what ends it."""
    return {
        "title": one.title,
        "text": one.text,
        "url": absolute(one.url),
        "why": why(one.follow),
        "stop": absolute(stop_path(FOLLOW, one.follow.pk)),
    }
