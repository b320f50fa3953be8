"""What of the things that somebody follows is worse now: real changes and capability gaps of cells, late initiatives.

Cells are read as they were last compared (``KeptStates``, which transitions are made from), and of months that have
ended alone: the latest of each cell that has a value. Colour takes no part: a verdict that crosses its line within
the noise is nobody's alert.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import cached_property
from typing import NamedTuple

from django.db.models import Q
from django.urls import reverse

from accounts.company import company, today_of
from accounts.models import AuditEntry, Department
from core.formatting import goal_in_full, month_name
from core.periods import Kind, Month, month_code, month_of, stored_month
from customers.models import Tier
from initiatives.choices import ScheduleStatus
from initiatives.models import Initiative
from initiatives.reading.standings import Standing, read_standings
from initiatives.wording import verdict_words
from kpis.choices import Assurance, Signal, Status
from kpis.models import Kpi
from kpis.reading.matrix import MatrixBuilder
from kpis.reading.matrix_values import Cell
from kpis.wording import style_of
from scorecard.choices import Followed
from scorecard.models import Comparison, Follow, KeptStates

NEWEST = 50  # entries that are added up: one that was drawn early and committed late changes the sum too


class News(StrEnum):
    """What can be worse."""

    SIGNAL = "signal"
    GAP = "gap"
    LATE = "late"


class Column(NamedTuple):
    """A KPI in a tier, by their ids."""

    kpi: int
    tier: int


@dataclass(frozen=True, slots=True)
class Stood:
    """How a cell stood in the latest ended month in which it has a value."""

    month: Month
    signal: str
    assurance: str


@dataclass(frozen=True, slots=True)
class Worse:
    """Something that is worse now. ``name`` is the same for as long as it is, ``follow`` why its reader is told."""

    name: str
    news: News
    since: str
    follow: Follow

    @property
    def row(self) -> int:
        """The initiative's id, of one that is late."""
        return int(self.name.partition(":")[2])

    @property
    def column(self) -> Column:
        """The cell's, of a signal or a gap."""
        _, kpi, tier = self.name.split(":")
        return Column(int(kpi), int(tier))


def latest_stood(today: date) -> dict[Column, Stood]:
    """How each cell stood when cells were last compared. One query; empty before the first comparison."""
    rows = KeptStates.objects.filter(period__regex=r"^\d{4}-\d{2}$").order_by("-period")
    found: dict[Column, Stood] = {}
    for row in rows:
        month = stored_month(row.period)
        if month >= month_of(today):
            continue
        for key, state in row.states.items():
            kpi, tier = map(int, key.split(":"))
            verdict, signal, assurance = state.split("|")
            if verdict != Status.NO_DATA:
                found.setdefault(Column(kpi, tier), Stood(month, signal, assurance))
    return found


def what_alerts_rest_on(today: date) -> str:
    """Another text whenever an alert can be another: cells were compared anew, a day began, or something was written
    down (initiatives, questions, follows and people all are). Two queries; empty before the first comparison.
    """
    seen = Comparison.objects.filter(pk=1).values_list("seen", flat=True).first()
    newest = AuditEntry.objects.order_by("-pk").values_list("pk", flat=True)[:NEWEST]
    return f"{seen} {today} {sum(newest)}" if seen else ""


class Looked:
    """What followers are told from, read once for all of them."""

    def __init__(self, follows: Collection[Follow], today: date | None = None) -> None:
        self.company = company()
        self.today = today or today_of(self.company)
        self.follows = follows

    @cached_property
    def stood(self) -> dict[Column, Stood]:
        """How the cells that are still there stood when they were last compared."""
        found = latest_stood(self.today)
        return {one: how for one, how in found.items() if one.kpi in self.kpis and one.tier in self.tiers}

    @cached_property
    def kpis(self) -> dict[int, Kpi]:
        """Every KPI by id."""
        return {one.pk: one for one in Kpi.objects.all()}

    @cached_property
    def tiers(self) -> dict[int, Tier]:
        """Every tier by id."""
        return {one.pk: one for one in Tier.objects.all()}

    @cached_property
    def departments(self) -> dict[str, Department]:
        """Departments by code."""
        return {one.code: one for one in Department.objects.all()}

    @cached_property
    def standings(self) -> dict[int, Standing]:
        """The initiatives that somebody follows, or that serve a theme that somebody does, by id."""
        codes = [one.key for one in self.follows if one.kind == Followed.INITIATIVE]
        themes = [self.departments.get(one.key.partition("/")[0]) for one in self.follows if one.kind == Followed.THEME]
        served = {one for one in themes if one}
        rows = Initiative.objects.filter(
            Q(code__in=codes) | Q(serves__in=served) | Q(serves=None, department__in=served)
        )
        return {one.initiative.pk: one for one in read_standings(rows, as_of=self.today)}

    def worse(self, follow: Follow) -> Iterator[Worse]:
        """What is worse of one thing that is followed; nothing where it is no longer there."""
        if follow.kind in {Followed.INITIATIVE, Followed.THEME}:
            yield from self._late(follow)
            return
        for column in self._columns(follow):
            stood = self.stood[column]
            name, since = f"{column.kpi}:{column.tier}", str(stood.month)
            if stood.signal == Signal.WORSE:
                yield Worse(f"{News.SIGNAL}:{name}", News.SIGNAL, since, follow)
            if stood.assurance == Assurance.WILL_MISS:
                yield Worse(f"{News.GAP}:{name}", News.GAP, since, follow)

    def _columns(self, follow: Follow) -> Iterator[Column]:
        return (column for column in self.stood if self._is_of(column, follow))

    def _is_of(self, column: Column, follow: Follow) -> bool:
        kpi, tier = self.kpis[column.kpi].code, self.tiers[column.tier].code
        asked = {Followed.CELL: f"{kpi}@{tier}", Followed.KPI: kpi, Followed.TIER: tier}
        return asked.get(Followed(follow.kind)) == follow.key

    def _late(self, follow: Follow) -> Iterator[Worse]:
        for standing in self.standings.values():
            if standing.status == ScheduleStatus.LATE and self._serves(standing.initiative, follow):
                yield Worse(f"{News.LATE}:{standing.initiative.pk}", News.LATE, self.today.isoformat(), follow)

    def _serves(self, row: Initiative, follow: Follow) -> bool:
        if follow.kind == Followed.THEME:
            department = self.departments.get(follow.key.partition("/")[0])
            return department is not None and row.served_id == department.pk
        return follow.kind == Followed.INITIATIVE and row.code == follow.key

    def recovered(self, before: Mapping[str, str], now: Collection[str], follows: Iterable[Follow]) -> list[Worse]:
        """What was worse and is no longer; not what nobody follows or looks at any more, which has gone."""
        names = [name for name in before if name not in now]
        pairs = ((name, next((one for one in follows if self._covers(one, name)), None)) for name in names)
        return [Worse(name, News(name.partition(":")[0]), before[name], one) for name, one in pairs if one is not None]

    def _covers(self, follow: Follow, name: str) -> bool:
        """Whether what has that name is looked at, and is of what is followed."""
        news, _, rest = name.partition(":")
        if news == News.LATE:
            standing = self.standings.get(int(rest))
            return standing is not None and self._serves(standing.initiative, follow)
        kpi, tier = map(int, rest.split(":"))
        return Column(kpi, tier) in self.stood and self._is_of(Column(kpi, tier), follow)


