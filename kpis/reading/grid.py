"""The grid of targets: KPI × tier × the periods of a year, with what is approved, what waits, and last year."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from functools import cached_property

from accounts.models import User
from core.periods import Kind, Month, Period
from customers.choices import TierScope
from customers.models import Tier
from kpis.access import proposable_by
from kpis.choices import CustomerMethod, Direction, Per, TargetState, TimeMethod
from kpis.formulas.values import Goal
from kpis.models import Kpi, Target
from kpis.models.versions import VersionBook
from kpis.reading.actuals import part_words, read_actuals, year_before
from kpis.reading.cells import Actuals
from kpis.reading.goals import GoalReader
from kpis.reading.targets import TargetBook

Key = tuple[int, int, Month]


@dataclass(frozen=True)
class GridCell:
    """One cell. ``holds`` is the target in force there by the rules, from a longer or shorter row as well;
    ``latest`` the last version of its row, whatever became of it.

    ``part`` says why last year's actual is not that of the whole period; empty where it is.
    """

    kpi: Kpi
    tier: Tier
    period: Period
    approved: Target | None
    pending: Target | None
    holds: Goal | None
    last_year: Fraction | None
    part: str
    editable: bool
    latest: Target | None = None

    @cached_property
    def name(self) -> str:
        """What names the cell in a form."""
        return f"{self.kpi.pk}-{self.tier.pk}-{self.period.first}"

    @property
    def ranged(self) -> bool:
        """Whether it takes a range."""
        return self.kpi.direction == Direction.RANGE

    @property
    def standing(self) -> Target | None:
        """The version that the cell shows: what waits, else what is approved."""
        return self.pending or self.approved

    @property
    def waits(self) -> bool:
        """Whether finance has it."""
        return self.pending is not None and self.pending.state == TargetState.PROPOSED


@dataclass(frozen=True)
class GridRow:
    """One tier of a KPI over the year's periods."""

    tier: Tier
    cells: tuple[GridCell, ...]

    @property
    def season(self) -> tuple[Fraction | None, ...]:
        """The actual of each period one year before; None where it has none."""
        return tuple(cell.last_year for cell in self.cells)


@dataclass(frozen=True)
class Footer:
    """What a KPI's tiers add up to in a period, beside the plan; None where a tier or the plan has no number."""

    period: Period
    total: Fraction | None
    plan: Fraction | None


@dataclass(frozen=True)
class GridBlock:
    """One KPI: its rows by tier, all customers last, and for a sum over customers its footers."""

    kpi: Kpi
    rows: tuple[GridRow, ...]
    editable: bool
    why_not: str = ""

    @cached_property
    def footers(self) -> tuple[Footer, ...]:
        """For each period what the tiers add up to; empty where tiers do not add up."""
        if self.kpi.customer_method != CustomerMethod.SUM or self.kpi.direction == Direction.RANGE:
            return ()
        columns = zip(*(row.cells for row in self.rows), strict=True)
        return tuple(footer_of(column) for column in columns)


@dataclass(frozen=True)
class Grid:
    """The grid of a year."""

    year: Period
    per: Per
    periods: tuple[Period, ...]
    blocks: tuple[GridBlock, ...]

    @cached_property
    def cells(self) -> dict[str, GridCell]:
        """Every cell by its name."""
        return {cell.name: cell for block in self.blocks for row in block.rows for cell in row.cells}


def footer_of(column: Sequence[GridCell]) -> Footer:
    """The tiers' values added up; the plan of all customers, else the tiers' plan values added up."""
    own = [cell for cell in column if cell.tier.scope == TierScope.TIER]
    everyone = next((cell for cell in column if cell.tier.scope == TierScope.ALL), None)
    whole = everyone.standing.plan_value if everyone and everyone.standing else None
    plan = Fraction(whole) if whole is not None else _sum(_number(cell.standing, "plan_value") for cell in own)
    return Footer(column[0].period, _sum(_number(cell.standing, "value") for cell in own), plan)


def _number(target: Target | None, field: str) -> Fraction | None:
    value = getattr(target, field) if target else None
    return None if value is None else Fraction(value)


def _sum(numbers: Iterable[Fraction | None]) -> Fraction | None:
    found = list(numbers)
    known = [number for number in found if number is not None]
    return sum(known, Fraction(0)) if known and len(known) == len(found) else None


def periods_of(year: Period, per: Per) -> tuple[Period, ...]:
    """The periods of a fiscal year of that length, in order."""
    kind = Kind(per.value)
    return tuple(dict.fromkeys(year.calendar.period(kind, month) for month in year.months))


def read_grid(*, year: Period, per: Per, kpis: Sequence[Kpi], user: User, today: date) -> Grid:
    """The grid of some KPIs, in their order. A constant number of queries."""
    return _Reader(year, per, kpis, user, today).grid()


