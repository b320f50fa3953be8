"""What turned for the better: found from the record, so that nobody has to nominate themselves."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from accounts.company import company, today_of
from core.formatting import day_name, period_name, target_words
from core.periods import Kind, Period, PeriodError, month_of
from initiatives.choices import ScheduleStatus, Stage, TurnaroundKind
from initiatives.models import Initiative, InitiativeKpi, Milestone, StatusUpdate, TrackedChange, Turnaround
from initiatives.reading.standings import read_standings
from kpis.choices import Status
from kpis.models import Kpi
from kpis.reading.matrix import Cell, MatrixBuilder
from kpis.wording import style_of

# How long after its end an initiative may still be nominated: what was done years ago is history.
LOOK_BACK = timedelta(days=31)

Story = Sequence[tuple[date, ScheduleStatus]]


@dataclass(frozen=True, slots=True)
class Turn:
    """One turn of an initiative (by id), with its evidence in a sentence."""

    initiative: int
    kind: TurnaroundKind
    what: str
    evidence: str


def find_turnarounds(today: date) -> Iterator[Turn]:
    """Every turn that can be seen on a day; those nominated before among them."""
    yield from schedule_turns(today)
    yield from kpi_turns(today)


# Late, then on schedule, then done


def schedule_turns(today: date) -> Iterator[Turn]:
    """Of what was finished in the last month: those that were late and on schedule again before their end."""
    ended = Initiative.objects.filter(stage=Stage.DONE, finished_on__gt=today - LOOK_BACK, finished_on__lte=today)
    rows = list(ended.exclude(turnarounds__kind=TurnaroundKind.SCHEDULE))
    stories = _stories(rows)
    for row in rows:
        turned = turning_days(stories[row.pk])
        if turned and row.finished_on:
            late, back = map(day_name, turned)
            told = f"Late on {late}, on schedule again on {back}, done on {day_name(row.finished_on)}."
            yield Turn(row.pk, TurnaroundKind.SCHEDULE, "schedule", told)


def turning_days(story: Story) -> tuple[date, date] | None:
    """The last day on which it was late and the first after it on which it was on schedule.

    None where it was never late, or where the last verdict is another than on schedule. Silence is no
    verdict: it is left out.
    """
    told = [(day, status) for day, status in story if status != ScheduleStatus.NOT_REPORTED]
    if not told or told[-1][1] != ScheduleStatus.ON_SCHEDULE:
        return None
    late = max((day for day, status in told if status == ScheduleStatus.LATE), default=None)
    if late is None:
        return None
    return late, min(day for day, status in told if day > late and status == ScheduleStatus.ON_SCHEDULE)


def _stories(rows: Sequence[Initiative]) -> dict[int, list[tuple[date, ScheduleStatus]]]:
    """The verdicts of each initiative on the days on which anything was said or changed, and the day before each.

    Between such days a verdict only gets worse with time, so these tell all turns.
    """
    asked: dict[date, set[int]] = defaultdict(set)
    for row in rows:
        for day in _telling_days(row):
            asked[day].add(row.pk)
    stories: dict[int, list[tuple[date, ScheduleStatus]]] = defaultdict(list)
    for day in sorted(asked):
        for standing in read_standings(Initiative.objects.filter(pk__in=asked[day]), as_of=day):
            if standing.status:
                stories[standing.initiative.pk].append((day, standing.status))
    return stories


def _telling_days(row: Initiative) -> set[date]:
    """The days to look at, from its start to the day before its end."""
    assert row.finished_on is not None  # noqa: S101  it is done
    events = {row.finished_on}
    events |= set(StatusUpdate.objects.filter(initiative=row).values_list("on", flat=True))
    events |= set(TrackedChange.objects.filter(initiative=row).values_list("on", flat=True))
    done = Milestone.objects.filter(initiative=row).exclude(done_on=None)
    events |= {day for day in done.values_list("done_on", flat=True) if day}
    days = events | {event - timedelta(days=1) for event in events if event > date.min}
    start = row.plan.start
    return {day for day in days if day < row.finished_on and (start is None or day >= start)}


# A linked KPI from missed to met


def kpi_turns(today: date) -> Iterator[Turn]:
    """Linked KPIs that missed their target in one quarter and met it in the next, which is the last ended one.

    Both quarters are whole, with data in every month expected; the initiative was under way when the
    second began.
    """
    met = company().calendar.period(Kind.QUARTER, month_of(today)).previous
    links = [link for link in _links() if _under_way(link.initiative, met)]
    if not links:
        return
    kpis = list({link.kpi_id: link.kpi for link in links}.values())
    before, after = (_cells(period, today, kpis) for period in (met.previous, met))
    currency = company().currency
    for link in links:
        for tier in _tiers(link):
            (_, old), (meant, new) = (cells.get((link.kpi_id, tier), (link.kpi, None)) for cells in (before, after))
            if old and new and _turned(old, new):
                what = f"{link.kpi.code}@{tier} {met.code}"
                told = _evidence(meant, currency, (met.previous, old), (met, new))
                yield Turn(link.initiative_id, TurnaroundKind.KPI, what, told)


def _links() -> Iterable[InitiativeKpi]:
    working = InitiativeKpi.objects.filter(initiative__stage__in=[Stage.IN_PROGRESS, Stage.DONE])
    return working.select_related("initiative", "kpi", "tier").prefetch_related("initiative__tiers")


def _under_way(row: Initiative, period: Period) -> bool:
    start = row.plan.start
    begun = start is not None and start <= period.first_day
    return begun and (row.finished_on is None or row.finished_on >= period.first_day)


def _tiers(link: InitiativeKpi) -> list[str]:
    """The columns in which the link counts: its tier; else those that the initiative is for, or all customers."""
    if link.tier:
        return [link.tier.code]
    return [tier.code for tier in link.initiative.tiers.all()] or ["all"]


def _cells(period: Period, today: date, kpis: Sequence[Kpi]) -> Mapping[tuple[int, str], tuple[Kpi, Cell]]:
    """By KPI and tier: the KPI as it means in the period, and its cell."""
    built = MatrixBuilder(period, today, kpis).build()
    return {(row.kpi.pk, cell.tier.code): (row.kpi, cell) for row in built.rows for cell in row.cells}


def _turned(old: Cell, new: Cell) -> bool:
    """Where the change is withheld, for another version of the KPI, there is nothing to compare."""
    whole = all(cell.months_with_data == cell.months_expected for cell in (old, new)) and new.previous is not None
    return whole and (old.status, new.status) == (Status.MISSED, Status.MET)


def _evidence(kpi: Kpi, currency: str, *told: tuple[Period, Cell]) -> str:
    """``Renewal rate, Gold: 84.1 % in Quarter 1, 2026 (at least 90 %: missed), 92 % in Quarter 2, 2026 (…: met).``"""
    style = style_of(kpi, currency)
    parts = []
    for period, cell in told:
        goal = target_words(style, kpi.direction, cell.target, cell.low, cell.high)
        shown = style.told_apart(cell.actual, (cell.target, cell.low, cell.high)).full(cell.actual)
        parts.append(f"{shown} in {period_name(period)} ({goal}: {cell.status.label.lower()})")
    return f"{kpi.name}, {told[0][1].tier.name}: {', '.join(parts)}."


# What was nominated, and is not so any more


def undone_since(turnarounds: Sequence[Turnaround]) -> dict[int, str]:
    """Of those nominated whose record changed since, what did, by id: a matrix is read for each quarter they name."""
    found = {one.pk: reason for one in turnarounds if (reason := _reopened(one))}
    quarters: dict[str, list[tuple[Turnaround, str, str]]] = defaultdict(list)
    for one in turnarounds:
        if one.kind == TurnaroundKind.KPI:
            column, _, period = one.what.rpartition(" ")
            kpi, _, tier = column.rpartition("@")
            quarters[period].append((one, kpi, tier))
    for period, named in quarters.items():
        statuses = _statuses(period, {kpi for _, kpi, _ in named})
        for one, kpi, tier in named:
            if (status := statuses.get((kpi, tier))) != Status.MET:
                found[one.pk] = f"the KPI is “{status.label if status else 'not measured'}” in that quarter by now"
    return found


def _reopened(one: Turnaround) -> str:
    stage = Stage(one.initiative.stage)
    if one.kind == TurnaroundKind.SCHEDULE and stage != Stage.DONE:
        return f"the initiative is “{stage.label.lower()}” again"
    return ""


def _statuses(code: str, kpis: Iterable[str]) -> dict[tuple[str, str], Status]:
    found = company()
    try:
        period = Period.parse(code, found.calendar)
    except PeriodError:
        return {}
    rows = list(Kpi.objects.filter(code__in=kpis))
    built = MatrixBuilder(period, today_of(found), rows).build() if rows else None
    return {(row.kpi.code, cell.tier.code): cell.status for row in built.rows for cell in row.cells} if built else {}
