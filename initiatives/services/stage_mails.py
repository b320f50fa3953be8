"""Mails about stages: an initiative's owner is told that it was approved, overridden or resumed, or not any more."""

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
from initiatives.choices import Quadrant, Stage
from initiatives.models import Initiative
from initiatives.reading.approvals import Step

Outcome = tuple[Initiative, Step | None]


def tell_owners(decided: Iterable[Outcome], *, by: User, reason: str = "") -> None:
    """One mail to each owner about what was decided together; call it in the transaction that decides.

    Of each the step that was taken, None where an approval was taken back, for ``reason``.
    """
    of_person: dict[User, list[Outcome]] = defaultdict(list)
    for row, step in decided:
        owner: User | None = row.owner  # type: ignore[assignment]
        if owner is not None:
            of_person[owner].append((row, step))
    for person, theirs in of_person.items():
        if person.is_active and person.pk != by.pk:
            _tell(person, theirs, by, reason)


@to_its_reader
def _tell(person: User, theirs: Sequence[Outcome], by: User, reason: str) -> None:
    who = by.name or by.email
    context = {
        "person": person.name or person.email,
        "company": company(),
        "by": who,
        "rows": [(row, _words(row, step), reason) for row, step in theirs],
        "url": absolute(reverse("stage_approvals")),
    }
    what = counted(len(theirs), "initiative")
    first, step = theirs[0]
    taken_back = all(one is None for _, one in theirs)
    write_mail(
        key=f"stages:{step}:{first.pk}:{first.revision}:{len(theirs)}:{person.pk}:{timezone.now():%y%m%d%H%M%S%f}",
        to=person,
        subject=f"Approval of {what} taken back by {who}" if taken_back else f"{what} decided by {who}",
        body=render_to_string("mail/stages_decided.txt", context),
    )


def _words(row: Initiative, step: Step | None) -> str:
    if step is None:
        return "approval taken back; it is a candidate again" if row.stage == Stage.CANDIDATE else "override taken back"
    if step == Step.RESUME:
        return "goes on"
    overridden = f" All the same: {row.override_reason}" if row.override_reason else ""
    if step == Step.OVERRIDE:
        return f"may start.{overridden}"
    as_what = f" as {Quadrant(row.approved_as).label.lower()}" if row.approved_as else ""
    return f"approved{as_what}.{overridden}"
