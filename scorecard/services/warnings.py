"""What people do about a warning: seen, an action with owner and day, or nothing; taken back, never deleted."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import QuerySet
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone

from accounts.audit import record
from accounts.choices import Verb
from accounts.company import company, today
from accounts.models import User
from accounts.rights import Right
from accounts.rules.threads import NewAction
from accounts.services.outbox import absolute, write_mail
from core.auditing import state_of
from core.formatting import month_name
from core.periods import Month, month_code
from core.reader import to_its_reader
from core.texts import plain
from core.writes import StaleTransition, refuse
from customers.models import Customer
from scorecard.access import may_respond
from scorecard.choices import WarningAnswer
from scorecard.models import EarlyWarning, WarningResponse
from scorecard.rules.warnings import response_problems

_DENIED = "Executives, finance and stewards say what was done about a warning, and owners about their own key accounts."


@transaction.atomic
def respond(
    *, warning: EarlyWarning, by: User, kind: WarningAnswer, text: str = "", action: NewAction | None = None
) -> WarningResponse:
    """Keep what is done about a warning; the same once more is the same one. Whose the action is gets one mail.

    Raises PermissionDenied, ValidationError by field.
    """
    customer = Customer.everyone.select_for_update(of=("self",)).get(pk=warning.customer_id)
    if not may_respond(by, customer):
        raise PermissionDenied(_DENIED)
    said = plain(text)
    refuse([*response_problems(customer, kind, said, action, today())])
    values = _values(kind, said, action)
    month = Month(warning.run.month)
    latest = standing_responses(customer, month).first()
    if latest is not None and latest.by_id == by.pk and _same(latest, values):
        return latest
    row = WarningResponse.objects.create(customer=customer, month=month, by=by, **values)
    record(by=by, verb=Verb.RESPONDED, obj=row, after=state_of(row))
    if row.owner is not None and row.owner_id != by.pk:
        _tell(row.owner, row)
    return row


def _values(kind: WarningAnswer, text: str, action: NewAction | None) -> dict[str, Any]:
    if kind == WarningAnswer.ACTION and action is not None:
        return {"kind": kind, "text": plain(action.text), "owner": action.owner, "due": action.due}
    return {"kind": kind, "text": text, "owner": None, "due": None}


def _same(row: WarningResponse, values: dict[str, Any]) -> bool:
    return row.done_at is None and all(getattr(row, name) == value for name, value in values.items())


def standing_responses(customer: Customer, month: Month) -> QuerySet[WarningResponse]:
    """What was done about a customer's warning of a month and not taken back, the latest first."""
    rows = WarningResponse.objects.filter(customer=customer, month=month, taken_back_at=None)
    return rows.select_related("owner", "by")


@transaction.atomic
def take_back_response(*, response: WarningResponse, by: User) -> WarningResponse:
    """Take back what was said: who said it, and stewards.

    Raises PermissionDenied, StaleTransition where somebody else was faster.
    """
    row = _held(response)
    if not may_take_back_response(by, row):
        raise PermissionDenied("Who said what was done about a warning takes it back, and stewards do.")
    if row.taken_back_at is not None:
        raise StaleTransition("This was taken back already; nothing was changed.")
    before = state_of(row)
    row.taken_back_at, row.taken_back_by = timezone.now(), by
    row.save(update_fields=["taken_back_at", "taken_back_by"])
    record(by=by, verb=Verb.TOOK_BACK_RESPONSE, obj=row, before=before, after=state_of(row))
    return row


def may_take_back_response(user: User, row: WarningResponse) -> bool:
    """Whether the person may: its writer while they see the warning, and stewards."""
    mine = row.by_id == user.pk or user.has_perm(Right.MANAGE_KPIS)
    return mine and may_respond(user, row.customer)


@transaction.atomic
def tick_response(*, response: WarningResponse, by: User, done: bool = True) -> WarningResponse:
    """Tick an action off, or take that back; ticked twice it is ticked once.

    Raises PermissionDenied, StaleTransition where it was taken back.
    """
    row = _held(response)
    if not may_tick_response(by, row):
        raise PermissionDenied("Whose action it is, and who noted it, ticks it off.")
    if row.kind != WarningAnswer.ACTION or row.taken_back_at is not None:
        raise StaleTransition("There is no such action any more; nothing was changed.")
    if (row.done_at is not None) == done:
        return row
    before = state_of(row)
    row.done_at = timezone.now() if done else None
    row.done_by = by if done else None
    row.save(update_fields=["done_at", "done_by"])
    verb = Verb.TICKED_ACTION if done else Verb.UNTICKED_ACTION
    record(by=by, verb=verb, obj=row, before=before, after=state_of(row))
    return row


def may_tick_response(user: User, row: WarningResponse) -> bool:
    """Whether the person may: whose action it is, and who noted it or may take it back."""
    return user.has_perm(Right.COMMENT) and (user.pk == row.owner_id or may_take_back_response(user, row))


def _held(response: WarningResponse) -> WarningResponse:
    rows = WarningResponse.objects.select_for_update(of=("self",)).select_related("customer", "owner")
    return rows.get(pk=response.pk)


@to_its_reader
def _tell(person: User, row: WarningResponse) -> None:
    """Whose action it is; the customer's name stands in it, which they may read."""
    page = reverse("customer_warning", args=[row.customer.external_id, month_code(Month(row.month))])
    context = {
        "person": person,
        "company": company(),
        "row": row,
        "month": month_name(Month(row.month)),
        "url": absolute(page),
        "my_url": absolute(reverse("my")),
    }
    write_mail(
        key=f"warning:{row.pk}:{person.pk}",
        to=person,
        subject=f"{row.by} noted an action for you: {row.text}",
        body=render_to_string("mail/warned.txt", context),
    )


class WarningResponses:
    """What was done about warnings of customers, as a part that is counted and merged with them."""

    name, noun = "warning_responses", "response to a warning"

    def count(self, customer: Any) -> int:
        """How many."""
        return WarningResponse.objects.filter(customer=customer).count()

    def move(self, merge: Any) -> list[int]:
        """They are about the kept one; answers which."""
        rows = WarningResponse.objects.filter(customer=merge.gone)
        moved = list(rows.order_by("pk").values_list("pk", flat=True))
        rows.update(customer=merge.kept)
        return moved

    def changed(self, merge: Any, moved: list[int]) -> list[str]:
        """Those that are about somebody else by now."""
        left = WarningResponse.objects.filter(pk__in=moved, customer=merge.kept).values_list("pk", flat=True)
        return [f"response to a warning {pk}" for pk in sorted(set(moved) - set(left))]

    def move_back(self, merge: Any, moved: list[int]) -> None:
        """They are about the other again."""
        WarningResponse.objects.filter(pk__in=moved).update(customer=merge.gone)
