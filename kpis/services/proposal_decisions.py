"""What stewards decide on several proposed KPIs together, and taking a decision back."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction

from accounts.audited import users_among
from accounts.choices import Verb
from accounts.models import User
from accounts.rights import Right
from core.decisions import Decision, reasoned
from core.formatting import sentence_list
from core.texts import plain
from core.writes import StaleTransition, TransitionRefused
from kpis.choices import ProposalState
from kpis.models import Kpi, KpiProposal
from kpis.rules.formula import inputs_of
from kpis.services.decision_mails import tell_proposal_waits
from kpis.services.definitions import delete_kpi
from kpis.services.proposals import accept_proposal, decline_proposal, move_proposal

_UNDECIDED: dict[str, Any] = {"decided_by": None, "decided_at": None, "decision_note": "", "kpi": None}


@transaction.atomic
def decide_proposals(*, decisions: Sequence[Decision], by: User) -> list[KpiProposal]:
    """Accept some proposals as they were proposed and decline others, each for its own reason: all of it or nothing.

    Raises PermissionDenied, ReasonsMissing, StaleTransition where one was decided or withdrawn meanwhile,
    TransitionRefused for none, or for one that the library cannot take as it is.
    """
    if not by.has_perm(Right.MANAGE_KPIS):
        raise PermissionDenied("Stewards decide on proposed KPIs.")
    said = reasoned(decisions)
    rows = list(KpiProposal.objects.select_for_update().filter(pk__in=said).order_by("pk"))
    if not rows:
        raise TransitionRefused("There is no proposed KPI among these; nothing was decided.")
    for row in rows:
        _decide(row, said[row.pk], by)
    return list(KpiProposal.objects.filter(pk__in=said))


def _decide(row: KpiProposal, decision: Decision, by: User) -> None:
    if not decision.approve:
        decline_proposal(proposal=row, by=by, reason=decision.reason)
        return
    try:
        accept_proposal(proposal=row, by=by)
    except ValidationError as error:
        why = " ".join(error.messages)
        raise TransitionRefused(f"“{row}” cannot be taken in as it is: {why} Nothing was decided.") from error


@transaction.atomic
def take_back_proposal(*, proposal: KpiProposal, by: User, reason: str = "") -> KpiProposal:
    """Take a decision back: it waits again. A KPI that was made of it goes, where nothing rests on it yet.

    Its proposer is told. Raises PermissionDenied (also for one's own), StaleTransition where it stays, and why.
    """
    if not by.has_perm(Right.MANAGE_KPIS):
        raise PermissionDenied("Stewards take decisions on proposed KPIs back.")
    row = KpiProposal.objects.select_for_update(of=("self",)).select_related("kpi").get(pk=proposal.pk)
    if row.proposed_by_id == by.pk:
        raise PermissionDenied(
            "Nobody takes back a decision on what they proposed: ask another steward. Nothing was changed."
        )
    if why := staying([row])[row.pk]:
        raise StaleTransition(f"“{row}”: {why}. Nothing was changed.")
    made, said = row.kpi, plain(reason)
    waiting = move_proposal(row, ProposalState.PROPOSED, by=by, verb=Verb.TAKEN_BACK, reason=said, **_UNDECIDED)
    if made is not None:
        try:
            delete_kpi(kpi=made, by=by)
        except TransitionRefused as used:  # by what came to rest on it since
            raise StaleTransition(str(used)) from used
    tell_proposal_waits(waiting, by=by, reason=said)
    return waiting


def staying(rows: Collection[KpiProposal]) -> dict[int, str]:
    """Why the decision on each stays as it is, by id, as a reason; empty where it can be taken back.

    A constant number of queries.
    """
    resting = _resting({row.kpi_id for row in rows if row.kpi_id})
    anew = _proposed_anew(rows)
    return {row.pk: _stays(row, resting, anew) for row in rows}


def _stays(row: KpiProposal, resting: Mapping[int, str], anew: Collection[int]) -> str:
    if row.state == ProposalState.DECLINED:
        return "it was proposed anew since" if row.pk in anew else ""
    if row.state != ProposalState.ACCEPTED or row.kpi_id is None:
        return f"it is {row.look.label} by now"
    used = resting.get(row.kpi_id, "")
    return f"{used} rest on the KPI by now: retire it on its page instead" if used else ""


def _resting(kpis: Collection[int]) -> dict[int, str]:
    """What rests on each of these KPIs, in words; nothing of those on which nothing does."""
    if not kpis:
        return {}
    rows = Kpi.objects.filter(pk__in=kpis)
    found = users_among(rows, apart=(KpiProposal,))
    formulas = Kpi.objects.exclude(formula="").values_list("formula", flat=True)
    named = {code for formula in formulas for code in inputs_of(formula)}
    for pk, code in rows.values_list("pk", "code"):
        found[pk] += ["formulas"] if code in named else []
    return {pk: sentence_list(words) for pk, words in found.items() if words}


def _proposed_anew(rows: Collection[KpiProposal]) -> set[int]:
    """Those of the declined of whose code somebody proposed a KPI later that waits or was taken in."""
    declined = {row.pk: row.values.get("code") for row in rows if row.state == ProposalState.DECLINED}
    if not declined:
        return set()
    live = (ProposalState.PROPOSED, ProposalState.ACCEPTED)
    later = KpiProposal.objects.filter(state__in=live, pk__gt=min(declined)).values_list("pk", "values__code")
    return {pk for pk, code in declined.items() for other, named in later if other > pk and named == code}
