"""What a target row must be beside its KPI, and who may write and decide it: one set of rules for every door."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from django.db.models import Exists, OuterRef, Q, QuerySet

from accounts.models import User
from core import decisions
from core.formatting import sentence_list
from core.periods import FiscalCalendar, Kind, Month, shift
from core.writes import Problem
from customers.choices import TierScope
from customers.rules.tier import retired_tier_problem
from kpis.choices import Direction, Per, TargetState, TimeMethod
from kpis.models import Kpi, Target
from kpis.models.versions import VersionBook
from kpis.rules.actual import retired_problem

NOT_YOURS = "not yours to propose: finance and stewards propose all, owners those of their KPIs"

Number = Decimal | Fraction | int

_OPEN = Month(999912)


@dataclass(frozen=True, slots=True)
class TargetCells:
    """The cells of a row that the rules look at."""

    tier: str
    from_month: Month
    per: Per
    until_month: Month | None = None
    value: Number | None = None
    low: Number | None = None
    high: Number | None = None
    tier_ends: Month | None = None  # from when on the tier is retired


def last_month(cells: TargetCells, calendar: FiscalCalendar) -> Month:
    """The last month that the row is for: of a month row until which it runs, else the latest there is."""
    if cells.per == Per.MONTH:
        return cells.until_month or _OPEN
    return calendar.period(Kind(cells.per.value), cells.from_month).last


def ends_before(kpi: Kpi, cells: TargetCells, calendar: FiscalCalendar, versions: VersionBook) -> Month | None:
    """The month of a known change of the KPI within the row's length, from which on it won't count; None without."""
    change = versions.next_change(kpi, cells.from_month)
    return change if change is not None and change <= last_month(cells, calendar) else None


def target_problems(kpi: Kpi, cells: TargetCells, calendar: FiscalCalendar) -> list[Problem]:
    """All that is wrong with a row; empty where nothing is. ``kpi`` is as it means in the row's first month."""
    scope = [("tier", "is the reserved code of a computed column; targets are for a tier or for all")]
    return [
        *(scope if cells.tier == TierScope.UNTIERED else _of_tier(cells)),
        *_of_months(kpi, cells, calendar),
        *_of_numbers(cells, in_range=kpi.direction == Direction.RANGE),
    ]


def _of_tier(cells: TargetCells) -> Iterator[Problem]:
    if problem := retired_tier_problem(cells.tier_ends, cells.from_month):
        yield "tier", problem


def until_retired(per: str, until_month: Month | None, tier_ends: Month | None) -> Month | None:
    """The last month of a row: one per month that runs on ends with the month before its tier is retired."""
    if per != Per.MONTH or until_month is not None or tier_ends is None:
        return Month(until_month) if until_month else None
    return shift(Month(tier_ends), -1)


def _of_months(kpi: Kpi, cells: TargetCells, calendar: FiscalCalendar) -> Iterator[Problem]:
    if problem := retired_problem(kpi.retired_from, cells.from_month):
        yield "from_month", problem
    if kpi.time_method == TimeMethod.TTM and cells.per != Per.YEAR:
        yield "per", f"{kpi.code} is of the trailing twelve months and takes targets per year alone"
    if calendar.period(Kind(cells.per.value), cells.from_month).first != cells.from_month:
        yield "from_month", f"is not the first month of a fiscal {cells.per.value}"
    if cells.until_month and cells.per != Per.MONTH:
        yield "until_month", f"must be empty: a row per {cells.per.value} is for that {cells.per.value} alone"
    elif cells.until_month and cells.until_month < cells.from_month:
        yield "until_month", "lies before from_month"


def _of_numbers(cells: TargetCells, *, in_range: bool) -> Iterator[Problem]:
    needed, other = (("low", "high"), ("value",)) if in_range else (("value",), ("low", "high"))
    which = "a range, low and high" if in_range else "a single value"
    for name in needed:
        if getattr(cells, name) is None:
            yield name, f"must not be empty: the KPI's direction asks for {which}"
    for name in other:
        if getattr(cells, name) is not None:
            yield name, f"must be empty: the KPI's direction asks for {which}"
    if in_range and cells.low is not None and cells.high is not None and cells.low > cells.high:
        yield "high", "lies below low"


# -- two persons: nobody decides on what they wrote or proposed


def own_of(user: User) -> Q:
    """The versions that the person wrote, changed while they were drafts, or proposed: somebody else decides."""
    earlier = Target.earlier_writers.through._default_manager.filter(user=user)
    return Q(created_by=user) | Q(batch__proposed_by=user) | Q(pk__in=earlier.values("target"))


def with_own(rows: QuerySet[Target], user: User) -> QuerySet[Target]:
    """The versions, each with ``own``: whether it is the person's own."""
    return rows.annotate(own=Exists(Target.objects.filter(own_of(user), pk=OuterRef("pk"))))


def own_among(user: User, targets: Iterable[Target]) -> set[int]:
    """The ids of those of some versions that are the person's own. One query."""
    pks = [target.pk for target in targets]
    return (
        set(Target.objects.filter(own_of(user), pk__in=pks).order_by().values_list("pk", flat=True)) if pks else set()
    )


def colleagues_of(waiting: Iterable[Target], by: User) -> str:
    """The names of those who proposed some versions, but for the person; empty where nobody else did."""
    proposers = [target.batch.proposed_by for target in waiting if target.batch]
    return sentence_list(dict.fromkeys(str(one) for one in proposers if one.pk != by.pk))


def is_anothers(draft: Target, by: User) -> bool:
    """Whether somebody else wrote its numbers: then they are not replaced unseen. Nobody's may be."""
    return draft.created_by_id not in {None, by.pk}


# -- versions: a later one supersedes, never an earlier one


def approved_of(versions: Iterable[Target]) -> Target | None:
    """The approved one of a row's versions."""
    return next((one for one in versions if one.state == TargetState.APPROVED), None)


def is_overtaken(version: Target, versions: Iterable[Target]) -> bool:
    """Whether a later version of its row is approved: it would take back what was decided after it was written."""
    approved = approved_of(versions)
    return approved is not None and approved.version > version.version


def undecided_of(versions: Sequence[Target]) -> list[Target]:
    """Of a row's versions, in their order, those that nobody has decided. A draft is over once a later one counts."""
    return [
        one
        for one in versions
        if one.state == TargetState.PROPOSED or (one.state == TargetState.DRAFT and not is_overtaken(one, versions))
    ]


def stays_because(target: Target, *, own: bool, overtaken: bool = False) -> str:
    """Why a decision cannot be taken back, as a reason; empty where nothing rests on it. ``own``: it is theirs,
    ``overtaken``: a later version of the row is there.
    """
    return decisions.stays_because(target.state, target.get_state_display(), own=own, overtaken=overtaken)
