"""A mail to whom a proposed moment of truth is: what a steward decided, once per decision."""

from __future__ import annotations

from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone

from accounts.company import company
from accounts.models import User
from accounts.services.outbox import absolute, write_mail
from core.reader import to_its_reader
from initiatives.models import MomentProposal


def tell_proposer(proposal: MomentProposal, *, by: User, reason: str = "") -> None:
    """Call it in the transaction that decides, or takes a decision back for ``reason``."""
    person: User = proposal.proposed_by
    if person.is_active and person.pk != by.pk:
        _tell(person, proposal, by, reason)


@to_its_reader
def _tell(person: User, proposal: MomentProposal, by: User, reason: str) -> None:
    who = by.name or by.email
    moment = None if proposal.waits else proposal.moment
    address = reverse("moment", args=[moment.code]) if moment else reverse("moment_proposals")
    context = {
        "person": person.name or person.email,
        "company": company(),
        "by": who,
        "proposal": proposal,
        "reason": reason or proposal.decision_note,
        "url": absolute(address),
    }
    what = "waits again" if proposal.waits else f"was {proposal.look.label} by {who}"
    write_mail(
        key=f"moment-proposal:{proposal.state}:{proposal.pk}:{timezone.now():%y%m%d%H%M%S%f}",
        to=person,
        subject=f"“{proposal}” {what}",
        body=render_to_string("mail/moment_proposal.txt", context),
    )
