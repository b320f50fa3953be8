"""Mails about turnarounds: the initiative's owner is told what an executive decided, once for all of it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence

from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone

from accounts.company import company
from accounts.models import User
from accounts.services.outbox import absolute, write_mail
from core.formatting import counted
from core.reader import to_its_reader
from initiatives.choices import TurnaroundState
from initiatives.models import Turnaround


def tell_owners(turnarounds: Iterable[Turnaround], *, by: User, reason: str = "") -> None:
    """One mail to each owner; call it in the transaction that decides. ``reason`` is why a decision was taken back."""
    of_person: dict[User, list[Turnaround]] = defaultdict(list)
    for turnaround in turnarounds:
        owner: User | None = turnaround.initiative.owner  # type: ignore[assignment]
        if owner is not None:
            of_person[owner].append(turnaround)
    for person, theirs in of_person.items():
        if person.is_active and person.pk != by.pk:
            _tell(person, theirs, by, reason)


@to_its_reader
def _tell(person: User, theirs: Sequence[Turnaround], by: User, reason: str) -> None:
    taken_back = theirs[0].state == TurnaroundState.NOMINATED
    context = {
        "person": person.name or person.email,
        "company": company(),
        "by": by.name or by.email,
        "rows": [(one, reason or one.decision_note) for one in theirs],
        "taken_back": taken_back,
        "url": absolute(reverse("recognition")),
    }
    what, who = counted(len(theirs), "turnaround"), context["by"]
    write_mail(
        key=f"turnarounds:{theirs[0].pk}:{len(theirs)}:{person.pk}:{timezone.now():%y%m%d%H%M%S%f}",
        to=person,
        subject=f"Decision on {what} taken back by {who}" if taken_back else f"{what} decided by {who}",
        body=render_to_string("mail/turnarounds_decided.txt", context),
    )