class _Reader:
    """What a grid needs, read once."""

    def __init__(self, year: Period, per: Per, kpis: Sequence[Kpi], user: User, today: date) -> None:
        self.year, self.per, self.today = year, per, today
        self.periods = periods_of(year, per)
        self.tiers = [tier for tier in Tier.objects.all() if _is_column(tier, year)]
        self.library = list(Kpi.objects.in_matrix_order())
        self.versions = VersionBook.read(self.library)
        self.kpis = [self.versions.at(kpi, year.last) for kpi in kpis]
        asked = Kpi.objects.filter(pk__in=[kpi.pk for kpi in kpis])
        self.mine = set(proposable_by(user, asked).values_list("pk", flat=True))
        self.goals = GoalReader(TargetBook.read(year.calendar, year.first, year.last), list(Tier.objects.all()))
        self.targets = self._targets()
        self.last_year = self._last_year()

    def grid(self) -> Grid:
        """All blocks."""
        return Grid(self.year, self.per, self.periods, tuple(self._block(kpi) for kpi in self.kpis))

    def _block(self, kpi: Kpi) -> GridBlock:
        why = self._why_not(kpi)
        open_ones = [period for period in self.periods if self._has_gap(kpi, period)]
        held = {period: self._held(kpi, period) for period in open_ones}
        rows = tuple(
            GridRow(tier, tuple(self._cell(kpi, tier, period, held.get(period, {}), why) for period in self.periods))
            for tier in self.tiers
        )
        return GridBlock(kpi, rows, not why, why)

    def _cell(self, kpi: Kpi, tier: Tier, period: Period, held: Mapping[int, Goal | None], why: str) -> GridCell:
        versions = self.targets.get((kpi.pk, tier.pk, period.first), {})
        approved, latest = versions.get(TargetState.APPROVED), next(reversed(versions.values()), None)
        draft = versions.get(TargetState.DRAFT)
        over = draft is not None and approved is not None and draft.version < approved.version
        pending = versions.get(TargetState.PROPOSED) if draft is None or over else draft
        meant, last = self.versions.at(kpi, period.first), self.last_year[period].get((kpi.pk, tier.pk))
        if not _alike(meant, self.versions.at(kpi, year_before(period).last)):
            last = None
        return GridCell(
            *(meant, tier, period, approved, pending, held.get(tier.pk)),
            last_year=last.number if last else None,
            part=part_words(last, year_before(period), self.today),
            editable=not why and kpi.stands_in(period.first) and tier.stands_in(period.first),
            latest=latest,
        )

    def _why_not(self, kpi: Kpi) -> str:
        """Why the person cannot write here; empty where they can."""
        if kpi.pk not in self.mine:
            return "Not yours to propose: finance and stewards propose all, owners those of their KPIs."
        if kpi.time_method == TimeMethod.TTM and self.per != Per.YEAR:
            return "Of the trailing twelve months: its targets are per year alone."
        return ""

    def _has_gap(self, kpi: Kpi, period: Period) -> bool:
        """Whether any tier has no version of its own there, so that what holds from another row is shown."""
        shown = {TargetState.APPROVED, TargetState.PROPOSED, TargetState.DRAFT}
        rows = (self.targets.get((kpi.pk, tier.pk, period.first), {}) for tier in self.tiers)
        return not all(shown & versions.keys() for versions in rows)

    def _held(self, kpi: Kpi, period: Period) -> Mapping[int, Goal | None]:
        meant = self.versions.at(kpi, period.last)
        return self.goals.of_period(meant, meant.method, period, period.last, ())

    def _targets(self) -> dict[Key, dict[str, Target]]:
        """Of each row the latest version in each state; the latest of all comes last."""
        found: dict[Key, dict[str, Target]] = defaultdict(dict)
        firsts = [period.first for period in self.periods]
        rows = Target.objects.filter(kpi__in=[kpi.pk for kpi in self.kpis], per=self.per, from_month__in=firsts)
        for row in rows.select_related("batch__proposed_by").order_by("version"):
            versions = found[row.kpi_id, row.tier_id, Month(row.from_month)]
            versions.pop(row.state, None)
            versions[row.state] = row
        return found

    def _last_year(self) -> dict[Period, Actuals]:
        """The actuals of each period one year before, calculated ones included."""
        before = {period: year_before(period) for period in self.periods}
        found = read_actuals(before.values(), self.library, self.versions, self.tiers)
        return {period: found[one] for period, one in before.items()}


def _alike(one: Kpi, other: Kpi) -> bool:
    """Whether a KPI is counted in the same thing by two of its versions."""
    return (one.unit, one.currency) == (other.unit, other.currency)


def _is_column(tier: Tier, year: Period) -> bool:
    return tier.scope == TierScope.ALL or (tier.scope == TierScope.TIER and tier.stands_in(year.first))
