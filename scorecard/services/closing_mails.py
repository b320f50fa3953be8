"""Mails about a closing: who may sign is told once that it is prepared, who prepared it how that ended."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.template.loader import render_to_string
from django.urls import reverse

from accounts.company import company
from accounts.models import User
from accounts.rights import GRANTS, Right
from accounts.services.outbox import absolute, write_mail
from core.formatting import period_name
from core.periods import Period
from core.reader import to_its_reader
from scorecard.models import Closing, Edition


def tell_signers(closing: Closing, *, one_may_close: bool) -> None:
    """A mail to each who may sign; whoever prepared gets none, though they may sign as well where one may do both."""
    signers = User.objects.filter(is_active=True, role_grants__role__in=GRANTS[Right.CLOSE_PERIODS]).distinct()
    for person in signers.exclude(pk=closing.prepared_by_id):
        line = "Edition {number} of {period} waits to be signed"
        _write(
            person, f"prepared:{closing.digest}:{_at(closing.prepared_at)}", line, "closing_prepared", _about(closing)
        )


def tell_preparer_signed(edition: Edition) -> None:
    """That it was signed; nobody where the same person did both."""
    if edition.signed_by_id != edition.prepared_by_id and edition.prepared_by.is_active:
        line = "Edition {number} of {period} was signed"
        _write(
            edition.prepared_by, f"signed:{edition.digest}", line, "closing_signed", _about(edition, edition.signed_by)
        )


def tell_preparer_refused(closing: Closing, *, by: User, reason: str) -> None:
    """That it was sent back, and why."""
    if closing.prepared_by_id != by.pk and closing.prepared_by.is_active:
        key = f"refused:{closing.digest}:{_at(closing.prepared_at)}"
        line = "Edition {number} of {period} was sent back"
        _write(closing.prepared_by, key, line, "closing_refused", _about(closing, by, reason))


def tell_preparer_changed(period: str, digest: str, *, by: User, why: str) -> None:
    """That it could not be signed, for something changed since it was prepared: once, however often that is tried."""
    closing = Closing.objects.filter(period=period, digest=digest).select_related("prepared_by").first()
    if closing is not None and closing.prepared_by_id != by.pk and closing.prepared_by.is_active:
        key = f"changed:{closing.digest}:{_at(closing.prepared_at)}"
        line = "Edition {number} of {period} could not be signed"
        _write(closing.prepared_by, key, line, "closing_changed", _about(closing, by, why))


def _about(row: Closing | Edition, by: User | None = None, why: str = "") -> dict[str, Any]:
    return {"row": row, "by": by, "why": why}


def _at(moment: datetime) -> str:
    return f"{moment:%y%m%d%H%M%S%f}"


@to_its_reader
def _write(person: User, key: str, line: str, template: str, about: dict[str, Any]) -> None:
    found, row = company(), about["row"]
    period = period_name(Period.parse(row.period, found.calendar))
    context = {
        **about,
        "person": person,
        "company": found,
        "period": period,
        "url": absolute(reverse("scorecard", args=[row.period])),
    }
    write_mail(
        key=f"closing:{key}:{person.pk}",
        to=person,
        subject=line.format(number=row.number, period=period),
        body=render_to_string(f"mail/{template}.txt", context),
    )
