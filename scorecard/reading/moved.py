"""Did it move its number? Of what is finished: whether a KPI that it names really got better within six months.

The answer is made of signals alone, as rollups kept them month by month; beside it stand the tiers that the
initiative was not for, since what got better there too was hardly its doing.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from core.periods import Month, month_of, months_between, shift
from customers.choices import TierScope
from customers.models import Tier
from initiatives.choices import Stage
from initiatives.models import Initiative, InitiativeKpi
from initiatives.reading.standings import held_register
from kpis.choices import Direction, Signal
from kpis.models import Kpi, MonthSignal
from kpis.models.versions import VersionBook
from kpis.reading.signal_points import SignalBook
from scorecard.choices import Moved

MONTHS = 6


@dataclass(frozen=True, slots=True)
class MovedCell:
    """A KPI in a tier. ``month`` is the first of the six in which it really got better, None where it did in none;
    ``told``: in at least one of those that have ended there was a chart that could have said so.
    """

    kpi: Kpi
    tier: Tier
    month: Month | None
    told: bool


@dataclass(frozen=True, slots=True)
class Movement:
    """One finished initiative: the answer, what it was asked of, and the same KPIs in tiers that it didn't serve.

    ``last`` is the last of the six months after the month of the finish.
    """

    initiative: Initiative
    answer: Moved
    cells: tuple[MovedCell, ...]
    beside: tuple[MovedCell, ...]
    last: Month


@dataclass(frozen=True, slots=True)
class MovedNumbers:
    """All that is finished, the latest finish first; empty where nothing is."""

    movements: tuple[Movement, ...]

    def count(self, answer: Moved) -> int:
        """How many have this answer."""
        return Counter(one.answer for one in self.movements)[answer]

    @property
    def yes(self) -> int:
        """So many moved the number that they were for."""
        return self.count(Moved.YES)

    @property
    def no(self) -> int:
        """So many did not within six months."""
        return self.count(Moved.NO)

    @property
    def too_early(self) -> int:
        """Of so many the six months have not ended, and nothing moved so far."""
        return self.count(Moved.TOO_EARLY)

    @property
    def untold(self) -> int:
        """So many name no KPI, or none whose chart could tell."""
        return self.count(Moved.UNTOLD)

    @property
    def asked(self) -> int:
        """Those with an answer: of so many ``yes`` did."""
        return self.yes + self.no


def moved_numbers(today: date, initiatives: Collection[int] | None = None) -> MovedNumbers:
    """Whether what is finished moved its numbers; of these initiatives, by id, where said. A constant number of
    queries.
    """
    found = _finished(today, initiatives)
    if not found:
        return MovedNumbers(())
    links = InitiativeKpi.objects.filter(initiative__in=found).select_related("kpi", "tier").order_by("pk")
    charts = _Charts(list(links), _first_month(found), today)
    return MovedNumbers(tuple(charts.movement(one) for one in found))


def _finished(today: date, initiatives: Collection[int] | None) -> list[Initiative]:
    """What is finished, with its tiers, the latest first."""
    if initiatives is None and (whole := held_register()) is not None:
        rows = [one.initiative for one in whole if one.initiative.stage == Stage.DONE]
        done = [row for row in rows if row.finished_on and row.finished_on <= today]
        return sorted(sorted(done, key=lambda row: row.code), key=_finish, reverse=True)
    found = Initiative.objects.filter(stage=Stage.DONE, finished_on__lte=today).prefetch_related("tiers")
    found = found if initiatives is None else found.filter(pk__in=initiatives)
    return list(found.order_by("-finished_on", "code"))


def _finish(row: Initiative) -> date:
    return row.finished_on or date.max


def _first_month(finished: Iterable[Initiative]) -> Month:
    """The month after the earliest finish."""
    return shift(min(month_of(one.finished_on) for one in finished if one.finished_on), 1)


class _Charts:
    """What the charts of the KPIs that are named said month by month."""

    def __init__(self, links: Collection[InitiativeKpi], first: Month, today: date) -> None:
        self.ended = shift(month_of(today), -1)
        self.links: dict[int, list[InitiativeKpi]] = defaultdict(list)
        for link in links:
            self.links[link.initiative_id].append(link)
        kpis = {link.kpi_id: link.kpi for link in links}
        library, versions = VersionBook.library()
        self.book = SignalBook(list(kpis.values()), library, versions, ())
        self.tiers = [tier for tier in self.book.all_tiers if tier.scope == TierScope.TIER]
        self.all = [tier for tier in self.book.all_tiers if tier.scope == TierScope.ALL]
        self.said = _said(kpis, first, self.ended)

    def movement(self, initiative: Initiative) -> Movement:
        """The answer for one, from the cells of the six months that have ended."""
        finished = month_of(initiative.finished_on) if initiative.finished_on else self.ended
        last = shift(finished, MONTHS)
        months = [month for month in months_between(shift(finished, 1), last) if month <= self.ended]
        served = self._served(initiative)
        cells, beside = [], []
        for kpi, tiers in served.values():
            cells += [self._cell(kpi, tier, months) for tier in tiers]
            beside += [self._cell(kpi, tier, months) for tier in self._not_served(tiers, last)]
        return Movement(initiative, self._answer(cells, last), tuple(cells), tuple(beside), last)

    def _served(self, initiative: Initiative) -> Mapping[int, tuple[Kpi, list[Tier]]]:
        """The tiers that it names for each KPI, by the KPI's id: the link's, else its own, else all customers."""
        own = list(initiative.tiers.all()) or self.all
        found: dict[int, tuple[Kpi, list[Tier]]] = {}
        for link in self.links.get(initiative.pk, ()):
            _, tiers = found.setdefault(link.kpi_id, (link.kpi, []))
            tiers += [tier for tier in ([link.tier] if link.tier else own) if tier not in tiers]
        return found

    def _not_served(self, tiers: Collection[Tier], month: Month) -> list[Tier]:
        if any(tier.scope != TierScope.TIER for tier in tiers):
            return []
        return [tier for tier in self.tiers if tier not in tiers and tier.stands_in(month)]

    def _cell(self, kpi: Kpi, tier: Tier, months: Iterable[Month]) -> MovedCell:
        told = [month for month in months if self._can_tell(kpi, tier, month)]
        better = (month for month in told if self.said[kpi.pk, tier.pk][month] == Signal.BETTER)
        return MovedCell(kpi, tier, next(better, None), bool(told))

    def _can_tell(self, kpi: Kpi, tier: Tier, month: Month) -> bool:
        meaning = self.book.meaning(kpi, month)
        says_better = meaning.charted and meaning.kpi.direction != Direction.RANGE
        return says_better and month in self.said.get((kpi.pk, tier.pk), ())

    def _answer(self, cells: Collection[MovedCell], last: Month) -> Moved:
        if any(cell.month for cell in cells):
            return Moved.YES
        if not any(self._has_chart(cell.kpi) for cell in cells):
            return Moved.UNTOLD
        if last > self.ended:
            return Moved.TOO_EARLY
        return Moved.NO if any(cell.told for cell in cells) else Moved.UNTOLD

    def _has_chart(self, kpi: Kpi) -> bool:
        meaning = self.book.meaning(kpi, self.ended)
        return meaning.charted and meaning.kpi.direction != Direction.RANGE


def _said(kpis: Collection[int], first: Month, last: Month) -> Mapping[tuple[int, int], Mapping[Month, str]]:
    """The signals of KPIs by column and month; empty where a month's chart said nothing, no month without a chart."""
    found: dict[tuple[int, int], dict[Month, str]] = defaultdict(dict)
    rows = MonthSignal.objects.filter(kpi__in=kpis, month__gte=first, month__lte=last)
    for kpi, tier, month, signal in rows.values_list("kpi_id", "tier_id", "month", "signal"):
        found[kpi, tier][Month(month)] = signal
    return found
