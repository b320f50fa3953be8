"""The target-versus-actual matrix of a period: the one value behind page, API, export and PDF.

Cells hold actuals; target and status are applied here, when read, so an approval needs no rollup.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from fractions import Fraction
from functools import cached_property
from typing import Any

from django.db.models import Exists, Max, OuterRef, QuerySet, Subquery, TextField, Value

from accounts.company import company, today_of
from core.once import hold, once
from core.periods import Month, Period, month_code, month_of, shift
from customers.choices import TierScope
from customers.models import Tier
from kpis.choices import CompleteWhen, Status
from kpis.formulas.signals import WINDOW_MONTHS
from kpis.formulas.values import Components, attainment, status, value_of_period, variance
from kpis.models import Kpi, PeriodCell, RolledSlice, TierActual
from kpis.models.versions import VersionBook
from kpis.querysets import PeriodCellQuerySet
from kpis.reading.calculations import Calculations
from kpis.reading.cells import Actual, Actuals, cells_of, nothing
from kpis.reading.composites import composites
from kpis.reading.goals import GoalReader, Goals
from kpis.reading.matrix_values import Cell as Cell  # noqa: PLC0414 - who reads a matrix looks for its parts here
from kpis.reading.matrix_values import Composite as Composite  # noqa: PLC0414
from kpis.reading.matrix_values import Earlier as Earlier  # noqa: PLC0414
from kpis.reading.matrix_values import Matrix as Matrix  # noqa: PLC0414
from kpis.reading.matrix_values import Row as Row  # noqa: PLC0414
from kpis.reading.recombined import months_together, trailing_values
from kpis.reading.signals import Assurances, Found, MonthSignals, signals_of_tier
from kpis.reading.targets import TargetBook, TargetRow
from kpis.reading.thin_months import ThinMonths, suspects
from kpis.reading.verdicts import Judge, measure_of
from kpis.reading.weights import weights_in, weights_text
from kpis.rollup.merging import Months


def build_matrix(period: Period, *, today: date | None = None) -> Matrix:
    """The matrix of a period as of today (the company's day where not given).

    Takes the same few queries whatever the number of KPIs and tiers. A period that has not begun
    has no values.
    """
    return MatrixBuilder(period, today or today_of(company())).build()


def matrix_of(kpis: Sequence[Kpi], period: Period, today: date) -> Matrix:
    """The rows of some KPIs alone, put together once a reading: several things are asked of an owner by theirs."""
    key = "matrix", tuple(kpi.pk for kpi in kpis), period, today
    return once(key, lambda: builder_of(kpis, period, today).build())


def builder_of(kpis: Sequence[Kpi], period: Period, today: date) -> MatrixBuilder:
    """What the rows of some KPIs need, read once a reading: a page of one shows its cells in several places."""
    key = MatrixBuilder, tuple(kpi.pk for kpi in kpis), period, today
    return once(key, lambda: MatrixBuilder(period, today, kpis))


def shown_month(period: Period, today: date) -> Month:
    """The month that a trailing-twelve-months value of the period ends with: its last ended one."""
    return min(period.last, shift(month_of(today), -1))


class MatrixBuilder:
    """Reads what a period's matrix needs, once, and judges each cell."""

    def __init__(
        self,
        period: Period,
        today: date,
        kpis: Sequence[Kpi] | None = None,
        *,
        beyond_versions: bool = False,
        compared: bool = True,
        charted: bool = True,
    ) -> None:
        """``beyond_versions``: targets count beyond the version that they are for, as they once did. Not ``compared``
        with earlier periods no cell has a value of one, and not ``charted`` none has a signal or an assurance.
        """
        self.period = period
        self.today = today
        self.to_date = period.is_to_date(today)
        self.end, self.last = shown_month(period, today), period.last
        self.tiers, self.fresh, suspected = self._tiers(
            None if kpis is None else [kpi.pk for kpi in kpis], charted=charted
        )
        library, self.versions = self._library(kpis)
        self.meant = meant = {kpi.pk: self.versions.at(kpi, period.last) for kpi in library}
        self.kpis = [meant[kpi.pk] for kpi in (library if kpis is None else kpis) if kpis or _stands(kpi, period)]
        self.methods = {pk: kpi.method for pk, kpi in meant.items()}
        self.measures = {kpi.pk: measure_of(kpi) for kpi in self.kpis}
        self.additive = {pk: method.additive for pk, method in self.methods.items()}
        self.calculations = Calculations.of(meant.values())
        back = shift(self.end, 1 - WINDOW_MONTHS) if self.signals.looks_back else self.end
        book = TargetBook.read(
            *(period.calendar, min(period.first, back), period.last),
            None if kpis is None else [kpi.pk for kpi in kpis],
            beyond_versions=beyond_versions,
        )
        self.reader = GoalReader(book, self.tiers)
        self.assurances = Assurances(period.calendar, self.reader)
        self.months: dict[int, dict[int, dict[Month, Actual]]] = defaultdict(lambda: defaultdict(dict))
        # one KPI's cell does not read those of all
        self.read = None if kpis is None else set(meant)
        earlier = (period.previous, period.year_before)
        self.current, *then = self.read_actuals(*earlier) if compared else (*self.read_actuals(), {}, {})
        self.judge = Judge(period, self.to_date, self.methods, self.measures, self.calculations, self.current)
        self.held: dict[int, set[int]] = defaultdict(set)  # the tiers that have a fact of a KPI
        for (kpi_id, tier), actual in self.current.items():
            if actual.facts:
                self.held[kpi_id].add(tier)
        self.goals = {kpi.pk: self._goals_of(kpi) for kpi in self.kpis}
        self.thin = ThinMonths(self.meant.values(), period, self.end, today, suspected=suspected)
        self.previous = Earlier(period.previous, then[0], self._comparable(period.previous))
        self.year_ago = Earlier(period.year_before, then[1], self._comparable(period.year_before))

    def row(self, kpi: Kpi) -> tuple[Cell, ...]:
        """A KPI's cells, in the order of the tiers."""
        return tuple(self.cell(kpi, tier) for tier in self._columns())

    def build(self) -> Matrix:
        """The whole matrix."""
        columns = tuple(self._columns())
        rows = tuple(Row(kpi, tuple(self.cell(kpi, tier) for tier in columns)) for kpi in self.kpis)
        return Matrix(self.period, self.to_date, *self.fresh, columns, rows, composites(self.weights, columns, rows))

    def verdicts(self) -> Iterator[tuple[Kpi, Tier, Status, Found]]:
        """Of each cell the verdict and what its chart says, and nothing else: for who reads many periods."""
        columns = tuple(self._columns())
        for kpi in self.kpis:
            goals, row = self.goals[kpi.pk], [self.current.get((kpi.pk, tier.pk)) for tier in columns]
            for tier, actual in zip(columns, row, strict=True):
                verdict = self.judge.verdict(kpi, tier.pk, goals[tier.pk])
                yield kpi, tier, verdict, self._said(kpi, tier, actual or self._nothing(kpi))

    def cell(self, kpi: Kpi, tier: Tier) -> Cell:
        """One cell: the stored actual, the target in force, and the verdict."""
        pk, column = kpi.pk, tier.pk
        actual = self.current.get((pk, column)) or self._nothing(kpi)
        goal = self.goals[pk][column]
        verdict = self.judge.verdict(kpi, column, goal)
        partial = verdict == Status.PARTIAL
        compared = None if partial else goal
        said = self._said(kpi, tier, actual)
        return Cell(
            tier,
            actual.number,
            *(goal.parts if goal else (None, None, None)),
            variance=variance(actual.number, compared),
            attainment=attainment(actual.number, compared, self.measures[pk][0]),
            status=verdict,
            pace=self._pace(kpi, tier) if partial and self.methods[pk].scales else None,
            previous=self.value_then(kpi, tier, self.previous),
            months_with_data=actual.months_with_data,
            months_expected=actual.months_expected,
            facts=actual.facts,
            last_month=actual.last_month,
            provisional=actual.provisional,
            thin=self.thin.of_cell(self.calculations.leaves(pk), tier, self.current) if self.thin else (),
            year_ago=self.value_then(kpi, tier, self.year_ago),
            signal=said.signal,
            rule=said.rule,
            assurance=said.assurance,
            signal_month=said.month,
        )

    def _said(self, kpi: Kpi, tier: Tier, actual: Actual) -> Found:
        """What the chart of a cell says of the period's last ended month."""
        meant = kpi if self.end == self.last else self.versions.at(kpi, self.end)
        return self.signals.of_column(meant, tier.pk, self.assurances, provisional=actual.provisional)

    def _nothing(self, kpi: Kpi) -> Actual:
        return nothing(self.calculations.expected(kpi.pk, self.period.kind.length))

    def rows_behind(self, kpi: Kpi, tier: Tier) -> tuple[TargetRow, ...]:
        """The approved rows that a cell's target is made of."""
        return self.reader.behind(kpi, tier.pk, self.methods[kpi.pk], self.period, self._end_of(kpi))

    def _library(self, kpis: Sequence[Kpi] | None) -> tuple[list[Kpi], VersionBook]:
        """The KPIs asked for, and where one of them is calculated all others too, for its inputs; their versions."""
        if kpis is not None and not any(kpi.calculated or kpi.versions_from for kpi in kpis):
            return list(kpis), VersionBook({})
        found, versions = VersionBook.library()
        asked = {kpi.pk: kpi for kpi in kpis or ()}
        return [asked.get(kpi.pk, kpi) for kpi in found], versions

    def _tiers(
        self, kpis: Collection[int] | None, *, charted: bool
    ) -> tuple[list[Tier], tuple[datetime | None, Month | None], bool]:
        """All tiers, and in the same query how fresh the cells are, until when there are data, whether
        actuals of the period were entered for a tier, and whether a month may be thin.

        A value of twelve months may end before the period begins, so that its month counts too. What rollups found
        of the last ended month is kept as ``signals``, and what KPIs weigh as ``weights``.
        """
        first = min(self.period.first, self.end)
        said = self.end if charted and self.period.first <= self.end else None
        entered = TierActual.objects.filter(month__gte=self.period.first, month__lte=self.period.last)
        slices = RolledSlice.objects.filter(month__gte=first, month__lte=self.period.last).order_by()
        until = slices.filter(facts__gt=0)
        tiers: list[Any] = list(
            Tier.objects.annotate(
                computed_at=Subquery(_highest(slices, "computed_at")),
                data_until=Subquery(_highest(until, "month")),
                suspected=Exists(suspects(shift(self.end, -11), self.period.last)),
                is_entered=Exists(entered.filter(tier=OuterRef("pk"))),
                signals=signals_of_tier(said, kpis),
                weights=weights_text(self.last) if kpis is None else Value(None, TextField()),
            )
        )
        hold(Tier, tiers)
        self.signals = MonthSignals(said, ((tier.pk, tier.signals) for tier in tiers))
        one = tiers[0]  # there are always two, of all and of no tier
        self.weights = weights_in(one.weights)
        return tiers, (one.computed_at, one.data_until), one.suspected

    def read_actuals(self, *earlier: Period) -> list[Actuals]:
        """The cells of this period and of earlier ones; in the same query the months behind parts.

        A trailing value is that of the last month; while the period runs nothing is compared with it.
        """
        places = [(self.period.code, month_code(self.end))]
        places += [(one.code, month_code(one.last)) for one in earlier]
        found: list[Actuals] = [{} for _ in places]
        months = {month_code(month): month for month in self.period.ended_months(self.today)}
        begun = self.period.first_day <= self.today
        windows = {pk for pk, method in self.methods.items() if method.counts_window}
        wanted = places[:1] if self.to_date else places
        asked = self._stored(wanted if begun else (), windows, self._months_of_parts(set(months) - {places[0][0]}))
        held: dict[tuple[str, bool], list[Actuals]] = defaultdict(list)
        for actuals, place in zip(found, places, strict=True):
            for code, window in zip(place, (False, True), strict=True):
                held[code, window].append(actuals)
        for code, kpi, tier, actual in cells_of(*asked):
            if code in months:
                self.months[kpi][tier][months[code]] = actual
            for actuals in held.get((code, kpi in windows), ()):
                actuals[kpi, tier] = actual
        if begun:
            found[0] = self._with_new_windows(found[0])
        for actuals in found:
            self.calculations.fill(actuals, [tier.pk for tier in self.tiers], self.period.kind.length)
        return found

    def _stored(
        self, places: Iterable[tuple[str, str]], windows: Collection[int], parts: PeriodCellQuerySet
    ) -> Iterable[PeriodCellQuerySet]:
        """The cells of these periods, of KPIs that look back over twelve months those of their months; and parts."""
        codes = {code for code, _ in places}
        whole = PeriodCell.objects.of_periods(codes)
        trailing = PeriodCell.objects.of_periods({code for _, code in places} - codes).filter(kpi__in=windows)
        if self.read is not None:
            whole = whole.filter(kpi__in=self.read)
        return (whole, trailing, parts) if windows else (whole, parts)

    def _with_new_windows(self, current: Actuals) -> Actuals:
        """With the trailing values of KPIs whose meaning changes after the last ended month."""
        new = [kpi for pk, kpi in self.meant.items() if self.methods[pk].counts_window and self._changes(kpi, self.end)]
        if not new:
            return current
        changed = {kpi.pk for kpi in new}
        kept = {key: actual for key, actual in current.items() if key[0] not in changed}
        return kept | trailing_values(new, self.end)

    def _changes(self, kpi: Kpi, month: Month) -> bool:
        """Whether the KPI changes its meaning after the month and by the period's end."""
        return not self.versions.same(kpi, month, self.period.last)

    def _columns(self) -> Iterable[Tier]:
        """Tiers in use at the end; a retired one with a fact or a target in the period; untiered with a fact; all."""
        shown = {kpi.pk for kpi in self.kpis}
        held = {tier for (kpi, tier), actual in self.current.items() if actual.facts and kpi in shown}
        for tier in self.tiers:
            own = tier.scope == TierScope.TIER and (tier.stands_in(self.last) or self._has_target(tier))
            if own or tier.pk in held or tier.scope == TierScope.ALL:
                yield tier

    def _has_target(self, tier: Tier) -> bool:
        return any(
            self.reader.reaches(kpi, tier.pk, self.methods[kpi.pk], self.period, self._end_of(kpi)) for kpi in self.kpis
        )

    def _end_of(self, kpi: Kpi) -> Month:
        """The month whose rows are in force: the period's last; for ttm the window's."""
        return self.end if self.methods[kpi.pk].counts_window else self.last

    def _goals_of(self, kpi: Kpi) -> Goals:
        method, held = self.methods[kpi.pk], self.held[kpi.pk]
        return self.reader.of_period(kpi, method, self.period, self._end_of(kpi), held)

    def _months_of_parts(self, codes: set[str]) -> PeriodCellQuerySet:
        """The ended months' cells of KPIs that may have a pace: of those that scale all while the period runs,
        and once it has ended those in which a month is missing.
        """
        months = PeriodCell.objects.of_periods(codes)
        months = months.filter(kpi__in=[pk for pk, method in self.methods.items() if method.scales])
        if self.to_date:
            return months
        return months.filter(kpi__in=PeriodCell.objects.of_periods([self.period.code]).with_gaps().values("kpi"))

    def value_then(self, kpi: Kpi, tier: Tier, earlier: Earlier) -> Fraction | None:
        """The value of an earlier period, None where the change is withheld: to date, across versions, or
        either provisional or a part of a whole, its own or that of an input.
        """
        key = (kpi.pk, tier.pk)
        then = earlier.actuals.get(key)
        if then is None or key[0] not in earlier.comparable:
            return None
        leaves = self.calculations.leaves(key[0]) if kpi.formula else key[:1]
        return None if any(self._has_gap(leaf, key[1], earlier) for leaf in leaves) else then.number

    def why_no_change(self, kpi: Kpi, earlier: Earlier | None = None) -> str:
        """Why a cell of a KPI has no value of an earlier period, the previous one where not said, after a colon."""
        if self.to_date:
            return "the period has not ended"
        if kpi.pk not in (earlier or self.previous).comparable:
            return "what the KPI means has changed in between"
        if any(self._waits(leaf) for leaf in self.calculations.leaves(kpi.pk)):
            return "one of the two periods is provisional, or has no whole value"
        return "one of the two periods has no whole value"

    def _comparable(self, before: Period) -> frozenset[int]:
        """The KPIs of whose values nothing changed its version since an earlier period."""
        if self.to_date:
            return frozenset()
        known = self.calculations.kpis
        same = {pk for pk, kpi in known.items() if self.versions.same(kpi, before.last, self.period.last)}
        return frozenset(kpi.pk for kpi in self.kpis if self.calculations.behind(kpi.pk) <= same)

    def _has_gap(self, kpi: int, tier: int, earlier: Earlier) -> bool:
        """Whether a value that adds up misses a month, or any value is provisional, now or in the earlier period."""
        now, then = self.current.get((kpi, tier)), earlier.actuals.get((kpi, tier))
        if (now is not None and now.provisional) or (then is not None and then.provisional):
            return True
        missing = now is None or then is None or now.lacks_months or then.lacks_months
        return missing and self.additive[kpi]

    def _waits(self, kpi: int) -> bool:
        """Whether the KPI's months are to be confirmed."""
        return self.meant[kpi].complete_when == CompleteWhen.MARKED

    def _pace(self, kpi: Kpi, tier: Tier) -> Status | None:
        """The ended months with data, against the target of just those months."""
        counted, number = self._together(kpi, tier) if kpi.pk in self._unstored else self._added(kpi, tier)
        if number is None:
            return None
        columns: Mapping[int, Mapping[Month, Actual | Components]] = self._unstored.get(kpi.pk) or self.months[kpi.pk]
        held = {of for of, cells in columns.items() if any(cells[month].facts for month in counted if month in cells)}
        goal = self.reader.of_months(kpi, self.methods[kpi.pk], counted, held)[tier.pk]
        return None if goal is None else status(number, goal, *self.measures[kpi.pk])

    def _added(self, kpi: Kpi, tier: Tier) -> tuple[list[Month], Fraction | None]:
        """The ended months with data, and the sum of their stored values."""
        months = self.months[kpi.pk].get(tier.pk, {})
        counted = sorted(month for month, actual in months.items() if actual.months_with_data)
        numbers = [months[month].number for month in counted]
        known = [number for number in numbers if number is not None]
        return counted, sum(known, Fraction(0)) if known else None

    def _together(self, kpi: Kpi, tier: Tier) -> tuple[list[Month], Fraction | None]:
        """The same from their components, by what the KPI means in the period."""
        months = self._unstored[kpi.pk].get(tier.pk, {})
        return list(months), value_of_period(self.methods[kpi.pk], months, len(months)).number

    @cached_property
    def _unstored(self) -> dict[int, dict[int, Months]]:
        """The ended months of KPIs of whose values the months' stored ones are no parts, by KPI and tier.

        Those with rows entered for all customers: these count where every month with data has one. (A KPI whose
        meaning changes within the period has no pace: no target is for the whole of it.)
        """
        ended = self.period.ended_months(self.today)
        everyone: Any = next(tier for tier in self.tiers if tier.scope == TierScope.ALL)
        rows = TierActual.objects.filter(tier=everyone, month__in=ended) if everyone.is_entered else None
        entered = set() if rows is None else set(rows.values_list("kpi_id", flat=True))
        scaling = [kpi for kpi in self.kpis if self.methods[kpi.pk].scales]
        found = [kpi for kpi in scaling if kpi.source_id in entered]
        return months_together(found, ended) if found else {}


def _stands(kpi: Kpi, period: Period) -> bool:
    """Whether the KPI is published, and has not been retired before the period's end."""
    return not kpi.is_draft and (kpi.retired_from is None or period.last < kpi.retired_from)


def _highest(rows: QuerySet[RolledSlice], field: str) -> QuerySet[RolledSlice, Any]:
    return rows.values(one=Value(1)).annotate(highest=Max(field)).values("highest")
