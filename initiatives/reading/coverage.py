"""Coverage: the share of customers' pain beside the share of what runs and of its budget.

Weight of pain = mentions × severity, over the period's months. What runs is asked as of the period's
last day, or today while it lasts. Shares are of all running initiatives, customer-focused or not;
only those that are customer-focused serve pain.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from django.db.models import F, Sum

from accounts.models import Department
from core.once import once
from core.periods import Period
from customers.choices import TierScope
from customers.models import Tier
from customers.reading.tiers import every_tier
from initiatives.models import Initiative, PainPoint
from initiatives.reading.answers import Pain, answers, orphaned
from initiatives.reading.report import day_of
from initiatives.reading.running_initiatives import Serving
from initiatives.reading.standings import Standing, read_standings


@dataclass(frozen=True, slots=True)
class Told:
    """The pain of one department, theme and tier over the period."""

    department: Department
    theme: str
    tier: Tier
    weight: int
    revenue_at_risk: Fraction

    @property
    def pain(self) -> Pain:
        """What an initiative has to answer."""
        return Pain(self.department.pk, self.theme, None if self.tier.scope == TierScope.ALL else self.tier.pk)


@dataclass(frozen=True, slots=True)
class Line:
    """A department, a theme of a department, or a tier: its pain beside what serves it.

    ``department``, ``theme`` and ``tier`` are None (empty) where the line is of all of them. Shares are
    of the whole company, None where there is no whole. ``uncovered`` is the weight that nothing running
    answers, tier by tier, ``uncovered_revenue`` what is at risk by it; ``tiers`` are those concerned.
    ``cost`` is of what serves it, in the company's money; ``without_cost`` counts those that it leaves out.
    """

    department: Department | None
    theme: str
    tier: Tier | None
    weight: int
    pain_share: Fraction | None
    uncovered: int
    tiers: tuple[Tier, ...]
    revenue_at_risk: Fraction
    uncovered_revenue: Fraction
    serving: Serving
    running_share: Fraction | None
    cost: Fraction
    budget_share: Fraction | None
    without_cost: int

    @property
    def is_orphaned(self) -> bool:
        """Whether there is pain, and nothing running answers any of it."""
        return self.weight > 0 and self.uncovered == self.weight


@dataclass(frozen=True, slots=True)
class Coverage:
    """All of it as of a day. ``orphaned_pain`` has the heaviest first: themes of departments that go
    unanswered, wholly or in some tiers (then with the weight of those alone in ``uncovered``).
    """

    period: Period
    as_of: date
    weight: int
    uncovered: int
    running: int
    customer_focused: int
    budget: Fraction
    without_rate: tuple[Standing, ...]
    departments: tuple[Line, ...]
    themes: tuple[Line, ...]
    tiers: tuple[Line, ...]
    orphaned_pain: tuple[Line, ...]
    orphaned_initiatives: tuple[Standing, ...]

    @property
    def largest_uncovered(self) -> Line | None:
        """The heaviest pain that nothing answers: of a whole department, else of a theme; None where all is."""
        unserved = [line for line in self.departments if line.is_orphaned]
        return max((*unserved, *self.orphaned_pain), key=lambda line: line.uncovered, default=None)


def read_coverage(period: Period) -> Coverage:
    """The coverage of a period: a constant number of queries."""
    day = day_of(period)
    return coverage_by(period, day, read_standings(Initiative.objects.all(), as_of=day))


def coverage_by(period: Period, day: date, standings: Iterable[Standing]) -> Coverage:
    """The same by how all initiatives stood on the day, for whoever has read that."""
    return _Builder(period, day, read_pain(period), [one for one in standings if one.running]).build()


def read_pain(period: Period) -> list[Told]:
    """The pain of a period's months; themes that differ in case alone are put together. Read once a reading."""
    return once(("pain", period), lambda: _read_pain(period))


def _read_pain(period: Period) -> list[Told]:
    rows = PainPoint.objects.filter(month__in=period.months, mentions__gt=0).order_by("theme")
    summed = rows.values_list("department", "theme", "tier").annotate(
        weighed=Sum(F("mentions") * F("severity")), revenue=Sum("revenue_at_risk")
    )
    weights: dict[tuple[int, str, int], int] = defaultdict(int)
    revenues: dict[tuple[int, str, int], Fraction] = defaultdict(Fraction)
    names: dict[str, str] = {}
    for department, theme, tier, weight, revenue in summed:
        key = (department, theme.strip().casefold(), tier)
        names.setdefault(key[1], theme.strip())
        weights[key] += weight
        revenues[key] += Fraction(revenue or 0)
    departments = {row.pk: row for row in every_department()}
    tiers = {row.pk: row for row in every_tier()}
    return [
        Told(departments[department], names[theme], tiers[tier], weight, revenues[department, theme, tier])
        for (department, theme, tier), weight in weights.items()
    ]


