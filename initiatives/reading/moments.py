"""Moments of truth for a period: the chain of each, from the customer's criterion to the benefit, and its weakest link.

Values and verdicts are those of the period; what is worked on and what benefits brought are as of today.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from typing import Any

from django.db.models import QuerySet

from core.editions import Served
from core.numbers import rounded_text
from core.periods import Period
from core.scorecards import signed_values
from customers.choices import TierScope
from customers.models import Tier
from customers.reading.tiers import all_customers
from initiatives.choices import BenefitState, ChainStep, Stage
from initiatives.formulas import ChainLink, Measure, Promise, chain_of
from initiatives.models import Benefit, Moment, MomentKpi, MomentTheme
from initiatives.querysets import MOMENT_LISTS
from initiatives.reading.benefits import Brought, read_benefits
from initiatives.reading.coverage import Told, read_pain
from initiatives.reading.running_initiatives import CellServing, Serving, read_cell_serving
from kpis.choices import Status
from kpis.models import Kpi
from kpis.reading.matrix import Cell, Matrix, MatrixBuilder, Row

_KEPT = frozenset({Status.MET, Status.NEAR})
_PROMISED = (BenefitState.DRAFT, BenefitState.PROPOSED, BenefitState.APPROVED)


@dataclass(frozen=True, slots=True)
class MetricCell:
    """A success metric in one tier. ``tier`` is None where no tier has a fact or a target of it, and ``cell`` where the
    matrix has none: the KPI is a draft, or retired by then. ``kpi`` is as it means in the period.
    """

    kpi: Kpi
    tier: Tier | None
    cell: Cell | None
    serving: Serving

    @property
    def place(self) -> tuple[int, int | None]:
        """Where it stands, by id."""
        return self.kpi.pk, self.tier.pk if self.tier else None

    @property
    def measure(self) -> Measure:
        """What the chain asks of it."""
        found = self.cell
        return Measure(
            measured=found is not None and found.actual is not None,
            aimed=found is not None and (found.target is not None or found.low is not None),
            kept=found is not None and found.status in _KEPT,
            worked_on=self.tier is not None and self.serving.running > self.serving.late,
        )


@dataclass(frozen=True)
class Chain:
    """A moment of truth in a period. ``weight`` is that of the pain behind it, ``cells`` are its metrics in all their
    tiers, ``promises`` the benefits of its initiatives, each by the version that counts.
    """

    moment: Moment
    weight: int
    cells: tuple[MetricCell, ...]
    promises: tuple[Brought, ...]

    @cached_property
    def links(self) -> tuple[ChainLink, ...]:
        """The chain, in its order."""
        return chain_of(
            self.moment.criterion, [one.measure for one in self.cells], [promise_of(one) for one in self.promises]
        )

    @property
    def weakest(self) -> ChainLink | None:
        """The first link that does not hold; None where all do."""
        return next((link for link in self.links if not link.holds), None)

    def link(self, step: ChainStep) -> ChainLink:
        """One link."""
        return next(link for link in self.links if link.step == step)

    @property
    def measured(self) -> bool:
        """Whether each of its metrics has a value."""
        return self.link(ChainStep.MEASURED).holds

    @property
    def kept(self) -> bool:
        """Whether each of its metrics is met or near."""
        return self.link(ChainStep.KEPT).holds

    @property
    def unworked(self) -> bool:
        """Whether something of it is not kept that nothing running serves; late work is work. Without a metric:
        whether none of its initiatives runs.
        """
        if not self.cells:
            return not any(row.stage == Stage.IN_PROGRESS for row in self.moment.initiatives.all())
        return any(not one.serving.running for one in self.cells if not one.measure.kept)


@dataclass(frozen=True, slots=True)
class Moments:
    """All of them, the heaviest pain behind them first. ``pain`` is the weight of all pain of the period, ``served``
    says whose values they show; ``differs`` counts their cells that say something else by now than that edition.
    """

    served: Served
    chains: tuple[Chain, ...]
    pain: int = 0
    differs: int = 0

    @property
    def period(self) -> Period:
        """That of the values."""
        return self.served.period

    def __len__(self) -> int:
        return len(self.chains)

    @property
    def measured(self) -> int:
        """How many are measured."""
        return sum(one.measured for one in self.chains)

    @property
    def kept(self) -> int:
        """How many are kept."""
        return sum(one.kept for one in self.chains)

    @property
    def unworked(self) -> int:
        """How many are not kept and nobody works on."""
        return sum(one.unworked for one in self.chains)


def moments_to_read() -> QuerySet[Moment]:
    """All of them with what they are linked to: a query per list."""
    return Moment.objects.prefetch_related(*MOMENT_LISTS)


def metric_matrix(moments: Iterable[Moment], period: Period, today: date) -> Matrix:
    """The live matrix of their metrics alone; those that stand in no matrix of the period are left out."""
    named = {link.kpi_id: link.kpi for moment in moments for link in moment.kpi_links.all()}
    standing = [kpi for kpi in named.values() if not kpi.is_draft and kpi.stands_in(period.last)]
    if not standing:
        return Matrix(period, period.is_to_date(today), None, None, (), ())
    return MatrixBuilder(period, today, standing, compared=False, charted=False).build()


def read_period(moments: Sequence[Moment], served: Served, today: date) -> Moments:
    """The chain of each of the moments by the values that answer for the period: those of an edition, or live ones."""
    live = metric_matrix(moments, served.period, today)
    if served.document is None:
        return read_moments(moments, live, today, served)
    found = read_moments(moments, signed_values(served.document, live), today, served)
    return replace(found, differs=_differing(found.chains, live))


def _differing(chains: Iterable[Chain], live: Matrix) -> int:
    """How many cells of the chains say something else than the live ones."""
    now: dict[tuple[int, int | None], Any] = {
        (row.kpi.pk, cell.tier.pk): _told(cell) for row in live.rows for cell in row.cells
    }
    then = {one.place: _told(one.cell) for chain in chains for one in chain.cells if one.cell}
    return sum(now.get(place) != told for place, told in then.items())


def _told(cell: Cell) -> tuple[str | None, ...]:
    """What is shown of a cell, with as many decimals as an edition keeps."""
    numbers = (cell.actual, cell.target, cell.low, cell.high)
    return (cell.status.value, *(None if one is None else rounded_text(one) for one in numbers))


def read_moments(
    moments: Sequence[Moment],
    matrix: Matrix,
    today: date,
    served: Served,
    serving: CellServing | None = None,
) -> Moments:
    """The chain of each of the moments by the cells of a matrix: a constant number of queries, none without moments.

    ``moments`` come with their lists (``moments_to_read``). ``served`` says whose the values of ``matrix`` are;
    ``serving`` is what serves cells today, for whoever has read that.
    """
    if not moments:
        return Moments(served, ())
    chains = Chains.read(moments, matrix, serving or read_cell_serving(today))
    found = sorted(map(chains.of, moments), key=lambda one: (-one.weight, one.moment.code))
    return Moments(served, tuple(found), sum(one.weight for one in chains.pain))


class Chains:
    """What chains are made of, read once: the cells of a period, what serves them, pain, and benefits by initiative."""

    def __init__(
        self,
        matrix: Matrix,
        serving: CellServing,
        everybody: Tier,
        pain: Sequence[Told] = (),
        promises: Mapping[int, Sequence[Brought]] | None = None,
    ) -> None:
        self.matrix, self.serving, self.everybody, self.pain = matrix, serving, everybody, pain
        self.promises = promises or {}
        self.rows = {row.kpi.pk: row for row in matrix.rows}

    @classmethod
    def read(cls, moments: Sequence[Moment], matrix: Matrix, serving: CellServing) -> Chains:
        """Of these moments: a constant number of queries."""
        themes = any(moment.theme_links.all() for moment in moments)
        pain = read_pain(matrix.period) if themes else []
        return cls(matrix, serving, all_customers(), pain, _promises(moments))

    def of(self, moment: Moment) -> Chain:
        """The chain of one of them."""
        cells = {one.place: one for link in _in_order(moment, self.rows) for one in self._cells(moment, link)}
        promises = [one for row in moment.initiatives.all() for one in self.promises.get(row.pk, ())]
        return Chain(moment, weight_of(moment, self.pain), tuple(cells.values()), tuple(promises))

    def _cells(self, moment: Moment, link: MomentKpi) -> Iterable[MetricCell]:
        kpi, row = link.kpi, self.rows.get(link.kpi_id)
        cells = {cell.tier.pk: cell for cell in row.cells} if row else {}
        meant = row.kpi if row else kpi
        tiers = self._tiers(moment, link, cells)
        for tier in tiers:
            yield MetricCell(meant, tier, cells.get(tier.pk), self.serving.of(kpi.pk, tier))
        if not tiers:
            yield MetricCell(meant, None, None, self.serving.of(kpi.pk, self.everybody))

    def _tiers(self, moment: Moment, link: MomentKpi, cells: Mapping[int, Cell]) -> Sequence[Tier]:
        """In which tiers a metric is asked: that which it names; else those of the moment; else those with a fact or a
        target of it.
        """
        if link.tier is not None:
            return (link.tier,)
        own = [tier for tier in moment.tiers.all() if tier.pk in cells or tier.stands_in(self.matrix.period.last)]
        return own or [cell.tier for cell in cells.values() if _is_used(cell)]


def weight_of(moment: Moment, pain: Iterable[Told]) -> int:
    """The weight of the pain behind a moment: of its themes, in its tiers. Pain whose tier nobody knows counts where
    the moment is for all.
    """
    themes = {one.theme.strip().casefold() for one in moment.theme_links.all()}
    tiers = {tier.pk for tier in moment.tiers.all()}
    return sum(told.weight for told in pain if told.theme.casefold() in themes and (not tiers or told.tier.pk in tiers))


def moments_of_themes() -> Mapping[str, tuple[Moment, ...]]:
    """The moments that answer each theme of pain, by the theme in lower case: one query."""
    found: dict[str, list[Moment]] = defaultdict(list)
    for link in MomentTheme.objects.select_related("moment").order_by("moment__code"):
        found[link.theme.strip().casefold()].append(link.moment)
    return {theme: tuple(moments) for theme, moments in found.items()}


def _in_order(moment: Moment, rows: Mapping[int, Row]) -> list[MomentKpi]:
    """The links to its metrics in the order of the matrix, those that stand in none last."""
    places = {pk: place for place, pk in enumerate(rows)}
    return sorted(
        moment.kpi_links.all(),
        key=lambda link: (places.get(link.kpi_id, len(places)), link.kpi.code, link.tier.rank if link.tier else -1),
    )


def _is_used(cell: Cell) -> bool:
    """Whether a tier has a fact of the metric in the period, or a target."""
    return cell.tier.scope == TierScope.TIER and (cell.facts > 0 or cell.target is not None or cell.low is not None)


def _promises(moments: Sequence[Moment]) -> Mapping[int, list[Brought]]:
    """The benefits of their initiatives, by initiative: of each name the approved version, else the newest that waits.
    Those of what was cancelled are left out.
    """
    named = {row.pk for moment in moments for row in moment.initiatives.all() if row.stage != Stage.CANCELLED}
    if not named:
        return {}
    rows = Benefit.objects.filter(initiative__in=named, state__in=_PROMISED)
    best: dict[tuple[int, str], Brought] = {}
    for one in read_benefits(rows):
        key = one.benefit.initiative_id, one.benefit.name
        if key not in best or _rank(one) > _rank(best[key]):
            best[key] = one
    found: dict[int, list[Brought]] = defaultdict(list)
    for (initiative, _), one in sorted(best.items(), key=lambda item: item[0]):
        found[initiative].append(one)
    return found


def _rank(one: Brought) -> tuple[bool, int]:
    return _is_approved(one), one.benefit.version


def promise_of(one: Brought) -> Promise:
    """What the chain asks of a benefit."""
    return Promise(_is_approved(one), one.realised, one.to_date)


def _is_approved(one: Brought) -> bool:
    return one.benefit.state == BenefitState.APPROVED
