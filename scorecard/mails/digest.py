"""Digests: one for each person and edition, one of an open period on the person's day; never a second of either.

The mail's key names person, period and edition, so that two schedulers and two workers write one; it may go once, so
that none is sent twice. What fails is logged and tried again by the next look, and stops nobody else's.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from typing import Any

from django.template.loader import render_to_string
from django.urls import reverse

from accounts.company import company, today_of
from accounts.models import OutgoingMail, User
from accounts.rights import Right
from accounts.services.outbox import absolute, one_mail, write_mail
from core.formatting import counted, some_of
from core.reader import to_its_reader
from core.registry import asks_of
from core.sentences import plain
from scorecard.models import Subscription
from scorecard.reading.digest_letter import Letter, LetterLine
from scorecard.reading.digests import Digest, digests
from scorecard.reading.warnings import warned_of
from scorecard.services.reports import ask_for_report
from scorecard.services.subscriptions import DIGEST, stop_path

ASKS = 5  # that a digest writes out

# What makes a digest's content for a person, who had the last at a moment (None: never). The room of reports has it.
Compose = Callable[[Digest, User, datetime | None], Letter]


def write_digests(compose: Compose, *, today: date | None = None) -> int:
    """Write all that are due and were not written yet; how many. As of today."""
    found = company()
    day = today or today_of(found)
    rows = Subscription.objects.filter(ended_at=None, person__is_active=True).select_related("person")
    due = [one for row in rows for one in digests(row, found, day) if not one.not_due]
    written = set(OutgoingMail.objects.filter(key__in=[one.key for one in due]).values_list("key", flat=True))
    return sum(_try(one, compose) for one in due if one.key not in written)


def _try(due: Digest, compose: Compose) -> bool:
    person = due.subscription.person

    def write() -> bool:
        return _is_mine(due) and person.has_perm(Right.SUBSCRIBE) and _write(person, due, compose)

    return bool(one_mail(person, f"digest of {due.period}", write))


def _is_mine(due: Digest) -> bool:
    """Whether nobody else has written it, now that nobody else can: the person's row is held until the commit."""
    Subscription.objects.select_for_update().get(pk=due.subscription.pk)
    return not OutgoingMail.objects.filter(key=due.key).exists()


@to_its_reader
def _write(person: User, due: Digest, compose: Compose) -> bool:
    last = OutgoingMail.objects.filter(key__startswith=f"digest:{person.pk}:").order_by("-pk").first()
    letter = compose(due, person, last.created_at if last else None)
    stop = stop_path(DIGEST, person.pk)
    context = {
        "letter": letter,
        "url": absolute(letter.url),
        "pack_url": _pack(person, due),
        "mails_url": absolute(reverse("subscriptions")),
        "stop_url": absolute(stop),
        **_sections(letter),
        **_asked(person),
        **_warned(person),
    }
    write_mail(
        key=due.key,
        to=person,
        subject=f"{letter.title}, {letter.state}: {plain(letter.headline)}",
        body=render_to_string("mail/digest.txt", context),
        html=render_to_string("mail/digest.html", context),
        once=True,
        stop=stop,
    )
    return True


def _pack(person: User, due: Digest) -> str:
    """The address of the person's board pack, which a worker makes meanwhile; empty where none is wanted."""
    if not due.subscription.format:
        return ""
    edition = due.edition.number if due.edition else "live"
    report = ask_for_report(by=person, period=due.period, edition=edition, format=due.subscription.format)
    return absolute(reverse("report", args=[report.pk]))


def _asked(person: User) -> dict[str, Any]:
    asks = asks_of(person)
    shown = [(ask, absolute(ask.url)) for ask in asks[:ASKS]]
    return {"asks": shown, "more_asks": len(asks) - len(shown), "my_url": absolute(reverse("my"))}


def _warned(person: User) -> dict[str, str]:
    """``2 of your accounts are warned of: Alpha Ltd, Beta Ltd``, with the list; empty where none is."""
    names = [one.name for one in warned_of(person)]
    if not names:
        return {}
    verb = "is" if len(names) == 1 else "are"
    words = f"{counted(len(names), 'customer')} of yours {verb} warned of: {some_of(names, 5)}"
    return {"warned": words, "warned_url": absolute(reverse("warnings"))}


def _sections(letter: Letter) -> dict[str, Any]:
    """The lists that have anything, with whole addresses; the headline's clauses with theirs."""
    titled = (("Really worse", letter.worse), ("Will go on missing", letter.gaps), ("Really better", letter.better))
    sections = [(title, [_shown(one) for one in lines]) for title, lines in titled if lines]
    clauses = [(one.text, absolute(one.url) if one.url else "") for one in letter.headline]
    return {"sections": sections, "clauses": clauses, "headline": plain(letter.headline)}


def _shown(one: LetterLine) -> dict[str, str]:
    return {"title": one.title, "text": one.text, "url": absolute(one.url), "serving": one.serving}
