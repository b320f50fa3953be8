"""Asking the owners of what is missing of a period, all at once."""

from __future__ import annotations

from django.core.exceptions import PermissionDenied
from django.db import transaction

from accounts.choices import LONGEST_WORD
from accounts.company import today
from accounts.models import Company, Thread, User
from accounts.rights import Right
from accounts.services.threads import ask
from core.formatting import counted, period_name
from core.periods import Period
from core.writes import StaleWrite, refuse
from scorecard.reading.checklist import GROUPS
from scorecard.reading.checklist_asks import Unasked, read_unasked
from scorecard.rules.editions import period_problems

NOBODY_LEFT = "Everybody who could be asked was asked already; nobody was asked again."


def owners_to_ask(*, period: Period, by: User) -> list[Unasked]:
    """What is missing of a period that nobody asked its owner about since the period began.

    Raises PermissionDenied, ValidationError of a period that cannot be closed, StaleWrite where there is no such thing.
    """
    if not by.has_perm(Right.COMMENT):
        raise PermissionDenied("Your roles do not include asking or answering.")
    refuse(period_problems(period, today()))
    left = read_unasked(period, today(), by)
    if not left:
        raise StaleWrite(NOBODY_LEFT)
    return left


@transaction.atomic
def ask_owners(*, period: Period, by: User) -> list[Thread]:
    """Ask them, one question about each subject. Raises what ``owners_to_ask`` does."""
    Company.objects.select_for_update().get(pk=1)  # two who press at once do not ask the same
    found = owners_to_ask(period=period, by=by)
    return [ask(subject=one.subject, by=by, text=question_about(one, period)) for one in found]


def question_about(one: Unasked, period: Period) -> str:
    """What the owner reads: what is missing, and the two ways out."""
    what = "; ".join(f"{GROUPS[item.group]}: {item.title} ({item.detail})" for item in one.items)
    text = _question(period, what)
    return text if len(text) <= LONGEST_WORD else _question(period, counted(len(one.items), "thing"))


def _question(period: Period, what: str) -> str:
    return f"{period_name(period)} is to be closed. Still missing: {what}. Please do it, or say why it may be missing."