# -- in words


@dataclass(frozen=True, slots=True)
class Told:
    """One line of a mail: what it is about, what is said of it, the path of its page, and why it is told."""

    title: str
    text: str
    url: str
    follow: Follow


def told(looked: Looked, found: Iterable[Worse], *, recovered: bool) -> list[Told]:
    """The lines of what got worse, or recovered; cells with their value and target of the month."""
    found = list(found)
    cells = [one for one in found if one.news != News.LATE]
    values = _values(looked, {one.column for one in cells})
    lines = [_cell_line(looked, one, values[one.column], recovered) for one in cells]
    return lines + [_initiative_line(looked, one, recovered) for one in found if one.news == News.LATE]


def _values(looked: Looked, columns: Collection[Column]) -> Mapping[Column, str]:
    """Value and target of each cell's latest month: ``83.1 %, at least 90 %``."""
    by_month: dict[Month, list[Column]] = defaultdict(list)
    for column in columns:
        by_month[looked.stood[column].month].append(column)
    found: dict[Column, str] = {}
    for month, theirs in by_month.items():
        period = looked.company.calendar.period(Kind.MONTH, month)
        builder = MatrixBuilder(period, looked.today, [looked.kpis[pk] for pk in sorted({one.kpi for one in theirs})])
        meant = {kpi.pk: kpi for kpi in builder.kpis}
        for column in theirs:
            cell = builder.cell(meant[column.kpi], looked.tiers[column.tier])
            found[column] = _value(cell, meant[column.kpi], looked.company.currency)
    return found


def _value(cell: Cell, kpi: Kpi, currency: str) -> str:
    style = style_of(kpi, currency)
    wanted = goal_in_full(style, kpi.direction, cell.target, cell.low, cell.high)
    return ", ".join(part for part in (style.full(cell.actual), wanted) if part)


_SAID = {
    (News.SIGNAL, False): "{value} in {month}: this is a real change for the worse, not the usual noise.",
    (News.SIGNAL, True): "{value} in {month}: back within what is usual.",
    (News.GAP, False): "{value} in {month}: as it runs, it will miss its target. No single month explains that.",
    (News.GAP, True): "{value} in {month}: as it runs, it no longer misses its target every month.",
}


def _cell_line(looked: Looked, one: Worse, value: str, recovered: bool) -> Told:
    kpi, tier, month = looked.kpis[one.column.kpi], looked.tiers[one.column.tier], looked.stood[one.column].month
    text = _SAID[one.news, recovered].format(value=value or "No value", month=month_name(month))
    url = reverse("cell", args=[month_code(month), kpi.code, tier.code])
    return Told(f"{kpi.name}, {tier.name}", text, url, one.follow)


def _initiative_line(looked: Looked, one: Worse, recovered: bool) -> Told:
    standing = looked.standings[one.row]
    row = standing.initiative
    if recovered:
        text = f"No longer late: {(standing.status or standing.stage).label.lower()}."
    else:
        text = f"{verdict_words(standing.verdict, standing.plan)}." if standing.verdict else ""
    return Told(row.title, text, reverse("initiative", args=[row.code]), one.follow)


def why(follow: Follow) -> str:
    """Why somebody is written to: ``you follow the tier gold``."""
    return f"you follow the {follow.get_kind_display() if follow.kind == Followed.KPI else follow.kind} {follow.key}"
