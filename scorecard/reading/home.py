"""What the home page is made of, read once: the period's cells, what is done about them, and its customers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from core.editions import Served
from core.periods import Period
from customers.models import Tier
from customers.reading.growth import Growth, read_growth
from customers.reading.signed_growth import differing_rows, signed_growth
from initiatives.choices import Level, ScheduleStatus, Stage, TurnaroundState
from initiatives.models import Initiative, Turnaround
from initiatives.reading.answers import Link, every_link
from initiatives.reading.coverage import Coverage, coverage_by
from initiatives.reading.report import Tally, tally
from initiatives.reading.running_initiatives import CellServing, serving_by
from initiatives.reading.signed import differing_lines, signed_coverage, signed_report
from initiatives.reading.standings import Standing, read_standings_on
from kpis.choices import Beyond, Status, ValueRole
from kpis.models import Kpi, ValueKpis
from kpis.reading.lifecycle import Records
from kpis.reading.matrix import Cell, Matrix, MatrixBuilder, Row
from kpis.reading.selection import Selection, counted_columns, worst_distance
from scorecard.reading.frozen_matrix import cells_that_differ, signed_matrix
from scorecard.reading.growth import holds_a_start
from scorecard.reading.moved import MovedNumbers, moved_numbers

WORST = 10  # KPIs in the matrix in small
PLANNED = (Stage.APPROVED, Stage.ON_HOLD, Stage.CANDIDATE)


@dataclass(frozen=True, slots=True)
class Found:
    """A cell with its row."""

    row: Row
    cell: Cell

    @property
    def kpi(self) -> Kpi:
        """The KPI as it means in the period."""
        return self.row.kpi


@dataclass(frozen=True, slots=True)
class Gap:
    """A capability gap that nothing running serves. ``planned`` are the initiatives that name the KPI in the tier and
    wait: approved, on hold or candidates; empty where there is none either.
    """

    found: Found
    planned: tuple[Initiative, ...]


@dataclass(frozen=True, slots=True)
class Turned:
    """Verdicts that are of another colour than in the period before: how many of these have a signal, are of twelve
    months (which have no chart), or have too little data for a chart (months, cases, or a month that is not whole); the
    rest is only noise.
    """

    number: int
    with_signal: int
    trailing: int
    untold: int

    @property
    def noise(self) -> int:
        """What a steady process does by itself."""
        return self.number - self.with_signal - self.trailing - self.untold


@dataclass(frozen=True, slots=True)
class Differs:
    """What the live values say otherwise than an edition: how many cells, and lines of growth and coverage."""

    cells: int = 0
    growth: int = 0
    coverage: int = 0


@dataclass(frozen=True, slots=True)
class Home:
    """All of it. ``counted`` are the codes of the columns that sentences count, ``cells`` their cells, ``before`` the
    matrix of the period before (None where the period has not ended).

    Initiatives are counted as of today (``now``, ``levels``; ``late`` are the ids of those that are late) and as of the
    period's last day (``then``; None where that is today). ``value`` are the rows of the KPIs that a steward named for
    revenue and margin and that stand in the matrix. ``turnaround`` is the latest that was confirmed, ``moved`` whether
    what is finished moved its numbers.

    ``starts``: the period holds the start of record, so that most who joined were customers before. ``silent`` are
    those on the book of whom nobody knows yet whether they left, by the id of their tier (None: untiered).

    ``served`` says whose values these are: of a closed period cells, growth, coverage and what stood at its end are as
    they were signed, ``differs`` what of it is another by now. What is said of today is live.

    ``trailing`` are the KPIs, by id, that look back over twelve months or are calculated from such, ``charted`` the
    columns that have a chart, by the ids of KPI and tier.
    """

    period: Period
    today: date
    matrix: Matrix
    before: Matrix | None
    counted: frozenset[str]
    cells: tuple[Found, ...]
    serving: CellServing
    gaps: tuple[Found, ...]
    open_gaps: tuple[Gap, ...]
    now: Tally
    late: tuple[int, ...]
    then: Tally | None
    levels: tuple[Tally, ...]
    coverage: Coverage
    growth: Growth
    value: tuple[tuple[ValueRole, Row], ...]
    turnaround: Turnaround | None
    moved: MovedNumbers
    starts: bool
    silent: Counter[int | None]
    served: Served
    differs: Differs
    trailing: frozenset[int]
    charted: frozenset[tuple[int, int]]

    @property
    def selection(self) -> Selection:
        """What counts and orders cells."""
        return Selection(counted=self.counted)

    def beyond(self, what: Beyond) -> tuple[Found, ...]:
        """The counted cells that go beyond the noise in that way, those furthest from their target first."""
        found = [one for one in self.cells if what in one.cell.beyond]
        return tuple(sorted(found, key=_furthest_first))

    @property
    def has_charts(self) -> bool:
        """Whether any counted cell is charted, so that the absence of a signal says something."""
        return any(one.cell.signal or one.cell.assurance for one in self.cells)

    @property
    def worst(self) -> tuple[Row, ...]:
        """The rows to look at first: those with a missed cell that really got worse, then by the largest distance from
        target in near bands. Rows without a verdict are left out.
        """
        rows = [row for row in self.matrix.rows if any(cell.status.is_verdict for cell in self._chosen(row))]
        return tuple(sorted(rows, key=self._gravest_first)[:WORST])

    @property
    def turned(self) -> Turned | None:
        """How many counted verdicts are of another colour than in the period before; None where that is not told."""
        if self.before is None:
            return None
        then = {(row.kpi.pk, cell.tier.pk): cell.status for row in self.before.rows for cell in row.cells}
        found = [
            one
            for one in self.cells
            if one.cell.previous is not None and _is_turned(one.cell.status, then.get((one.kpi.pk, one.cell.tier.pk)))
        ]
        silent = [one for one in found if one.cell.signal is None]
        trailing = sum(one.kpi.pk in self.trailing for one in silent)
        charted = sum((one.kpi.pk, one.cell.tier.pk) in self.charted for one in silent)
        return Turned(len(found), len(found) - len(silent), trailing, len(silent) - trailing - charted)

    def _chosen(self, row: Row) -> Sequence[Cell]:
        return [cell for cell in row.cells if cell.tier.code in self.counted]

    def _gravest_first(self, row: Row) -> Any:
        worse = any(cell.status == Status.MISSED and Beyond.WORSE in cell.beyond for cell in self._chosen(row))
        return (not worse, *(-part for part in worst_distance(row, self.selection)))


def read_home(period: Period, today: date, served: Served | None = None) -> Home:
    """All of it as of today: as many queries whatever the number of KPIs, tiers, initiatives and customers.

    ``served`` says whose values answer; the live ones where it is not given.
    """
    served, day = served or Served(period), min(period.last_day, today)
    standings, *earlier = read_standings_on(Initiative.objects.all(), [today] if day == today else [today, day])
    past, serving, records = earlier[0] if earlier else standings, serving_by(standings), Records(today)
    found = _answering(served, _live(period, today, past))
    matrix, growth = found.matrix, found.growth
    counted = counted_columns(matrix)
    cells = tuple(Found(row, cell) for row in matrix.rows for cell in row.cells if cell.tier.code in counted)
    gaps = tuple(one for one in cells if one.cell.is_gap)
    return Home(
        period=period,
        today=today,
        matrix=matrix,
        before=None if matrix.to_date else _plain_matrix(period.previous, today),
        counted=counted,
        cells=cells,
        serving=serving,
        gaps=gaps,
        open_gaps=_open(gaps, serving, standings),
        now=tally("", "All", standings),
        late=tuple(one.initiative.pk for one in standings if one.status == ScheduleStatus.LATE),
        then=None if day == today else found.then,
        levels=tuple(tally(level.value, level.label, _of(level, standings)) for level in Level),
        coverage=found.coverage,
        growth=growth,
        value=_value(matrix),
        turnaround=_turnaround(),
        moved=moved_numbers(today),
        starts=holds_a_start(period, records),
        silent=sum((one.at for one in records.not_yet_known(growth.closes)), Counter()),
        served=served,
        differs=found.differs,
        trailing=_trailing(found.builder),
        charted=found.builder.signals.charted,
    )


def _trailing(builder: MatrixBuilder) -> frozenset[int]:
    windows = {pk for pk, method in builder.methods.items() if method.counts_window}
    known = builder.calculations
    return frozenset(kpi.pk for kpi in builder.kpis if not windows.isdisjoint(known.leaves(kpi.pk)))


@dataclass(frozen=True, slots=True)
class _Answering:
    """What is of the period itself, and so signed with it; ``builder`` has built its live matrix."""

    builder: MatrixBuilder
    matrix: Matrix
    growth: Growth
    coverage: Coverage
    then: Tally
    differs: Differs = Differs()


def _live(period: Period, today: date, past: Sequence[Standing]) -> _Answering:
    """As it is by now; ``past`` is how initiatives stood on its last day, or today."""
    builder = MatrixBuilder(period, today)
    coverage = coverage_by(period, min(period.last_day, today), past)
    return _Answering(builder, builder.build(), read_growth(period, today), coverage, tally("", "All", past))


def _answering(served: Served, live: _Answering) -> _Answering:
    """As the edition that is shown has it, else as it is; with what differs from that, else from the latest."""
    beside = served.shown or served.latest
    if beside is None:
        return live
    document = served.document or beside.read()
    coverage = signed_coverage(document, served.period)
    differs = Differs(
        cells_that_differ(document, live.builder, live.matrix),
        differing_rows(document, live.growth),
        differing_lines(coverage, live.coverage),
    )
    if served.shown is None:
        return replace(live, differs=differs)
    return replace(
        live,
        matrix=signed_matrix(document, live.matrix),
        growth=signed_growth(document, live.growth),
        coverage=coverage,
        then=signed_report(document, served.period, ()).total,
        differs=differs,
    )


def _plain_matrix(period: Period, today: date) -> Matrix:
    """A period's verdicts and composites, without what each cell is compared with."""
    return MatrixBuilder(period, today, compared=False, charted=False).build()


