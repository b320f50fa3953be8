"""What may be said to have been done about a warning."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from accounts.choices import LONGEST_ACTION
from accounts.rules.threads import NewAction, action_problems
from core.texts import too_long
from core.writes import Problem
from customers.models import Customer
from scorecard.access import sees_warning_of
from scorecard.choices import WarningAnswer


def response_problems(
    customer: Customer, kind: WarningAnswer, text: str, action: NewAction | None, today: date
) -> Iterator[Problem]:
    """What is wrong with it: an action takes what, who and until when, by somebody who may read the customer's name;
    nothing takes a reason.
    """
    if kind == WarningAnswer.ACTION:
        wanted = action or NewAction("", None, None)
        yield from action_problems(wanted, today=today)
        if wanted.owner and wanted.owner.is_active and not sees_warning_of(wanted.owner, customer):
            yield "owner", "may not read this customer’s warnings: choose who may, or name them account manager first"
        return
    if kind == WarningAnswer.NOTHING and not text:
        yield "text", "is empty: say why nothing is to be done"
    if len(text) > LONGEST_ACTION:
        yield "text", too_long(LONGEST_ACTION)
