"""Mails about targets and KPIs: the proposer is told what was decided, once per decision."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone

from accounts.company import company, today_of
from accounts.models import User
from accounts.rights import GRANTS, Right
from accounts.services.outbox import absolute, write_mail
from core.formatting import counted
from core.periods import Month, shift
from core.reader import to_its_reader
from kpis.choices import TargetState
from kpis.models import Kpi, KpiProposal, Target
from kpis.models.versions import VersionBook
from kpis.wording import reach_words, style_of, words_of

ROWS = 50  # that one mail writes out
_SUBJECTS = {"waiting": "made to wait again"}


def tell_proposers(
    targets: Iterable[Target], *, by: User, verb: str, reason: str, again: Iterable[Target] = ()
) -> None:
    """One mail to each proposer about what was decided together; call it in the transaction that decides.

    Without a ``reason`` for all each row tells its own. ``again`` are versions that stand again.
    """
    of_person: dict[User, list[Target]] = defaultdict(list)
    for target in targets:
        proposer = target.batch.proposed_by if target.batch else target.created_by
        if proposer is not None:
            of_person[proposer].append(target)
    standing = {_row(one): one for one in again}
    for person, theirs in of_person.items():
        if person.is_active and person.pk != by.pk:
            _tell(person, theirs, by, verb, reason, [one for target in theirs if (one := standing.get(_row(target)))])


def tell_decided(targets: Iterable[Target], *, by: User) -> None:
    """One mail to each proposer about all that was decided together on theirs, approved and rejected."""
    of_person: dict[User, list[Target]] = defaultdict(list)
    for target in targets:
        proposer = target.batch.proposed_by if target.batch else target.created_by
        if proposer is not None:
            of_person[proposer].append(target)
    for person, theirs in of_person.items():
        states, reasons = {one.state for one in theirs}, {one.decision_note for one in theirs}
        if person.is_active and person.pk != by.pk:
            verb = states.pop() if len(states) == 1 else "decided"
            _tell(person, theirs, by, verb, reasons.pop() if verb != "decided" and len(reasons) == 1 else "", [])


def _row(target: Target) -> tuple[int, int, int, str]:
    return target.kpi_id, target.tier_id, target.from_month, target.per


@to_its_reader
def _tell(person: User, theirs: list[Target], by: User, verb: str, reason: str, again: list[Target]) -> None:
    first, found = theirs[0], company()
    context = {
        "person": person.name or person.email,
        "company": found,
        "by": by.name or by.email,
        "targets": theirs,
        "rows": _rows(theirs, found.currency),
        "more": len(theirs[ROWS:]),
        "verb": verb,
        "reason": reason,
        "each": not reason,
        "again": _rows(again, found.currency) if again else [],
        "reach": reach_words(_approved(theirs) or theirs, found.calendar, today_of(found)),
        "url": absolute(reverse("targets")),
    }
    at = first.decided_at or timezone.now()
    write_mail(
        key=f"targets:{verb}:{first.batch_id}:{first.pk}:{len(theirs)}:{at:%y%m%d%H%M%S%f}",
        to=person,
        subject=f"{counted(len(theirs), 'target')} {_SUBJECTS.get(verb, verb)} by {context['by']}",
        body=render_to_string("mail/targets_decided.txt", context),
    )


def _approved(targets: Iterable[Target]) -> list[Target]:
    return [one for one in targets if one.state == TargetState.APPROVED]


def _rows(targets: list[Target], currency: str) -> list[tuple[Target, str]]:
    """The first targets, each with what it says of the KPI as it was meant."""
    shown, book = targets[:ROWS], VersionBook.read({one.kpi for one in targets})
    for one in shown:
        one.kpi = book.of_target(one)
    return [(one, words_of(one, style_of(one.kpi, currency))) for one in shown]


def tell_deciders(targets: list[Target], *, kpi: Kpi, from_month: Month, by: User | None) -> None:
    """A mail to each who may approve targets about approved ones that a change of meaning withdrew; none of none."""
    if not targets:
        return
    finance = User.objects.filter(is_active=True, role_grants__role__in=GRANTS[Right.APPROVE_TARGETS]).distinct()
    context = {
        "company": company(),
        "by": (by.name or by.email) if by else "A load by command",
        "kpi": kpi,
        "from_month": from_month,
        "targets": targets,
        "rows": targets[:ROWS],
        "more": len(targets[ROWS:]),
        "url": absolute(reverse("kpi", args=[kpi.code])),
    }
    key = f"targets:meaning:{kpi.pk}:{from_month}:{targets[0].pk}:{targets[0].version}"
    for person in finance.exclude(pk=by.pk) if by else finance:
        _tell_decider(person, key, context)


@to_its_reader
def _tell_decider(person: User, key: str, context: dict[str, Any]) -> None:
    ended = counted(len(context["targets"]), "approved target")
    write_mail(
        key=f"{key}:{person.pk}",
        to=person,
        subject=f"{ended} of “{context['kpi'].name}” ended with its old meaning",
        body=render_to_string("mail/targets_withdrawn.txt", context | {"person": person.name or person.email}),
    )


def tell_writers(undecided: list[Target], *, kpi: Kpi, from_month: Month, by: User | None) -> None:
    """A mail to each who wrote or proposed what a change of meaning withdrew undecided; call it before it is."""
    of_person: dict[User, list[Target]] = defaultdict(list)
    for target in undecided:
        writer = target.batch.proposed_by if target.batch else target.created_by
        if writer is not None and writer.is_active and writer != by:
            of_person[writer].append(target)
    for person, theirs in of_person.items():
        _tell_writer(person, theirs, kpi, from_month, (by.name or by.email) if by else "A load by command")


@to_its_reader
def _tell_writer(person: User, theirs: list[Target], kpi: Kpi, from_month: Month, by: str) -> None:
    found, meant = company(), VersionBook.read({kpi}).at(kpi, shift(from_month, -1))
    context = {
        "person": person.name or person.email,
        "company": found,
        "by": by,
        "kpi": kpi,
        "from_month": from_month,
        "targets": theirs,
        "rows": [(one, words_of(one, style_of(meant, found.currency))) for one in theirs[:ROWS]],
        "more": len(theirs[ROWS:]),
        "url": absolute(reverse("targets")),
    }
    write_mail(
        key=f"targets:undecided:{kpi.pk}:{from_month}:{theirs[0].pk}:{len(theirs)}:{person.pk}",
        to=person,
        subject=f"{counted(len(theirs), 'target')} of “{kpi.name}” withdrawn: it means something else now",
        body=render_to_string("mail/targets_undecided.txt", context),
    )


def tell_of_decision(proposal: KpiProposal, *, by: User) -> None:
    """A mail to who proposed a KPI; call it in the transaction that decides."""
    person = proposal.proposed_by
    if not person.is_active or person.pk == by.pk:
        return
    accepted = proposal.kpi is not None
    address = reverse("kpi", args=[proposal.kpi.code]) if proposal.kpi else reverse("kpi_proposal", args=[proposal.pk])
    context = {
        "person": person.name or person.email,
        "company": company(),
        "by": by.name or by.email,
        "proposal": proposal,
        "accepted": accepted,
        "url": absolute(address),
    }
    write_mail(
        key=f"kpi-proposal:{proposal.state}:{proposal.pk}:{proposal.decided_at or timezone.now():%y%m%d%H%M%S%f}",
        to=person,
        subject=f"“{proposal}” was {proposal.look.label} by {context['by']}",
        body=render_to_string("mail/kpi_proposal_decided.txt", context),
    )


def tell_proposal_waits(proposal: KpiProposal, *, by: User, reason: str) -> None:
    """A mail to who proposed a KPI that its decision was taken back; call it in the transaction that does."""
    person = proposal.proposed_by
    if person.is_active and person.pk != by.pk:
        _tell_waiting(person, proposal, by, reason)


@to_its_reader
def _tell_waiting(person: User, proposal: KpiProposal, by: User, reason: str) -> None:
    context = {
        "person": person.name or person.email,
        "company": company(),
        "by": by.name or by.email,
        "proposal": proposal,
        "reason": reason,
        "url": absolute(reverse("kpi_proposal", args=[proposal.pk])),
    }
    write_mail(
        key=f"kpi-proposal:waits:{proposal.pk}:{timezone.now():%y%m%d%H%M%S%f}",
        to=person,
        subject=f"The decision on “{proposal}” was taken back by {context['by']}",
        body=render_to_string("mail/kpi_proposal_waits.txt", context),
    )