def _is_turned(now: Status, then: Status | None) -> bool:
    return then is not None and now.is_verdict and then.is_verdict and now != then


def _furthest_first(one: Found) -> Any:
    """By distance from target in near bands."""
    alone = Row(one.kpi, (one.cell,))
    return tuple(-part for part in worst_distance(alone, Selection(counted=frozenset([one.cell.tier.code]))))


def _of(level: Level, standings: Iterable[Standing]) -> list[Standing]:
    return [one for one in standings if one.initiative.level == level]


def _open(gaps: Sequence[Found], serving: CellServing, standings: Iterable[Standing]) -> tuple[Gap, ...]:
    """Those that nothing running serves, with what waits for them."""
    left = [one for one in gaps if not serving.of(one.kpi.pk, one.cell.tier).running]
    planned = {one.initiative.pk: one for one in standings if one.initiative.stage in PLANNED} if left else {}
    found = [Gap(one, _planned(one, planned)) for one in left]
    return tuple(sorted(found, key=lambda gap: _furthest_first(gap.found)))


def _planned(one: Found, planned: Mapping[int, Standing]) -> tuple[Initiative, ...]:
    """Those that wait for the cell, approved ones first."""
    kpi, tier = one.kpi.pk, one.cell.tier
    waiting = [(link, planned[link.initiative]) for link in every_link() if link.initiative in planned]
    found = {
        standing.initiative.pk: standing.initiative
        for link, standing in waiting
        if link.kpi == kpi and _is_for(link, standing, tier)
    }
    return tuple(sorted(found.values(), key=lambda row: (PLANNED.index(Stage(row.stage)), row.title)))


def _is_for(link: Link, standing: Standing, tier: Tier) -> bool:
    if link.tier is not None:
        return link.tier == tier.pk
    return not standing.tier_ids or tier.pk in standing.tier_ids


def _value(matrix: Matrix) -> tuple[tuple[ValueRole, Row], ...]:
    """The rows of what a steward named for revenue and margin: one query."""
    ids = ValueKpis.objects.values_list("revenue", "margin").get(pk=1)
    rows = {row.kpi.pk: row for row in matrix.rows}
    named = zip((ValueRole.REVENUE, ValueRole.MARGIN), ids, strict=True)
    return tuple((role, rows[pk]) for role, pk in named if pk in rows)


def _turnaround() -> Turnaround | None:
    """The latest that an executive confirmed."""
    confirmed = Turnaround.objects.filter(state=TurnaroundState.CONFIRMED)
    return confirmed.select_related("initiative__owner").order_by("-decided_at", "-pk").first()
