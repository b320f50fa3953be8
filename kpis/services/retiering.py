"""Tiers given anew by rank: applied from a day on in one act, and undone in one."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

from django.core.exceptions import PermissionDenied
from django.db import transaction

from accounts.audit import record
from accounts.choices import Verb
from accounts.company import today
from accounts.loads.doors import undo_load, write_within
from accounts.models import Company, Load, User
from accounts.rights import Right
from core.auditing import state_of
from core.loading import Counts
from core.writes import StaleWrite, TransitionRefused, refuse
from customers.loads import TierMemberships
from customers.services.memberships import move_customers
from kpis.models import Retiering
from kpis.models.versions import VersionBook
from kpis.reading.retiering import Plan, read_plan, tiers_for
from kpis.rules.retiering import Terms, terms_problems


def preview_retiering(*, terms: Terms) -> Plan:
    """Who would move where; nothing is written. Raises ValidationError by field."""
    meant = VersionBook.read([terms.kpi]).at(terms.kpi, terms.end)
    refuse(terms_problems(terms, meant, len(tiers_for(terms.starts_on)), today()))
    return read_plan(terms)


@transaction.atomic
def apply_retiering(*, terms: Terms, by: User, seen: str) -> Retiering:
    """Give customers their new tiers from the day on: memberships, one audit entry, and a load that undoes them.

    ``seen`` is the ``mark`` of the plan that was looked at. Raises PermissionDenied, StaleWrite where somebody else
    would move than was seen, TransitionRefused where nobody would, ValidationError by field.
    """
    _require(by)
    plan = preview_retiering(terms=terms)
    if seen != plan.mark:
        raise StaleWrite("Facts, events or tiers have changed since this was counted; nobody was moved.")
    if not plan.moves:
        raise TransitionRefused("Nobody would move; nothing was changed.")
    source = f"Re-tiering by {terms.kpi.name} from {terms.starts_on}"
    load = write_within(kind=TierMemberships.name, by=by, source=source, write=lambda load: _move(load, plan))
    made = Retiering.objects.create(load=load, **_said(plan))
    record(by=by, verb=Verb.RETIERED, obj=made, after=state_of(made) | {"load": load.pk})
    return made


@transaction.atomic
def undo_retiering(*, retiering: Retiering, by: User) -> None:
    """Give everybody back the tier that they had. Raises PermissionDenied; UndoRefused, which names what was changed
    since.
    """
    _require(by)
    undo_load(load=retiering.load, by=by)


def _move(load: Load, plan: Plan) -> Counts:
    moves = ((move.customer, move.after.pk) for move in plan.moves)
    return move_customers(load=load, moves=moves, day=plan.terms.starts_on)


def _said(plan: Plan) -> dict[str, object]:
    """What was decided, as it is kept."""
    terms = plan.terms
    given = zip(plan.tiers, terms.cuts, strict=False)
    return {
        "kpi": terms.kpi,
        "end": terms.end,
        "months": terms.months,
        "cut_by": terms.by,
        "ends": terms.ends,
        "cuts": {tier.code: f"{_decimal(at).normalize():f}" for tier, at in given},
        "percent": None if terms.percent is None else _decimal(terms.percent),
        "starts_on": terms.starts_on,
        **{way: plan.count(way) for way in ("up", "down", "new")},
    }


def _decimal(number: Fraction) -> Decimal:
    return Decimal(number.numerator) / Decimal(number.denominator)


def _require(by: User) -> None:
    """One writer at a time. Raises PermissionDenied for who keeps no tiers."""
    if not by.has_perm(Right.MANAGE_KPIS):
        raise PermissionDenied("Stewards keep the tiers.")
    Company.objects.select_for_update().get(pk=1)
