"""Priorities as their page writes them: the ranked list, the budget line, and what falls below it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.urls import reverse

from core.formatting import Style, counted, number, sentence_list
from core.scales import scale_for
from core.sentences import Phrase, Sentence
from initiatives.choices import Level, Stage
from initiatives.pages.counts import Count, Query
from initiatives.reading.priorities import OPEN, Ranked, Ranking, cost_of
from initiatives.reading.standings import Standing
from kpis.reading.links import Kept

_NAMED = 6


# Where on the page the list and its budget line are.
RANKED, LINE = "#ranked", "#budget-line"


@dataclass(frozen=True, slots=True)
class ShownRanked:
    """A line of the ranked list; ``line`` on the first one below the budget. ``link`` is what is known of whether it
    moves what finance counts, None where nobody wrote that down.
    """

    ranked: Ranked
    standing: Standing
    url: str
    quadrant: str
    cost: str
    total: str
    line: bool
    link: Kept | None = None

    @property
    def runs_below(self) -> bool:
        """Whether it runs although the budget does not reach it."""
        return not self.ranked.above and self.standing.running


@dataclass(frozen=True, slots=True)
class ShownLevel:
    """How many a level has."""

    level: Level
    open: Count
    running: Count
    above: int


@dataclass(frozen=True, slots=True)
class ShownPriorities:
    """All that the page shows of a ranking."""

    ranking: Ranking
    headline: Sentence
    sentences: tuple[str, ...]
    rows: tuple[ShownRanked, ...]
    levels: tuple[ShownLevel, ...]
    unscored: Count
    money: str
    budget: str


def show_priorities(
    ranking: Ranking, currency: str, query: Query, links: Mapping[int, Kept] | None = None
) -> ShownPriorities:
    """The ranking as its page writes it; ``query`` are the filters that led to it, ``links`` what is known of where
    the KPIs of an initiative lead, by its id.
    """
    totals = [one.total for one in ranking.ranked]
    money = Style("currency", currency, 0, scale_for([one.standing.cost for one in ranking.ranked]))
    full = Style("currency", currency, 0)
    asked = {**query, "stage": [stage.value for stage in OPEN], **query}
    return ShownPriorities(
        ranking=ranking,
        headline=_headline(ranking, full),
        sentences=tuple(_sentences(ranking, full)),
        rows=tuple(_rows(ranking, money, links or {})) if totals else (),
        levels=tuple(_levels(ranking, asked)),
        unscored=Count(len(ranking.unscored), {**asked, "unscored": "true"}),
        money=money.label,
        budget="" if ranking.budget is None else full.full(ranking.budget),
    )


def _rows(ranking: Ranking, money: Style, links: Mapping[int, Kept]) -> Iterable[ShownRanked]:
    address = reverse("initiative", args=["-"]).removesuffix("-/")
    above = True
    for one in ranking.ranked:
        row, quadrant = one.standing.initiative, one.standing.scores.quadrant
        yield ShownRanked(
            ranked=one,
            standing=one.standing,
            url=f"{address}{row.code}/",
            quadrant=quadrant.label if quadrant else "",
            cost=cost_words(one.standing, money),
            total=money.bare(one.total),
            line=above and not one.above,
            link=links.get(row.pk),
        )
        above = one.above


def cost_words(standing: Standing, money: Style) -> str:
    """The cost in the column's scale; ``no rate`` for money that finance gave none for, – without a cost."""
    return "no rate" if standing.without_rate else money.bare(standing.cost)


def _headline(ranking: Ranking, money: Style) -> Sentence:
    ranked = len(ranking.ranked)
    if not ranked:
        return (Phrase("Nothing here can be ranked yet."),)
    if ranking.budget is None:
        return (Phrase(counted(ranked, "open initiative"), "", RANKED), Phrase(", ranked by impact against burden."))
    above, running = len(ranking.above), ranking.running_below
    paid = Phrase(
        f"{money.full(ranking.budget)} {'pays' if above else 'pay'} for {number(above)} of {number(ranked)}", "", RANKED
    )
    if not running:
        return (paid, Phrase("; nothing that runs falls below the line."))
    below = f"{counted(len(running), 'running initiative')} {'falls' if len(running) == 1 else 'fall'} below the line"
    return (paid, Phrase("; "), Phrase(below, "status-missed", LINE if ranking.above else RANKED), Phrase("."))


def _sentences(ranking: Ranking, money: Style) -> Iterable[str]:
    """What is above and below the line, and what the sums leave out."""
    if ranking.budget is not None:
        yield (
            f"Above the line: {counted(len(ranking.above), 'initiative')} for {money.full(cost_of(ranking.above))}, "
            f"{number(len(ranking.waiting_above))} of which not running today. "
            f"Below: {number(len(ranking.below))} for {money.full(cost_of(ranking.below))}."
        )
    if ranking.running_below:
        spent = money.full(cost_of(ranking.running_below))
        yield f"Running below the line today, for {spent}: {_names([one.standing for one in ranking.running_below])}."
    if ranking.without_rate:
        names = sentence_list(f"{one.initiative.title} ({one.initiative.currency})" for one in ranking.without_rate)
        yield f"Left out of the sums, for want of finance’s rate: {names}."
    if ranking.without_cost:
        yield f"{counted(len(ranking.without_cost), 'initiative')} without a cost: ranked by effort, free in the sums."


def _names(standings: Sequence[Standing]) -> str:
    named = [one.initiative.title for one in standings[:_NAMED]]
    more = len(standings) - len(named)
    return sentence_list([*named, f"{number(more)} more"] if more else named)


def _levels(ranking: Ranking, asked: Query) -> Iterable[ShownLevel]:
    for one in ranking.levels:
        query = {**asked, "level": one.level.value}
        running = Count(one.running, {**query, "stage": Stage.IN_PROGRESS.value})
        yield ShownLevel(one.level, Count(one.open, query), running, one.above)