def every_department() -> list[Department]:
    """All of them, once a reading."""
    return once(Department, lambda: list(Department.objects.all()))


class _Builder:
    """Puts pain and what runs beside each other."""

    def __init__(self, period: Period, day: date, told: Sequence[Told], running: Sequence[Standing]) -> None:
        self.period = period
        self.day = day
        self.told = told
        self.running = running
        self.weight = sum(one.weight for one in told)
        self.budget = _cost(running)
        self.serving: dict[int, list[Standing]] = defaultdict(list)  # by the department that they serve
        for standing in running:
            self.serving[standing.initiative.served_id].append(standing)
        self.unanswered = {id(one) for one in told if not self._answering(one.pain)}

    def build(self) -> Coverage:
        """All lines."""
        themes = self._themes()
        return Coverage(
            period=self.period,
            as_of=self.day,
            weight=self.weight,
            uncovered=self._uncovered(self.told),
            running=len(self.running),
            customer_focused=sum(one.initiative.customer_focused for one in self.running),
            budget=self.budget,
            without_rate=tuple(one for one in self.running if one.without_rate),
            departments=tuple(self._departments()),
            themes=themes,
            tiers=tuple(self._tiers()),
            orphaned_pain=tuple(sorted((one for one in themes if one.uncovered), key=lambda one: -one.uncovered)),
            orphaned_initiatives=tuple(orphaned(self.running, {one.pain for one in self.told})),
        )

    def _departments(self) -> Iterable[Line]:
        """Every department: the heaviest pain first, then by name."""
        lines = [
            self._line([one for one in self.told if one.department == row], Pain(department=row.pk), row)
            for row in every_department()
        ]
        return sorted(lines, key=lambda line: (-line.weight, str(line.department)))

    def _themes(self) -> tuple[Line, ...]:
        """Every theme of every department, the heaviest first."""
        groups: dict[tuple[Department, str], list[Told]] = defaultdict(list)
        for one in self.told:
            groups[one.department, one.theme].append(one)
        lines = [
            self._line(rows, Pain(department.pk, theme), department, theme)
            for (department, theme), rows in groups.items()
        ]
        return tuple(sorted(lines, key=lambda line: (-line.weight, str(line.department), line.theme)))

    def _tiers(self) -> Iterable[Line]:
        """Every tier in use, or with pain, best first; pain whose tier nobody knows last."""
        with_pain = {one.tier.pk for one in self.told}
        for row in every_tier():
            if row.pk in with_pain or (row.scope == TierScope.TIER and row.stands_in(self.period.last)):
                asked = Pain() if row.scope == TierScope.ALL else Pain(tier=row.pk)
                yield self._line([one for one in self.told if one.tier == row], asked, tier=row)

    def _line(
        self,
        told: Sequence[Told],
        asked: Pain,
        department: Department | None = None,
        theme: str = "",
        tier: Tier | None = None,
    ) -> Line:
        weight, serving = sum(one.weight for one in told), self._answering(asked)
        cost = _cost(serving)
        left = [one for one in told if id(one) in self.unanswered]
        return Line(
            department=department,
            theme=theme,
            tier=tier,
            weight=weight,
            pain_share=_share(weight, self.weight),
            uncovered=self._uncovered(told),
            tiers=tuple(sorted({one.tier for one in left}, key=lambda row: row.rank)),
            revenue_at_risk=sum((one.revenue_at_risk for one in told), Fraction(0)),
            uncovered_revenue=sum((one.revenue_at_risk for one in left), Fraction(0)),
            serving=Serving.of(one.status for one in serving),
            running_share=_share(len(serving), len(self.running)),
            cost=cost,
            budget_share=_share(cost, self.budget),
            without_cost=sum(one.cost is None for one in serving),
        )

    def _answering(self, pain: Pain) -> list[Standing]:
        asked = self.running if pain.department is None else self.serving[pain.department]
        return [standing for standing in asked if answers(standing, pain)]

    def _uncovered(self, told: Iterable[Told]) -> int:
        return sum(one.weight for one in told if id(one) in self.unanswered)


def _cost(standings: Iterable[Standing]) -> Fraction:
    return sum((one.cost for one in standings if one.cost is not None), Fraction(0))


def _share(part: Fraction | int, whole: Fraction | int) -> Fraction | None:
    return Fraction(part) / whole if whole else None
