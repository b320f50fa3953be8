"""What an initiative has to say at its level and stage, and which of its days may change."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Self

from accounts.rules.money import currency_problem
from core.keys import is_none
from core.writes import Problem
from customers.choices import TierScope
from initiatives.choices import RESERVED_CODES, Level, Stage, too_many
from initiatives.formulas import Plan
from initiatives.models import Initiative

LIES_AHEAD = "lies ahead: a start or finish is today or earlier"
HIDDEN_CUSTOMER = "is not among the customers that you may read"
# What has been approved, and is not over or put aside, has the dates that it was approved for.
NEEDS_DATES = frozenset({Stage.APPROVED, Stage.IN_PROGRESS, Stage.DONE})
# Somebody relies on its due date: another one asks for a reason. It is reported on, too.
REPORTING = frozenset({Stage.APPROVED, Stage.IN_PROGRESS, Stage.ON_HOLD})
_NOT_BEGUN = frozenset({Stage.CANDIDATE, Stage.APPROVED})


@dataclass(frozen=True, slots=True)
class Outline:
    """An initiative, as far as the rules look at it. ``stage`` is the one that it has or, by file, comes to have."""

    code: str
    level: str
    stage: Stage
    plan: Plan
    has_customer: bool
    has_unit: bool
    currency: str = ""
    cost: Decimal | None = None
    spent: Decimal | None = None

    @classmethod
    def of(cls, row: Initiative) -> Self:
        """Of a row, as it stands in memory."""
        named = row.customer_id is not None, row.business_unit_id is not None
        cost, spent = _amount(row.cost), _amount(row.spent)
        return cls(row.code, row.level, Stage(row.stage), row.plan, *named, row.currency, cost, spent)


def _amount(given: Decimal | float | str | None) -> Decimal | None:
    """Money as a service was given it."""
    return None if given is None else Decimal(str(given))


def initiative_problems(new: Outline, old: Outline | None, *, started: bool, today: date) -> list[Problem]:
    """All that is wrong with an initiative; empty where nothing is.

    ``old`` is how it is stored, None for a new one; ``started``: work on it has begun, so that its baseline stays.
    """
    return [
        *_of_names(new),
        *_of_plan(new.plan, new.stage),
        *_of_days(new, old, today),
        *(_of_baseline(new.plan, old.plan) if old and started else ()),
        *_of_money(new),
    ]


def _of_names(new: Outline) -> Iterator[Problem]:
    if new.code.lower() in RESERVED_CODES:
        yield "code", f"“{new.code}” is a word of the register's own addresses; choose another code"
    if new.level == Level.KEY_ACCOUNT and not new.has_customer:
        yield "customer", "a key account's initiative names the customer"
    if new.level == Level.BUSINESS_UNIT and not new.has_unit:
        yield "business_unit", "a business unit's initiative names the unit"


def _of_plan(plan: Plan, stage: Stage) -> Iterator[Problem]:
    missing = [name for name in ("baseline_start", "baseline_due") if getattr(plan, name) is None]
    missing += ["due"] if plan.due is None and plan.baseline_due else []
    for name in missing if stage in NEEDS_DATES else ():
        yield name, f"must not be empty: it is {stage.label.lower()}"
    if plan.baseline_start and plan.baseline_due and plan.baseline_due < plan.baseline_start:
        yield "baseline_due", "lies before baseline_start"
    if plan.started_on and plan.finished_on and plan.finished_on < plan.started_on:
        yield "finished_on", "lies before started_on: it finished before it started"


def _of_days(new: Outline, old: Outline | None, today: date) -> Iterator[Problem]:
    """A start and a finish are days that have been. Of what is there they come with the stage."""
    for name in ("started_on", "finished_on"):
        day, before = getattr(new.plan, name), getattr(old.plan, name) if old else None
        if day == before:
            continue
        if day and day > today:
            yield name, LIES_AHEAD
        elif old and not _may_change(name, day, new.stage):
            yield name, f"does not go with its stage: it is {new.stage.label.lower()}"


def _may_change(name: str, day: date | None, stage: Stage) -> bool:
    """Whether such a day may be given, or taken out, at a stage."""
    return stage not in _NOT_BEGUN if name == "started_on" else day is None or stage == Stage.DONE


def _of_baseline(new: Plan, old: Plan) -> Iterator[Problem]:
    """Re-dating never makes it green."""
    for name in ("baseline_start", "baseline_due"):
        if getattr(new, name) != getattr(old, name):
            yield name, "stays as it was agreed, for it has started"


def _of_money(new: Outline) -> Iterator[Problem]:
    if reason := currency_problem(new.currency):
        yield "currency", reason
    for name in ("cost", "spent"):
        amount = getattr(new, name)
        if amount is not None and amount < 0:
            yield name, "must not be negative"


def redating_problem(stage: Stage, was: date | None, due: date | None, reason: str) -> str:
    """Why another due date is not taken without a reason; empty where none is asked for."""
    return "say why the due date moves" if due != was and stage in REPORTING and not reason.strip() else ""


def list_problems(name: str, number: int) -> list[Problem]:
    """What is wrong with the length of one of its lists."""
    reason = too_many(name, number)
    return [(name, reason)] if reason else []


def tier_problems(tiers: Iterable[tuple[str, str]]) -> list[Problem]:
    """What is wrong with the tiers, by code and scope, that it is for: none of them means all."""
    computed = [code for code, scope in tiers if scope != TierScope.TIER]
    return [("tiers", f"“{code}” is a computed column; leave the tiers empty for all") for code in computed]


def kpi_and_tier(part: str) -> tuple[str, str]:
    """``nps@T1`` or ``nps``: the KPI's code and the tier's, empty for all that the initiative is for.

    Raises ValueError for what is neither.
    """
    kpi, at, tier = (piece.strip() for piece in part.partition("@"))
    if not kpi or (at and not tier) or "@" in tier:
        raise ValueError(f"{is_none(part, 'KPI')}; one looks like nps or nps@T1")
    return kpi, tier


def link_problems(scopes: Iterable[str]) -> list[Problem]:
    """What is wrong with the scopes of the tiers in which it names KPIs: any column but those without a tier."""
    return [("kpis", is_none("untiered", "tier")) for scope in scopes if scope == TierScope.UNTIERED]
