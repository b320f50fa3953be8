"""Mails about planned benefits: the proposer is told what was decided or taken back, once for all of it."""

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
from initiatives.choices import BenefitState
from initiatives.models import Benefit

_OUTCOMES = {
    BenefitState.WITHDRAWN: "approval taken back",
    BenefitState.PROPOSED: "rejection taken back, it waits again",
}


def tell_proposers(decided: Iterable[Benefit], *, by: User, reason: str = "", again: Benefit | None = None) -> None:
    """One mail to each proposer about what was decided together; call it in the transaction that decides.

    ``reason`` is why an approval was taken back, ``again`` the version that stands again then.
    """
    of_person: dict[User, list[Benefit]] = defaultdict(list)
    for benefit in decided:
        if proposer := benefit.proposed_by or benefit.created_by:
            of_person[proposer].append(benefit)
    for person, theirs in of_person.items():
        if person.is_active and person.pk != by.pk:
            _tell(person, theirs, by, reason, again)


@to_its_reader
def _tell(person: User, theirs: Sequence[Benefit], by: User, reason: str, again: Benefit | None) -> None:
    context = {
        "person": person.name or person.email,
        "company": company(),
        "by": by.name or by.email,
        "rows": [(one, _outcome(one), reason or one.decision_note) for one in theirs],
        "count": len(theirs),
        "taken_back": theirs[0].state == BenefitState.WITHDRAWN,
        "again": again,
        "url": absolute(reverse("benefits")),
    }
    decided = f"{counted(len(theirs), 'planned benefit')} decided"
    what = _OUTCOMES.get(BenefitState(theirs[0].state), decided).partition(",")[0]
    at = theirs[0].decided_at or timezone.now()
    write_mail(
        key=f"benefits:{theirs[0].state}:{theirs[0].pk}:{len(theirs)}:{person.pk}:{at:%y%m%d%H%M%S%f}",
        to=person,
        subject=f"{what.capitalize()} by {context['by']}",
        body=render_to_string("mail/benefits_decided.txt", context),
    )


def _outcome(benefit: Benefit) -> str:
    state = BenefitState(benefit.state)
    return _OUTCOMES.get(state, state.label.lower())
