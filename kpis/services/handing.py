"""What of the KPIs is a person's: handed over to somebody else, and without their address where they are erased."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from django.db import models

from accounts.audit import record_all
from accounts.models import User
from accounts.services.handing import hand_over_column
from core.auditing import key_of
from core.records import Handover, Held
from kpis.choices import ProposalState
from kpis.models import Kpi, KpiProposal

OWNER, PROPOSED = "kpis.owner", "kpis.proposed_owner"


def kpis_of(person: User) -> Iterator[Held]:
    """The KPIs that a person owns, and those that wait to be accepted as theirs."""
    for kpi in Kpi.objects.filter(owner=person):
        yield Held(OWNER, kpi.pk, "KPI", kpi.name)
    for proposal in _waiting().filter(values__owner=person.email):
        yield Held(PROPOSED, proposal.pk, "proposed KPI", str(proposal))


def hand_over_kpis(held: Sequence[Held], handover: Handover) -> Iterator[Held]:
    """To their new owner. Call it in a transaction."""
    yield from hand_over_column(Kpi.objects.all(), "owner", (one for one in held if one.kind == OWNER), handover)
    wanted = {one.key: one for one in held if one.kind == PROPOSED}
    own = _waiting().select_for_update().filter(pk__in=wanted, values__owner=handover.giver.email)
    found = list(own)
    for proposal in found:
        values = proposal.values | {"owner": handover.taker.email}
        KpiProposal.objects.filter(pk=proposal.pk).update(values=values)
    before, after = {"owner": key_of(handover.giver)}, {"owner": key_of(handover.taker)}
    record_all(by=handover.by, verb=handover.verb, changes=((one, before, after) for one in found))
    yield from (wanted[one.pk] for one in found)


def _waiting() -> models.QuerySet[KpiProposal]:
    return KpiProposal.objects.filter(state=ProposalState.PROPOSED)
