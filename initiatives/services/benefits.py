"""Planned benefits, decided by finance like a target, and what they brought."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction

from accounts.audit import record, record_change
from accounts.choices import Verb
from accounts.company import company, today
from accounts.models import User
from accounts.rights import Right
from core.auditing import state_of
from core.periods import Month
from core.texts import tidied
from core.writes import StaleTransition, StaleWrite, refuse
from initiatives.access import may_edit
from initiatives.choices import BenefitKind, BenefitState
from initiatives.models import Benefit, Initiative, RealisedBenefit
from initiatives.rules.benefit import benefit_problems, realised_problems

FIELDS = ("name", "kind", "kpi", "tier", "value_per_year", "currency", "from_month", "note")
UNDECIDED = (BenefitState.DRAFT, BenefitState.PROPOSED)


def may_propose(user: User, initiative: Initiative) -> bool:
    """Those who may edit the initiative, and those who propose targets."""
    return user.has_perm(Right.PROPOSE_TARGETS) or may_edit(user, initiative)


@transaction.atomic
def propose_benefit(*, initiative: Initiative, by: User, values: Mapping[str, Any]) -> Benefit:
    """A new version that waits for finance. ``values`` holds model fields, with objects for KPI and tier.

    The one that is approved stays in force until finance approves this one; a draft of the name is
    replaced by it. The same proposal sent twice is one. Raises PermissionDenied, ValidationError by
    field, also where another version of the name waits already.
    """
    require_proposer(by, initiative)
    # the lock makes two proposals at once number their versions one after the other
    Initiative.objects.select_for_update().get(pk=initiative.pk)
    fields = {name: values[name] for name in FIELDS if name in values}
    benefit = Benefit(initiative=initiative, state=BenefitState.PROPOSED, created_by=by, **fields)
    _complete(benefit)
    waiting = Benefit.objects.filter(initiative=initiative, name=benefit.name, state=BenefitState.PROPOSED).first()
    if waiting and _is_same(waiting, benefit):
        return waiting
    _validate(benefit, waiting)
    drafts = Benefit.objects.filter(initiative=initiative, name=benefit.name, state=BenefitState.DRAFT)
    for draft in drafts:
        swap(draft, by=by, verb=Verb.REPLACED, state=BenefitState.WITHDRAWN)
    versions = Benefit.objects.filter(initiative=initiative, name=benefit.name).order_by("-version")
    benefit.version = (versions.values_list("version", flat=True).first() or 0) + 1
    benefit.save()
    record(by=by, verb=Verb.PROPOSED, obj=benefit, after=state_of(benefit))
    return benefit


@transaction.atomic
def submit_benefit(*, benefit: Benefit, by: User) -> Benefit:
    """A draft goes to finance; whoever submits it decides on it no more than whoever wrote it.

    Raises PermissionDenied, StaleTransition.
    """
    require_proposer(by, benefit.initiative)
    proposed: dict[str, Any] = {"state": BenefitState.PROPOSED, "proposed_by": by}
    return swap(benefit, by=by, verb=Verb.PROPOSED, was=(BenefitState.DRAFT,), **proposed)


@transaction.atomic
def withdraw_benefit(*, benefit: Benefit, by: User) -> Benefit:
    """What nobody has decided goes; withdrawn twice is as withdrawn once.

    Raises PermissionDenied, StaleTransition where finance decided meanwhile.
    """
    require_proposer(by, benefit.initiative)
    row = Benefit.objects.get(pk=benefit.pk)
    if row.state == BenefitState.WITHDRAWN:
        return row
    return swap(row, by=by, verb=Verb.WITHDRAWN, was=UNDECIDED, state=BenefitState.WITHDRAWN)


@transaction.atomic
def realise_benefit(
    *,
    initiative: Initiative,
    by: User,
    name: str,
    month: Month,
    value: Decimal | None,
    note: str = "",
    seen: Decimal | None = None,
) -> RealisedBenefit | None:
    """What an approved benefit in money brought in a month, in its own currency; without a value the entry goes.

    ``seen`` is the value that the person saw. A benefit in a KPI's unit is read from the KPI's cells
    instead. Raises PermissionDenied, StaleWrite, ValidationError by field.
    """
    require_proposer(by, initiative)
    approved = Benefit.objects.filter(initiative=initiative, name=name, state=BenefitState.APPROVED).first()
    refuse(realised_problems(name, approved, month, today()))
    Initiative.objects.select_for_update().get(pk=initiative.pk)
    row = RealisedBenefit.objects.filter(initiative=initiative, name=name, month=month).first()
    if (row.value if row else None) not in {seen, value}:
        raise StaleWrite(f"“{name}” of this month was entered by somebody else meanwhile; nothing of yours was kept.")
    if value is None:
        _take_out(row, by)
        return None
    fresh = row or RealisedBenefit(initiative=initiative, name=name, month=month)
    before = state_of(row) if row else {}
    fresh.value, fresh.note, fresh.by = value, note.strip(), by
    fresh.full_clean()
    fresh.save()
    record_change(by=by, verb=Verb.CORRECTED if row else Verb.REALISED, obj=fresh, before=before)
    return fresh


def realised_of(initiative: Initiative, name: str, month: Month) -> Decimal | str:
    """What is entered of a month; empty for nothing."""
    row = RealisedBenefit.objects.filter(initiative=initiative, name=name, month=month).first()
    return row.value if row else ""


def _take_out(row: RealisedBenefit | None, by: User) -> None:
    if row is not None:
        record(by=by, verb=Verb.DELETED, obj=row, before=state_of(row))
        row.delete()


def require_proposer(by: User, initiative: Initiative) -> None:
    if not may_propose(by, initiative):
        raise PermissionDenied(
            "This initiative is not yours: its owner, deputy, team, stewards and finance propose its benefits."
        )


def _complete(benefit: Benefit) -> None:
    """Blanks around texts go; the company's own currency is kept as none."""
    benefit.name, benefit.note = tidied(benefit.name), tidied(benefit.note)
    code = benefit.currency.strip().upper()
    benefit.currency = "" if code == company().currency or benefit.kind == BenefitKind.KPI else code


def _is_same(one: Benefit, other: Benefit) -> bool:
    compared = (*FIELDS, "created_by")
    return all(getattr(one, name) == getattr(other, name) for name in compared if name != "value_per_year") and (
        Decimal(one.value_per_year) == Decimal(other.value_per_year)
    )


def _validate(benefit: Benefit, waiting: Benefit | None) -> None:
    """Fields, and what they cannot say in words. Raises ValidationError by field."""
    benefit.clean_fields()
    refuse(benefit_problems(benefit, waiting))
    benefit.full_clean(exclude=["version"])


def swap(
    benefit: Benefit,
    *,
    by: User,
    verb: Verb,
    was: tuple[str, ...] = (BenefitState.DRAFT,),
    reason: str = "",
    **values: Any,
) -> Benefit:
    """Write the values if the state is still one of ``was``; ``reason`` is for the audit alone.

    Raises StaleTransition.
    """
    row = Benefit.objects.get(pk=benefit.pk)
    before = state_of(row)
    if not Benefit.objects.filter(pk=row.pk, state__in=was).update(**values):
        state = row.get_state_display().lower()
        raise StaleTransition(f"“{row.name}” is {state} by now; nothing was changed.")
    row = Benefit.objects.select_related("initiative", "kpi", "tier", "decided_by", "created_by", "proposed_by").get(
        pk=row.pk
    )
    record_change(by=by, verb=verb, obj=row, before=before, reason=reason)
    return row
