"""KPIs that owners propose: stewards take them into the library, once, or decline them with a reason."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import models, transaction
from django.utils import timezone

from accounts.audit import record
from accounts.choices import Verb
from accounts.models import Department, User
from accounts.rights import Right
from core.auditing import state_of
from core.texts import plain
from core.writes import StaleTransition
from kpis.choices import KpiState, ProposalState
from kpis.models import Kpi, KpiProposal
from kpis.models.versions import MEANING
from kpis.rules.kpi import FIXED
from kpis.services.decision_mails import tell_of_decision
from kpis.services.definitions import DESCRIPTION, check_kpi, create_kpi

FIELDS = ("code", *DESCRIPTION, *FIXED, *MEANING)
_REFERENCES: dict[str, tuple[type[models.Model], str]] = {
    "department": (Department, "code"),
    "owner": (User, "email"),
    "facts_of": (Kpi, "code"),
}


@transaction.atomic
def propose_kpi(*, by: User, values: Mapping[str, Any], why: str) -> KpiProposal:
    """Ask the stewards for a KPI. ``values`` holds its model fields; they are checked as those of a new KPI.

    Raises PermissionDenied, ValidationError by field.
    """
    if not by.has_perm(Right.PROPOSE_KPIS):
        raise PermissionDenied("Owners propose KPIs; stewards create them.")
    if not plain(why):
        raise ValidationError({"why": "Say why the library should have it: the steward who decides reads it."})
    meant = check_kpi(values=values)
    packed = {name: _packed(name, getattr(meant, name)) for name in FIELDS}
    proposal = KpiProposal.objects.create(values=packed, why=plain(why), proposed_by=by)
    record(by=by, verb=Verb.PROPOSED, obj=proposal, after=state_of(proposal))
    return proposal


@transaction.atomic
def accept_proposal(*, proposal: KpiProposal, by: User, values: Mapping[str, Any] | None = None) -> Kpi:
    """Take a proposed KPI into the library, as proposed or with other ``values`` where they are given.

    Raises PermissionDenied, StaleTransition where it was decided or withdrawn meanwhile,
    ValidationError by field: then it still waits.
    """
    waiting = _decidable(proposal, by)
    proposed = values_of(waiting, replaced=values or {})
    kpi = create_kpi(by=by, values={"state": KpiState.DRAFT, **proposed, **(values or {})})
    _decide(waiting, ProposalState.ACCEPTED, by=by, verb=Verb.ACCEPTED, kpi=kpi)
    return kpi


@transaction.atomic
def decline_proposal(*, proposal: KpiProposal, by: User, reason: str) -> KpiProposal:
    """Leave a proposed KPI out, with a reason. Raises as ``accept_proposal``."""
    waiting = _decidable(proposal, by)
    if not plain(reason):
        raise ValidationError({"reason": "Say why: the proposer reads it."})
    return _decide(waiting, ProposalState.DECLINED, by=by, verb=Verb.DECLINED, decision_note=plain(reason))


@transaction.atomic
def withdraw_proposal(*, proposal: KpiProposal, by: User) -> KpiProposal:
    """Take back what nobody has decided. Raises PermissionDenied for others, StaleTransition."""
    require_withdrawer(proposal, by)
    return move_proposal(_waiting(proposal), ProposalState.WITHDRAWN, by=by, verb=Verb.WITHDRAWN)


def require_withdrawer(proposal: KpiProposal, by: User) -> None:
    """Raises PermissionDenied for who did not propose it."""
    if proposal.proposed_by_id != by.pk or not by.has_perm(Right.PROPOSE_KPIS):
        raise PermissionDenied("Only who proposed it can take it back.")


def values_of(proposal: KpiProposal, replaced: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """The model fields of the proposed KPI, but for those that are ``replaced``.

    Raises ValidationError by field for what it names and is not there any more.
    """
    found = {name: value for name, value in proposal.values.items() if name not in (replaced or {})}
    rows = {name: _named(name, found[name]) for name in _REFERENCES if found.get(name)}
    if gone := {name: f"There is no {found[name]} any more." for name, row in rows.items() if row is None}:
        raise ValidationError(gone)
    return found | rows


def plain_values_of(proposal: KpiProposal) -> dict[str, Any]:
    """The same without what it names, to be shown beside many others: no query."""
    return {name: value for name, value in proposal.values.items() if name not in _REFERENCES}


def form_values_of(proposal: KpiProposal) -> dict[str, Any]:
    """The same to begin a form with: what is not there any more is left empty."""
    return {**proposal.values, **{name: _named(name, proposal.values.get(name)) for name in _REFERENCES}}


def _named(name: str, value: Any) -> models.Model | None:
    """The row that a proposal names by code or address; None where there is none."""
    model, key = _REFERENCES[name]
    return model._default_manager.filter(**{key: value}).first() if value else None


def _packed(name: str, value: Any) -> Any:
    """A model field's value as the proposal keeps it."""
    if isinstance(value, models.Model):
        return getattr(value, _REFERENCES[name][1])
    return f"{value:f}" if isinstance(value, Decimal) else value


def _decidable(proposal: KpiProposal, by: User) -> KpiProposal:
    if not by.has_perm(Right.MANAGE_KPIS):
        raise PermissionDenied("Stewards decide on proposed KPIs.")
    return _waiting(proposal)


def _waiting(proposal: KpiProposal) -> KpiProposal:
    """The proposal, held until the transaction ends. Raises StaleTransition where it does not wait any more."""
    found = KpiProposal.objects.select_for_update().get(pk=proposal.pk)
    if not found.waits:
        raise _stale(found)
    return found


def _stale(proposal: KpiProposal) -> StaleTransition:
    return StaleTransition(f"“{proposal}” was {proposal.look.label} meanwhile. Nothing of yours was changed.")


def _decide(proposal: KpiProposal, to: ProposalState, *, by: User, verb: Verb, **fields: Any) -> KpiProposal:
    done = move_proposal(proposal, to, by=by, verb=verb, decided_by=by, decided_at=timezone.now(), **fields)
    tell_of_decision(done, by=by)
    return done


def move_proposal(
    proposal: KpiProposal, to: ProposalState, *, by: User, verb: Verb, reason: str = "", **fields: Any
) -> KpiProposal:
    """Compare and swap the state. Raises StaleTransition where it has moved on; then nothing is changed."""
    before = state_of(proposal)
    same = KpiProposal.objects.filter(pk=proposal.pk, state=proposal.state)
    if not same.update(state=to, **fields):
        raise _stale(KpiProposal.objects.get(pk=proposal.pk))
    proposal.refresh_from_db()
    after = state_of(proposal) | ({"reason": reason} if reason else {})
    record(by=by, verb=verb, obj=proposal, before=before, after=after)
    return proposal
