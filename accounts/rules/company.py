"""What a company may be, and until when its fiscal calendar may change."""

from __future__ import annotations

from collections.abc import Iterator
from zoneinfo import available_timezones

from django.conf import settings

from accounts.models import Company
from accounts.rules.money import currency_problem
from core.writes import Problem

CALENDAR = ("fiscal_year_start_month", "fiscal_year_named_by")


def company_problems(new: Company, old: Company, *, dated: str) -> Iterator[Problem]:
    """What is wrong with the company as it is to be. ``dated`` is what stands in periods already, empty for nothing."""
    if not new.currency or currency_problem(new.currency):
        yield "currency", "is three letters, such as EUR"
    if new.time_zone not in available_timezones():
        yield "time_zone", "has a name such as Europe/Berlin"
    for field in CALENDAR:
        if getattr(new, field) != getattr(old, field) and (reason := why_locked(field, dated=dated)):
            yield field, reason


def why_locked(field: str, *, dated: str) -> str:
    """Why a part of the fiscal calendar cannot be changed, as a reason; empty where it can."""
    name = field.upper()
    if getattr(settings, name) is not None:
        return f"is named by the environment of this installation ({name})"
    return f"stays: there are {dated}, and other periods would rename them" if dated else ""
