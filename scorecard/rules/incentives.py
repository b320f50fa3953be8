"""What an incentive goal may say, and who may write, approve, confirm and decide: asked by pages, files and calls."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from accounts.models import User
from core.formatting import period_name, short_day, trimmed
from core.keys import address_problems, is_none
from core.periods import Kind, Period
from core.texts import too_long, why_no_text
from core.writes import Problem
from customers.choices import TierScope
from customers.models import Tier
from initiatives.choices import MOST_LISTED
from kpis.choices import Direction
from kpis.models import Kpi
from kpis.models.versions import VersionBook
from scorecard.choices import Measure
from scorecard.models.incentives import LONGEST_WHY

FULL = Decimal(100)
LONGEST_TEAM_NAME = 120
NUMBERS = ("weight", "threshold", "target", "maximum", "at_threshold", "at_maximum")
NO_PERIOD = "is no fiscal quarter or year, such as 2026-Q3 or 2026"
OWN_WRITTEN = "is your own goal: somebody else of finance or an executive writes it"
ANOTHER = "is of somebody else: a stored goal stays whose it is; write another goal for this"
_OWN = "It is your own goal: somebody else of finance or an executive does that."


@dataclass(frozen=True, slots=True)
class Draft:
    """What somebody wants a goal to say. ``period`` is None where its code is none; ``initiatives`` are codes."""

    code: str
    period: Period | None
    members: tuple[User, ...]
    team_name: str
    weight: Decimal
    measure: Measure
    kpi: Kpi | None
    tier: Tier | None
    initiatives: tuple[str, ...]
    threshold: Decimal
    target: Decimal
    maximum: Decimal
    at_threshold: Decimal
    at_maximum: Decimal


def goal_problems(draft: Draft, known: Collection[str]) -> Iterator[Problem]:
    """What is wrong with a goal in itself; ``known`` are the codes of initiatives that there are."""
    yield from address_problems("code", draft.code)
    if draft.period is None or draft.period.kind is Kind.MONTH:
        yield "period", NO_PERIOD
    if not draft.members:
        yield "person", "is missing: say whose goal it is, a person or a team"
    if len(draft.members) > MOST_LISTED["team"]:
        yield "team", f"lists more than {MOST_LISTED['team']} people"
    if why := why_no_text(draft.team_name, LONGEST_TEAM_NAME):
        yield "team_name", why
    if not 0 < draft.weight <= FULL:
        yield "weight", "is not between 0 and 100 percent"
    yield from _of_measure(draft, known)
    yield from _of_points(draft)


def beside_problems(person: object, team: object) -> Iterator[Problem]:
    """That a goal is not said to be a person's and a team's at once."""
    if person and team:
        yield "team", "is given beside a person: a goal is of one person or of one team"


def _of_measure(draft: Draft, known: Collection[str]) -> Iterator[Problem]:
    measure = draft.measure
    if measure is Measure.CELL and draft.kpi is None:
        yield "kpi", "is missing: a goal measured by a cell names its KPI"
    if measure is not Measure.CELL and draft.kpi is not None:
        yield "kpi", "is named, and the measure is not a cell: leave it empty"
    if draft.kpi is not None and direction_of(draft) == Direction.RANGE:
        yield "kpi", "is held within a range, in which more is not better: choose another"
    if measure.names_initiatives and draft.tier is not None:
        yield "tier", "is named, and the measure is of initiatives: leave it empty"
    if measure is Measure.COMPOSITE and draft.tier is not None and draft.tier.scope == TierScope.UNTIERED:
        yield "tier", "is Untiered, which has no composite"
    if measure.names_initiatives and not draft.initiatives:
        yield "initiatives", "are missing: name those that the goal is measured by"
    if not measure.names_initiatives and draft.initiatives:
        yield "initiatives", "are named, and the measure is not of initiatives: leave them empty"
    if len(draft.initiatives) > MOST_LISTED["kpis"]:
        yield "initiatives", f"are more than {MOST_LISTED['kpis']}"
    yield from (("initiatives", is_none(code, "initiative")) for code in draft.initiatives if code not in known)


def direction_of(draft: Draft) -> str:
    """Which way is better: the KPI's, as it means in the period's last month; else more."""
    if draft.kpi is None or draft.period is None:
        return Direction.HIGHER.value
    return VersionBook.read([draft.kpi]).at(draft.kpi, draft.period.last).direction


def _of_points(draft: Draft) -> Iterator[Problem]:
    points = (draft.threshold, draft.target, draft.maximum)
    lower = direction_of(draft) == Direction.LOWER
    first, second, third = reversed(points) if lower else points
    if not first < second < third:
        order = "threshold above target above maximum, for lower is better" if lower else "threshold, target, maximum"
        yield (
            "threshold",
            f"is out of order: they must rise strictly in the order {order}"
            if not lower
            else (f"is out of order: {order}"),
        )
    if not 0 <= draft.at_threshold <= FULL:
        yield "at_threshold", "is not between 0 and 100 percent, which is paid at the target"
    if draft.at_maximum < FULL:
        yield "at_maximum", "is less than the 100 percent that are paid at the target"


def weight_problems(weights: Iterable[tuple[User, Decimal]]) -> Iterator[Problem]:
    """Whose goals of a period weigh more than 100 together."""
    for person, total in weights:
        if total > FULL:
            yield "weight", f"brings the goals of {person} in the period to {trimmed(total, 4)}: 100 at most"


def approval_problems(
    *, by: User, members: Collection[int], written_by: int | None, period: Period, today: date, why: str
) -> Iterator[Problem]:
    """What stands against an approval by this person today; the right is asked for elsewhere."""
    if by.pk in members:
        yield "goal", _OWN
    if written_by == by.pk:
        yield "goal", "You wrote it: another of finance or an executive approves it."
    if today >= period.first_day and not why:
        begun = f"{period_name(period)} began on {short_day(period.first_day)}"
        yield "why", f"is empty: {begun}, so that the statement says why it was approved later"
    yield from why_problems(why, needed=False)


def unbalanced_problems(weights: Iterable[tuple[User, Decimal]]) -> Iterator[Problem]:
    """Whose goals of a period do not weigh 100 together, before one of them is approved."""
    for person, total in weights:
        if total != FULL:
            weighs = trimmed(total, 4)
            yield "weight", f"The goals of {person} in the period weigh {weighs} together, not 100: complete them first"


def why_problems(why: str, *, needed: bool = True) -> Iterator[Problem]:
    """What is wrong with a reason."""
    if needed and not why:
        yield "why", "is empty: say why"
    if len(why) > LONGEST_WHY:
        yield "why", too_long(LONGEST_WHY)


def decision_problems(percent: Decimal, at_maximum: Decimal, why: str) -> Iterator[Problem]:
    """What is wrong with what finance would have paid."""
    if not 0 <= percent <= at_maximum:
        yield "percent", f"is not between 0 and {trimmed(at_maximum, 4)}, which is paid at the maximum"
    yield from why_problems(why)


def own_problems(by: User, members: Collection[int]) -> Iterator[Problem]:
    """That nobody decides about a goal of their own."""
    if by.pk in members:
        yield "goal", _OWN
