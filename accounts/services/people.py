"""People: their roles, and how they go and come back."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import asdict

from django.db import transaction
from django.utils import timezone

from accounts.access import require_administrator
from accounts.audit import record
from accounts.choices import Verb
from accounts.models import Departure, RoleGrant, User
from accounts.rules import people as rules
from accounts.services.invitations import revoke_invitations
from accounts.services.sessions import end_sessions
from accounts.services.tokens import live_tokens, revoke_token
from core.auditing import key_of
from core.records import Handover, Held, owned_by, person_parts
from core.writes import StaleTransition, refuse


@transaction.atomic
def change_roles(*, person: User, roles: Collection[str], by: User | None) -> bool:
    """Give a person these roles and no others; answers whether any changed.

    Raises PermissionDenied, and ValidationError where it is the last administrator's role.
    """
    rules.one_at_a_time()
    require_administrator(by)
    row = User.objects.select_for_update().get(pk=person.pk)
    before, after = sorted(row.roles), sorted(set(roles))
    refuse([*rules.account_problems(row, by), *rules.role_problems(row, after)])
    if before == after:
        return False
    RoleGrant.objects.filter(user=row).exclude(role__in=after).delete()
    RoleGrant.objects.bulk_create(RoleGrant(user=row, role=role) for role in after if role not in before)
    record(by=by, verb=Verb.GAVE_ROLES, obj=row, before={"roles": before}, after={"roles": after})
    return True


@transaction.atomic
def deactivate(*, person: User, receiver: User | None, by: User | None) -> Departure:
    """Close a person's account and hand over all that is theirs to ``receiver``, in one act that can be taken back.

    KPIs, parts in initiatives, customers' accounts and open actions go over, and with them what is asked about each.
    Their sessions end, their tokens and invitations are revoked. ``receiver`` may be None where nothing is theirs.
    Raises PermissionDenied, and ValidationError by field: of the last administrator, or without a receiver.
    """
    rules.one_at_a_time()
    require_administrator(by)
    row = User.objects.select_for_update().get(pk=person.pk)
    taker = User.objects.select_for_update().filter(pk=receiver.pk).first() if receiver else None
    held = owned_by(row)
    refuse([*rules.account_problems(row, by), *rules.leaving_problems(row, taker, by, holds=bool(held))])
    moved = hand_over(held, Handover(row, taker, by, Verb.HANDED_OVER)) if taker else []
    User.objects.filter(pk=row.pk).update(is_active=False)
    end_sessions(row)
    revoke_invitations(row, by=by)
    for token in live_tokens(row).select_related("user", "made_by"):
        revoke_token(token=token, by=by)
    made = Departure.objects.create(person=row, receiver=taker, by=by, moved=[asdict(one) for one in moved])
    counts = {"receiver": key_of(taker), "handed_over": len(moved)}
    record(by=by, verb=Verb.DEACTIVATED, obj=row, before={"is_active": True}, after={"is_active": False} | counts)
    return made


@transaction.atomic
def bring_back(*, person: User, by: User | None) -> tuple[int, int]:
    """Take a deactivation back: the person may sign in again, and has back what was handed over and is still with who
    took it. Answers how much was given back, and how much has gone on to others meanwhile.

    Sessions and tokens stay ended. Raises PermissionDenied, ValidationError (erased), StaleTransition (active).
    """
    rules.one_at_a_time()
    require_administrator(by)
    row = User.objects.select_for_update().get(pk=person.pk)
    refuse(rules.account_problems(row, by))
    if not User.objects.filter(pk=row.pk, is_active=False).update(is_active=True):
        raise StaleTransition(f"{row} is active already; nothing was changed.")
    left = Departure.objects.select_for_update(of=("self",)).filter(person=row, undone_at=None).first()
    held = [Held(**one) for one in left.moved] if left else []
    back = hand_over(held, Handover(left.receiver, row, by, Verb.GAVE_BACK)) if left and left.receiver else []
    Departure.objects.filter(person=row, undone_at=None).update(undone_at=timezone.now(), undone_by=by)
    after = {"is_active": True, "given_back": len(back)}
    record(by=by, verb=Verb.ACTIVE_AGAIN, obj=row, before={"is_active": False}, after=after)
    return len(back), len(held) - len(back)


def hand_over(held: Iterable[Held], handover: Handover) -> list[Held]:
    """Have every app move what of these is its own, inside a transaction; answers what was moved."""
    rows = list(held)
    return [moved for part in person_parts() for moved in part.hand_over(rows, handover)]
