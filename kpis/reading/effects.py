"""What decisions on targets would do to verdicts of ended periods, judged before they are taken.

The judge is the matrix's own (``kpis.reading.verdicts``), the targets are the approved ones with those in question
among them: what is said here is what the matrix says afterwards.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from core.periods import FiscalCalendar, Kind, Month, Period
from core.scorecards import closed_periods
from customers.models import Tier
from kpis.choices import Per, Status
from kpis.models import Kpi, RolledSlice, Target
from kpis.models.versions import VersionBook
from kpis.reading.actuals import read_actuals
from kpis.reading.calculations import Calculations
from kpis.reading.cells import Actuals
from kpis.reading.goals import GoalReader, Goals
from kpis.reading.targets import TargetBook, TargetRow
from kpis.reading.turned_verdicts import ended_periods
from kpis.reading.verdicts import Judge, measure_of


@dataclass(frozen=True, slots=True)
class Judged:
    """A cell of an ended period whose target would be another one: its verdict before and after.

    ``edition`` is the number of the latest edition of a period that is closed, which keeps its verdict; else None.
    """

    kpi: Kpi
    tier: Tier
    period: Period
    before: Status
    after: Status
    edition: int | None = None

    @property
    def turns(self) -> bool:
        """Whether the verdict would be another one."""
        return self.before != self.after


@dataclass(frozen=True, slots=True)
class Move:
    """A decision on a row of targets: ``stands`` is the version that counts after it, None where none does."""

    row: Target
    stands: Target | None

    @classmethod
    def approve(cls, target: Target) -> Move:
        """The version counts, in the place of the one before."""
        return cls(target, target)


class Effects:
    """The ended periods that decisions on some targets can reach, read once: six queries, whatever their number.

    Without data, and where no target begins before the running month, it reads less and nothing is reached.
    """

    def __init__(self, targets: Collection[Target], calendar: FiscalCalendar, today: date) -> None:
        self._calendar = calendar
        self._periods = _reached(targets, calendar, today)
        self._closed = closed_periods([period.code for period in self._periods])
        self._tiers = {tier.pk: tier for tier in Tier.objects.all()} if self._periods else {}
        library, self._versions = VersionBook.library() if self._periods else ([], VersionBook({}))
        self._kpis = _with_inputs(library, {target.kpi_id for target in targets})
        self._actuals = self._read_actuals()
        self._book = self._read_book()
        self._judges: dict[Period, tuple[Judge, Mapping[int, Kpi]]] = {}
        self._now: dict[tuple[Period, int], Goals] = {}

    def of(self, moves: Sequence[Move]) -> tuple[Judged, ...]:
        """Every cell of an ended period whose target these decisions, taken together, would change.

        Latest periods last, months before quarters before years; the tiers as the matrix has them.
        """
        if not self._periods or not moves:
            return ()
        then, touched = self._then(moves)
        found = (
            judged
            for period in self._periods
            for kpi in touched
            if any(reaches(move.row, period) for move in touched[kpi])
            for judged in self._of_cell(kpi, period, then)
        )
        return tuple(found)

    def _then(self, moves: Iterable[Move]) -> tuple[GoalReader, dict[int, list[Move]]]:
        """The targets as they would be, and the decisions by their KPI."""
        book, touched = self._book, defaultdict[int, list[Move]](list)
        for move in moves:
            one, new = move.row, move.stands
            touched[one.kpi_id].append(move)
            if new is not None:
                book = book.with_row(one.kpi_id, one.tier_id, self._row(new))
            else:
                book = book.without_row(one.kpi_id, one.tier_id, self._row(one))
        return GoalReader(book, list(self._tiers.values())), touched

    def _row(self, target: Target) -> TargetRow:
        return TargetRow.of(target, self._versions.at(self._kpis[target.kpi_id], Month(target.from_month)).since)

    def _of_cell(self, pk: int, period: Period, then: GoalReader) -> Iterator[Judged]:
        judge, meant = self._judge(period)
        kpi = meant[pk]
        if not kpi.stands_in(period.last):
            return
        before, after = self._goals_now(kpi, period), self._goals(then, kpi, period)
        for tier, goal in after.items():
            if goal != before[tier]:
                was, will = judge.verdict(kpi, tier, before[tier]), judge.verdict(kpi, tier, goal)
                yield Judged(kpi, self._tiers[tier], period, was, will, self._closed.get(period.code))

    def _goals_now(self, kpi: Kpi, period: Period) -> Goals:
        key = period, kpi.pk
        if key not in self._now:
            self._now[key] = self._goals(GoalReader(self._book, list(self._tiers.values())), kpi, period)
        return self._now[key]

    def _goals(self, reader: GoalReader, kpi: Kpi, period: Period) -> Goals:
        held = {tier for tier in self._tiers if (one := self._actuals[period].get((kpi.pk, tier))) and one.facts}
        return reader.of_period(kpi, kpi.method, period, period.last, held)

    def _judge(self, period: Period) -> tuple[Judge, Mapping[int, Kpi]]:
        """Who judges the cells of a period, and what the KPIs mean in it."""
        if period not in self._judges:
            meant = {pk: self._versions.at(kpi, period.last) for pk, kpi in self._kpis.items()}
            methods = {pk: kpi.method for pk, kpi in meant.items()}
            measures = {pk: measure_of(kpi) for pk, kpi in meant.items()}
            rest = (Calculations.of(meant.values()), self._actuals[period])
            self._judges[period] = Judge(period, False, methods, measures, *rest), meant
        return self._judges[period]

    def _read_actuals(self) -> dict[Period, Actuals]:
        if not self._periods:
            return {}
        kpis = list(self._kpis.values())
        return read_actuals(self._periods, kpis, self._versions, self._tiers.values(), alone=True)

    def _read_book(self) -> TargetBook:
        if not self._periods:
            return TargetBook(self._calendar, ())
        first, last = (choose(edge) for choose, edge in ((min, self._firsts), (max, self._lasts)))
        return TargetBook.read(self._calendar, first, last)

    @property
    def _firsts(self) -> list[Month]:
        return [period.first for period in self._periods]

    @property
    def _lasts(self) -> list[Month]:
        return [period.last for period in self._periods]


def spread_over(targets: Sequence[Target], found: Iterable[Judged]) -> dict[int, list[Judged]]:
    """The verdicts that decisions turn together, each at one of the targets that turn it, by target id.

    Those of a target's own tier stand at it, those of all customers, where its own row is not among them, at the
    first one of the KPI.
    """
    spread: dict[int, list[Judged]] = {target.pk: [] for target in targets}
    for judged in found:
        if judged.turns:
            of_kpi = [target for target in targets if target.kpi_id == judged.kpi.pk]
            own = (one for one in of_kpi if one.tier_id == judged.tier.pk and reaches(one, judged.period))
            spread[next(own, of_kpi[0]).pk].append(judged)
    return spread


_ORDER = {Kind.MONTH: 0, Kind.QUARTER: 1, Kind.YEAR: 2}


def _reached(targets: Collection[Target], calendar: FiscalCalendar, today: date) -> list[Period]:
    """The ended periods with data in which one of the targets can count, months first."""
    first = min((Month(target.from_month) for target in targets), default=None)
    if first is None or first > Month(today.year * 100 + today.month):
        return []
    data = RolledSlice.objects.filter(facts__gt=0).order_by("month").values_list("month", flat=True).first()
    found = ended_periods(calendar, max(first, Month(data)), today) if data else []
    reached = (period for period in found if any(reaches(target, period) for target in targets))
    return sorted(reached, key=lambda period: (_ORDER[period.kind], period.first))


def reaches(target: Target, period: Period) -> bool:
    """Whether the row can count in the period: a row of months runs until another takes its place."""
    first = Month(target.from_month)
    if period.last < first:
        return False
    return target.per == Per.MONTH or period.first <= period.calendar.period(Kind(target.per), first).last


def _with_inputs(library: Iterable[Kpi], wanted: Collection[int]) -> dict[int, Kpi]:
    """The KPIs asked for; where one of them has, or had, a formula all others too, for it may take any."""
    kpis = {kpi.pk: kpi for kpi in library}
    asked = [kpis[pk] for pk in wanted if pk in kpis]
    if any(kpi.calculated or kpi.versions_from for kpi in asked):
        return kpis
    return {kpi.pk: kpi for kpi in asked}
