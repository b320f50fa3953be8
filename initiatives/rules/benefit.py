"""What a planned benefit may say, and of which month what it brought."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal

from accounts.models import User
from accounts.rights import Right
from accounts.rules.money import currency_problem
from core.periods import Month, month_of
from core.writes import Problem
from initiatives.choices import BenefitKind
from initiatives.models import Benefit


def benefit_problems(benefit: Benefit, waiting: Benefit | None) -> Iterator[Problem]:
    """All that is wrong with a proposal; ``waiting`` is a version of its name that finance has not decided on."""
    if waiting:
        yield "name", f"version {waiting.version} waits for finance already; withdraw it first"
    if benefit.kind == BenefitKind.KPI and benefit.kpi is None:
        yield "kpi", "name the KPI that it is counted in"
    if benefit.kind == BenefitKind.MONEY and (benefit.kpi or benefit.tier):
        yield "kpi", "must be empty: a benefit in money names no KPI and no tier"
    if benefit.kpi and benefit.kpi.calculated:
        yield "kpi", "is calculated and has no cells of its own; name one of its inputs"
    yield from _of_month("from_month", Month(benefit.from_month))
    if Decimal(benefit.value_per_year) <= 0:
        yield "value_per_year", "must be above 0"
    if reason := currency_problem(benefit.currency):
        yield "currency", reason


def realised_problems(name: str, approved: Benefit | None, month: Month, today: date) -> Iterator[Problem]:
    """What is wrong with an entry of what a benefit brought; ``approved`` is the version of its name that counts."""
    if approved is None:
        yield "name", f"finance has approved no benefit “{name}” of this initiative"
    elif approved.kind == BenefitKind.KPI:
        yield "name", "is read from the KPI's cells; there is nothing to enter"
    yield from _of_month("month", month)
    if month > month_of(today):
        yield "month", "that month lies ahead"


def _of_month(name: str, month: Month) -> list[Problem]:
    return [] if 1 <= month % 100 <= 12 else [(name, f"“{month}” is no month; one looks like 202609")]


def is_own(user: User, benefit: Benefit) -> bool:
    """Whether the person wrote it or put it before finance: then somebody else decides."""
    return user.pk in {benefit.created_by_id, benefit.proposed_by_id}


def may_decide(user: User, benefit: Benefit) -> bool:
    """Finance, and never on one's own proposal."""
    return user.has_perm(Right.APPROVE_TARGETS) and not is_own(user, benefit)
