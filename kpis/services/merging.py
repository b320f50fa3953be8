"""Two customers made one, and two again: all that is of the one becomes the other's, in one transaction."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from hashlib import sha256

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone

from accounts.audit import record
from accounts.choices import Verb
from accounts.loads.doors import one_load_at_a_time
from accounts.models import User
from accounts.rights import Right
from core.auditing import key_of
from core.formatting import counted
from core.records import customer_parts
from core.registry import cells_touched, effects_of_moves
from core.writes import StaleTransition, StaleWrite, TransitionRefused, refuse
from customers.models import Customer
from customers.reading.customers import Use, uses_of
from customers.services.parts import tier_moves
from kpis.models import CustomerMerge
from kpis.rules.merging import Double, choice_problems, merge_problems
from kpis.services.merged_facts import doubles_of

_NAMED = 5


@dataclass(frozen=True, slots=True)
class MergePreview:
    """What a merge would do. ``uses`` is what there is of the customer that is merged away, ``doubles`` the facts that
    both have, ``effects`` what the moves of tier alone change of ended periods, in sentences.
    """

    kept: Customer
    gone: Customer
    uses: tuple[Use, ...]
    doubles: tuple[Double, ...]
    effects: tuple[str, ...]

    @property
    def revision(self) -> str:
        """Differs whenever the preview does."""
        facts = [(one.key, str(one.kept.numerator), str(one.gone.numerator)) for one in self.doubles]
        said = (self.kept.pk, self.gone.pk, [(use.noun, use.count) for use in self.uses], facts)
        return sha256(repr(said).encode()).hexdigest()[:16]


def preview_merge(kept: Customer, gone: Customer, today: date) -> MergePreview:
    """What merging one customer into another would move, and what somebody has to decide."""
    effects = effects_of_moves(tier_moves(kept.pk, gone.pk), today)
    doubles = tuple(doubles_of(kept.pk, gone.pk))
    return MergePreview(kept, gone, tuple(uses_of(gone)), doubles, tuple(effects))


@transaction.atomic
def merge_customers(
    *, kept: Customer, gone: Customer, by: User, choices: Mapping[str, str], seen: str | None = None, today: date
) -> CustomerMerge:
    """Have all that is of ``gone`` be of ``kept``. ``choices`` says which fact counts where both have one: by the id
    of a KPI, or by ``Double.key`` for one fact. ``seen``: the revision of the preview, if the caller saw one.

    Raises PermissionDenied, StaleWrite, ValidationError by field.
    """
    _require(by)
    one_load_at_a_time()
    refuse(merge_problems(kept, gone))
    kept, gone = _held(kept, gone)
    doubles = doubles_of(kept.pk, gone.pk)
    if seen is not None and preview_merge(kept, gone, today).revision != seen:
        raise StaleWrite("The two customers are not as they were shown any more; nothing was changed. Look again.")
    refuse(choice_problems(doubles, choices))
    merge = CustomerMerge.objects.create(kept=kept, gone=gone, by=by, choices=dict(choices))
    merge.parts = {part.name: part.move(merge) for part in customer_parts()}
    merge.save(update_fields=["parts"])
    Customer.objects.filter(pk=gone.pk).update(merged_into=kept)
    record(by=by, verb=Verb.MERGED, obj=merge, after=_told(merge))
    cells_touched(by)
    return merge


@transaction.atomic
def undo_merge(*, merge: CustomerMerge, by: User) -> CustomerMerge:
    """Have two customers again, each with all that was its own, exactly.

    Raises PermissionDenied, StaleTransition where it was undone already, TransitionRefused where something that it
    moved was changed since, with its name.
    """
    _require(by)
    one_load_at_a_time()
    row = CustomerMerge.objects.select_for_update().select_related("kept", "gone").get(pk=merge.pk)
    if row.undone_at is not None:
        raise StaleTransition("This merge was taken back already; nothing was changed.")
    _refuse_changed(row)
    for part in reversed(customer_parts()):
        if part.name in row.parts:
            part.move_back(row, row.parts[part.name])
    Customer.everyone.filter(pk=row.gone_id).update(merged_into=None)
    row.undone_by, row.undone_at = by, timezone.now()
    row.save(update_fields=["undone_by", "undone_at"])
    record(by=by, verb=Verb.TAKEN_BACK, obj=row, before=_told(row))
    cells_touched(by)
    return row


def _require(by: User) -> None:
    if not by.has_perm(Right.MANAGE_KPIS):
        raise PermissionDenied("Stewards merge customers; your roles do not include it.")


def _held(kept: Customer, gone: Customer) -> tuple[Customer, Customer]:
    """Both, locked for this transaction, in one order whoever asks."""
    rows = Customer.objects.select_for_update().filter(pk__in=[kept.pk, gone.pk]).order_by("pk")
    found = {row.pk: row for row in rows}
    for one in (kept, gone):
        if one.pk not in found:
            raise StaleWrite(f"“{one}” was deleted or merged by somebody else meanwhile; nothing was changed.")
    return found[kept.pk], found[gone.pk]


def _refuse_changed(merge: CustomerMerge) -> None:
    later = CustomerMerge.objects.filter(gone=merge.kept_id, undone_at=None).first()
    if later is not None:
        raise TransitionRefused(
            f"It cannot be taken back: “{merge.kept}” was itself merged into “{later.kept}” later. Take that back "
            "first; nothing was changed."
        )
    parts = (part for part in customer_parts() if part.name in merge.parts)
    found = [name for part in parts for name in part.changed(merge, merge.parts[part.name])]
    if found:
        more = f" and {counted(len(found) - _NAMED, 'other')}" if len(found) > _NAMED else ""
        raise TransitionRefused(
            f"It cannot be taken back: {', '.join(found[:_NAMED])}{more} of “{merge.kept}” changed since. Nothing was "
            "changed."
        )


def _told(merge: CustomerMerge) -> dict[str, object]:
    """The merge as its entry keeps it: customers by key, and how much was moved of what."""
    moved = {name: _number(part) for name, part in merge.parts.items()}
    return {"kept": key_of(merge.kept), "gone": key_of(merge.gone), **moved}


def _number(part: object) -> int:
    """How many rows a part moved."""
    if isinstance(part, dict):
        return int(part["moved"]) if "moved" in part else len(part.get("before", ()))
    return len(part) if isinstance(part, list) else 0
